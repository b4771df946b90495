"""
Who read last night's report asks one thing of tonight's: what is different?

What changed since the baseline as groups of lines for people, in the order in which they matter, and the JSON of
``deepscan diff`` for programs. Nothing is listed under *persisting*: that is what did not change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from reports.diff import Diff, Gone, ProblemState
from reports.report import Baseline, IncomparableRow, Report, ResolvedRow
from reports.words import DASH, SHAPES, counted, moment, named
from scanners.finding import Reference, Severity


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change. ``rank`` of the problem in this report, None for what is not a problem of it."""

    mark: str
    text: str
    note: str = ""
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes of one kind; ``title`` with how many and of what."""

    title: str
    lines: Sequence[ChangeLine]


_STATES: Sequence[tuple[ProblemState, str]] = (
    ("new", "New"), ("recurring", "Recurring"), ("worse", "Worse"), ("better", "Better"),
)  # fmt: skip


def changes(report: Report) -> list[ChangeGroup]:
    """What changed since the baseline and which suppressions ended; empty without either."""
    groups = [_told(report, state, word) for state, word in _STATES] if report.baseline else []
    groups += [_resolved(report), _incomparable(report), _expired(report)]
    return [group for group in groups if group.lines]


def unchanged(report: Report) -> str:
    """``25 problems persist``: what is compared and not listed; empty without a baseline."""
    same = sum(problem.state == "persisting" for problem in report.problems)
    if report.baseline is None:
        return ""
    return f"{counted(same, 'problem')} {'persists' if same == 1 else 'persist'} unchanged."


def _told(report: Report, state: ProblemState, word: str) -> ChangeGroup:
    lines = [
        ChangeLine(
            f"{SHAPES[p.severity]} {p.severity.value}", f"{p.root.code} {p.title}", p.owner or "", p.rank
        )
        for p in report.problems
        if p.state == state
    ]
    return ChangeGroup(f"{word}: {counted(len(lines), 'problem')}", lines)


def _resolved(report: Report) -> ChangeGroup:
    lines = [
        ChangeLine("✓", f"{row.code} {row.title}: {named(row.subject)}", f"last seen {moment(row.last_seen)}")
        for row in report.resolved
    ]
    problems = counted(report.summary.resolved or 0, "problem")
    return ChangeGroup(f"Resolved: {problems}, {counted(len(lines), 'finding')}", lines)


def _incomparable(report: Report) -> ChangeGroup:
    lines = [
        ChangeLine("?", f"{row.code} {row.title}: {named(row.subject)}", row.why)
        for row in report.incomparable
    ]
    problems = counted(report.summary.incomparable or 0, "problem")
    return ChangeGroup(f"Incomparable: {problems}, {counted(len(lines), 'finding')}", lines)


def _expired(report: Report) -> ChangeGroup:
    lines = [
        ChangeLine("!", row.entry or row.finding, f"ended {row.until}: {row.reason}")
        for row in report.suppressed
        if row.expired
    ]
    return ChangeGroup(f"Expired suppressions: {counted(len(lines), 'entry', 'entries')}", lines)


@dataclass(frozen=True, slots=True)
class SilencedLine:
    """A suppression and what it is about; ``note`` where it silences nothing."""

    what: str
    reason: str
    by: str
    until: str
    note: str


def silenced(report: Report) -> list[SilencedLine]:
    """Every suppression: those in force, then those that silence nothing (expired, or nothing matched)."""
    findings = {finding.id: finding for finding in report.findings}
    lines = []
    for row in sorted(report.suppressed, key=lambda row: row.expired or row.unused):
        finding = findings.get(row.finding)
        what = (
            f"{finding.code} {finding.title}: {named(finding.subject)}"
            if finding
            else row.entry or row.finding
        )
        notes = ["expired"] * row.expired + ["matched nothing in this scan"] * (
            row.unused and not row.expired
        )
        lines.append(SilencedLine(what, row.reason, row.by or DASH, row.until, ", ".join(notes)))
    return lines


class DiffCounts(BaseModel):
    """Problems: those of the later report by state, those of the earlier one that are gone."""

    new: int
    recurring: int
    worse: int
    better: int
    persisting: int
    resolved: int
    incomparable: int


class DiffProblem(BaseModel):
    """A problem of either report. ``severity_before`` is null where the earlier report did not have it."""

    id: str
    state: str
    code: str
    subject: Reference
    title: str
    severity: Severity
    severity_before: Severity | None = None
    first_seen: str | None = None
    why: str | None = None


class DiffReport(BaseModel):
    """The JSON of ``deepscan diff``: problems of both reports, and the findings that are gone."""

    old: Baseline
    new: Baseline
    summary: DiffCounts
    problems: list[DiffProblem]
    resolved: list[ResolvedRow]
    incomparable: list[IncomparableRow]
    warnings: list[str]


def diff_report(diff: Diff) -> DiffReport:
    """The diff as data: what is in the later report by rank, then what is gone from the earlier one."""
    counts = {state: len(diff.of(state)) for state in ("new", "recurring", "worse", "better", "persisting")}
    return DiffReport(
        old=Baseline(scan=diff.old.scan.id, now=diff.old.scan.now),
        new=Baseline(scan=diff.new.scan.id, now=diff.new.scan.now),
        summary=DiffCounts(**counts, resolved=len(diff.resolved), incomparable=len(diff.incomparable)),
        problems=[*_here(diff), *_gone(diff.resolved, "resolved"), *_gone(diff.incomparable, "incomparable")],
        resolved=diff.resolved_rows,
        incomparable=diff.incomparable_rows,
        warnings=diff.warnings,
    )


def _here(diff: Diff) -> Iterable[DiffProblem]:
    for change in diff.changes:
        problem = change.problem
        yield DiffProblem(
            id=problem.id,
            state=change.state,
            code=problem.root.code,
            subject=problem.root.subject,
            title=problem.title,
            severity=problem.severity,
            severity_before=change.before,
            first_seen=problem.first_seen,
        )


def _gone(gone: Iterable[Gone], state: str) -> Iterable[DiffProblem]:
    for each in gone:
        problem = each.problem
        yield DiffProblem(
            id=problem.id,
            state=state,
            code=problem.root.code,
            subject=problem.root.subject,
            title=problem.title,
            severity=problem.severity,
            severity_before=problem.severity,
            first_seen=problem.first_seen,
            why=each.why or None,
        )
