"""
An engineer with one morning starts at line one, so line one must be what hurts most, over all clusters together.

The order is published (correlation.md section 8): severity, then what stops or fails work before what only costs, then
score, then the number of explained findings, then id.
"""

from collections.abc import Iterable, Mapping

from correlate.problem import Problem
from scanners.finding import Finding, Severity, State
from scanners.kinds import Kind

WORK = frozenset(
    {
        Kind.JOB_FAILED, Kind.JOB_FAILING, Kind.JOB_NOT_STARTED, Kind.RUNS_FAILING, Kind.SCHEDULE_MISSED,
        Kind.CONTAINER_OOM, Kind.POD_EVICTED, Kind.POD_UNSCHEDULABLE, Kind.PODS_NOT_CREATED, Kind.POD_UNREACHABLE,
        Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING, Kind.WORKLOAD_UNAVAILABLE,
        Kind.DNS_BLOCKED, Kind.NAME_RESOLUTION_FAILED,
    }
)  # fmt: skip
"""Kinds of fault whose subject is work that waits or fails."""

STOPS_WORK = WORK | {
    Kind.CLAIM_PENDING, Kind.VOLUME_ZONE_CONFLICT, Kind.ATTACH_CONFLICT, Kind.FILE_SERVER_DOWN, Kind.POOL_FULL,
    Kind.QUOTA_EXHAUSTED, Kind.NODE_NOT_READY, Kind.NODE_PRESSURE, Kind.GPU_NOT_ALLOCATABLE, Kind.REGISTRY_FAILING,
    Kind.SERVICE_NO_ENDPOINTS, Kind.WEBHOOK_NO_ENDPOINTS, Kind.DNS_DOWN,
}  # fmt: skip
"""Kinds of fault that stop or fail work, their own or that of others; the rest only cost, or are a risk."""


def ranked(problems: Iterable[Problem], findings: Mapping[str, Finding]) -> list[Problem]:
    """The problems in the published order, ranks from 1."""
    ordered = sorted(problems, key=lambda problem: _key(problem, findings))
    return [problem.model_copy(update={"rank": rank}) for rank, problem in enumerate(ordered, start=1)]


def blocked_workloads(findings: Iterable[Finding]) -> int:
    """
    How many distinct workloads wait or fail now.

    Counted are the workloads of active findings of severity high and above whose kind says that work itself waits or
    fails (:data:`WORK`); a finding without a workload counts its subject. The same workload in two clusters is two.
    """
    work = {
        (place.cluster, place.group, place.kind, place.namespace, place.name)
        for finding in findings
        if finding.kind in WORK
        and finding.state is not State.RECOVERED
        and finding.severity.weight >= Severity.HIGH.weight
        for place in [finding.workload or finding.subject]
    }
    return len(work)


def stops_work(problem: Problem, findings: Mapping[str, Finding]) -> bool:
    """Whether the problem's root or anything that it explains stops or fails work."""
    return any(findings[name].kind in STOPS_WORK for name in problem.findings if name in findings)


def _key(problem: Problem, findings: Mapping[str, Finding]) -> tuple[int, bool, float, int, str]:
    return (
        -problem.severity.weight,
        not stops_work(problem, findings),
        -problem.score,
        -len(problem.findings),
        problem.id,
    )
