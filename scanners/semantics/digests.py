"""
An account sees a disk that no machine uses, and cannot see the volume in a cluster that still means it.

What a cluster names of the things around it, small enough to be handed to the account's own checks.
"""

from collections.abc import Iterable

from scanners.facts.cloud import Digest
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Inventory
from scanners.facts.slices import INGRESSES, PERSISTENTVOLUMES, SERVICES, Slice

NAMED_BY_CLUSTERS = (PERSISTENTVOLUMES, SERVICES, INGRESSES)
"""What of a cluster an account's checks ask about."""


def digest_of(inventory: Inventory, cluster: str) -> Digest:
    """What a cluster names: handles of its volumes, addresses of its Services and Ingresses."""
    return Digest(
        name=inventory.target.name,
        cluster=cluster,
        volume_handles=frozenset(volume.handle for volume in inventory.volumes if volume.handle),
        addresses=frozenset(_addresses(inventory)),
        services=frozenset(f"{service.namespace}/{service.name}" for service in inventory.services),
        whole=frozenset(s.name for s in NAMED_BY_CLUSTERS if inventory.is_complete(s)),
    )


def _addresses(inventory: Inventory) -> Iterable[str]:
    for service in inventory.services:
        yield from service.addresses
    for ingress in inventory.ingresses:
        yield from ingress.addresses


def unseen(inventory: Inventory, slice_: Slice) -> list[str]:
    """Clusters of the account of which a slice was not read whole, by name: who names what there is not known."""
    whole = {digest.cluster for digest in inventory.digests if slice_.name in digest.whole}
    return sorted(cluster.name for cluster in inventory.cloud_clusters if cluster.uid not in whole)


def readings_of(clusters: Iterable[tuple[str, str]], digests: Iterable[Digest]) -> list[Reading]:
    """
    How what clusters name was read over a whole account, whose ``clusters`` are given by uid and name: a slice is
    complete if each of them was.
    """
    known, told = list(clusters), list(digests)
    readings = []
    for slice_ in NAMED_BY_CLUSTERS:
        whole = {digest.cluster for digest in told if slice_.name in digest.whole}
        blind = sorted(name for uid, name in known if uid not in whole)
        detail = f"not read in {', '.join(blind)}" if blind else ""
        state = SliceState.COMPLETE if not blind else SliceState.PARTIAL
        mend = "let deepscan enter each cluster of the account" if blind else ""
        readings.append(Reading(slice_.name, state, detail=detail, mend=mend))
    return readings
