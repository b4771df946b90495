"""
A cause that cannot be acted on is a complaint: a verdict names the change, the objects and how sure it is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

import msgspec

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref, ref_to
from scanners.finding import Confidence
from scanners.semantics.accelerators import is_accelerator
from scanners.semantics.affinity import is_product_key, is_zone_key
from scanners.semantics.changes import Change, Tried, changes, considered, is_open, sentence
from scanners.semantics.mounts import Mount
from scanners.semantics.owners import top_owner
from scanners.semantics.placement import Demand, Obstacle, Predicate
from scanners.semantics.quantities import ZERO
from scanners.semantics.quantities import spoken as amount_text
from scanners.semantics.requests import effective_requests

NAMED = 5
"""How many objects, nodes and alternatives a verdict names of each."""


class Cause(StrEnum):
    """
    Why a pod has no node: the closed list.

    ``short``: less is free in all than is asked; ``fragmented``: enough is free, but on no single node;
    ``cpu-or-memory``: the devices are free, something else binds.
    """

    SHORT = "short"
    FRAGMENTED = "fragmented"
    CPU_OR_MEMORY = "cpu-or-memory"
    TAINT = "taint"
    CORDON = "cordon"
    PRODUCT = "product"
    ZONE = "zone"
    SLOTS = "slots"
    HOST_PORT = "host-port"
    NOT_ADVERTISED = "not-advertised"
    LARGER_THAN_ANY_NODE = "larger-than-any-node"
    SELECTOR = "selector"
    VOLUME = "volume"
    FEASIBLE_NOW = "feasible-now"
    UNKNOWN = "unknown"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why pods of one demand are not placed.

    ``smallest_change`` is one sentence that names objects and quantities; ``alternatives`` are changes equal
    to it up to the name. ``resource`` is the one that binds, else the first accelerator asked for, else cpu
    or memory: of it ``requested`` by one pod, ``short`` on the nearest node, ``free`` on all nodes that lack
    nothing but room (else on all admissible ones), ``largest_free_block`` on one. ``blocked_by`` names what
    to change: claims, nodes, then the owners that hold the resource on the nearest node. ``reasons`` counts
    nodes by what fails on them. ``unevaluated`` names constraints that were not looked at. ``agrees``:
    whether the scheduler's own text speaks of the same; None without one.
    """

    cause: Cause
    smallest_change: str
    confidence: Confidence
    resource: str = ""
    requested: Decimal = ZERO
    short: Decimal = ZERO
    free: Decimal = ZERO
    largest_free_block: Decimal = ZERO
    blocked_by: tuple[Ref, ...] = ()
    feasible_nodes: tuple[str, ...] = ()
    nearest_nodes: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    reasons: Mapping[str, int] = {}
    unevaluated: tuple[str, ...] = ()
    scheduler_says: str = ""
    agrees: bool | None = None


def judge(inventory: Inventory, demand: Demand, tried: Sequence[Tried]) -> Verdict:
    """The verdict on a demand after all nodes were tried against it."""
    feasible = sorted(room.node.name for one in tried if not one.obstacles for room in one.rooms)
    if feasible:
        change = f"none: node {feasible[0]} could take it by all that was evaluated"
        found = Verdict(
            cause=Cause.FEASIBLE_NOW,
            smallest_change=change,
            confidence=Confidence.LIKELY,
            feasible_nodes=tuple(feasible),
        )
    else:
        found = _refused(inventory, demand, considered(tried))
    resource = found.resource or _speaking(demand)
    free = _free_blocks(considered(tried), resource)
    return msgspec.structs.replace(
        found,
        resource=resource,
        requested=demand.needed(resource),
        free=sum(free, ZERO),
        largest_free_block=max(free, default=ZERO),
        reasons=_counted(tried),
        unevaluated=demand.unevaluated,
    )


def _refused(inventory: Inventory, demand: Demand, tried: Sequence[Tried]) -> Verdict:
    ranked = changes(inventory, demand, tried)
    if not ranked:
        return _hopeless(demand, tried)
    best = ranked[0]
    primary = best.primary
    likewise = [one for one in ranked if one.cost == best.cost]
    blocks = _free_blocks(tried, primary.name)
    largest = amount_text(max(blocks, default=ZERO), primary.name)
    nearest = [(one, room) for one in likewise for room in one.nearest][:NAMED]
    told = list(dict.fromkeys(sentence(demand, one, room, largest) for one, room in nearest))
    binds = primary.predicate in (Predicate.RESOURCE, Predicate.DEVICES)
    return Verdict(
        cause=_cause(demand, primary, sum(blocks, ZERO)),
        smallest_change=told[0],
        confidence=Confidence.LIKELY if demand.unevaluated else Confidence.DERIVED,
        resource=primary.name if binds else "",
        short=primary.short,
        blocked_by=_blockers(inventory, demand, likewise),
        nearest_nodes=tuple(room.node.name for _, room in nearest),
        alternatives=tuple(told[1:]),
    )


def _hopeless(demand: Demand, tried: Sequence[Tried]) -> Verdict:
    """No node could take it whatever were freed there."""
    confidence = Confidence.LIKELY if demand.unevaluated else Confidence.DERIVED
    tried = [shape for shape in tried if is_open(demand, shape)] or tried
    never = [one for shape in tried for one in shape.obstacles if one.never]
    resource = next(
        iter(sorted({one.name for one in never}, key=lambda name: (not is_accelerator(name), name))), ""
    )
    if not never:
        text = "add a node: " + ("none is open to this pod" if tried else "the cluster has none")
        cause = Cause.TAINT if tried else Cause.SHORT
        return Verdict(cause=cause, smallest_change=text, confidence=confidence)
    most = max((shape.room.offers.get(resource, ZERO) for shape in tried), default=ZERO)
    wanted = demand.needed(resource)
    if not most:
        text = f"add a node that offers {resource}: none does"
        return Verdict(
            cause=Cause.NOT_ADVERTISED, smallest_change=text, confidence=confidence, resource=resource
        )
    asks = f"ask for at most {amount_text(most, resource)} {resource} a pod"
    text = f"{asks}, or add a larger node ({amount_text(wanted, resource)} wanted)"
    if most >= wanted:
        text = f"add a node that offers {_all_of(demand)} together"
    return Verdict(
        cause=Cause.LARGER_THAN_ANY_NODE, smallest_change=text, confidence=confidence, resource=resource,
        short=max(wanted - most, ZERO),
    )  # fmt: skip


def _cause(demand: Demand, primary: Obstacle, free: Decimal) -> Cause:
    match primary.predicate:
        case Predicate.RESOURCE if demand.accelerators and not is_accelerator(primary.name):
            return Cause.CPU_OR_MEMORY
        case Predicate.RESOURCE:
            return Cause.FRAGMENTED if free >= demand.needed(primary.name) else Cause.SHORT
        case Predicate.SELECTOR if is_product_key(primary.name):
            return Cause.PRODUCT
        case Predicate.SELECTOR if is_zone_key(primary.name):
            return Cause.ZONE
        case Predicate.VOLUME if any(_is(mount, primary) and mount.binds_zone for mount in demand.mounts):
            return Cause.ZONE
    return _PLAIN[primary.predicate]


_PLAIN = {
    Predicate.CLAIM: Cause.VOLUME, Predicate.VOLUME: Cause.VOLUME, Predicate.SELECTOR: Cause.SELECTOR,
    Predicate.DEVICES: Cause.NOT_ADVERTISED, Predicate.TAINT: Cause.TAINT, Predicate.CORDON: Cause.CORDON,
    Predicate.SLOTS: Cause.SLOTS, Predicate.HOST_PORT: Cause.HOST_PORT, Predicate.RESOURCE: Cause.SHORT,
}  # fmt: skip


def _free_blocks(tried: Sequence[Tried], resource: str) -> list[Decimal]:
    """
    What is free of a resource on each node that lacks nothing but room; on all of them if there is no such
    node.
    """
    usable = [shape for shape in tried if shape.lacks_room_only] or tried
    return [max(room.free.get(resource, ZERO), ZERO) for shape in usable for room in shape.rooms]


def _blockers(inventory: Inventory, demand: Demand, likewise: Sequence[Change]) -> tuple[Ref, ...]:
    best = likewise[0]
    found: dict[Ref, None] = {}
    for one in best.tried.obstacles:
        match one.predicate:
            case Predicate.CLAIM | Predicate.VOLUME:
                found |= dict.fromkeys(mount.claim for mount in demand.mounts if _is(mount, one))
            case Predicate.RESOURCE | Predicate.SLOTS:
                found |= dict.fromkeys(_holders(inventory, best, one))
            case Predicate.TAINT | Predicate.CORDON | Predicate.DEVICES | Predicate.HOST_PORT:
                nodes = (room.node for change in likewise for room in change.tried.rooms)
                found |= dict.fromkeys([ref_to(node) for node in nodes][:NAMED])
    return tuple(found)


def _holders(inventory: Inventory, change: Change, obstacle: Obstacle) -> list[Ref]:
    """
    Owners of the pods that would have to go, lowest priority and largest holding first, and the node itself.
    """

    def holding(pod: Pod) -> Decimal:
        return effective_requests(pod.template).get(obstacle.name, ZERO)

    there = [
        pod
        for pod in inventory.index.pods_by_node.get(change.node.name, ())
        if pod.holds_room and holding(pod)
    ]
    there.sort(key=lambda pod: (pod.template.priority, -holding(pod), pod.namespace, pod.name))
    owners = dict.fromkeys(top_owner(inventory, pod) for pod in there)
    return [ref_to(change.node), *list(owners)[:NAMED]]


def _is(mount: Mount, obstacle: Obstacle) -> bool:
    return mount.claim.name == obstacle.name


def _counted(tried: Sequence[Tried]) -> dict[str, int]:
    counts = Counter[str]()
    for shape in tried:
        for text in {one.text for one in shape.obstacles}:
            counts[text] += len(shape.rooms)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _speaking(demand: Demand) -> str:
    """The resource to speak of where none binds: the first accelerator, else cpu, else memory."""
    asked = [resource for resource, _ in demand.needs]
    return next(iter([*demand.accelerators, *(name for name in ("cpu", "memory") if name in asked)]), "")


def _all_of(demand: Demand) -> str:
    return " and ".join(
        f"{amount_text(amount, name)} {name}" for name, amount in demand.needs if name != "pods"
    )
