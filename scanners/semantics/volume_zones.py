"""
A checkpoint written in one zone pins its job there, and the GPUs are in another.

The judgement of PVC104, and of causes that speak of zones. Source of the rule: checks.md PVC104,
correlation.md 4.1.
"""

from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref
from scanners.semantics.changes import Tried, try_all
from scanners.semantics.mounts import Mount, zones_of
from scanners.semantics.placement import Predicate
from scanners.semantics.rooms import rooms
from scanners.semantics.scheduling import demand_of_pod

_PASSING = (Predicate.RESOURCE, Predicate.SLOTS, Predicate.HOST_PORT, Predicate.CORDON)


class ZoneConflict(NamedTuple):
    """
    A claim whose volume is where the pod cannot run: the zones of the volume, and those of nodes that would
    do.
    """

    claim: Ref
    volume: str
    volume_zones: tuple[str, ...]
    feasible_zones: tuple[str, ...]


def zone_conflicts(inventory: Inventory, pod: Pod) -> list[ZoneConflict]:
    """
    Volumes of a pod that leave no otherwise feasible node; a node within reach that only lacks room is no
    conflict.

    Needs pods and nodes, and the slices of :data:`scanners.semantics.mounts.READS`.
    """
    demand = demand_of_pod(inventory, pod)
    bound = [mount for mount in demand.mounts if mount.terms is not None]
    if not bound:
        return []
    fitting = [one for one in try_all(demand, rooms(inventory)) if _fits_but_for_volumes(one)]
    return [
        ZoneConflict(mount.claim, mount.volume, tuple(sorted(zones_of(mount.terms))), _zones(fitting))
        for mount in bound
        if fitting and all(_is_elsewhere(mount, one) for one in fitting)
    ]


def _fits_but_for_volumes(tried: Tried) -> bool:
    return all(
        one.predicate is Predicate.VOLUME or (one.predicate in _PASSING and not one.never)
        for one in tried.obstacles
    )


def _is_elsewhere(mount: Mount, tried: Tried) -> bool:
    return any(one.predicate is Predicate.VOLUME and one.name == mount.claim.name for one in tried.obstacles)


def _zones(tried: list[Tried]) -> tuple[str, ...]:
    return tuple(sorted({room.node.zone for one in tried for room in one.rooms if room.node.zone}))
