"""
Sometimes the question is only "what is the matter": then the answer is the ranking, and first what was not seen.

Problems in order, findings as they stand, the whole scan in a few tables.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from correlate.problem import Problem
from reports.gaps import NO_GAP, gaps
from reports.query.answer import Column, Row, Table
from reports.query.definition import Definition, Told, column, told
from reports.query.query import View
from reports.query.selection import Scene
from reports.report import CheckRow, Report
from reports.words import counted, named
from scanners.finding import Finding, JsonValue
from scanners.scanner import CheckState

TOP = 10
PREFIXES = {
    "jobs": "JOB", "memory": "OOM", "gpu": "GPU", "storage": "PVC", "quota": "QTA", "network": "NET", "nodes": "NOD",
    "workloads": "WRK", "pipelines": "PIP", "control-plane": "CTL", "cloud": "CLD", "cost": "CST",
}  # fmt: skip
"""The contract's concerns, and what the codes of their checks begin with."""
_WHAT = [column("severity"), column("code"), column("object"), column("what"), column("since", unit="time")]


def findings_of(*codes: str) -> Callable[[Scene], Iterator[Told]]:
    """What makes a row of each finding of some checks, of every check where none is named."""

    def rows(scene: Scene) -> Iterator[Told]:
        for finding in scene.findings(codes or {one.code for one in scene.report.findings}):
            yield _finding(scene, finding)

    return rows


def _finding(scene: Scene, finding: Finding) -> Told:
    base = told(
        finding,
        severity=finding.severity.value,
        weight=finding.severity.weight,
        code=finding.code,
        object=named(finding.subject),
        what=finding.message,
        since=finding.onset,
    )
    return replace(base, lasting_s=scene.age(finding.onset), measure=float(finding.count))


def of_checks(title: str, noun: str, codes: dict[str, str], slices: Sequence[str]) -> Definition:
    """A view with the columns that every finding has."""
    return Definition(
        title=title,
        noun=noun,
        codes=codes,
        slices=slices,
        columns=_WHAT,
        rows=findings_of(*codes),
        order=["-weight"],
        measure="objects hit",
    )


FINDINGS = Definition(
    title="Findings",
    noun="finding",
    codes={},
    slices=["pods"],
    columns=_WHAT,
    rows=findings_of(),
    order=["-weight"],
    measure="objects hit",
)


def _problems(scene: Scene) -> Iterator[Told]:
    known = {finding.id: finding for finding in scene.report.findings}
    for problem in scene.report.problems:
        root = known.get(problem.root.finding)
        hit = [known[id_] for id_ in problem.findings if id_ in known]
        if root is not None and any(scene.passes(finding) for finding in (hit or [root])):
            yield _problem(scene, problem, root)


def _problem(scene: Scene, problem: Problem, root: Finding) -> Told:
    base = told(
        root,
        rank=problem.rank,
        severity=problem.severity.value,
        what=problem.title,
        cause=problem.cause,
        mend=problem.remediation.text,
        usd=problem.impact.usd_per_month,
        problem=problem.id,
    )
    return replace(base, lasting_s=scene.age(root.onset))


def _concern_notes(scene: Scene, _rows: Sequence[Told]) -> Iterator[str]:
    """Concern by concern: clean only where every check of it ran on whole slices."""
    hit = {finding.concern for finding in scene.report.findings}
    for concern in scene.query.concerns or PREFIXES:
        if concern not in hit and concern in PREFIXES:
            yield f"{concern}: {_clean([row for row in scene.report.checks if row.code[:3] == PREFIXES[concern]])}"


def _clean(rows: Sequence[CheckRow]) -> str:
    if not rows:
        return "not in this scan, which has no check of it"
    blind = sorted({row.code for row in rows if row.state not in (CheckState.RAN, CheckState.NOT_APPLICABLE)})
    if blind:
        return f"cannot tell: {', '.join(blind)} did not run whole"
    return f"none; {counted(len(rows), 'check')} ran whole"


PROBLEMS = Definition(
    title="Problems in order of rank",
    noun="problem",
    codes={},
    slices=["pods", "nodes"],
    columns=[
        column("rank", unit="count"),
        column("severity"),
        column("what", "what failed"),
        column("cause", "probable cause"),
        column("mend"),
        column("usd", "USD a month", "usd"),
        column("problem"),
    ],
    rows=_problems,
    order=["rank"],
    notes=_concern_notes,
)


def summary(scene: Scene) -> list[Table]:
    """The whole scan: what was not seen first, then the targets, the work, the problems, the GPU-hours."""
    report = scene.report
    return [
        _gap_table(report, scene.targets),
        _target_table(report),
        _problem_table(scene),
        _hours_table(report),
    ]


_BLIND = (CheckState.NOT_MEASURED, CheckState.PARTIAL, CheckState.SKIPPED)


def _whole(report: Report, slice_: str) -> bool:
    """Whether a slice was read whole of every target."""
    read = {row.target for row in report.coverage if row.slice == slice_ and row.state in NO_GAP}
    return read >= {row.id for row in report.scan.targets}


def _table(title: str, columns: Sequence[Column], rows: Sequence[Row], noun: str, empty: str) -> Table:
    return Table(
        view=View.SUMMARY,
        title=title,
        seen="rows" if rows else "none",
        sentence=counted(len(rows), noun) if rows else empty,
        columns=list(columns),
        rows=list(rows),
    )


def _gap_table(report: Report, names: Mapping[str, str]) -> Table:
    columns = [column("slices", unit="names")]
    columns += [column(key) for key in ("state", "scopes", "target", "detail", "mend")]
    found = gaps(report, names)
    alike: dict[tuple[str, str, str, str, str], list[str]] = {}
    for gap in found:
        alike.setdefault((gap.state, gap.scopes, gap.target, gap.detail, gap.mend), []).append(gap.slice)
    rows = [Row(cells=[list[JsonValue](slices), *rest]) for rest, slices in alike.items()]
    states = [row.state for row in report.checks]
    ran = states.count(CheckState.RAN)
    table = _table("Not seen", columns, rows, "gap", "no gap in what was asked for")
    table.notes.append(
        f"{ran} of {counted(len(states), 'check')} ran whole; coverage {report.summary.coverage_percent:g} %"
    )
    others = [(CheckState.NOT_MEASURED, "not measured"), (CheckState.PARTIAL, "ran in part")]
    others.append((CheckState.NOT_CONFIGURED, "not configured"))
    for state, words in others:
        if codes := sorted({row.code for row in report.checks if row.state is state}):
            table.notes.append(f"{words}: {', '.join(codes)}")
    return table


def _target_table(report: Report) -> Table:
    columns = [column("target"), column("provider"), column("version")]
    columns += [column("nodes", unit="count"), column("pods", unit="count")]
    rows = [
        Row(cells=[row.name, row.provider, row.version, row.nodes, row.pods]) for row in report.scan.targets
    ]
    return _table("Targets", columns, rows, "target", "no target")


def _problem_table(scene: Scene) -> Table:
    columns = [column("rank", unit="count"), column("severity"), column("what"), column("since", unit="time")]
    rows = [
        Row(
            cells=[problem.rank, problem.severity.value, problem.title, root.onset if root else None],
            code=problem.root.code, finding=problem.root.finding,
        )
        for problem in scene.report.problems[: scene.query.limit or TOP]
        for root in [scene.finding(problem.root.finding)]
    ]  # fmt: skip
    unseen = [row.slice for row in scene.report.coverage if row.state not in NO_GAP]
    counts = scene.report.summary.problems.model_dump()
    table = _table("Problems", columns, rows, "problem", "none; every check that was asked for ran")
    if not rows and (unseen or any(row.state in _BLIND for row in scene.report.checks)):
        table.seen, table.sentence = (
            "cannot-tell",
            "cannot tell: none in what could be read, and not all was read",
        )
    table.left_out = len(scene.report.problems) - len(rows)
    table.sentence = (
        f"{counted(len(scene.report.problems), 'problem')}: "
        + ", ".join(f"{number} {severity}" for severity, number in counts.items() if number)
        if rows
        else table.sentence
    )
    failed = [one for one in scene.findings(["PIP101", "JOB101", "JOB111"]) if one.state.value == "active"]
    blocked = counted(scene.report.summary.blocked_workloads, "workload")
    part = ", in what could be read" if unseen else ""
    if any(row.state in (CheckState.RAN, CheckState.PARTIAL) for row in scene.report.checks):
        runs = f"failed runs seen: {len(failed)} (Jobs and CronJobs){part}; running runs are not in a report"
        table.notes.append(f"{blocked} blocked now; {runs}")
    return table


def _hours_table(report: Report) -> Table:
    columns = [column("part"), column("hours", "GPU-hours", "hours")]
    hours: dict[str, JsonValue] = {}
    if report.ledger is not None:
        whole = report.ledger.gpu_hours
        hours = {name: getattr(whole, name) for name in type(whole).__dataclass_fields__}
    rows = [Row(cells=[part.replace("_", " "), amount]) for part, amount in hours.items() if amount]
    table = _table("GPU-hours", columns, rows, "part", "none; no node has GPUs")
    if not rows and not _whole(report, "nodes"):
        table.seen, table.sentence = "cannot-tell", "cannot tell: `nodes` was not read whole"
    if waste := report.summary.waste_usd_per_month:
        table.notes.append(f"recoverable: {waste:,.0f} USD a month")
    return table
