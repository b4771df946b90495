"""
Of a hundred nodes that refuse a pod, one is a single step from taking it: that step is the cause worth
telling.

correlation.md 4.1. Nodes that the selector leaves out, or that never had the device, are no reason while
others are left. Taints that whole pools carry by plan come after what has happened to single nodes.
Candidates are ranked: fewest objects changed, least room to free, the odd one out before its like, what is
easily undone, name.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.semantics.affinity import keys_of, reads_names
from scanners.semantics.placement import Demand, Obstacle, Predicate, Room, is_device, obstacles
from scanners.semantics.quantities import spoken as amount_text
from scanners.semantics.rooms import planned_taints, reserved_for_others
from scanners.semantics.tolerations import CONDITION_KEYS, leaving

_OBJECTS = {Predicate.VOLUME: 2}
_UNDOING = {
    Predicate.CORDON: 0, Predicate.RESOURCE: 2, Predicate.SLOTS: 2, Predicate.HOST_PORT: 2,
    Predicate.VOLUME: 3,
}  # fmt: skip
_EXCLUDED = (Predicate.SELECTOR,)
_ROOM = (Predicate.RESOURCE, Predicate.SLOTS, Predicate.HOST_PORT)


class Tried(NamedTuple):
    """
    Nodes on which the same fails for one demand, those that lack the least room first (then by name):
    ``obstacles`` are those of the first, ``nearest`` how many are as near as it.
    """

    rooms: tuple[Room, ...]
    obstacles: tuple[Obstacle, ...]
    nearest: int = 1

    @property
    def room(self) -> Room:
        """The nearest of them."""
        return self.rooms[0]

    @property
    def excluded(self) -> bool:
        """Whether the demand leaves these nodes out: by selector, or because they never have the device."""
        return any(
            one.predicate in _EXCLUDED or (one.predicate is Predicate.DEVICES and one.never)
            for one in self.obstacles
        )

    @property
    def lacks_room_only(self) -> bool:
        """Whether nothing but room is missing; True for a node that takes the pod, too."""
        return all(one.predicate in _ROOM for one in self.obstacles)


class Change(NamedTuple):
    """
    One way to make a node feasible: what would have to be mended there, and what it costs (:func:`_cost`).
    """

    tried: Tried
    cost: tuple[int, int, float, int, int]

    @property
    def primary(self) -> Obstacle:
        """
        The obstacle that the cause is named after: in the order of predicates, devices before cpu and memory.
        """
        return min(self.tried.obstacles, key=_standing)

    @property
    def nearest(self) -> tuple[Room, ...]:
        """The nodes on which it is as small, by name."""
        return self.tried.rooms[: self.tried.nearest]

    @property
    def node(self) -> Node:
        """The node to be changed, the first by name among equals."""
        return self.tried.room.node


def try_all(demand: Demand, rooms: Iterable[Room]) -> list[Tried]:
    """Every node tried against a demand: once for each shape, that is for nodes on which the same fails."""
    keys = set(keys_of(demand.selector, demand.terms))
    named = reads_names(demand.terms)
    for mount in demand.mounts:
        keys |= keys_of((), mount.terms)
        named |= reads_names(mount.terms)
    labels = tuple(sorted(keys))
    shapes: dict[object, list[tuple[float, Room]]] = {}
    for room in rooms:
        lacking, share = _lacking(demand, room)
        values = tuple([room.node.labels.get(key) for key in labels])
        ports = demand.host_ports & room.host_ports if demand.host_ports else None
        shape = (room.stance, lacking, values, room.node.name if named else "", ports)
        shapes.setdefault(shape, []).append((share, room))
    return [_tried(demand, alike) for alike in shapes.values()]


def considered(tried: Sequence[Tried]) -> list[Tried]:
    """The admissible nodes; all of them if the demand leaves out every one."""
    admissible = [one for one in tried if not one.excluded]
    return admissible or list(tried)


def is_open(demand: Demand, tried: Tried) -> bool:
    """
    Whether such pods may ever go there: the node stays, and is kept neither for the control plane nor for
    GPUs.
    """
    taints = (one.name for one in tried.obstacles if one.predicate is Predicate.TAINT)
    reserved = any(reserved_for_others(taint, bool(demand.accelerators)) for taint in taints)
    return not reserved and not leaving(tried.room.node)


def changes(inventory: Inventory, demand: Demand, tried: Sequence[Tried]) -> list[Change]:
    """
    Ways to make one of the considered nodes feasible, the smallest first; empty where nothing short of
    another node or another demand would do.
    """
    possible = [one for one in tried if _mendable(demand, one)]
    by_accident = [one for one in possible if not _planned(inventory, one)]
    found = [Change(one, _cost(inventory, one)) for one in by_accident or possible]
    return sorted(found, key=lambda change: (change.cost, change.node.name))


def sentence(demand: Demand, change: Change, room: Room, largest: str = "") -> str:
    """
    A change on one of its nodes in words that name objects and quantities; ``largest`` free block as text.
    """
    ordered = sorted(change.tried.obstacles, key=_standing)
    return " and ".join(_words(demand, one, room, largest if one is ordered[0] else "") for one in ordered)


def _lacking(demand: Demand, room: Room) -> tuple[tuple[object, ...], float]:
    """
    What a node lacks room of, as far as it makes a difference in kind, and the share of the node to be freed.
    """
    lacking: list[object] = []
    share = 0.0
    free = room.free
    for resource, needed in demand.needs:
        left = free.get(resource)
        if left is None:
            if is_device(resource):
                lacking.append(resource)
        elif left < needed:
            offered = room.offers[resource]
            lost = is_device(resource) and offered < needed
            lacking.append((resource, (offered, left) if lost else offered < needed))
            share += float(needed - left) / float(offered) if offered else 0.0
    return tuple(lacking), share


def _tried(demand: Demand, alike: list[tuple[float, Room]]) -> Tried:
    alike.sort(key=lambda found: (found[0], found[1].node.name))
    rooms = tuple(room for _, room in alike)
    nearest = sum(1 for share, _ in alike if share == alike[0][0])
    return Tried(rooms, obstacles(demand, rooms[0]), nearest)


def _mendable(demand: Demand, tried: Tried) -> bool:
    return is_open(demand, tried) and not any(one.never or not one.mendable for one in tried.obstacles)


def _planned(inventory: Inventory, tried: Tried) -> bool:
    taints = {one.name for one in tried.obstacles if one.predicate is Predicate.TAINT}
    return bool(taints & planned_taints(inventory, tried.room.node)) if taints else False


def _cost(inventory: Inventory, tried: Tried) -> tuple[int, int, float, int, int]:
    """
    (predicates, objects to change, share of the node to be freed, 0 for an odd node, how hard it is to undo).
    """
    found = tried.obstacles
    share = sum(float(one.short / one.offered) for one in found if one.predicate in _ROOM and one.offered)
    odd = any(one.predicate in (Predicate.CORDON, Predicate.DEVICES, Predicate.TAINT) for one in found)
    return (
        len(found),
        sum(_OBJECTS.get(one.predicate, 1) for one in found),
        share,
        0 if odd and not _planned(inventory, tried) else 1,
        max((_UNDOING.get(one.predicate, 1) for one in found), default=0),
    )


def _standing(obstacle: Obstacle) -> tuple[int, int, str]:
    order = list(Predicate).index(obstacle.predicate)
    return order, 0 if is_device(obstacle.name) else 1, obstacle.name


def _words(demand: Demand, obstacle: Obstacle, room: Room, largest: str) -> str:
    name, node = obstacle.name, room.node.name
    match obstacle.predicate:
        case Predicate.CLAIM:
            return f"mend {obstacle.text}".replace(f"claim {name} ", f"claim {name}: it ", 1)
        case Predicate.SELECTOR:
            carried = room.node.labels.get(name)
            return f"drop the demand for {obstacle.text}" + (
                f" (node {node} has {carried})" if carried else ""
            )
        case Predicate.DEVICES:
            some = f"{amount_text(obstacle.short)} {name}"
            return f"bring {some} back on node {node}, which {obstacle.text}"
        case Predicate.TAINT:
            return (
                f"bring node {node} back ({obstacle.text})" if _tells(name) else f"tolerate {obstacle.text}"
            )
        case Predicate.CORDON:
            return f"uncordon node {node}"
        case Predicate.VOLUME:
            return f"move the volume of claim {name}, or add a node where it is"
        case Predicate.SLOTS:
            return f"free a pod slot on node {node} ({amount_text(obstacle.offered)} are taken)"
        case Predicate.HOST_PORT:
            return f"free host port {name} on node {node}"
    wanted = amount_text(demand.needed(name), name)
    known = f", largest free block is {largest}" if largest else ""
    return f"free {amount_text(obstacle.short, name)} {name} on node {node} ({wanted} wanted{known})"


def _tells(taint_text: str) -> bool:
    return taint_text.startswith(CONDITION_KEYS)
