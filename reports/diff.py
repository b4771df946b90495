"""
The second report is read for what changed: what is new tonight, what grew, and what is really gone.

Two reports are compared by identity: a finding's id holds neither pod names nor times nor values, and a problem is the
one of its root finding. What is counted in a summary are **problems**; rows of ``resolved`` and ``incomparable``
are **findings**.

* *persisting*: the root finding stood in the old report, as a root, as a symptom or suppressed;
* *worse*, *better*: so, and its severity changed; at the same severity, the workloads, else GPUs, else pods that it
  hits grew (or shrank) by at least a half and by two or more;
* *recurring*: the old report has it as recovered, or the history (``first_seen``) saw it before the old report;
* *new*: anything else. A check that had no result in the old report makes it no less new; a warning says so;
* *resolved*: a problem of the old report that no problem here goes on from, and whose root finding is resolved (see
  :mod:`reports.comparable`) or recovered;
* *incomparable*: the same, but nobody may say that its root is gone.

What is suppressed in the new report is still there: it is neither.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from correlate.problem import Problem
from reports.comparable import Comparison
from reports.report import Baseline, IncomparableRow, Report, ResolvedRow
from reports.words import counted, listed
from scanners.finding import Finding, Severity, State

ProblemState = Literal["new", "persisting", "worse", "better", "recurring"]

GROWTH, FEWEST = 1.5, 2
"""By which factor, and by how many at least, the work that a problem hits must differ to be called a change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A problem of the new report, and the severity that it had in the old one (None: it was not told there)."""

    problem: Problem
    state: ProblemState
    before: Severity | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A problem of the old report that the new one does not tell; ``why`` it is incomparable, empty if resolved."""

    problem: Problem
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """
    Everything that changed between two reports, in order of rank. ``changes``: a row per problem of the new report,
    none where ids are made in different ways; the rows are findings of the old one, in its order.
    """

    old: Report
    new: Report
    changes: list[Change] = field(default_factory=list)
    resolved: list[Gone] = field(default_factory=list)
    incomparable: list[Gone] = field(default_factory=list)
    resolved_rows: list[ResolvedRow] = field(default_factory=list)
    incomparable_rows: list[IncomparableRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def of(self, state: ProblemState) -> list[Change]:
        """The changes in that state."""
        return [change for change in self.changes if change.state == state]


def compare(old: Report, new: Report, first_seen: Mapping[str, str] | None = None) -> Diff:
    """
    What changed from ``old`` to ``new``. ``first_seen``: problem id to the moment that a history first saw it, if
    there is a history: a problem that it knows and the old report has not is recurring.
    """
    comparison = Comparison(old, new)
    if not comparison.same_ids:
        return _unlike(comparison)
    changes = list(_changes(old, new, first_seen or {}))
    resolved_rows, incomparable_rows = _rows(comparison)
    whys = {row.finding: row.why for row in incomparable_rows}
    gone = _gone(old, new, {row.finding for row in resolved_rows}, whys)
    return Diff(
        old=old,
        new=new,
        changes=changes,
        resolved=[each for each in gone if not each.why],
        incomparable=[each for each in gone if each.why],
        resolved_rows=resolved_rows,
        incomparable_rows=incomparable_rows,
        warnings=list(_unlooked(comparison, changes)),
    )


def with_baseline(report: Report, baseline: Report, first_seen: Mapping[str, str] | None = None) -> Report:
    """
    The report compared with an earlier one: the state of each problem and since when it is known, the four counts,
    what is resolved and what is incomparable. ``first_seen`` as in :func:`compare`. Neither report is changed.
    """
    diff = compare(baseline, report, first_seen)
    states = {change.problem.id: change.state for change in diff.changes}
    known = {problem.id: problem.first_seen for problem in baseline.problems} | dict(first_seen or {})
    fresh = len(diff.of("new"))
    told = bool(diff.changes) or not report.problems
    return report.model_copy(
        update={
            "problems": [
                replace(
                    problem,
                    state=states.get(problem.id),
                    first_seen=_earliest(problem.first_seen, known.get(problem.id)),
                )
                for problem in report.problems
            ],
            "summary": report.summary.model_copy(
                update={
                    "new": fresh if told else None,
                    "persisting": len(diff.changes) - fresh if told else None,
                    "resolved": len(diff.resolved),
                    "incomparable": len(diff.incomparable),
                }
            ),
            "resolved": diff.resolved_rows,
            "incomparable": diff.incomparable_rows,
            "baseline": Baseline(scan=baseline.scan.id, now=baseline.scan.now),
            "warnings": list(dict.fromkeys([*report.warnings, *diff.warnings])),
        }
    )


def _unlike(comparison: Comparison) -> Diff:
    """Two reports whose ids cannot be looked up in each other: everything of the old one is incomparable."""
    old, new = comparison.old, comparison.new
    why = comparison.obstacle(old.findings[0]) if old.findings else ""
    return Diff(
        old=old,
        new=new,
        incomparable=[Gone(problem, why) for problem in old.problems],
        incomparable_rows=[_incomparable(f, why) for f in old.findings if f.state is not State.RECOVERED],
        warnings=["the baseline makes ids in another way: nothing can be said to be new, or resolved"],
    )


def _changes(old: Report, new: Report, first_seen: Mapping[str, str]) -> Iterable[Change]:
    problems = {problem.root.finding: problem for problem in old.problems}
    findings = {finding.id: finding for finding in old.findings}
    for problem in new.problems:
        before, seen = problems.get(problem.root.finding), findings.get(problem.root.finding)
        if before is not None:
            yield Change(problem, _moved(_difference(before, problem)), before.severity)
        elif seen is not None and seen.state is not State.RECOVERED:
            yield Change(problem, _moved(problem.severity.weight - seen.severity.weight), seen.severity)
        else:
            recurs = seen is not None or first_seen.get(problem.id, old.scan.now) < old.scan.now
            yield Change(problem, "recurring" if recurs else "new")


def _moved(difference: int) -> ProblemState:
    return "worse" if difference > 0 else "better" if difference < 0 else "persisting"


def _difference(before: Problem, now: Problem) -> int:
    if before.severity is not now.severity:
        return now.severity.weight - before.severity.weight
    pairs = (
        (before.impact.workloads, now.impact.workloads),
        (before.impact.gpus, now.impact.gpus),
        (before.impact.pods, now.impact.pods),
    )
    for then, today in pairs:
        small, large = sorted((then, today))
        if large - small >= FEWEST and large >= small * GROWTH:
            return today - then
    return 0


def _rows(comparison: Comparison) -> tuple[list[ResolvedRow], list[IncomparableRow]]:
    here = {finding.id for finding in comparison.new.findings}
    resolved: list[ResolvedRow] = []
    incomparable: list[IncomparableRow] = []
    for finding in comparison.old.findings:
        if finding.id in here or finding.state is State.RECOVERED:
            continue
        if why := comparison.obstacle(finding):
            incomparable.append(_incomparable(finding, why))
        else:
            resolved.append(
                ResolvedRow(
                    finding=finding.id,
                    code=finding.code,
                    subject=finding.subject,
                    title=finding.title,
                    last_seen=finding.last_seen or comparison.old.scan.now,
                )
            )
    return resolved, incomparable


def _incomparable(finding: Finding, why: str) -> IncomparableRow:
    return IncomparableRow(
        finding=finding.id, code=finding.code, subject=finding.subject, title=finding.title, why=why
    )


def _gone(old: Report, new: Report, resolved: set[str], whys: Mapping[str, str]) -> list[Gone]:
    """Problems of the old report that no problem here goes on from; what is suppressed now has not gone."""
    roots = {problem.root.finding for problem in new.problems}
    recovered = {finding.id for finding in new.findings if finding.state is State.RECOVERED}
    found = []
    for problem in old.problems:
        root = problem.root.finding
        if roots.isdisjoint({root, *problem.findings}):
            if root in resolved or root in recovered:
                found.append(Gone(problem))
            elif root in whys:
                found.append(Gone(problem, whys[root]))
    return found


def _earliest(*times: str | None) -> str | None:
    return min((time for time in times if time), default=None)


def _unlooked(comparison: Comparison, changes: Iterable[Change]) -> Iterable[str]:
    """What is new and may be old: its check had no result in the old report."""
    findings = {finding.id: finding for finding in comparison.new.findings}
    fresh = [change.problem.root for change in changes if change.state == "new"]
    codes = [root.code for root in fresh if comparison.unlooked(findings[root.finding])]
    if codes:
        told = listed(sorted(set(codes)), most=8)
        yield (
            f"{counted(len(codes), 'new problem')} may be older than the baseline, which has no result of {told} there"
        )
