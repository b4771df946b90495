"""
A share that is rounded up promises more than was looked at.

The few sums of a report's summary: counts by severity, blocked work, coverage, dollars.
"""

from collections import Counter
from collections.abc import Iterable
from math import fsum

from correlate.problem import Problem
from correlate.rank import COSTS_ONLY
from reports.report import CheckRow, SavingSplit, SeverityCounts
from scanners.finding import Finding, Severity, State
from scanners.scanner import CheckState


def coverage(checks: Iterable[CheckRow]) -> float:
    """
    Percent of what was asked for: 100 × (ran + 0.5 × partial) / (ran + partial + not-measured), unrounded.

    Checks that are not applicable, not configured or skipped are outside; 100.0 when nothing was asked.
    """
    states = Counter(row.state for row in checks)
    ran, partial = states[CheckState.RAN], states[CheckState.PARTIAL]
    asked = ran + partial + states[CheckState.NOT_MEASURED]
    return 50.0 * (2 * ran + partial) / asked if asked else 100.0


def printed_coverage(share: float) -> float:
    """One decimal, rounded down: 99.96 is not 100."""
    return int(share * 10 + 1e-9) / 10


def severities(counted: Iterable[Severity]) -> SeverityCounts:
    """How many of each."""
    return SeverityCounts(**{severity.value: number for severity, number in Counter(counted).items()})


def blocked_workloads(findings: Iterable[Finding]) -> int:
    """
    How many distinct workloads wait or fail now.

    Counted are the workloads of findings that are not recovered, of severity high and above, and of a kind
    that stops or fails work (not one that only costs). What has no workload (a node, a quota) counts by the
    work that it hits, which has findings of its own. The same workload in two clusters is two.
    """
    return len(
        {
            (work.cluster, work.group, work.kind, work.namespace, work.name)
            for finding in findings
            if (work := finding.workload)
            and finding.kind not in COSTS_ONLY
            and finding.state is not State.RECOVERED
            and finding.severity.weight >= Severity.HIGH.weight
        }
    )


def waste(problems: Iterable[Problem]) -> tuple[float | None, SavingSplit]:
    """Recoverable dollars a month, in all and by kind of saving; null where no problem is priced."""
    by_saving: dict[str, list[float]] = {}
    for problem in problems:
        if problem.impact.usd_per_month is not None and problem.impact.saving != "none":
            by_saving.setdefault(problem.impact.saving, []).append(problem.impact.usd_per_month)
    sums = {saving: round(fsum(sorted(amounts)), 2) for saving, amounts in by_saving.items()}
    total = round(fsum(sorted(sums.values())), 2) if sums else None
    return total, SavingSplit(**sums)
