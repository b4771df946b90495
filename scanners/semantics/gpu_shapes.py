"""
Four GPUs are free and no job can have them: the CPUs of their node are taken, or jobs want them by eights.

What of a node's unheld GPUs the work of this cluster could use (checks.md, "Shapes in demand"). A shape is
what pods of one demand ask for; its weight is its share of the GPUs asked for now, by pods that hold them and
pods that wait. With no work that could go to a node, the shape is one unit with 1 CPU and 4 GiB.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.semantics.accelerators import is_accelerator, offered, requested
from scanners.semantics.affinity import keys_of, mismatches, reads_names
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


class _Shape(NamedTuple):
    """What one copy takes on nodes of one kind: GPUs, units of devices, the rest by resource; ``pods`` ask for it."""

    demand: Demand
    pods: int
    gpus: Fraction
    devices: tuple[tuple[str, Fraction], ...]
    beside: tuple[tuple[str, Fraction], ...]
    kept_out: bool


def usable(inventory: Inventory, node: Node, unheld: Fraction) -> Usable:
    """How the unheld GPUs of a node (physical, above 0) divide, by the shapes that may go there."""
    room = room_of(inventory, node)
    shapes = _shapes_for(inventory, node)
    whole = sum((shape.pods * shape.gpus for shape in shapes), Fraction(0))
    stranded = fragmented = Fraction(0)
    for shape in shapes:
        rest, binds = _left_over(shape, room, unheld)
        share = rest * shape.pods * shape.gpus / whole if rest else rest
        if binds:
            stranded += share
        else:
            fragmented += share
    return Usable(stranded, fragmented, unheld - stranded - fragmented)


def _shapes_for(inventory: Inventory, node: Node) -> Sequence[_Shape]:
    """Shapes that a node is meant for; once for all nodes that differ in nothing that shapes look at."""
    memo: dict[object, list[_Shape]] = inventory.index.memo.setdefault("gpu_shapes.nodes", {})
    planned = planned_taints(inventory, node)
    names, keys = _looked_at(inventory)
    alike = (
        tuple((resource, unit_worth(node, resource)) for resource in sorted(offered(node))),
        node.taints,
        planned,
        tuple(node.labels.get(key) for key in keys),
        node.name if names else "",
    )
    if alike not in memo:
        memo[alike] = _meant_for(inventory, node, planned)
    return memo[alike]


def _meant_for(inventory: Inventory, node: Node, planned: frozenset[str]) -> list[_Shape]:
    has = offered(node)
    found = []
    for demand, pods in _in_demand(inventory).items():
        kept_out = [spoken(taint) for taint in blocking(demand.tolerations, node.taints)]
        offers = all(resource in has for resource in demand.accelerators)
        meant = offers and not planned.intersection(kept_out)
        if meant and not mismatches(demand.selector, demand.terms, node):
            found.append(_shape(demand, pods, node, kept_out=bool(kept_out)))
    if found:
        return found
    least = Demand(((min(has), Decimal(1)), (POD_SLOTS, Decimal(1))))
    refused = {spoken(taint) for taint in blocking((), node.taints)} - planned
    return [_shape(least, 1, node, kept_out=bool(refused))]


def _shape(demand: Demand, pods: int, node: Node, *, kept_out: bool) -> _Shape:
    needs = {resource: Fraction(amount) for resource, amount in demand.needs}
    devices = tuple((resource, amount) for resource, amount in needs.items() if is_accelerator(resource))
    gpus = sum((amount * unit_worth(node, resource) for resource, amount in devices), Fraction(0))
    for resource, least in FLOOR.items():
        needs[resource] = max(needs.get(resource, Fraction(0)), least * gpus)
    beside = tuple((resource, amount) for resource, amount in needs.items() if not is_accelerator(resource))
    return _Shape(demand, pods, gpus, devices, beside, kept_out)


def _looked_at(inventory: Inventory) -> tuple[bool, tuple[str, ...]]:
    """Whether some demand names nodes, and the labels that demands look at."""
    memo = inventory.index.memo
    if "gpu_shapes.keys" not in memo:
        demands = _in_demand(inventory)
        keys = frozenset[str]().union(*(keys_of(demand.selector, demand.terms) for demand in demands))
        memo["gpu_shapes.keys"] = any(reads_names(demand.terms) for demand in demands), tuple(sorted(keys))
    found: tuple[bool, tuple[str, ...]] = memo["gpu_shapes.keys"]
    return found


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


def _left_over(shape: _Shape, room: Room, unheld: Fraction) -> tuple[Fraction, bool]:
    """GPUs left after as many copies as fit, and whether something else than GPUs sets that number."""
    by_gpus = min([int(unheld // shape.gpus), *(_copies(room, name, n) for name, n in shape.devices)])
    rest = [_copies(room, name, n) for name, n in shape.beside if name in room.offers]
    copies = 0 if shape.kept_out else min([by_gpus, *rest])
    return unheld - copies * shape.gpus, copies < by_gpus


def _copies(room: Room, resource: str, needed: Fraction) -> int:
    free = room.free.get(resource, ZERO)
    return int(Fraction(free) // needed) if free > 0 else 0
