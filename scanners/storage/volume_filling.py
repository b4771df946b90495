"""
A volume is nearly full, or will be within days.

## Why it matters
A full volume fails a write, and with it the checkpoint, the database or the whole run; often hours into a training.

## What to do
Expand the claim where its storage class allows it, or prune: old checkpoints, logs, caches. For inodes delete many
small files, or pack them; a larger volume brings more inodes on most file systems.

## When it is wrong
The kubelet measures mounted volumes only, so a claim without a running pod is not measured. A read-only dataset may
well be 90 % full: claims that are only ReadOnlyMany are not told. Neither are block volumes, nor file systems whose
size is over 10 % off the claim's (a shared server tells of all it has), nor inodes where the driver knows no number.
The trend is a straight line through the free bytes of the last day, at least 6 h, told where it fits (r² over 0.8). The
log line "No space left on device" counts for a pod's only writable claim, unless that is measured under 85 %. Where it
is not measured the line is told as possible: it may have been the node's disk.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.metric import VolumeUse
from scanners.facts.pod import Pod
from scanners.facts.ref import key_of
from scanners.facts.slices import PERSISTENTVOLUMECLAIMS, POD_LOGS, PODS, PROMETHEUS
from scanners.facts.storage import Claim
from scanners.facts.threshold import Threshold
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.log_lines import saying
from scanners.semantics.ownership import by_owner
from scanners.semantics.quantities import number, quantity
from scanners.semantics.quantities import spoken as amount
from scanners.semantics.times import DAY, rfc3339, spoken
from scanners.semantics.trends import when_zero

FULL = Threshold("full", 0.85, unit="share of bytes or inodes")
BRIM = Threshold("brim", 0.97, unit="share of bytes or inodes; from here on severity high")
ETA = Threshold("eta_days", 4, unit="days until nothing is left, by the trend")

OTHER_SIZE = 0.1
"""A file system whose size differs by more from the claim's is not the claim's alone."""

NO_INODES = 2.0**62
"""Drivers without inodes tell the largest integer."""

SAYS = "no space left on device"


class Fill(NamedTuple):
    """How full a claim is: shares of bytes and inodes, seconds until the bytes are gone; None is not measured."""

    use: VolumeUse
    bytes: float | None
    inodes: float | None
    eta: float | None

    @property
    def worst(self) -> float:
        """The greater of the two shares, 0 where neither is measured."""
        return max(self.bytes or 0.0, self.inodes or 0.0)


def _complaints(inventory: Inventory) -> Iterator[Sighting]:
    for claim in _writable(inventory):
        lines = _lines(inventory, claim)
        if lines:
            yield _complained(inventory, claim, lines)


@scanner(
    "PVC106",
    "Volume filling",
    Severity.LOW,
    needs=[PERSISTENTVOLUMECLAIMS, PROMETHEUS],
    sharpened_by=[PODS, POD_LOGS],
    hints=_complaints,
)
def volume_filling(inventory: Inventory) -> Iterator[Sighting]:
    uses = {(use.namespace, use.claim): use for use in inventory.volume_uses}
    for claim in _writable(inventory):
        use = uses.get((claim.namespace, claim.name))
        fill = _fill(inventory, claim, use) if use else None
        lines = _lines(inventory, claim)
        if fill is not None and (fill.bytes is not None or fill.inodes is not None):
            soon = fill.eta is not None and fill.eta <= inventory.limit(ETA) * DAY
            if fill.worst >= inventory.limit(FULL) or soon:
                yield _told(inventory, claim, fill, lines)
        elif lines:
            yield _complained(inventory, claim, lines)


def _writable(inventory: Inventory) -> list[Claim]:
    return [
        claim
        for claim in inventory.claims
        if claim.volume_mode != "Block" and set(claim.access_modes) != {"ReadOnlyMany"}
    ]


def _fill(inventory: Inventory, claim: Claim, use: VolumeUse) -> Fill:
    counted = use.inodes is not None and 0 < use.inodes < NO_INODES and use.inodes_used is not None
    inodes = use.inodes_used / use.inodes if counted and use.inodes and use.inodes_used is not None else None
    if not _is_its_own(claim, use):
        return Fill(use, None, None, None)
    full = use.used_bytes / use.capacity_bytes if use.capacity_bytes and use.used_bytes is not None else None
    return Fill(use, full, inodes, when_zero(use.available, inventory.now) if use.available else None)


def _is_its_own(claim: Claim, use: VolumeUse) -> bool:
    """Whether the measured file system is the claim's alone, by its size; without a size nothing speaks against it."""
    size = quantity(claim.capacity or claim.requested) if claim.capacity or claim.requested else None
    if not size or not use.capacity_bytes:
        return True
    return abs(use.capacity_bytes - float(size)) <= OTHER_SIZE * float(size)


def _told(inventory: Inventory, claim: Claim, fill: Fill, lines: Sequence[Evidence]) -> Sighting:
    use, soon = fill.use, fill.eta is not None and fill.eta <= inventory.limit(ETA) * DAY
    brim = fill.worst >= inventory.limit(BRIM) or bool(lines)
    said = [] if fill.bytes is None else [_bytes_said(use, fill.bytes)]
    if fill.inodes is not None and fill.inodes >= inventory.limit(FULL):
        said.append(f"{fill.inodes:.0%} of its inodes are used")
    if soon:
        said.append(f"nothing is left in {spoken(fill.eta)} by the trend")
    if lines:
        said.append(f'a pod that mounts it says "{lines[0].value}"')
    return Sighting(
        subject=claim,
        kind=Kind.VOLUME_FULL,
        message=f"claim {claim.name}: {'; '.join(said)}",
        facts={
            "used_bytes": use.used_bytes,
            "capacity_bytes": use.capacity_bytes,
            "used_ratio": None if fill.bytes is None else round(fill.bytes, 4),
            "inodes_ratio": None if fill.inodes is None else round(fill.inodes, 4),
            "eta_s": fill.eta,
            "mounted_by": _mounted_by(inventory, claim),
            "phase": claim.phase or None,
            "claim_bytes": number(quantity(claim.requested)) if claim.requested else None,
            "storage_class": claim.storage_class,
            "no_space_line": lines[0].value if lines else None,
        },
        severity=Severity.HIGH if brim else Severity.MEDIUM if soon else Severity.LOW,
        evidence=[*_measures(inventory, claim, fill), *lines],
        pods=_pods(inventory, claim),
    )


def _complained(inventory: Inventory, claim: Claim, lines: Sequence[Evidence]) -> Sighting:
    """Only the log line tells: how full the claim is was not measured."""
    return Sighting(
        subject=claim,
        kind=Kind.VOLUME_FULL,
        message=f'claim {claim.name}: a pod that mounts it says "{lines[0].value}"; its fill is not measured',
        facts={
            "used_bytes": None,
            "capacity_bytes": None,
            "used_ratio": None,
            "inodes_ratio": None,
            "eta_s": None,
            "mounted_by": _mounted_by(inventory, claim),
            "phase": claim.phase or None,
            "claim_bytes": number(quantity(claim.requested)) if claim.requested else None,
            "storage_class": claim.storage_class,
            "no_space_line": lines[0].value,
        },
        severity=Severity.HIGH,
        confidence=Confidence.POSSIBLE,
        evidence=lines,
        pods=_pods(inventory, claim),
    )


def _bytes_said(use: VolumeUse, ratio: float) -> str:
    used, size = (
        amount(quantity(f"{value:.0f}"), "memory") for value in (use.used_bytes, use.capacity_bytes)
    )
    return f"{ratio:.0%} full ({used} of {size})"


def _measures(inventory: Inventory, claim: Claim, fill: Fill) -> Iterator[Evidence]:
    limit, use = inventory.limit(FULL), fill.use
    fields = {
        "used_bytes": use.used_bytes,
        "capacity_bytes": use.capacity_bytes,
        "inodes_used": use.inodes_used if fill.inodes is not None else None,
        "inodes": use.inodes if fill.inodes is not None else None,
    }
    for field, value in fields.items():
        if value is not None:
            share = limit if field.endswith("used") or field == "used_bytes" else None
            yield _metric(claim, use.queries[field], value, inventory.now, share)
    if fill.eta is not None and use.available is not None:
        last = use.available.values[-1]
        yield _metric(claim, use.queries["available"], last, use.available.end, None)


def _metric(claim: Claim, query: str, value: float, moment: float, threshold: float | None) -> Evidence:
    return Evidence(
        subject=claim,
        source="metric",
        path=query,
        value=value,
        observed_at=rfc3339(moment),
        threshold=threshold,
    )


def _pods(inventory: Inventory, claim: Claim) -> list[Pod]:
    if not inventory.has(PODS):
        return []
    mounting = inventory.index.pods_by_claim.get((claim.namespace, claim.name), ())
    return sorted((pod for pod in mounting if not pod.finished), key=key_of)


def _mounted_by(inventory: Inventory, claim: Claim) -> list[str] | None:
    """Owners of the pods that mount it; None where pods were not read."""
    if not inventory.has(PODS):
        return None
    return [
        f"{owner.kind}/{owner.namespace}/{owner.name}"
        for owner, _ in by_owner(inventory, _pods(inventory, claim))
    ]


def _lines(inventory: Inventory, claim: Claim) -> list[Evidence]:
    """The newest complaint of a pod whose only writable claim this is."""
    if not inventory.has(PODS) or not inventory.has(POD_LOGS):
        return []
    found = []
    for pod in sorted(inventory.index.pods_by_claim.get((claim.namespace, claim.name), ()), key=key_of):
        named = {name for _, name in pod.claims}
        others = [other for other in _writable_named(inventory, pod.namespace, named) if other != claim.name]
        if not others:
            found += saying(inventory, pod, SAYS)
    return found[-1:]


def _writable_named(inventory: Inventory, namespace: str, names: set[str]) -> list[str]:
    """Those of some claims that can be written to; one that was not read may be."""
    known = {name: inventory.index.claims.get((namespace, name)) for name in sorted(names)}
    return [name for name, one in known.items() if one is None or set(one.access_modes) != {"ReadOnlyMany"}]
