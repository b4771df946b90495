"""
A finding that cannot be looked up is an opinion: every value keeps its object, path, time and the line that
shows it.
"""

from collections.abc import Iterable

from correlate.commands import command_for
from correlate.identity import evidence_id
from scanners.facts.inventory import Inventory
from scanners.facts.ref import Named
from scanners.finding import EvidenceRow, Reference, Sighting


def reference(inventory: Inventory, thing: Named) -> Reference:
    """An object as the report names it, with the target that it is in."""
    memo = inventory.index.memo
    known: dict[tuple[str, ...], Reference] = memo.setdefault("telling.references", {})
    identity = (thing.group, thing.kind, thing.namespace, thing.name, thing.uid)
    if identity not in known:
        known[identity] = Reference(
            cluster=inventory.target.id,
            group=thing.group,
            kind=thing.kind,
            namespace=thing.namespace,
            name=thing.name,
            uid=thing.uid or None,
        )
    return known[identity]


def evidence_rows(inventory: Inventory, finding: str, sightings: Iterable[Sighting]) -> list[EvidenceRow]:
    """The evidence of merged sightings, the lead's first, each thing once."""
    rows: dict[str, EvidenceRow] = {}
    for sighting in sightings:
        for row in sighting.evidence:
            id_ = evidence_id(finding, row.path, row.subject, row.source)
            if id_ not in rows:
                rows[id_] = EvidenceRow(
                    id=id_,
                    source=row.source,
                    ref=reference(inventory, row.subject),
                    threshold=row.threshold,
                    path=row.path,
                    value=row.value,
                    observed_at=row.observed_at or None,
                    command=command_for(row, inventory.index.logs if row.source == "log" else {}),
                )
    return list(rows.values())
