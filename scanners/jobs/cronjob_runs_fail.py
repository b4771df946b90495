"""
The newest runs of a CronJob have failed.

## Why it matters
Nobody watches the runs of a night. One old success and a green history look the same as before, while every
table that the run fills grows older by a day.

## What to do
Look at the newest failed run and its first failing pod. Mend it, then run it once by hand before the next
tick: `kubectl create job --from=cronjob/NAME NAME-again`.

## When it is wrong
A CronJob keeps one failed Job by default, so the number of visible failures is a lower bound; the due runs
since the last success are counted then, and told as such. A run that somebody did by hand elsewhere is not
known. Times without a zone are read as UTC.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.slices import CRONJOBS, JOBS, PODS
from scanners.facts.workload import CronJob, Job
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.attempts import last_failure, pods_of
from scanners.semantics.ends import End
from scanners.semantics.schedules import UnknownTimeZone, UnparseableSchedule, period_of, ticks_between
from scanners.semantics.standing import ended_by, verdict_of
from scanners.semantics.times import HOUR, age, instant, latest, spoken

MANY = Threshold("many", 3, unit="runs without success: high")
RARE = Threshold("rare_s", HOUR, unit="s between runs: high from here on, the next chance is far")
NEVER_AFTER = Threshold("never_after", 2, unit="periods without any success")


class Run(NamedTuple):
    """A finished run. ``at`` is when it was decided."""

    job: Job
    failed: bool
    at: str


class Streak(NamedTuple):
    """Failures in a row. ``newest`` is None where no failed run is left to look at."""

    cronjob: CronJob
    newest: Run | None
    failures: int
    basis: str
    last_success: str
    period: float | None


@scanner("JOB111", "CronJob's newest runs fail", Severity.MEDIUM, needs=[CRONJOBS, JOBS], sharpened_by=[PODS])
def cronjob_runs_fail(inventory: Inventory) -> Iterator[Sighting]:
    for cronjob in inventory.cronjobs:
        if cronjob.suspended or cronjob.deleted or not cronjob.has_status:
            continue
        streak = _streak(inventory, cronjob)
        if streak:
            yield _told(inventory, streak)


def _runs(inventory: Inventory, cronjob: CronJob) -> list[Run]:
    """Finished runs that are still there, newest first."""
    children = [job for job in inventory.index.jobs_by_owner.get(cronjob.uid, ()) if verdict_of(job)]
    children.sort(key=lambda job: (instant(job.started or job.created) or 0.0, job.uid), reverse=True)
    ended = [(job, ended_by(job)) for job in children]
    return [
        Run(job, verdict_of(job) == "Failed", job.completed or (found.since if found else ""))
        for job, found in ended
    ]


def _streak(inventory: Inventory, cronjob: CronJob) -> Streak | None:
    runs = _runs(inventory, cronjob)
    success = latest(cronjob.last_succeeded, *(run.at for run in runs if not run.failed))
    newest = runs[0] if runs else None
    if newest is None or not newest.failed or _later(success, newest.at):
        newest = None
    if newest is None and (runs or success or cronjob.active or not cronjob.last_scheduled):
        return None
    seen = next((index for index, run in enumerate(runs) if not run.failed), len(runs))
    due, period = _due(inventory, cronjob, success)
    if newest is None and not (period and _old(inventory, cronjob, period) and due):
        return None
    if due > seen:
        return Streak(cronjob, newest, due, "ticks", success, period)
    return Streak(cronjob, newest, seen, "runs", success, period)


def _later(moment: str, than: str) -> bool:
    return (instant(moment) or 0.0) > (instant(than) or 0.0)


def _old(inventory: Inventory, cronjob: CronJob, period: float) -> bool:
    lived = age(cronjob.created, inventory.now)
    return lived is not None and lived >= inventory.limit(NEVER_AFTER) * period


def _due(inventory: Inventory, cronjob: CronJob, success: str) -> tuple[int, float | None]:
    """
    Runs that were due after the last success and are over, and the usual time between two; (0, None) if
    unreadable.
    """
    since, until = instant(success or cronjob.created), instant(cronjob.last_scheduled)
    try:
        period = period_of(cronjob.schedule, cronjob.time_zone, inventory.now)
        if since is None or until is None or since >= until:
            return 0, period
        ticks = ticks_between(cronjob.schedule, cronjob.time_zone, since, until)
    except (UnparseableSchedule, UnknownTimeZone):
        return 0, None
    return max(0, len(ticks) - (1 if cronjob.active else 0)), period


def _told(inventory: Inventory, streak: Streak) -> Sighting:
    pods = pods_of(inventory, streak.newest.job) if streak.newest else []
    end = last_failure(pods)
    rare = streak.period is not None and streak.period >= inventory.limit(RARE)
    high = streak.failures >= inventory.limit(MANY) or rare or not streak.last_success
    return Sighting(
        subject=streak.cronjob,
        kind=Kind.RUNS_FAILING,
        severity=Severity.HIGH if high else Severity.MEDIUM,
        confidence=Confidence.DERIVED if streak.basis == "ticks" else Confidence.OBSERVED,
        cause_class=_reason(streak),
        message=_message(inventory, streak, end),
        facts={
            "consecutive_failures": streak.failures,
            "consecutive_basis": streak.basis,
            "last_success_at": streak.last_success or None,
            "last_failure_at": streak.newest.at if streak.newest else None,
            "last_schedule_at": streak.cronjob.last_scheduled or None,
            "period_s": None if streak.period is None else int(streak.period),
            "schedule": streak.cronjob.schedule,
            "reason": _reason(streak) or None,
            "exit_code": end.ended.exit_code if end else None,
            "container": end.state.name if end else None,
        },
        evidence=list(_evidence(streak, end)),
        pods=_failed(pods),
        touches=[streak.newest.job] if streak.newest else [],
        onset=streak.newest.at if streak.newest else "",
        last_seen=streak.newest.at if streak.newest else streak.cronjob.last_scheduled,
    )


def _failed(pods: list[Pod]) -> list[Pod]:
    return [pod for pod in pods if pod.phase == "Failed"]


def _reason(streak: Streak) -> str:
    found = ended_by(streak.newest.job) if streak.newest else None
    return found.reason if found else ""


def _message(inventory: Inventory, streak: Streak, end: End | None) -> str:
    if streak.basis == "ticks":
        what = f"no success in {streak.failures} due run{'s' if streak.failures > 1 else ''}"
    else:
        what = f"{streak.failures} runs failed in a row" if streak.failures > 1 else "the newest run failed"
    code = f"exit code {end.ended.exit_code}" if end else _reason(streak)
    ago = age(streak.last_success, inventory.now)
    success = f"last success {spoken(ago)} ago" if ago is not None else "no run has ever succeeded"
    return f"{what}; {', '.join(filter(None, [code, success]))}"


def _evidence(streak: Streak, end: End | None) -> Iterator[Evidence]:
    cronjob = streak.cronjob
    found = ended_by(streak.newest.job) if streak.newest else None
    if streak.newest and found:
        job = streak.newest.job
        yield Evidence(subject=job, path=found.path("status"), value=found.status, observed_at=found.since)
        yield Evidence(subject=job, path=found.path("reason"), value=found.reason, observed_at=found.since)
    if cronjob.last_succeeded:
        yield Evidence(subject=cronjob, path="status.lastSuccessfulTime", value=cronjob.last_succeeded)
    elif cronjob.last_scheduled:
        yield Evidence(subject=cronjob, path="status.lastScheduleTime", value=cronjob.last_scheduled)
    if streak.basis == "ticks":
        yield Evidence(
            subject=cronjob, source="derived", value=streak.failures,
            path="ticks of spec.schedule after the last success, up to status.lastScheduleTime",
        )  # fmt: skip
    if end:
        yield Evidence(
            subject=end.pod, path=end.path("exitCode"), value=end.ended.exit_code,
            observed_at=end.ended.finished,
        )  # fmt: skip
