"""
An agent sees only what a report says, and what no check could see it is told with every answer.

The ten tools: each reads a finished report of the library, and none does anything else.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from reports.report import Report
from scanners.scanner import CheckState
from swarm.cli.pages import page_of
from swarm.cli.stored import the_one
from swarm.mcp import arguments as a
from swarm.mcp import views
from swarm.mcp.library import Library
from swarm.mcp.reply import Reply


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its name, what a client is told of it, its arguments and what it does."""

    name: str
    description: str
    arguments: type[a.Arguments]
    call: Callable[[Library, Any], Reply]


def list_scans(library: Library, asked: a.Paged) -> Reply:
    """The scans that may be asked for."""
    return Reply({}, rows=library.scans(), told=asdict, offset=asked.offset, limit=asked.limit)


def get_summary(library: Library, asked: a.OfScan) -> Reply:
    """The report in numbers, its gaps and its first problems."""
    report = library.report(asked.scan)
    return Reply({**_facts(report), "summary": report.summary}, value=views.summary(report))


def list_problems(library: Library, asked: a.Problems) -> Reply:
    """Problems by rank."""
    report = library.report(asked.scan)
    rows = [problem for problem in report.problems if views.is_wanted_problem(problem, asked)]
    return Reply(_facts(report), rows=rows, told=views.problem_row, offset=asked.offset, limit=asked.limit)


def get_problem(library: Library, asked: a.OfId) -> Reply:
    """One problem, whole, with what it explains."""
    report = library.report(asked.scan)
    problems = {problem.id: problem for problem in report.problems}
    problem = problems[the_one(asked.id, problems, "problem", f"scan {report.scan.id}")]
    return Reply(_facts(report), value=views.problem_whole(report, problem))


def list_findings(library: Library, asked: a.Findings) -> Reply:
    """Findings in the report's order."""
    report = library.report(asked.scan)
    rows = [finding for finding in report.findings if views.is_wanted_finding(finding, asked)]
    return Reply(_facts(report), rows=rows, told=views.finding_row, offset=asked.offset, limit=asked.limit)


def get_evidence(library: Library, asked: a.Evidence) -> Reply:
    """Every row of evidence of a finding, or of all findings of a problem."""
    report = library.report(asked.scan)
    problems = {problem.id: problem for problem in report.problems}
    findings = {finding.id: finding for finding in report.findings}
    name = the_one(asked.id, problems | findings, "problem or finding", f"scan {report.scan.id}")
    wanted = (
        [name]
        if name in findings
        else list(dict.fromkeys([problems[name].root.finding, *problems[name].findings]))
    )
    rows = [(findings[each], row) for each in wanted if each in findings for row in findings[each].evidence]
    facts = {**_facts(report), "of": name}
    return Reply(facts, rows=rows, told=views.evidence_row, offset=asked.offset, limit=asked.limit)


def query(library: Library, asked: a.Asked) -> Reply:
    """A question answered from the report, never from memory."""
    report = library.report(asked.scan)
    return Reply(_facts(report), value=views.answer(report, asked))


def diff_scans(library: Library, asked: a.Compared) -> Reply:
    """What is new, worse, better, resolved, incomparable."""
    from reports.changes import diff_report
    from reports.diff import compare

    found = diff_report(compare(library.report(asked.old), library.report(asked.new)))
    facts = {"old": found.old, "new": found.new, "summary": found.summary}
    rows = [problem for problem in found.problems if problem.state != "persisting"]
    return Reply(facts, {"warnings": found.warnings}, rows, offset=asked.offset, limit=asked.limit)


def gpu_ledger(library: Library, asked: a.OfScanPaged) -> Reply:
    """Where the GPU-hours went, by pool."""
    report = library.report(asked.scan)
    ledger = report.ledger
    facts = {**_facts(report), "gpu_hours": ledger.gpu_hours if ledger else None}
    if ledger is None:
        return Reply({**facts, "why": "this scan saw no accelerators, or could not read the nodes"}, rows=[])
    value = {"prices": ledger.prices}
    return Reply(facts, value, ledger.pools, views.pool_row, offset=asked.offset, limit=asked.limit)


def explain_check(_: Library, asked: a.OfCode) -> Reply:
    """The page of a check; it quotes no cluster."""
    return Reply({"page": page_of(asked.code)})


TOOLS = (
    Tool(
        "list_scans",
        "Finished scans: id, moment, targets, problems by severity, coverage.",
        a.Paged,
        list_scans,
    ),
    Tool(
        "get_summary",
        "A scan in numbers: problems, waste, coverage, gaps, top problems.",
        a.OfScan,
        get_summary,
    ),
    Tool(
        "list_problems", "Root causes by rank, with owner, impact and USD a month.", a.Problems, list_problems
    ),
    Tool(
        "get_problem",
        "One problem: cause, causal chain, findings it explains, remediation with commands and undo.",
        a.OfId,
        get_problem,
    ),
    Tool("list_findings", "Single sightings on objects, filtered.", a.Findings, list_findings),
    Tool(
        "get_evidence",
        "Evidence of a problem or finding: object, path, value, threshold, time, read-only command.",
        a.Evidence,
        get_evidence,
    ),
    Tool(
        "query",
        "Answers a question in plain English, or a query object, with a table per view. 'cannot-tell' is not 'none'.",
        a.Asked,
        query,
    ),
    Tool(
        "diff_scans",
        "What changed between two scans; 'incomparable' is not 'resolved'.",
        a.Compared,
        diff_scans,
    ),
    Tool(
        "gpu_ledger",
        "GPU-hours by step (idle, stranded, effective, ...) and pool.",
        a.OfScanPaged,
        gpu_ledger,
    ),
    Tool("explain_check", "What a check means, its thresholds, when it is wrong.", a.OfCode, explain_check),
)
"""What the server offers; anything else is refused. None starts a scan."""


def _facts(report: Report) -> dict[str, Any]:
    """Of which scan an answer is, and how much of what was asked for it saw: no row is no claim of health."""
    blind = sum(row.state is CheckState.NOT_MEASURED for row in report.checks)
    return {
        "scan": report.scan.id,
        "now": report.scan.now,
        "partial": report.scan.partial,
        "coverage_percent": report.summary.coverage_percent,
        "checks_not_measured": blind,
    }
