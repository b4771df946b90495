"""
One id from a chat or a ticket has to open into all that is known of it, every row of evidence included.

A problem or a finding as plain text, or as JSON for a program. Text of the cluster is cleaned and stays in its line.
"""

import textwrap
from collections.abc import Iterable

from pydantic import TypeAdapter

from correlate.problem import Problem
from reports.report import Report
from reports.text import clean, escaped, one_line
from reports.words import DASH, HOW_KNOWN, SHAPES, counted, dollars, moment, named, plain, since
from scanners.finding import EvidenceRow, Finding

WIDTH = 100
_PROBLEM = TypeAdapter(Problem)
_FINDING = TypeAdapter(Finding)


def problem_json(report: Report, problem: Problem) -> str:
    """The contract's problem, with the findings that it names in ``explains``."""
    inner = ",\n".join(
        _FINDING.dump_json(f, by_alias=True, indent=2).decode() for f in _explained(report, problem)
    )
    text = _PROBLEM.dump_json(problem, by_alias=True, indent=2).decode()
    return escaped(f'{{\n"problem": {text},\n"explains": [\n{inner}\n]\n}}\n')


def finding_json(finding: Finding) -> str:
    """The contract's finding."""
    return escaped(_FINDING.dump_json(finding, by_alias=True, indent=2).decode() + "\n")


def problem_text(report: Report, problem: Problem) -> str:
    """A problem with all that it explains and every row of evidence."""
    return _page(_problem(report, problem))


def finding_text(report: Report, finding: Finding) -> str:
    """A finding with its facts and every row of evidence."""
    return _page(_finding(finding, report.scan.now, facts=True))


def _page(lines: Iterable[str]) -> str:
    return "\n".join(clean(line).rstrip() for line in lines) + "\n"


def _problem(report: Report, problem: Problem) -> Iterable[str]:
    impact = problem.impact
    yield f"{SHAPES[problem.severity]} {problem.severity.value}  {problem.root.code}  {one_line(problem.title)}"
    yield from _line(
        "id", f"{problem.id}, rank {problem.rank} of scan {report.scan.id} ({moment(report.scan.now)})"
    )
    yield from _line("owner", problem.owner or DASH)
    yield from _line("state", f"{problem.state or DASH}, first seen {moment(problem.first_seen)}")
    yield from _line("what", problem.cause)
    yield from _line("known", HOW_KNOWN[problem.confidence])
    yield from _line(
        "effect",
        f"{counted(impact.workloads, 'workload')}, {counted(impact.pods, 'pod')}, {counted(impact.gpus, 'GPU')}; "
        f"USD a month {dollars(impact.usd_per_month)}",
    )
    for label, texts in (("unknown", problem.unknowns), ("unless", problem.would_change)):
        if texts:
            yield from _line(label, "; ".join(texts))
    yield from _line("fix", problem.remediation.text)
    for step in problem.remediation.steps:
        for name, command in ((step.effect, step.command), ("verify", step.verify), ("undo", step.undo)):
            if command:
                yield f"    {name:<11} {one_line(command)}"
    for finding in _explained(report, problem):
        yield ""
        yield from _finding(finding, report.scan.now)


def _finding(finding: Finding, now: str, facts: bool = False) -> Iterable[str]:
    yield f"{SHAPES[finding.severity]} {finding.severity.value}  {finding.code}  {one_line(finding.title)}"
    yield from _line("id", f"{finding.id}, {finding.role} of {finding.problem or 'no problem'}")
    yield from _line("object", named(finding.subject) + (f", node {finding.node}" if finding.node else ""))
    yield from _line("what", finding.message)
    yield from _line("since", f"{since(finding.onset, now)}; {finding.state.value}, count {finding.count:,}")
    if facts:
        for name, value in finding.facts.items():
            yield from _line("fact", f"{name} = {plain(value)}")
    for row in finding.evidence:
        yield from _evidence(row)


def _evidence(row: EvidenceRow) -> Iterable[str]:
    limit = f" (threshold {plain(row.threshold, 80)})" if row.threshold is not None else ""
    when = f", {moment(row.observed_at)}" if row.observed_at else ""
    yield from _line(row.source, f"{named(row.ref)} {row.path or DASH} = {plain(row.value)}{limit}{when}")
    if row.command:
        yield f"    {'read':<11} {one_line(row.command)}"


def _line(label: str, words: str) -> Iterable[str]:
    lines = textwrap.wrap(one_line(words), WIDTH - 12, break_long_words=False, break_on_hyphens=False) or [
        DASH
    ]
    for number, line in enumerate(lines):
        yield f"  {label if number == 0 else '':<9} {line}"


def _explained(report: Report, problem: Problem) -> list[Finding]:
    findings = {finding.id: finding for finding in report.findings}
    names = dict.fromkeys([problem.root.finding, *problem.findings])
    return [findings[name] for name in names if name in findings]
