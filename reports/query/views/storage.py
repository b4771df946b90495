"""
A claim can be unbound, held elsewhere, full or forgotten, and the pod that waits for it says none of that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, number, texts
from scanners.finding import Finding, JsonValue
from scanners.scanner import CheckState

CODES = {
    "PVC101": "claims that cannot be provisioned",
    "PVC103": "volumes that are lost or failed",
    "PVC104": "volumes in another zone",
    "PVC105": "volumes that will not attach or mount",
    "PVC106": "volumes that fill",
    "PVC108": "claims that nobody uses",
    "PVC109": "stale mounts",
}
_CAUSES = {
    "PVC103": "lost or failed",
    "PVC104": "volume in another zone",
    "PVC105": "will not attach or mount",
    "PVC106": "filling",
    "PVC108": "nobody uses it",
    "PVC109": "stale mount",
}


def _claims(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(CODES, unscoped=not scene.query.namespaces):
        facts = finding.facts
        ratio = number(facts.get("used_ratio"))
        base = told(
            finding,
            claim=finding.subject.place,
            kind=finding.subject.kind,
            phase=facts.get("phase") or _phase(finding),
            cause=facts.get("cause") or _CAUSES.get(finding.code, finding.title),
            mounted_by=_mounted_by(finding),
            waiting=_waiting(finding),
            used=ratio,
            severity=finding.severity.value,
            weight=finding.severity.weight,
        )
        yield replace(base, lasting_s=number(facts.get("pending_s")), measure=ratio)


def _phase(finding: Finding) -> JsonValue:
    return next((row.value for row in finding.evidence if row.path == "status.phase"), None)


def _mounted_by(finding: Finding) -> JsonValue:
    holder = finding.facts.get("holder_pod") or finding.facts.get("held_by")
    return texts(finding.facts.get("mounted_by")) or ([str(holder)] if holder else [])


def _waiting(finding: Finding) -> JsonValue:
    """The pods that wait for the claim, where the check speaks of such."""
    if finding.code in ("PVC106", "PVC108"):
        return []
    return texts(finding.facts.get("sample_pods"))


def _notes(scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    fill = [row for row in scene.report.checks if row.code == "PVC106"]
    wanted = not scene.query.codes or "PVC106" in scene.query.codes
    if wanted and any(row.state not in (CheckState.RAN, CheckState.NOT_APPLICABLE) for row in fill):
        yield "fill is not measured where `used` is blank"
    elif wanted and fill and rows:
        limit = number(fill[0].thresholds.get("full"))
        least = f" from {limit:.0%} on" if limit is not None and limit <= 1 else ""
        yield f"`used` is told of volumes that fill{least}; blank is not told, not zero"


CLAIMS = Definition(
    title="Claims and volumes with a fault",
    noun="row",
    codes=CODES,
    slices=["persistentvolumeclaims"],
    columns=[
        column("claim"),
        column("phase"),
        column("cause"),
        column("mounted_by", "mounted by", "names"),
        column("waiting", "pods that wait, up to three", "names"),
        column("used", unit="ratio"),
        column("severity"),
    ],
    rows=_claims,
    order=["-weight", "-used"],
    measure="the used ratio",
    notes=_notes,
)
