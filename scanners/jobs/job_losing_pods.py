"""
A Job is still running, but its pods fail one after another, or some of them do not come up.

## Why it matters
Each failed attempt costs the time it ran, and after the last one the Job gives up for good. Equal exits in
a row say that the next attempt will end the same way.

## What to do
Read the log of the newest failed pod before the attempts are used up. Equal exit codes: mend the program or
its input. Different ones: look at the nodes. Indexes that failed can be run again alone once the cause is
mended.

## When it is wrong
Failures that a pod failure policy ignores (drains, preemption) do not count where their pods can still be
seen. A Job that restarts its container in place counts restarts as attempts. Since when pods are unready is
only known from the pods themselves.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, key_of
from scanners.facts.slices import JOBS, PODS
from scanners.facts.workload import Job
from scanners.finding import Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.attempts import exit_codes, last_failure, live, pods_of
from scanners.semantics.owners import top_owner
from scanners.semantics.replicas import not_ready_since
from scanners.semantics.standing import verdict_of
from scanners.semantics.times import earliest, instant, lasts

FAILED = Threshold("failed", 2, unit="failed pods")
LAST = Threshold("attempts_left", 1, unit="attempts left: high from here on")
IN_A_ROW = Threshold("in_a_row", 3, unit="equal exits in a row: high")

UNBOUNDED = 2**31 - 1
"""backoffLimit of a Job that counts failures by index (backoffLimitPerIndex)."""


class Losing(NamedTuple):
    """A Job that loses pods. ``down`` are pods that should be ready and are not, for long enough."""

    job: Job
    pods: list[Pod]
    failures: int
    attempts_left: int | None
    codes: list[int]
    down: list[Pod]


@scanner("JOB102", "Job is losing pods or indexes", Severity.MEDIUM, needs=[JOBS], sharpened_by=[PODS])
def job_losing_pods(inventory: Inventory) -> Iterator[Sighting]:
    worst: dict[Key, list[Losing]] = {}
    for job in inventory.jobs:
        losing = _losing(inventory, job)
        if losing:
            worst.setdefault(key_of(top_owner(inventory, job)), []).append(losing)
    for jobs in worst.values():
        jobs.sort(key=lambda each: (-each.failures, -(instant(each.job.created) or 0.0), each.job.uid))
        yield _told(inventory, jobs)


def _losing(inventory: Inventory, job: Job) -> Losing | None:
    if not job.has_status or verdict_of(job) or job.suspended or job.deleted or job.completed:
        return None
    pods = pods_of(inventory, job)
    gone = _gone(pods)
    if job.ignores_disruption and gone and all(_disrupted(pod) for pod in gone) and not job.failed_indexes:
        return None
    failures = (job.failed or 0) + _restarts(job, pods)
    down = _down(inventory, job, live(pods))
    if failures < inventory.limit(FAILED) and not job.failed_indexes and not down:
        return None
    left = None if job.backoff_limit >= UNBOUNDED else max(0, job.backoff_limit + 1 - failures)
    return Losing(job, pods, failures, left, exit_codes(pods), down)


def _gone(pods: list[Pod]) -> list[Pod]:
    return [pod for pod in pods if pod.phase == "Failed"]


def _disrupted(pod: Pod) -> bool:
    found = pod.condition("DisruptionTarget")
    return found is not None and found.true


def _restarts(job: Job, pods: list[Pod]) -> int:
    """Restarts in place, which count against the limit where the pod is restarted on failure."""
    if job.template.restart_policy != "OnFailure":
        return 0
    return sum(state.restarts for pod in live(pods) for state in pod.troubled)


def _down(inventory: Inventory, job: Job, pods: list[Pod]) -> list[Pod]:
    """
    Pods that have been unready for long while others of the Job are up; none if the Job never started at
    all.
    """
    left = job.parallelism if job.completions is None else job.completions - (job.succeeded or 0)
    ready = job.ready or 0
    if not job.active or ready >= min(job.parallelism, left) or not (ready or job.failed):
        return []
    late = [pod for pod in pods if not pod.ready]
    return [pod for pod in late if lasts(not_ready_since(pod), inventory.now, inventory.ages.controller)]


def _severity(inventory: Inventory, losing: Losing) -> Severity:
    if losing.failures and losing.attempts_left is not None and losing.attempts_left <= inventory.limit(LAST):
        return Severity.HIGH
    row = losing.codes[-int(inventory.limit(IN_A_ROW)) :]
    equal = len(row) >= inventory.limit(IN_A_ROW) and len(set(row)) == 1
    return Severity.HIGH if equal else Severity.MEDIUM


def _told(inventory: Inventory, jobs: list[Losing]) -> Sighting:
    first = jobs[0]
    job = first.job
    owner = top_owner(inventory, job)
    end = last_failure(first.pods)
    return Sighting(
        subject=owner,
        kind=Kind.JOB_FAILING,
        severity=_severity(inventory, first),
        message=_message(first, "Job" if key_of(owner) == key_of(job) else f"Job {job.name}", len(jobs)),
        facts={
            "job": job.name,
            "jobs": len(jobs),
            "failed_pods": first.failures,
            "attempts_left": first.attempts_left,
            "backoff_limit": job.backoff_limit if first.attempts_left is not None else None,
            "exit_codes": list(first.codes),
            "container": end.state.name if end else None,
            "failed_indexes": job.failed_indexes or None,
            "ready_pods": job.ready,
            "active_pods": job.active,
        },
        evidence=list(_evidence(first)),
        pods=[pod for each in jobs for pod in (*_gone(each.pods), *each.down)],
        touches=[each.job for each in jobs],
        onset=_onset(first),
        last_seen=end.ended.finished if end else "",
    )


def _onset(losing: Losing) -> str:
    ends = [end.ended.finished for pod in losing.pods if (end := last_failure([pod]))]
    return earliest(*ends, *map(not_ready_since, losing.down))


def _message(losing: Losing, who: str, jobs: int) -> str:
    job, parts = losing.job, []
    if losing.failures:
        code = f", last exit code {losing.codes[-1]}" if losing.codes else ""
        more = losing.attempts_left
        left = f", {more} attempt{'' if more == 1 else 's'} left" if more is not None else ""
        plural = "" if losing.failures == 1 else "s"
        parts.append(f"{losing.failures} failure{plural}{code}{left}")
    if job.failed_indexes:
        parts.append(f"indexes {job.failed_indexes} failed")
    if losing.down:
        parts.append(f"{len(losing.down)} of {job.active} active pods not ready for long")
    others = f" ({jobs - 1} more of its Jobs too)" if jobs > 1 else ""
    return f"{who} is losing pods: {'; '.join(parts)}{others}"


def _evidence(losing: Losing) -> Iterator[Evidence]:
    job = losing.job
    if job.failed:
        yield Evidence(subject=job, path="status.failed", value=job.failed, threshold=job.backoff_limit)
    if job.failed_indexes:
        yield Evidence(subject=job, path="status.failedIndexes", value=job.failed_indexes)
    if job.ready is not None:
        yield Evidence(subject=job, path="status.ready", value=job.ready)
    end = last_failure(losing.pods)
    if end:
        yield Evidence(
            subject=end.pod, path=end.path("exitCode"), value=end.ended.exit_code,
            observed_at=end.ended.finished,
        )  # fmt: skip
