"""
A volume is kept and paid for, and nothing that is known would mount it.

## Why it matters
Claims outlive the work they were made for: a deleted Deployment, a finished experiment, a volume that a claim left
behind under `Retain`. Their disks are billed by the month like busy ones, and nobody sees them.

## What to do
Ask the owner of the namespace. Take a snapshot if anybody may want the data, and delete the claim, or the volume and
its disk, once the owner agrees. A volume under `Retain` keeps its disk after it is deleted: delete that at the
provider, too.

## When it is wrong
Pods, Deployments, ReplicaSets, StatefulSets (also at 0 replicas, by their claim templates), DaemonSets, Jobs and
CronJobs are looked through; what an engine's own object names (a notebook, a workflow, a backup) is not seen, unless
it owns the claim: a claim with an owner is not told. That nothing names it now is no proof that nobody will.

Medium; high from 5,000 USD a month on; under 50 USD a month it is information only. The price is the base price of
the sort of disk that the storage class names, by size. Without a price it is medium, and says so.
"""

from collections.abc import Iterable, Iterator

from scanners.facts.inventory import Inventory
from scanners.facts.pod import PodTemplate
from scanners.facts.slices import (
    CRONJOBS,
    JOBS,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODS,
    PRICES,
    STORAGECLASSES,
    WORKLOADS,
)
from scanners.facts.storage import Claim, Volume
from scanners.facts.workload import CronJob, Job, Workload
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.bills import Bill
from scanners.semantics.prices import by_dollars
from scanners.semantics.quantities import number, quantity
from scanners.semantics.quantities import spoken as amount_spoken
from scanners.semantics.storage_prices import volume_dollars
from scanners.semantics.times import DAY, age, spoken

UNUSED = Threshold("unused_days", 7, unit="days that nothing names it")

Named = set[tuple[str, str]]


@scanner(
    "PVC108",
    "Orphaned claim or volume",
    Severity.MEDIUM,
    needs=[PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES],
    complete=[PODS, *WORKLOADS, JOBS, CRONJOBS],
    sharpened_by=[STORAGECLASSES, PRICES],
    about=[PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES],
    confidence=Confidence.DERIVED,
)
def orphaned_volume(inventory: Inventory) -> Iterator[Sighting]:
    patience = inventory.limit(UNUSED) * DAY
    named, made = _named_claims(inventory), _claim_makers(inventory)
    for claim in inventory.claims:
        old = (age(claim.created, inventory.now) or 0.0) >= patience
        place = claim.namespace, claim.name
        if old and _is_kept(claim) and place not in named and not _is_made_by(claim, made):
            yield _claim_told(inventory, claim)
    for volume in inventory.volumes:
        since = age(volume.phase_since or volume.created, inventory.now) or 0.0
        if since >= patience and _is_left_behind(volume):
            yield _volume_told(inventory, volume)


def _is_kept(claim: Claim) -> bool:
    return claim.phase == "Bound" and not claim.deleted and not claim.owners


def _is_left_behind(volume: Volume) -> bool:
    return volume.phase == "Released" and volume.reclaim_policy == "Retain" and not volume.deleted


def _named_claims(inventory: Inventory) -> Named:
    """Claims that pods mount, finished ones too, and that templates name, by namespace and name."""
    named = set(inventory.index.pods_by_claim)
    things: list[Workload | Job | CronJob] = [*inventory.workloads, *inventory.jobs, *inventory.cronjobs]
    for thing in things:
        named.update((thing.namespace, claim) for claim in _claims_of(thing.template))
    return named


def _claims_of(template: PodTemplate) -> Iterable[str]:
    return (volume.source for volume in template.volumes if volume.type == "persistentVolumeClaim")


def _claim_makers(inventory: Inventory) -> Named:
    """What the claims of StatefulSets are called before their ordinal, by namespace."""
    return {
        (each.namespace, f"{template}-{each.name}")
        for each in inventory.statefulsets
        for template in each.claim_templates
    }


def _is_made_by(claim: Claim, made: Named) -> bool:
    stem, _, ordinal = claim.name.rpartition("-")
    return ordinal.isdecimal() and (claim.namespace, stem) in made


def _claim_told(inventory: Inventory, claim: Claim) -> Sighting:
    volume = inventory.index.volumes.get(claim.volume)
    dollars = volume_dollars(inventory, volume)
    capacity = quantity(claim.capacity or (volume.capacity if volume else ""))
    unused = age(claim.created, inventory.now)
    return Sighting(
        subject=claim,
        kind=Kind.VOLUME_ORPHANED,
        message=(
            f"claim {claim.name} of {amount_spoken(capacity, 'storage')} has no trace of use since it was made "
            f"{spoken(unused)} ago: no pod and no template names it{dollars.unpriced}"
        ),
        severity=_severity(dollars, unused),
        facts={
            "capacity_bytes": number(capacity),
            "unused_days": _days(unused),
            "unused_basis": "no-trace",
            "storage_class": claim.storage_class,
            "phase": claim.phase or None,
            **dollars.facts,
        },
        evidence=[
            Evidence(subject=claim, path="status.phase", value="Bound", observed_at=claim.created),
            Evidence(subject=claim, path="spec.volumeName", value=claim.volume),
            Evidence(
                subject=claim, path="number of pods and templates that name it", value=0, source="derived"
            ),
        ],
        touches=[volume] if volume else [],
    )


def _volume_told(inventory: Inventory, volume: Volume) -> Sighting:
    dollars = volume_dollars(inventory, volume)
    capacity = quantity(volume.capacity)
    unused = age(volume.phase_since, inventory.now)
    last = f"{volume.claim.namespace}/{volume.claim.name}" if volume.claim else None
    ago = f"{spoken(unused)} ago" if unused is not None else "at a time that is not told"
    return Sighting(
        subject=volume,
        kind=Kind.VOLUME_ORPHANED,
        message=(
            f"volume {volume.name} of {amount_spoken(capacity, 'storage')} was released {ago} by claim "
            f"{last or 'unknown'} and is kept (Retain){dollars.unpriced}"
        ),
        severity=_severity(dollars, unused),
        confidence=Confidence.DERIVED if unused is not None else Confidence.LIKELY,
        facts={
            "capacity_bytes": number(capacity),
            "unused_days": _days(unused),
            "unused_basis": "status" if unused is not None else "no-trace",
            "storage_class": volume.storage_class or None,
            "phase": volume.phase or None,
            "last_claim": last,
            **dollars.facts,
        },
        evidence=[
            Evidence(subject=volume, path="status.phase", value="Released", observed_at=volume.phase_since),
            Evidence(subject=volume, path="spec.persistentVolumeReclaimPolicy", value="Retain"),
        ],
        onset=volume.phase_since,
    )


def _severity(dollars: Bill, lasted: float | None) -> Severity:
    severity = by_dollars(dollars.usd_per_month, lasted)
    return Severity.INFO if severity is Severity.LOW else severity


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / DAY, 1)
