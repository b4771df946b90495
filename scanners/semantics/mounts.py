"""
A pod can be held by its data: a claim that no volume answers, or a volume that lives where no such node is.

What the claims of a pod demand of its node. A bound claim demands its volume's node affinity; an unbound one
of a class that binds at once blocks everywhere; one that waits for its first consumer blocks nothing. Source:
the scheduler's plug-ins VolumeBinding, VolumeZone and VolumeRestrictions (``ReadWriteOncePod`` only: others
are a matter of attaching).
"""

from collections.abc import Iterable

import msgspec

from scanners.facts.fact import SelectorTerm
from scanners.facts.inventory import Inventory
from scanners.facts.pod import NodeTerm, Pod
from scanners.facts.ref import Ref
from scanners.facts.slices import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES
from scanners.facts.storage import Claim, Volume
from scanners.semantics.affinity import is_zone_key

READS = (PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES)
"""Slices that tell about mounts: a check that asks for placement of pods with claims declares them."""

_ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")


class Mount(msgspec.Struct, frozen=True):
    """
    What one claim demands. ``terms`` = node affinity of its volume (None: any node will do); ``problem`` =
    why no node will do until the claim itself is mended; ``unknown`` = the slice without which nothing can be
    said.
    """

    claim: Ref
    volume: str = ""
    terms: tuple[NodeTerm, ...] | None = None
    problem: str = ""
    unknown: str = ""

    @property
    def binds_zone(self) -> bool:
        """Whether its volume is tied to a zone."""
        return bool(zones_of(self.terms))


def mounts_of(inventory: Inventory, pod: Pod) -> tuple[Mount, ...]:
    """Demands of a pod's claims; those that demand nothing are left out."""
    found = (_by_name(inventory, pod, name) for _, name in pod.claims)
    return tuple(mount for mount in found if _demands(mount))


def mounts_of_claims(inventory: Inventory, claims: Iterable[Claim]) -> tuple[Mount, ...]:
    """Demands of some claims, whoever is to mount them."""
    found = (_of(inventory, claim) for claim in claims)
    return tuple(mount for mount in found if _demands(mount))


def zones_of(terms: tuple[NodeTerm, ...] | None) -> frozenset[str]:
    """Zones that a volume's node affinity names."""
    expressions = [term for node_term in terms or () for term in node_term.expressions]
    return frozenset(
        value
        for term in expressions
        if is_zone_key(term.key) and term.operator == "In"
        for value in term.values
    )


def _demands(mount: Mount) -> bool:
    return mount.terms is not None or bool(mount.problem or mount.unknown)


def _by_name(inventory: Inventory, pod: Pod, name: str) -> Mount:
    ref = Ref("", "PersistentVolumeClaim", pod.namespace, name)
    claim = inventory.index.claims.get((pod.namespace, name))
    if claim is None:
        if inventory.is_complete(PERSISTENTVOLUMECLAIMS):
            return Mount(ref, problem="does not exist")
        volume = _claimed(inventory).get((pod.namespace, name))
        return _bound(ref, volume) if volume else Mount(ref, unknown=PERSISTENTVOLUMECLAIMS.name)
    holder = _sole_holder(inventory, claim, pod)
    return Mount(ref, problem=f"is held by pod {holder.name} alone") if holder else _of(inventory, claim)


def _of(inventory: Inventory, claim: Claim) -> Mount:
    ref = Ref("", "PersistentVolumeClaim", claim.namespace, claim.name, claim.uid)
    if claim.deleted:
        return Mount(ref, problem="is being deleted")
    if claim.phase == "Lost":
        return Mount(ref, problem="has lost its volume")
    if claim.volume:
        volume = inventory.index.volumes.get(claim.volume)
        return _bound(ref, volume) if volume else Mount(ref, claim.volume, unknown=PERSISTENTVOLUMES.name)
    return _unbound(inventory, ref, claim)


def _bound(ref: Ref, volume: Volume) -> Mount:
    terms = volume.required_nodes
    labelled = [(key, volume.labels[key]) for key in _ZONE_LABELS if volume.labels.get(key)]
    if terms is None and labelled:
        zones = tuple(SelectorTerm(key, "In", tuple(value.split("__"))) for key, value in labelled[:1])
        terms = (NodeTerm(zones),)
    return Mount(ref, volume.name, terms)


def _unbound(inventory: Inventory, ref: Ref, claim: Claim) -> Mount:
    if not inventory.has(STORAGECLASSES) and not inventory.storage_classes:
        return Mount(ref, unknown=STORAGECLASSES.name)
    wanted = claim.storage_class
    if wanted is None:
        default = next((found for found in inventory.storage_classes if found.default), None)
        if default is None:
            return Mount(ref, problem="is unbound and no class is the default")
        wanted = default.name
    if not wanted:
        return Mount(ref, problem="is unbound and names no class")
    storage_class = inventory.index.storage_classes.get(wanted)
    if storage_class is None:
        return Mount(ref, problem=f"is unbound, storage class {wanted} does not exist")
    waits = storage_class.binding_mode == "WaitForFirstConsumer"
    return Mount(ref, problem="" if waits else "is unbound")


def _sole_holder(inventory: Inventory, claim: Claim, pod: Pod) -> Pod | None:
    """The other pod that mounts a claim which only one pod may mount."""
    if "ReadWriteOncePod" not in claim.access_modes:
        return None
    mounting = inventory.index.pods_by_claim.get((claim.namespace, claim.name), ())
    return next((other for other in mounting if other is not pod and other.holds_room), None)


def _claimed(inventory: Inventory) -> dict[tuple[str, str], Volume]:
    memo = inventory.index.memo
    if "mounts.claimed" not in memo:
        memo["mounts.claimed"] = {
            (volume.claim.namespace, volume.claim.name): volume
            for volume in inventory.volumes
            if volume.claim
        }
    found: dict[tuple[str, str], Volume] = memo["mounts.claimed"]
    return found
