"""
A row must say enough to choose by, and no more: an agent asks again for what it wants whole.

Reports as the tools tell them. Nothing is cut or cleaned here; that is the reply's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Any

from pydantic import TypeAdapter

from correlate.problem import Problem
from reports.gaps import gaps
from reports.ledger import PoolRow
from reports.places import places_of
from reports.report import Report
from reports.words import named
from scanners.finding import EvidenceRow, Finding, Severity
from swarm.mcp import arguments as a

FIRST = 5
EXPLAINED = 40
_PROBLEM = TypeAdapter(Problem)


def summary(report: Report) -> Mapping[str, Any]:
    """Targets, warnings, gaps and the first problems."""
    return {
        "targets": report.scan.targets,
        "warnings": report.warnings,
        "gaps": [asdict(gap) for gap in gaps(report, places_of(report).names)],
        "top_problems": [problem_row(problem) for problem in report.problems[:FIRST]],
    }


def is_wanted_problem(problem: Problem, asked: a.Problems) -> bool:
    """Whether every filter that was given holds."""
    wanted: list[tuple[str | None, str | None]] = [
        (asked.owner, problem.owner), (asked.code, problem.root.code), (asked.state, problem.state),
    ]  # fmt: skip
    in_namespace = asked.namespace is None or asked.namespace in {
        problem.root.subject.namespace, *problem.impact.namespaces,
    }  # fmt: skip
    return _severe(problem.severity, asked.min_severity) and in_namespace and _alike(wanted)


def is_wanted_finding(finding: Finding, asked: a.Findings) -> bool:
    """Whether every filter that was given holds."""
    subject = finding.subject
    wanted: list[tuple[str | None, str | None]] = [
        (asked.code, finding.code), (asked.concern, finding.concern), (asked.namespace, subject.namespace),
        (asked.kind, subject.kind), (asked.problem, finding.problem), (asked.state, finding.state.value),
    ]  # fmt: skip
    called = asked.name is None or fnmatchcase(subject.name, asked.name)
    return _severe(finding.severity, asked.min_severity) and called and _alike(wanted)


def problem_row(problem: Problem) -> Mapping[str, Any]:
    """A problem in a line."""
    impact = problem.impact
    return {
        "rank": problem.rank,
        "id": problem.id,
        "code": problem.root.code,
        "severity": problem.severity,
        "confidence": problem.confidence,
        "title": problem.title,
        "object": named(problem.root.subject),
        "owner": problem.owner,
        "state": problem.state,
        "first_seen": problem.first_seen,
        "workloads": impact.workloads,
        "pods": impact.pods,
        "gpus": impact.gpus,
        "usd_per_month": impact.usd_per_month,
    }


def problem_whole(report: Report, problem: Problem) -> Mapping[str, Any]:
    """The contract's problem, with the findings that it explains in a line each."""
    findings = {finding.id: finding for finding in report.findings}
    names = list(dict.fromkeys([problem.root.finding, *problem.findings]))
    explained = [finding_row(findings[name]) for name in names if name in findings]
    whole: dict[str, Any] = _PROBLEM.dump_python(problem, mode="json", by_alias=True)
    return {"problem": whole, "explains": explained[:EXPLAINED], "explains_total": len(explained)}


def finding_row(finding: Finding) -> Mapping[str, Any]:
    """A finding in a line."""
    return {
        "id": finding.id,
        "code": finding.code,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "state": finding.state,
        "role": finding.role,
        "problem": finding.problem,
        "object": named(finding.subject),
        "cluster": finding.subject.cluster,
        "title": finding.title,
        "message": finding.message,
        "node": finding.node,
        "onset": finding.onset,
        "last_seen": finding.last_seen,
        "count": finding.count,
        "facts": finding.facts,
        "evidence": len(finding.evidence),
    }


def evidence_row(row: tuple[Finding, EvidenceRow]) -> Mapping[str, Any]:
    """A row of evidence and the finding that rests on it."""
    finding, evidence = row
    return {
        "id": evidence.id,
        "finding": finding.id,
        "source": evidence.source,
        "object": named(evidence.ref),
        "path": evidence.path,
        "value": evidence.value,
        "threshold": evidence.threshold,
        "observed_at": evidence.observed_at,
        "command": evidence.command,
    }


def pool_row(pool: PoolRow) -> Mapping[str, Any]:
    """A pool, its GPUs counted by state."""
    whole = asdict(pool)
    whole.pop("cells")
    return {**whole, "gpus_by_state": Counter(cell.state.value for cell in pool.cells)}


def answer(report: Report, asked: a.Asked) -> Mapping[str, Any]:
    """The answer to a question or query, rows of each table paged; else what of the question was understood."""
    from reports.query.asking import ask
    from reports.query.grammar import understood
    from reports.query.understanding import NotUnderstood

    query, unread = asked.query, []
    if asked.question is not None:
        read = understood(asked.question)
        if isinstance(read, NotUnderstood):
            return {"not_understood": asdict(read)}
        query, unread = read.query, [asdict(word) for word in read.unread]
    assert query is not None
    told: dict[str, Any] = ask(report, query).model_dump(
        mode="json", exclude={"question", "told_by", "query"}
    )
    for table in told["tables"]:
        rows = table["rows"]
        table["rows"] = rows[asked.offset : asked.offset + asked.limit]
        table["total"] = len(rows) + table["left_out"]
    shown = query.model_dump(mode="json", exclude_defaults=True)
    return {"query": shown, "words_without_a_part_in_it": unread, **told}


def _severe(severity: Severity, least: str | None) -> bool:
    return least is None or severity.weight >= Severity(least).weight


def _alike(pairs: list[tuple[str | None, str | None]]) -> bool:
    return all(
        wanted is None or (value is not None and wanted.casefold() == value.casefold())
        for wanted, value in pairs
    )
