"""
A disk is paid for by the month, no machine has it, and no volume of a scanned cluster means it.

## Why it matters
A claim that was deleted under `Retain`, a cluster that was torn down before its volumes, a snapshot restored for a
look: what is left is a disk that nobody sees in Kubernetes any more, and that stays on the bill.

## What to do
The tags of the disk name the claim that it was made for: ask that team. Take a snapshot if anybody may want the data,
then delete the disk.

## When it is wrong
Volumes of clusters that were not scanned cannot be known: then the finding is only possible, and says which clusters.
A disk that a machine outside of Kubernetes uses now and then looks unattached in between.
"""

from collections.abc import Iterator

from scanners.facts.cloud import Disk
from scanners.facts.inventory import Inventory
from scanners.facts.slices import CLUSTERS, DISKS, PERSISTENTVOLUMES, PRICES
from scanners.finding import Confidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.cloud_bills import disk_bill
from scanners.semantics.cloud_evidence import said
from scanners.semantics.digests import unseen
from scanners.semantics.prices import by_dollars
from scanners.semantics.times import DAY, age, spoken

GIB = 2**30
UNATTACHED = Threshold("unattached_days", 7, unit="days that no machine has it")


@scanner(
    "CLD111",
    "Unattached disk",
    Severity.MEDIUM,
    needs=[DISKS],
    sharpened_by=[CLUSTERS, PERSISTENTVOLUMES, PRICES],
    confidence=Confidence.DERIVED,
)
def unattached_disk(inventory: Inventory) -> Iterator[Sighting]:
    meant = {handle for digest in inventory.digests for handle in digest.volume_handles}
    blind = unseen(inventory, PERSISTENTVOLUMES)
    for disk in inventory.disks:
        since = disk.detached or disk.created
        loose = age(since, inventory.now)
        long_enough = loose is None or loose >= inventory.limit(UNATTACHED) * DAY
        if not disk.attached and long_enough and not meant.intersection((disk.handle, disk.name)):
            yield _told(inventory, disk, loose if disk.detached else None, blind)


def _told(inventory: Inventory, disk: Disk, loose: float | None, blind: list[str]) -> Sighting:
    bill = disk_bill(inventory, disk)
    known = inventory.has(CLUSTERS)
    size = f"{disk.size_bytes / GIB:,g} GiB" if disk.size_bytes is not None else "unknown size"
    lasted = f"for {spoken(loose)}" if loose is not None else "since an unknown time"
    left = f"; it was made for claim {disk.claim}" if disk.claim else ""
    doubt = f"; volumes of {', '.join(blind)} could not be read" if blind else ""
    doubt = doubt if known else "; the clusters of the account could not be read"
    return Sighting(
        subject=disk,
        kind=Kind.DISK_UNATTACHED,
        message=(
            f"disk {disk.name} of {size} ({disk.type or 'unknown sort'}) in {disk.zone or disk.region} is attached to "
            f"nothing {lasted}{left}{doubt}{bill.unpriced}"
        ),
        severity=by_dollars(bill.usd_per_month, loose),
        confidence=Confidence.POSSIBLE if blind or not known else Confidence.DERIVED,
        facts={
            "size_bytes": disk.size_bytes,
            "type": disk.type or None,
            "region": disk.region,
            "unattached_days": None if loose is None else round(loose / DAY, 1),
            "unattached_basis": "status" if disk.detached else "no-trace",
            "last_claim": disk.claim or None,
            "clusters_not_seen": list(blind),
            **bill.facts,
        },
        evidence=list(said(disk, "state", "attached", "size_bytes", "detached", observed_at=disk.detached)),
        onset=disk.detached,
    )
