"""
Work is refused at a quota and evicted from a pressed node; both are seen coming.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, number, texts
from scanners.finding import Finding, JsonValue
from scanners.semantics.quantities import spoken


def _quotas(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(["QTA101", "QTA102"]):
        facts = finding.facts
        ratio = number(facts.get("ratio"))
        base = told(
            finding,
            namespace=finding.subject.namespace,
            quota=finding.subject.name,
            resource=facts.get("resource"),
            used=_amount(finding, "used"),
            hard=_amount(finding, "hard"),
            ratio=ratio,
            holders=_holders(facts.get("holders")),
            refused=texts(facts.get("refused_owners")),
        )
        yield replace(base, measure=ratio)


def _amount(finding: Finding, key: str) -> JsonValue:
    """An amount with its unit, as quotas write it."""
    value, unit = number(finding.facts.get(key)), finding.facts.get("unit")
    if value is None:
        return None
    return (
        spoken(Decimal(str(value)), "memory")
        if unit == "bytes"
        else f"{value:g} {unit}"
        if unit
        else f"{value:g}"
    )


def _holders(value: JsonValue) -> list[str]:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    return [f"{row.get('owner')} {row.get('amount')}" for row in rows]


QUOTAS = Definition(
    title="Namespaces near a quota",
    noun="quota entry",
    plural="quota entries",
    codes={"QTA101": "quotas that refuse work", "QTA102": "quotas nearly full"},
    slices=["resourcequotas"],
    columns=[
        column("namespace"),
        column("resource"),
        column("used"),
        column("hard"),
        column("ratio", "used of hard", "ratio"),
        column("holders", unit="names"),
        column("refused", "refuses", "names"),
        column("quota"),
    ],
    rows=_quotas,
    order=["-ratio"],
    measure="used of hard",
    notes=lambda scene, _rows: _quota_notes(scene),
)


def _quota_notes(scene: Scene) -> Iterator[str]:
    limits = [row.thresholds.get("nearly") for row in scene.report.checks if row.code == "QTA102"]
    least = number(limits[0]) if limits else None
    if least is not None:
        yield f"a quota is told from {least:.0%} of hard on; a resource that `used` does not name is unknown"


def _pressure(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(["NOD102", "OOM104"], unscoped=True):
        facts = finding.facts
        if finding.subject.kind != "Node" and finding.code == "NOD102":
            continue
        base = told(
            finding,
            node=finding.node or facts.get("node") or finding.subject.name,
            condition=facts.get("condition") or "memory",
            evicted=facts.get("evicted_pods"),
            top_users=texts(facts.get("top_users")),
            since=finding.onset,
            weight=finding.severity.weight,
        )
        yield replace(base, measure=number(facts.get("evicted_pods")))


def _pressure_notes(scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    if rows and any(not row.cells["top_users"] for row in rows):
        yield "top users are told where pods were evicted: their messages name them"
    if scene.query.namespaces:
        yield "nodes are in no namespace: that filter does not narrow this table"


PRESSURE = Definition(
    title="Nodes under pressure",
    noun="node",
    codes={"NOD102": "node pressure and evictions", "OOM104": "pods that eat a node's memory"},
    slices=["nodes"],
    columns=[
        column("node"),
        column("condition"),
        column("since", unit="time"),
        column("evicted", "pods evicted", "count"),
        column("top_users", "top users", "names"),
    ],
    rows=_pressure,
    order=["-weight", "-evicted"],
    unscoped=True,
    measure="evicted pods",
    notes=_pressure_notes,
)
