"""
What several targets brought becomes one report: one order of problems, one list of gaps, one set of numbers.

Pure: the moments are arguments, everything is sorted here, and the prose is the template narrator's.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic_core import to_json

from correlate.across import Seen, across
from correlate.rank import ranked
from reports.arithmetic import blocked_workloads, coverage, printed_coverage, severities, waste
from reports.ledger import joined
from reports.narration.template import narrated
from reports.prices import warnings_of
from reports.report import CheckRow, CoverageRow, Report, Scan, Scope, Summary
from reports.target_result import TargetResult
from reports.text import storable
from scanners.finding import Finding
from scanners.scanner import CheckState, Scanner


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """
    What is known of the run itself. Times are RFC 3339; ``window_hours`` is what counts as recent
    (``--since``).
    """

    scope: Scope
    now: str
    started_at: str
    finished_at: str
    deepscan_version: str
    profile: str
    window_hours: float | None = None
    warnings: Sequence[str] = ()


def assemble(run: Run, results: Iterable[TargetResult], catalogue: Mapping[str, Scanner]) -> Report:
    """
    The report of a run over its targets, in any order.

    ``catalogue`` names the slices of each check: it tells which checks a gap blinds.
    """
    results = sorted(results, key=lambda result: (result.target.name, result.target.id))
    shared, moved = across(_seen(result) for result in results)
    findings = sorted(
        (moved.get(finding.id, finding) for result in results for finding in result.findings),
        key=lambda finding: (-finding.severity.weight, finding.code, finding.id),
    )
    by_id = {finding.id: finding for finding in findings}
    kinds = {finding.id: finding.kind for finding in findings}
    problems = ranked([replace(problem) for problem in shared], kinds)
    checks = [_titled(row, catalogue) for result in results for row in result.checks]
    total, split = waste(problems)
    return Report(
        scan=_scan(run, results, findings),
        summary=Summary(
            problems=severities(problem.severity for problem in problems),
            findings=severities(finding.severity for finding in findings),
            coverage_percent=printed_coverage(coverage(checks)),
            waste_usd_per_month=total,
            waste_by_saving=split,
            blocked_workloads=blocked_workloads(findings),
        ),
        problems=[narrated(problem, by_id) for problem in problems],
        findings=findings,
        coverage=sorted(
            (row for result in results for row in _coverage(result, catalogue)),
            key=lambda row: (row.target, row.slice, row.scope),
        ),
        checks=sorted(checks, key=lambda row: (row.code, row.target)),
        ledger=joined(result.ledger for result in results),
        agents=sorted(
            (row for result in results for row in result.agents), key=lambda row: (row.target, row.concern)
        ),
        warnings=[*_warnings(run, results), *warnings_of(findings, run.now)],
    )


def _seen(result: TargetResult) -> Seen:
    return Seen(
        target=result.target.id, name=result.target.name, findings=result.findings, problems=result.problems,
        now=result.now,
    )  # fmt: skip


def _scan(run: Run, results: Sequence[TargetResult], findings: Sequence[Finding]) -> Scan:
    targets = [result.target for result in results]
    basis = [run.scope.model_dump(), [target.id for target in targets], run.now]
    digest = hashlib.blake2b(json.dumps(basis, sort_keys=True).encode(), digest_size=8)
    for finding in findings:
        digest.update(to_json(finding))
    return Scan(
        id=f"s-{digest.hexdigest()}",
        scope=run.scope,
        now=run.now,
        window_hours=run.window_hours,
        started_at=run.started_at,
        finished_at=run.finished_at,
        deepscan_version=run.deepscan_version,
        profile=run.profile,
        partial=any(result.partial for result in results),
        targets=targets,
    )


def _coverage(result: TargetResult, catalogue: Mapping[str, Scanner]) -> Iterable[CoverageRow]:
    users: dict[str, list[str]] = {}
    for row in result.checks:
        if row.state is not CheckState.SKIPPED and row.code in catalogue:
            for slice_ in catalogue[row.code].slices:
                users.setdefault(slice_.name, []).append(row.code)
    for reading in result.readings:
        yield CoverageRow(
            target=result.target.id,
            slice=reading.slice,
            scope=reading.scope,
            state=reading.state,
            objects=reading.objects,
            detail=storable(reading.detail),
            mend=storable(reading.mend),
            checks=sorted(set(users.get(reading.slice, ()))),
        )


def _titled(row: CheckRow, catalogue: Mapping[str, Scanner]) -> CheckRow:
    known = catalogue.get(row.code)
    return row.model_copy(update={"title": known.title}) if known and not row.title else row


def _warnings(run: Run, results: Sequence[TargetResult]) -> list[str]:
    """The run's first, then each target's, told apart by name where there are several; each once."""
    several = len(results) > 1
    told = [f"{r.target.name}: {text}" if several else text for r in results for text in r.warnings]
    return list(dict.fromkeys(storable(text) for text in [*run.warnings, *told]))
