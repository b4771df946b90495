"""
A controller opens the figures in a spreadsheet, and a spreadsheet computes what a tenant wrote into a name.

Findings and the GPU ledger as one table, told apart by ``x_RowType``. Columns that the FinOps specification FOCUS knows
carry its names and meaning, ours begin with ``x_``; an unknown is an empty cell. No cell is a formula: one that a
spreadsheet would compute begins with an apostrophe instead.
"""

import csv
import io
import re
from collections.abc import Iterable

from reports.ledger import PoolRow
from reports.places import Places, places_of
from reports.report import Report
from reports.text import cleaned, one_line
from scanners.finding import Finding, JsonValue
from scanners.semantics.gpu_parts import Part
from scanners.semantics.times import instant, rfc3339

HOUR = 3600.0
COLUMNS = (
    "x_RowType", "x_TargetId", "x_TargetName", "ResourceId", "ResourceName", "ResourceType", "x_Namespace",
    "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit", "BillingCurrency",
    "x_UsdPerMonth", "x_Saving", "x_PoolUsdPerHour", "x_PoolProduct", "x_LedgerStep", "x_Basis",
    "x_FindingId", "x_Code", "x_Concern", "x_Title", "x_Severity", "x_Confidence", "x_State", "x_Role", "x_ProblemId",
    "x_ProblemRank", "x_Owner", "x_Count", "x_Onset", "x_LastSeen", "x_Message", "x_Suppressed",
)  # fmt: skip
"""``ConsumedQuantity`` counts ``ConsumedUnit`` (GPU-Hours) within the charge period; dollars are US dollars."""

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b\ufe50"
_FORMULA = re.compile(rf"""(^[\s"'`]*|[;,|\t]["'\s]*)([{_SIGNS}])""")


def text(report: Report) -> str:
    """The report as comma separated values (RFC 4180), with a row of names first."""
    report = cleaned(report)
    page, places = io.StringIO(), places_of(report)
    table = csv.DictWriter(page, COLUMNS, restval="", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    table.writeheader()
    for row in (*_findings(report, places), *_pools(report, places)):
        table.writerow({name: _cell(value) for name, value in row.items()})
    return page.getvalue()


def harmless(words: str) -> str:
    """
    Text in one line that no spreadsheet computes, whichever separator it is told to split at: an apostrophe stands
    before a sign (also a full-width one) that begins a cell, or a piece of it behind a separator.
    """
    return _FORMULA.sub(r"\1'\2", one_line(words))


def _cell(value: JsonValue) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return harmless(str(value))
    return value


def _findings(report: Report, places: Places) -> Iterable[dict[str, JsonValue]]:
    problems = {name: p for p in report.problems for name in (*p.findings, p.root.finding)}
    silenced = {row.finding: row for row in report.suppressed if not row.expired and not row.unused}
    for finding in report.findings:
        row = _finding(finding, places)
        problem = problems.get(finding.id)
        if problem:
            row |= {"x_ProblemId": problem.id, "x_ProblemRank": problem.rank, "x_Owner": problem.owner}
        if problem and problem.root.finding == finding.id and problem.impact.usd_per_month is not None:
            row |= {
                "x_UsdPerMonth": problem.impact.usd_per_month,
                "x_Saving": problem.impact.saving,
                "BillingCurrency": "USD",
            }
        if finding.id in silenced:
            row["x_Suppressed"] = silenced[finding.id].reason
        yield row


def _finding(finding: Finding, places: Places) -> dict[str, JsonValue]:
    subject = finding.subject
    return {
        "x_RowType": "finding",
        **_target(places, subject.cluster),
        "ResourceId": subject.uid,
        "ResourceName": subject.name,
        "ResourceType": subject.kind,
        "x_Namespace": subject.namespace,
        "x_FindingId": finding.id,
        "x_Code": finding.code,
        "x_Concern": finding.concern,
        "x_Title": finding.title,
        "x_Severity": finding.severity.value,
        "x_Confidence": finding.confidence.value,
        "x_State": finding.state.value,
        "x_Role": finding.role,
        "x_Count": finding.count,
        "x_Onset": finding.onset,
        "x_LastSeen": finding.last_seen,
        "x_Message": finding.message,
    }


def _pools(report: Report, places: Places) -> Iterable[dict[str, JsonValue]]:
    """A row per pool and step of the ledger; the steps of a pool sum to its ``provisioned``."""
    for pool in report.ledger.pools if report.ledger else ():
        for step in ("provisioned", *(part.value for part in Part)):
            yield {
                "x_RowType": "ledger",
                **_target(places, pool.target),
                **_period(report, pool),
                "ResourceName": pool.pool,
                "ResourceType": "NodePool",
                "ConsumedQuantity": getattr(pool.gpu_hours, step),
                "ConsumedUnit": "GPU-Hours",
                "BillingCurrency": "USD" if pool.usd_per_hour is not None else None,
                "x_PoolUsdPerHour": pool.usd_per_hour,
                "x_PoolProduct": pool.product,
                "x_LedgerStep": step,
                "x_Basis": pool.basis,
            }


def _target(places: Places, place: str) -> dict[str, JsonValue]:
    return {"x_TargetId": places.id(place), "x_TargetName": places.name(place)}


def _period(report: Report, pool: PoolRow) -> dict[str, JsonValue]:
    """The window that the hours are of; it ends at the scan's moment."""
    end = instant(report.scan.now)
    if end is None:
        return {}
    return {"ChargePeriodStart": rfc3339(end - pool.window_hours * HOUR), "ChargePeriodEnd": rfc3339(end)}
