"""
Four GPUs are free and no job can have them: the CPUs of their node are taken, or jobs want them by eights.

What of a node's unheld GPUs the work of this cluster could use (checks.md, "Shapes in demand"). A shape is
what pods of one demand ask for; its weight is its share of the GPUs asked for now, by pods that hold them and
pods that wait. With no work that could go to a node, the shape is one unit with 1 CPU and 4 GiB.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.semantics.accelerators import is_accelerator, offered, requested
from scanners.semantics.affinity import mismatches
from scanners.semantics.gpu_devices import unit_worth
from scanners.semantics.gpu_fillers import is_filler
from scanners.semantics.placement import Demand, Room, demand_of
from scanners.semantics.quantities import ZERO
from scanners.semantics.requests import POD_SLOTS
from scanners.semantics.rooms import planned_taints, room_of
from scanners.semantics.scheduling import waiting_for_node
from scanners.semantics.tolerations import blocking, spoken

FLOOR: Mapping[str, int] = {"cpu": 1, "memory": 4 * 1024**3}
"""The least that work needs beside each GPU: cores and bytes."""


class Usable(NamedTuple):
    """Unheld GPUs of a node: those that CPU, memory, slots or taints keep from work, those cut off, the rest."""

    stranded: Fraction
    fragmented: Fraction
    free: Fraction


def usable(inventory: Inventory, node: Node, unheld: Fraction) -> Usable:
    """How the unheld GPUs of a node (physical, above 0) divide, by the shapes that may go there."""
    room = room_of(inventory, node)
    weighed = [(count * _worth(demand, node), demand) for demand, count in _shapes_for(inventory, node)]
    whole = sum((weight for weight, _ in weighed), Fraction(0))
    stranded = fragmented = Fraction(0)
    for weight, demand in weighed:
        rest, binds = _left_over(inventory, demand, room, unheld)
        if binds:
            stranded += weight / whole * rest
        else:
            fragmented += weight / whole * rest
    return Usable(stranded, fragmented, unheld - stranded - fragmented)


def _shapes_for(inventory: Inventory, node: Node) -> list[tuple[Demand, int]]:
    """Demands that this node is meant for, with the number of their pods."""
    has, planned = offered(node), planned_taints(inventory, node)
    found = [
        (demand, count)
        for demand, count in _in_demand(inventory).items()
        if all(resource in has for resource in demand.accelerators)
        and not mismatches(demand.selector, demand.terms, node)
        and not any(spoken(taint) in planned for taint in blocking(demand.tolerations, node.taints))
    ]
    return found or [(Demand(((next(iter(sorted(has))), Decimal(1)), (POD_SLOTS, Decimal(1)))), 1)]


def _in_demand(inventory: Inventory) -> Mapping[Demand, int]:
    memo = inventory.index.memo
    if "gpu_shapes" not in memo:
        placed = [pod for pod in inventory.pods if pod.holds_room and not is_filler(pod)]
        counted: Counter[Demand] = Counter()
        for pod in (*placed, *waiting_for_node(inventory)):
            if requested(pod.template):
                counted[demand_of(pod.template)] += 1
        memo["gpu_shapes"] = dict(counted)
    found: Mapping[Demand, int] = memo["gpu_shapes"]
    return found


def _left_over(inventory: Inventory, demand: Demand, room: Room, unheld: Fraction) -> tuple[Fraction, bool]:
    """GPUs left after as many copies as fit, and whether something else than GPUs sets that number."""
    gpus = _worth(demand, room.node)
    by_gpus = min([unheld // gpus, *(_copies(room, resource, n) for resource, n in _devices(demand))])
    planned = planned_taints(inventory, room.node)
    kept_out = any(spoken(t) not in planned for t in blocking(demand.tolerations, room.node.taints))
    by_rest = [0] if kept_out else [_copies(room, resource, n) for resource, n in _beside(demand, room, gpus)]
    copies = max(0, min([by_gpus, *by_rest]))
    return unheld - copies * gpus, copies < by_gpus


def _worth(demand: Demand, node: Node) -> Fraction:
    devices = ((resource, Fraction(n) * unit_worth(node, resource)) for resource, n in _devices(demand))
    return sum((worth for _, worth in devices), Fraction(0))


def _devices(demand: Demand) -> list[tuple[str, Fraction]]:
    return [(resource, Fraction(amount)) for resource, amount in demand.needs if is_accelerator(resource)]


def _beside(demand: Demand, room: Room, gpus: Fraction) -> list[tuple[str, Fraction]]:
    """What else it needs of a node, as far as the node tells that it has any of it."""
    needs = {resource: Fraction(n) for resource, n in demand.needs if not is_accelerator(resource)}
    for resource, least in FLOOR.items():
        needs[resource] = max(needs.get(resource, Fraction(0)), least * gpus)
    return [(resource, needs[resource]) for resource in sorted(needs) if resource in room.offers]


def _copies(room: Room, resource: str, needed: Fraction) -> int:
    return int(max(Fraction(room.free.get(resource, ZERO)), Fraction(0)) // needed)
