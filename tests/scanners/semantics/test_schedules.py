"""When a CronJob is due, in the reading of the controller's own library (robfig/cron v3)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.semantics.schedules import (
    UnknownTimeZone,
    UnparseableSchedule,
    carries_time_zone,
    period_of,
    ticks_between,
)
from scanners.semantics.times import instant, rfc3339


def at(text: str) -> float:
    moment = instant(text)
    assert moment is not None
    return moment


def ticks(schedule: str, zone: str, start: str, end: str) -> list[str]:
    return [rfc3339(tick) for tick in ticks_between(schedule, zone, at(start), at(end))]


def test_the_end_counts_and_the_start_does_not() -> None:
    assert ticks("*/30 * * * *", "", "2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z") == [
        "2026-03-04T10:30:00Z",
        "2026-03-04T11:00:00Z",
    ]


def test_no_more_than_asked_for() -> None:
    assert len(ticks_between("* * * * *", "", 0, 1e9, limit=7)) == 7


@pytest.mark.parametrize(
    ("said", "schedule", "zone", "start", "end", "expected"),
    [
        (
            "in its zone",
            "0 6 * * *",
            "Europe/Berlin",
            "2026-03-04T00:00:00Z",
            "2026-03-05T00:00:00Z",
            ["2026-03-04T05:00:00Z"],
        ),
        (
            "a time that the spring night skips does not run",
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00:00Z",
            "2026-03-30T12:00:00Z",
            ["2026-03-30T00:30:00Z"],
        ),
        (
            "a time that the autumn night repeats runs twice",
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-25T12:00:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
        ),
        (
            "a skipped midnight does not run",
            "0 0 * * *",
            "Africa/Cairo",
            "2026-04-23T12:00:00Z",
            "2026-04-25T00:00:00Z",
            ["2026-04-24T21:00:00Z"],
        ),
        (
            "hourly through the spring night",
            "0 * * * *",
            "Europe/Berlin",
            "2026-03-29T00:00:00Z",
            "2026-03-29T03:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", "2026-03-29T03:00:00Z"],
        ),
        (
            "day of month or day of week, if neither is a star",
            "0 0 13 * 5",
            "",
            "2026-03-01T00:00:00Z",
            "2026-03-14T00:00:00Z",
            ["2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z"],
        ),
        (
            "a star with a step is no star",
            "0 0 */10 * 1",
            "",
            "2026-03-01T00:00:00Z",
            "2026-03-12T00:00:00Z",
            ["2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", "2026-03-11T00:00:00Z"],
        ),
        (
            "a question mark is a star",
            "0 0 ? * 1",
            "",
            "2026-03-01T00:00:00Z",
            "2026-03-09T00:00:00Z",
            ["2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"],
        ),
        (
            "names",
            "0 0 * MAR mon-tue",
            "",
            "2026-03-01T00:00:00Z",
            "2026-03-04T00:00:00Z",
            ["2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"],
        ),
        (
            "a start with a step runs to the end of the range",
            "50/5 12 4 3 *",
            "",
            "2026-03-04T00:00:00Z",
            "2026-03-05T00:00:00Z",
            ["2026-03-04T12:50:00Z", "2026-03-04T12:55:00Z"],
        ),
        (
            "@daily",
            "@daily",
            "",
            "2026-03-04T10:00:00Z",
            "2026-03-06T00:00:00Z",
            ["2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z"],
        ),
        (
            "@every counts from the start",
            "@every 1h30m",
            "",
            "2026-03-04T10:00:00Z",
            "2026-03-04T13:00:00Z",
            ["2026-03-04T11:30:00Z", "2026-03-04T13:00:00Z"],
        ),
        (
            "a zone in the schedule of an old object",
            "CRON_TZ=Asia/Tokyo 0 6 * * *",
            "",
            "2026-03-04T00:00:00Z",
            "2026-03-05T00:00:00Z",
            ["2026-03-04T21:00:00Z"],
        ),
        ("a day that no month has", "0 0 30 2 *", "", "2026-03-04T00:00:00Z", "2036-03-04T00:00:00Z", []),
        ("nothing but a comma", ", * * * *", "", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z", []),
        (
            "a skipped midnight of one day",
            "0 0 24 4 *",
            "Africa/Cairo",
            "2026-04-23T12:00:00Z",
            "2026-04-25T00:00:00Z",
            [],
        ),
        (
            "leap days",
            "0 0 29 2 *",
            "",
            "2026-03-04T00:00:00Z",
            "2029-03-04T00:00:00Z",
            ["2028-02-29T00:00:00Z"],
        ),
    ],
)
def test_ticks(said: str, schedule: str, zone: str, start: str, end: str, expected: list[str]) -> None:
    assert ticks(schedule, zone, start, end) == expected, said


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "* * L * *",
        "* * * * 5#2",
        "*/0 * * * *",
        "5-1 * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "a * * * *",
        "-1 * * * *",
        "@daily ",
        "* * * mon *",
        "@fortnightly",
        "@Daily",
        "@every soon",
        "@every",
        "TZ=Nowhere/At_All 0 6 * * *",
    ],
)
def test_the_controller_cannot_read(schedule: str) -> None:
    with pytest.raises(UnparseableSchedule):
        ticks_between(schedule, "", 0, 1)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Local", "../etc/passwd", "europe berlin", "Europe"])
def test_zones_that_do_not_exist(zone: str) -> None:
    with pytest.raises(UnknownTimeZone):
        ticks_between("@daily", zone, 0, 1)


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("*/15 * * * *", 900),
        ("0 * * * *", 3600),
        ("0 6 * * *", 86400),
        ("0 9-17 * * 1-5", 3600),
        ("@weekly", 604800),
        ("@every 90m", 5400),
        ("0 0 31 2 *", None),
    ],
)
def test_the_usual_period(schedule: str, seconds: float | None) -> None:
    assert period_of(schedule, "", at("2026-03-04T12:00:00Z")) == seconds


def test_whether_the_schedule_names_a_zone() -> None:
    assert carries_time_zone("TZ=UTC 0 6 * * *")
    assert not carries_time_zone("0 6 * * *")


def spans(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int], bool]]:
    """A field, the values it stands for, and whether it has the star."""
    number = st.integers(low, high)

    def build(first: int, second: int, step: int, shape: str) -> tuple[str, set[int], bool]:
        small, large = sorted((first, second))
        match shape:
            case "star":
                return "*", set(range(low, high + 1)), True
            case "step":
                return f"*/{step}", set(range(low, high + 1, step)), step == 1
            case "range":
                return f"{small}-{large}", set(range(small, large + 1)), False
            case "open":
                return f"{small}/{step}", set(range(small, high + 1, step)), False
        return f"{small},{large}", {small, large}, False

    shapes = st.sampled_from(["star", "step", "range", "open", "list"])
    return st.builds(build, number, number, st.integers(1, 9), shapes)


@given(spans(0, 59), spans(0, 23), spans(1, 31), spans(1, 12), spans(0, 6), st.integers(0, 3000))
@settings(deadline=None, max_examples=60)
def test_ticks_are_the_minutes_that_match_every_field(
    minute: tuple[str, set[int], bool],
    hour: tuple[str, set[int], bool],
    day: tuple[str, set[int], bool],
    month: tuple[str, set[int], bool],
    weekday: tuple[str, set[int], bool],
    offset: int,
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=offset)
    schedule = " ".join(field for field, *_ in (minute, hour, day, month, weekday))

    def due(moment: datetime) -> bool:
        of_month, of_week = moment.day in day[1], moment.isoweekday() % 7 in weekday[1]
        on_day = (of_month and of_week) if day[2] or weekday[2] else (of_month or of_week)
        return moment.minute in minute[1] and moment.hour in hour[1] and moment.month in month[1] and on_day

    minutes = (start + timedelta(minutes=passed) for passed in range(1, 2 * 1440 + 1))
    expected = [moment.timestamp() for moment in minutes if due(moment)]
    end = (start + timedelta(days=2)).timestamp()
    assert ticks_between(schedule, "", start.timestamp(), end, limit=5000) == expected
