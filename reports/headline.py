"""
The first line is often the only one that is read, so it must not say more than was seen.

Never "healthy": what could not be read is not known, and the headline says so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reports.gaps import Gap
from reports.report import Report, SeverityCounts
from reports.words import DASH, counted, dollars, listed, percent
from scanners.finding import Severity
from scanners.scanner import CheckState


@dataclass(frozen=True, slots=True)
class Tile:
    """
    One figure of the first screen: what it is, how much, what that is made of; ``share`` in percent, if it is
    one.
    """

    label: str
    value: str
    note: str
    share: float | None = None


def headline(report: Report, gaps: Sequence[Gap]) -> str:
    """One sentence or two: what needs somebody, what waits, what could not be seen."""
    parts = [_found(report, gaps), _blocked(report), _unseen(report, gaps), _interrupted(report)]
    return " ".join(part for part in parts if part)


def tiles(report: Report, gaps: Sequence[Gap]) -> list[Tile]:
    """Work blocked, problems, money, coverage."""
    return [
        _blocked_tile(report, gaps),
        _problem_tile(report),
        _money_tile(report),
        _coverage_tile(report, gaps),
    ]


def by_severity(counts: SeverityCounts) -> str:
    """``1 critical, 3 high``, without the zeros."""
    numbers = [(getattr(counts, severity.value), severity.value) for severity in Severity]
    return ", ".join(f"{number:,} {word}" for number, word in numbers if number)


def _found(report: Report, gaps: Sequence[Gap]) -> str:
    total = len(report.problems)
    asked = [row for row in report.checks if row.state in _ASKED]
    if total:
        return f"{counted(total, 'problem')}: {by_severity(report.summary.problems)}."
    if not asked:
        return "Nothing was checked."
    if gaps or any(row.state is not CheckState.RAN for row in asked):
        return "No problems in what could be read."
    return f"No problems: {counted(len(asked), 'check')} ran on all that was asked for and found none."


def _unseen(report: Report, gaps: Sequence[Gap]) -> str:
    missing = sum(row.state is CheckState.NOT_MEASURED for row in report.checks)
    parts = [f"{counted(missing, 'check')} without a result"] * bool(missing) + [
        counted(len(gaps), "gap")
    ] * bool(gaps)
    return f"Not seen: {listed(parts)} (see Not checked)." if parts else ""


def _blocked(report: Report) -> str:
    blocked = report.summary.blocked_workloads
    return (
        f"{counted(blocked, 'workload')} {'waits or fails' if blocked == 1 else 'wait or fail'} now."
        * bool(blocked)
    )


def _interrupted(report: Report) -> str:
    return "The scan was cut short; this is what was collected." if report.scan.partial else ""


def _blocked_tile(report: Report, gaps: Sequence[Gap]) -> Tile:
    note = "workloads that wait or fail" + (", in what could be read" if gaps else "")
    return Tile("Blocked now", f"{report.summary.blocked_workloads:,}", note)


def _problem_tile(report: Report) -> Tile:
    summary = report.summary
    changes = [(summary.new, "new"), (summary.persisting, "persisting"), (summary.resolved, "resolved")]
    changes += [(summary.incomparable, "incomparable")] * bool(summary.incomparable)
    compared = ", ".join(f"{number:,} {word}" for number, word in changes if number is not None)
    note = "; ".join(filter(None, [by_severity(summary.problems), compared]))
    return Tile(
        "Problems", f"{len(report.problems):,}", note or f"{counted(len(report.findings), 'finding')}"
    )


def _money_tile(report: Report) -> Tile:
    summary = report.summary
    if summary.waste_usd_per_month is None:
        return Tile("Recoverable a month", DASH, "not known: nothing here is priced")
    split = [f"{dollars(amount)} {saving}" for saving, amount in summary.waste_by_saving if amount]
    return Tile("Recoverable a month", dollars(summary.waste_usd_per_month), ", ".join(split))


def _coverage_tile(report: Report, gaps: Sequence[Gap]) -> Tile:
    states = Counter(row.state for row in report.checks)
    asked = sum(states[state] for state in _ASKED)
    note = (
        f"{states[CheckState.RAN]} of {counted(asked, 'check')} ran whole"
        if asked
        else "nothing was asked for"
    )
    share = report.summary.coverage_percent
    return Tile("Coverage", percent(share), f"{note}; {counted(len(gaps), 'gap')}", share)


_ASKED = (CheckState.RAN, CheckState.PARTIAL, CheckState.NOT_MEASURED)
