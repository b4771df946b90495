"""
Review tools and code hosts collect the findings of many scanners in one list, and the list speaks SARIF.

The findings as SARIF 2.1.0 (OASIS): a rule per check with its page, a result per finding, a notification per gap and
per check without a result, for an empty list of results is no claim of health. Objects of a cluster are logical
locations: no file is known. Text of the cluster is cleaned, and spells neither a placeholder nor a link of SARIF's
message syntax (sections 3.11.5 and 3.11.6).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from reports.gaps import Gap, gaps
from reports.places import Places, places_of
from reports.report import ID_SCHEME, CheckRow, Report
from reports.text import cleaned, escaped, one_line
from reports.words import named, sentence
from scanners.finding import Finding, Severity, State
from scanners.scanner import CheckState, Scanner, catalogue

SCHEMA = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note",
    Severity.INFO: "note",
}  # fmt: skip
FINGERPRINT = f"deepscanFindingId/v{ID_SCHEME}"
"""The key of our own fingerprint: a finding's id, which renamed pods, time and values do not change."""


def text(report: Report) -> str:
    """The report as one SARIF log with one run."""
    report = cleaned(report)
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return escaped(to_json(log, indent=2).decode()) + "\n"


def said(words: str) -> str:
    """A message's text: braces doubled, and no brackets that a reader would take for a link."""
    line = one_line(words).replace("{", "{{").replace("}", "}}")
    return line.replace("[", r"\[").replace("]", r"\]") if "](" in line else line


def _run(report: Report) -> dict[str, Any]:
    rules, places = _rules(report), places_of(report)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    problems = {problem.root.finding: problem for problem in report.problems}
    silenced = {row.finding: row for row in report.suppressed if not row.expired and not row.unused}
    results = []
    for finding in report.findings:
        result = _result(finding, numbers[finding.code], places)
        if problem := problems.get(finding.id):
            result["rank"] = problem.score
            result["properties"] |= {"owner": problem.owner, "usdPerMonth": problem.impact.usd_per_month}
        if row := silenced.get(finding.id):
            result["suppressions"] = [
                {"kind": "external", "justification": f"{row.reason} (until {row.until})"}
            ]
        results.append(result)
    return {
        "tool": {
            "driver": {
                "name": "deepscan",
                "version": report.scan.deepscan_version,
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"deepscan/{report.scan.profile}/{report.scan.id}"},
        "invocations": [_invocation(report, numbers, places)],
        "results": results,
        "properties": {"now": report.scan.now, "coveragePercent": report.summary.coverage_percent},
    }


def _rules(report: Report) -> list[dict[str, Any]]:
    """A rule per check of the report, by code: those without a finding too, so that it is seen what was asked."""
    known = catalogue()
    titles = {finding.code: finding.title for finding in report.findings}
    titles |= {row.code: row.title for row in report.checks if row.title}
    codes = sorted({*titles, *(row.code for row in report.checks)})
    return [_rule(code, titles.get(code, code), known.get(code)) for code in codes]


def _rule(code: str, title: str, check: Scanner | None) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": said(check.title if check else title)}}
    if check is None:  # the report is of another deepscan, which knows more checks
        return rule
    first, _, _ = check.page.partition("\n\n")
    rule["fullDescription"] = {"text": said(first)}
    rule["help"] = {"text": check.page.replace("{", "{{").replace("}", "}}"), "markdown": check.page}
    rule["defaultConfiguration"] = {"level": LEVELS[check.severity]}
    rule["properties"] = {"tags": [check.concern]}
    return rule


def _result(finding: Finding, rule: int, places: Places) -> dict[str, Any]:
    subject = finding.subject
    gone = finding.state is State.RECOVERED
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "kind": "informational" if gone else "fail",
        "level": "none" if gone else LEVELS[finding.severity],
        "message": {"text": said(f"{named(subject)}: {sentence(finding.message)}")},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": subject.name,
                        "fullyQualifiedName": f"{places.name(subject.cluster)}/{subject.kind}/{subject.place}",
                        "kind": "resource",
                    }
                ]
            }
        ],
        "partialFingerprints": {FINGERPRINT: finding.id},
        "occurrenceCount": max(1, finding.count),
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "state": finding.state.value,
            "role": finding.role,
            "problem": finding.problem,
            "onset": finding.onset,
            "lastSeen": finding.last_seen,
        },
    }


def _invocation(report: Report, rules: Mapping[str, int], places: Places) -> dict[str, Any]:
    found = gaps(report, places.names)
    blind = [row for row in report.checks if row.state in (CheckState.NOT_MEASURED, CheckState.PARTIAL)]
    return {
        "executionSuccessful": not report.scan.partial,
        "startTimeUtc": report.scan.started_at,
        "endTimeUtc": report.scan.finished_at,
        "toolExecutionNotifications": [
            *_gaps(found),
            *_blind(blind, rules, places),
            *({"level": "warning", "message": {"text": said(words)}} for words in report.warnings),
        ],
    }


def _gaps(found: Sequence[Gap]) -> Iterable[dict[str, Any]]:
    for gap in found:
        words = f"{gap.slice} of {gap.target} ({gap.scopes}): {gap.state}. {gap.detail}"
        mend = f" Mend: {gap.mend}" if gap.mend else ""
        yield {"level": "warning", "message": {"text": said(words + mend)}}


def _blind(rows: Sequence[CheckRow], rules: Mapping[str, int], places: Places) -> Iterable[dict[str, Any]]:
    for row in rows:
        state = row.state.value.replace("-", " ")
        words = f"{row.code} on {places.name(row.target)}: {state}: {row.why or 'no reason given'}"
        yield {
            "level": "warning",
            "message": {"text": said(words)},
            "associatedRule": {"id": row.code, "index": rules[row.code]},
        }
