"""
``*/2`` in the day field means another day to every cron: a missed tick may only be claimed in the API's own
reading.

CronJobs are read by robfig/cron v3 (its standard parser). Fields are parsed here as it does (no ``7`` for
Sunday, no ``L`` or ``#``; a star with a step is no star when days of month and week are joined) and handed,
spelled out, to cronsim, which walks the calendar. Six fields keep cronsim from the DST habits of Debian's
cron: as with robfig, a time that a spring night skips does not run, one that an autumn night repeats runs
twice. (Where midnight itself is skipped, as in Cairo, robfig may drop that whole day; here its ticks are
told.) Without a zone the controller's is meant: UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


class UnparseableSchedule(ValueError):
    """The CronJob controller cannot read the schedule and never starts a run."""


class UnknownTimeZone(ValueError):
    """The time zone has no entry in the time zone database."""


class Field(NamedTuple):
    """One field of a schedule: its bounds, both included, and the names it knows."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    Field("minute", 0, 59), Field("hour", 0, 23), Field("day of month", 1, 31),
    Field("month", 1, 12, _MONTHS), Field("day of week", 0, 6, _DAYS),
)  # fmt: skip

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip

_PREFIX = re.compile(r"^(?:CRON_TZ|TZ)=(?P<zone>[^ ]*) +(?P<rest>.*)$", re.DOTALL)
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_GAPS = 32


class _Calendar(NamedTuple):
    """A schedule as read: a cronsim expression in a zone, or every so many seconds."""

    expression: str
    zone: tzinfo
    every: float = 0.0


def ticks_between(schedule: str, time_zone: str, start: float, end: float, limit: int = 1000) -> list[float]:
    """
    The first ``limit`` ticks in (start, end], in epoch seconds; ``@every`` counts from ``start``.

    ``time_zone`` is ``spec.timeZone``, ``""`` for the controller's own. A zone inside the schedule
    (``CRON_TZ=``: no longer accepted, but honoured on old objects) goes before it. UnparseableSchedule,
    UnknownTimeZone.
    """
    return list(islice(takewhile(lambda tick: tick <= end, _ticks(_read(schedule, time_zone), start)), limit))


def period_of(schedule: str, time_zone: str, after: float) -> float | None:
    """
    The usual seconds between two ticks (median of the next 32 gaps after a moment); None if it never ticks
    again.

    UnparseableSchedule, UnknownTimeZone.
    """
    ticks = list(islice(_ticks(_read(schedule, time_zone), after), _GAPS + 1))
    return median(later - earlier for earlier, later in pairwise(ticks)) if len(ticks) > 1 else None


def carries_time_zone(schedule: str) -> bool:
    """Whether the schedule itself names a zone (``TZ=``, ``CRON_TZ=``): newer API servers refuse it."""
    return "TZ" in schedule


@lru_cache(maxsize=4096)
def _read(schedule: str, time_zone: str) -> _Calendar:
    zone = _zone(time_zone)
    prefixed = _PREFIX.match(schedule)
    if prefixed:
        schedule = prefixed["rest"]
        try:
            zone = _zone(prefixed["zone"])
        except UnknownTimeZone as unknown:
            raise UnparseableSchedule(str(unknown)) from unknown
    if schedule.startswith("@every "):
        return _Calendar("", zone, _every(schedule.removeprefix("@every ")))
    if schedule.startswith("@") and schedule not in _DESCRIPTORS:
        raise UnparseableSchedule(f"unrecognized descriptor: {schedule}")
    parts = _DESCRIPTORS.get(schedule, schedule).split()
    if len(parts) != len(_FIELDS):
        raise UnparseableSchedule(f"expected exactly {len(_FIELDS)} fields, found {len(parts)}: {schedule!r}")
    spelled = [_spelled(part, field) for part, field in zip(parts, _FIELDS, strict=True)]
    return _Calendar(" ".join(["0", *spelled]) if all(spelled) else "", zone)


def _zone(name: str) -> tzinfo:
    if name in ("", "UTC"):
        return UTC
    if name.lower() == "local":
        raise UnknownTimeZone("the zone Local is not allowed")
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as unknown:
        raise UnknownTimeZone(f"unknown time zone {name}") from unknown


def _every(duration: str) -> float:
    if not _DURATION.search(duration) or _DURATION.sub("", duration) not in ("", "+", "-"):
        raise UnparseableSchedule(f"failed to parse duration: {duration!r}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(duration))
    return 1.0 if duration.startswith("-") else max(1.0, float(int(seconds)))


def _spelled(text: str, field: Field) -> str:
    """The field as numbers, ``*`` where robfig sets its star bit, ``""`` where nothing but commas stands."""
    values: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        found, starred = _range(part, field)
        values |= found
        star |= starred
    return "*" if star else ",".join(str(value) for value in sorted(values))


def _range(text: str, field: Field) -> tuple[set[int], bool]:
    span, *steps = text.split("/")
    first, *ends = span.split("-")
    star = first in ("*", "?")
    if (len(ends) > 1 and not star) or len(steps) > 1:
        raise UnparseableSchedule(f"too many hyphens or slashes in {field.name}: {text!r}")
    low = field.low if star else _number(first, field)
    high = field.high if star else _number(ends[0], field) if ends else low
    step = _natural(steps[0], field) if steps else 1
    if steps and not ends:
        high = field.high
    if step == 0 or not field.low <= low <= high <= field.high:
        raise UnparseableSchedule(f"{field.name} out of range: {text!r}")
    return set(range(low, high + 1, step)), star and step == 1


def _number(text: str, field: Field) -> int:
    if text.lower() in field.names:
        return field.names.index(text.lower()) + field.low
    return _natural(text, field)


def _natural(text: str, field: Field) -> int:
    if not (text.isascii() and text.removeprefix("+").isdigit()):
        raise UnparseableSchedule(f"no number in {field.name}: {text!r}")
    return int(text)


def _ticks(calendar: _Calendar, start: float) -> Iterator[float]:
    if calendar.every:
        tick = float(int(start))
        while True:
            tick += calendar.every
            yield tick
    if not calendar.expression:
        return  # Nothing but commas in a field: robfig reads it and never ticks
    try:
        walk = CronSim(calendar.expression, datetime.fromtimestamp(start, calendar.zone))
    except CronSimError:
        return  # A day that no month has: robfig reads it and never ticks
    for moment in walk:
        if _exists(moment):
            yield moment.timestamp()


def _exists(moment: datetime) -> bool:
    """Whether the clock on the wall ever shows it: a midnight that a spring night skips does not exist."""
    return moment == moment.astimezone(UTC).astimezone(moment.tzinfo)
