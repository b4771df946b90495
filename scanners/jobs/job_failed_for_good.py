"""
A Job has used up its attempts, and nothing will start it again.

## Why it matters
Whatever waits for its result waits in vain. Its pods are often deleted within the hour, and with them the
log that says why.

## What to do
Look at the first pod that failed, not at the last: `kubectl logs job/NAME` while its pods are there. Mend
that, then create the Job again. The reason says what gave up: BackoffLimitExceeded (too many failed pods),
DeadlineExceeded (out of time), PodFailurePolicy (an exit code that must not be retried),
MaxFailedIndexesExceeded and FailedIndexes (single indexes).

## When it is wrong
A Job that was left lying after somebody did its work by hand still reads Failed. Runs of CronJobs are told
by JOB111. Of an owner with several Jobs only the newest counts, and only where all its Jobs could be read.
Jobs that were already deleted are not seen.
"""

from collections.abc import Iterator

from scanners.facts.fact import Condition
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import JOBS, POD_LOGS, PODS
from scanners.facts.workload import Job
from scanners.finding import Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.attempts import last_failure, pods_of
from scanners.semantics.coverage import whole_in
from scanners.semantics.ends import End
from scanners.semantics.log_lines import last_line, last_lines, log_of
from scanners.semantics.owners import chain, top_owner
from scanners.semantics.standing import ended_by, verdict_of
from scanners.semantics.times import DAY, age, instant, spoken

FRESH = Threshold("fresh_s", DAY, unit="s since it failed: high until then, medium after")
STALE = Threshold("stale_s", 7 * DAY, unit="s since it failed: info after")


@scanner("JOB101", "Job failed for good", Severity.HIGH, needs=[JOBS], sharpened_by=[PODS, POD_LOGS])
def job_failed_for_good(inventory: Inventory) -> Iterator[Sighting]:
    newest: dict[Key, tuple[Ref, Job]] = {}
    for job in inventory.jobs:
        if job.deleted or any(owner.kind == "CronJob" for owner in chain(inventory, job)):
            continue
        owner = top_owner(inventory, job)
        before = newest.get(key_of(owner))
        if before is None or _born(job) > _born(before[1]):
            newest[key_of(owner)] = (owner, job)
    for owner, job in newest.values():
        failed = ended_by(job)
        if verdict_of(job) != "Failed" or failed is None:
            continue
        if owner.kind == job.kind or whole_in(inventory, JOBS, job.namespace):
            yield _told(inventory, owner, job, failed)


def _born(job: Job) -> tuple[float, str]:
    return instant(job.created) or 0.0, job.uid


def _severity(inventory: Inventory, seconds: float | None) -> Severity:
    if seconds is None or seconds <= inventory.limit(FRESH):
        return Severity.HIGH
    return Severity.MEDIUM if seconds <= inventory.limit(STALE) else Severity.INFO


def _told(inventory: Inventory, owner: Ref, job: Job, failed: Condition) -> Sighting:
    pods = pods_of(inventory, job)
    end = last_failure(pods)
    log = log_of(inventory, end.pod, end.state.name) if end else None
    return Sighting(
        subject=owner,
        kind=Kind.JOB_FAILED,
        severity=_severity(inventory, age(failed.since, inventory.now)),
        cause_class=failed.reason,
        message=_message(inventory, owner, job, failed, end),
        facts={
            "job": job.name,
            "reason": failed.reason or None,
            "exit_code": end.ended.exit_code if end else None,
            "container": end.state.name if end else None,
            "failed_pods": job.failed,
            "backoff_limit": job.backoff_limit,
            "finished_at": failed.since or None,
            "last_log_lines": last_lines(log),
        },
        evidence=[*_evidence(job, failed, end), *([last_line(log)] if log else [])],
        pods=_failed(pods),
        touches=[job],
        onset=failed.since,
        last_seen=failed.since,
    )


def _failed(pods: list[Pod]) -> list[Pod]:
    return [pod for pod in pods if pod.phase == "Failed"]


def _message(inventory: Inventory, owner: Ref, job: Job, failed: Condition, end: End | None) -> str:
    who = "Job" if owner.kind == job.kind else f"Job {job.name}"
    ago = age(failed.since, inventory.now)
    when = f"{spoken(ago)} ago" if ago is not None else "at an unknown time"
    pods = f" after {job.failed} failed pod{'s' if job.failed > 1 else ''}" if job.failed else ""
    code = f": container {end.state.name} ended with exit code {end.ended.exit_code}" if end else ""
    reason = f" ({end.ended.reason})" if end and end.ended.reason else ""
    return f"{who} failed for good {when}, {failed.reason or 'no reason given'}{pods}{code}{reason}"


def _evidence(job: Job, failed: Condition, end: End | None) -> Iterator[Evidence]:
    yield Evidence(subject=job, path=failed.path("status"), value=failed.status, observed_at=failed.since)
    if failed.reason:
        yield Evidence(subject=job, path=failed.path("reason"), value=failed.reason, observed_at=failed.since)
    if job.failed:
        yield Evidence(subject=job, path="status.failed", value=job.failed, threshold=job.backoff_limit)
    if end:
        yield Evidence(
            subject=end.pod, path=end.path("exitCode"), value=end.ended.exit_code,
            observed_at=end.ended.finished,
        )  # fmt: skip
