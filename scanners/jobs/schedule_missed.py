"""
A CronJob should have started a run, and did not.

## Why it matters
Nothing failed, so nothing alerts: the run simply is not there. A schedule that cannot be read, or a day
that no month has, never starts anything again.

## What to do
`missed`: look at the controller manager (does any CronJob still run?), at a starting deadline under 10 s,
at refused Jobs in the events. `unparseable`, `unknown-time-zone`, `never`: correct `spec.schedule` or
`spec.timeZone`.

## When it is wrong
A schedule that was changed, or a CronJob that was resumed, a moment ago counts ticks from before. Without
`spec.timeZone` the controller's own zone is meant, which is read as UTC. A tick that was missed and
followed by one that was kept leaves no trace here.
"""

from collections.abc import Iterator

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.slices import CRONJOBS, EVENTS
from scanners.facts.workload import CronJob
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.schedules import UnknownTimeZone, UnparseableSchedule, period_of, ticks_between
from scanners.semantics.testimony import newest, said_by
from scanners.semantics.times import DAY, age, instant, latest, rfc3339, spoken

GRACE = Threshold("grace_s", 600, unit="s after the tick")
LOOP = Threshold("loop_s", 10, unit="s between two looks of the controller")
HORIZON = Threshold("horizon_s", 8 * 366 * DAY, unit="s ahead without any tick: never")

SAID = frozenset(
    {"MissSchedule", "TooManyMissedTimes", "UnknownTimeZone", "UnparseableSchedule", "InvalidSchedule"}
)


@scanner(
    "JOB112", "Schedule missed or impossible", Severity.HIGH,
    needs=[CRONJOBS], sharpened_by=[EVENTS], confidence=Confidence.DERIVED,
)  # fmt: skip
def schedule_missed(inventory: Inventory) -> Iterator[Sighting]:
    for cronjob in inventory.cronjobs:
        if cronjob.suspended or cronjob.deleted or not cronjob.has_status:
            continue
        try:
            missed = _missed(inventory, cronjob)
            if missed:
                yield _told(inventory, cronjob, "missed", missed)
            elif _never(inventory, cronjob):
                yield _told(inventory, cronjob, "never", [])
        except UnknownTimeZone as unknown:
            yield _told(inventory, cronjob, "unknown-time-zone", [], str(unknown))
        except UnparseableSchedule as unparseable:
            yield _told(inventory, cronjob, "unparseable", [], str(unparseable))


def _missed(inventory: Inventory, cronjob: CronJob) -> list[float]:
    """Ticks after the last one that was kept which are overdue."""
    base = instant(latest(cronjob.last_scheduled, cronjob.created))
    overdue = inventory.now - max(inventory.limit(GRACE), cronjob.starting_deadline_seconds or 0)
    if base is None or (cronjob.concurrency == "Forbid" and cronjob.active):
        return []
    ticks = ticks_between(cronjob.schedule, cronjob.time_zone, base, overdue)
    return ticks if ticks and _old(inventory, cronjob) else []


def _old(inventory: Inventory, cronjob: CronJob) -> bool:
    """Whether it has lived for a period."""
    lived = age(cronjob.created, inventory.now)
    period = period_of(cronjob.schedule, cronjob.time_zone, instant(cronjob.created) or inventory.now)
    return lived is None or period is None or lived >= period


def _never(inventory: Inventory, cronjob: CronJob) -> bool:
    """Whether no tick is in sight; one that was kept proves that there are some."""
    if cronjob.last_scheduled:
        return False
    until = inventory.now + inventory.limit(HORIZON)
    return not ticks_between(cronjob.schedule, cronjob.time_zone, inventory.now, until, limit=1)


def _told(
    inventory: Inventory, cronjob: CronJob, class_: str, missed: list[float], error: str = ""
) -> Sighting:
    expected = rfc3339(missed[0]) if missed else ""
    told = [event for event in inventory.index.events_by_uid.get(cronjob.uid, ()) if event.reason in SAID]
    return Sighting(
        subject=cronjob,
        kind=Kind.SCHEDULE_MISSED,
        cause_class=class_,
        message=_message(inventory, cronjob, class_, missed, error),
        facts={
            "class": class_,
            "schedule": cronjob.schedule,
            "time_zone": cronjob.time_zone or None,
            "expected_at": expected or None,
            "last_schedule_at": cronjob.last_scheduled or None,
            "missed_ticks": len(missed) if class_ == "missed" else None,
            "starting_deadline_s": cronjob.starting_deadline_seconds,
        },
        evidence=list(_evidence(cronjob, expected, newest(told) if told else None)),
        onset=expected,
    )


def _message(inventory: Inventory, cronjob: CronJob, class_: str, missed: list[float], error: str) -> str:
    name = f'schedule "{cronjob.schedule}"' + (f" ({cronjob.time_zone})" if cronjob.time_zone else "")
    if class_ == "never":
        return f"{name} never comes: no run is due in the next 8 years"
    if class_ != "missed":
        return f"{name} cannot be read, no run is ever started: {error}"
    late = spoken(inventory.now - missed[0])
    runs = f"{len(missed)} runs are missing, the first" if len(missed) > 1 else "a run is missing,"
    kept = age(cronjob.last_scheduled, inventory.now)
    last = f"the last one was started {spoken(kept)} ago" if kept is not None else "none was ever started"
    deadline = cronjob.starting_deadline_seconds
    short = deadline is not None and deadline < inventory.limit(LOOP)
    loop = f"{inventory.limit(LOOP):.0f} s"
    hint = f"; a starting deadline of {deadline} s is shorter than the controller's {loop}"
    return f"{name}: {runs} due {late} ago; {last}{hint if short else ''}"


def _evidence(cronjob: CronJob, expected: str, event: Event | None) -> Iterator[Evidence]:
    yield Evidence(subject=cronjob, path="spec.schedule", value=cronjob.schedule)
    if cronjob.time_zone:
        yield Evidence(subject=cronjob, path="spec.timeZone", value=cronjob.time_zone)
    if cronjob.last_scheduled:
        yield Evidence(subject=cronjob, path="status.lastScheduleTime", value=cronjob.last_scheduled)
    if expected:
        yield Evidence(
            subject=cronjob, source="derived", value=expected,
            path="first tick of spec.schedule after status.lastScheduleTime, or after its creation",
        )  # fmt: skip
    if event:
        yield said_by(event)
