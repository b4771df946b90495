"""
"0/12 nodes are available" lists every reason and names no mend; people want the one change that lets the pod
run.

correlation.md 4.1: pending pods with the same requirements are one demand; every node is tried against it;
the cause is the smallest single change that makes one node feasible. The scheduler's text is a cross-check
only.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod, PodTemplate
from scanners.facts.slices import NODES, PODS, Slice
from scanners.facts.storage import Claim
from scanners.finding import Confidence
from scanners.semantics import mounts
from scanners.semantics.accelerators import is_accelerator
from scanners.semantics.changes import try_all
from scanners.semantics.placement import WHOLE_CARDS, Demand, Room, belonging, demand_of, obstacles
from scanners.semantics.quantities import ZERO
from scanners.semantics.requests import host_ports_of, places_are_known, room_needed
from scanners.semantics.rooms import planned_taints, room_of, rooms
from scanners.semantics.tolerations import spoken
from scanners.semantics.verdicts import Cause, Verdict, judge

__all__ = [
    "NEEDS", "SHARPENED_BY", "Cause", "Verdict", "demand_of_pod", "explain_pending", "feasible_if",
    "pending_groups", "waiting_for_node", "would_fit", "would_fit_one_more",
]  # fmt: skip

NEEDS: tuple[Slice, ...] = (PODS,)
"""Slices that a check of pending pods must declare as needs."""

SHARPENED_BY: tuple[Slice, ...] = (NODES, *mounts.READS)
"""Slices that it must declare, as needs or as sharpening it."""

_SAYS = {
    Cause.SHORT: "insufficient", Cause.FRAGMENTED: "insufficient", Cause.CPU_OR_MEMORY: "insufficient",
    Cause.LARGER_THAN_ANY_NODE: "insufficient", Cause.NOT_ADVERTISED: "insufficient", Cause.TAINT: "taint",
    Cause.CORDON: "unschedulable", Cause.SELECTOR: "affinity", Cause.PRODUCT: "affinity",
    Cause.SLOTS: "too many pods", Cause.HOST_PORT: "free ports", Cause.VOLUME: "volume",
}  # fmt: skip
_LOWER = {
    Confidence.OBSERVED: Confidence.DERIVED, Confidence.DERIVED: Confidence.LIKELY,
    Confidence.LIKELY: Confidence.POSSIBLE, Confidence.POSSIBLE: Confidence.POSSIBLE,
}  # fmt: skip


def explain_pending(inventory: Inventory, pods: Sequence[Pod]) -> Verdict:
    """
    Why these pods have no node. They must share their requirements (see :func:`pending_groups`); the first
    one speaks.

    Without nodes the scheduler's own message is quoted as possible, with cause unknown. ValueError for no
    pods.
    """
    if not pods:
        raise ValueError("no pods to explain")
    for slice_ in (*NEEDS, *SHARPENED_BY):
        inventory.all(
            slice_
        )  # A check that forgot to declare one learns it in its first test, not from a pod with claims
    says = _message(pods[0])
    if not inventory.has(NODES) and not inventory.nodes:
        told = f"nodes were not read; the scheduler says: {says or 'nothing'}"
        return Verdict(
            cause=Cause.UNKNOWN, smallest_change=told, confidence=Confidence.POSSIBLE, scheduler_says=says,
            unevaluated=(NODES.name,),
        )  # fmt: skip
    return _compared(_judged(inventory, demand_of_pod(inventory, pods[0])), says)


def pending_groups(inventory: Inventory, pods: Iterable[Pod]) -> list[list[Pod]]:
    """Pods grouped by equal requirements, claims included; each group in the order given."""
    groups: dict[Demand, list[Pod]] = {}
    for pod in pods:
        groups.setdefault(demand_of_pod(inventory, pod), []).append(pod)
    return list(groups.values())


def waiting_for_node(inventory: Inventory) -> list[Pod]:
    """
    Pods that a scheduler should place and has not: Pending, no node, no gates, not being deleted; once a
    scan.
    """
    pods, memo = inventory.pods, inventory.index.memo
    if "scheduling.waiting" not in memo:
        memo["scheduling.waiting"] = [
            pod
            for pod in pods
            if not pod.node
            and pod.phase == "Pending"
            and not pod.deleted
            and not (pod.state and pod.state.gates)
        ]
    return list(memo["scheduling.waiting"])


def would_fit(inventory: Inventory, template: PodTemplate, node: Node, claims: Iterable[Claim] = ()) -> bool:
    """
    Whether a pod of this template with these claims could be placed on a node now, by all that is evaluated.
    """
    demand = demand_of(template)
    mounted = tuple(claims)
    if mounted:
        demand = msgspec.structs.replace(demand, mounts=mounts.mounts_of_claims(inventory, mounted))
    return not obstacles(demand, room_of(inventory, node))


def would_fit_one_more(inventory: Inventory, pod: Pod, like: Node) -> bool:
    """
    Whether a new node like this one would take the pod: its labels, planned taints and devices, with no pods on it but
    those of DaemonSets.
    """
    demand = demand_of_pod(inventory, pod)
    there = inventory.index.pods_by_node.get(like.name, ())
    going = [other for other in there if other.holds_room and not _comes_with_a_node(other)]
    return not obstacles(demand, _undone(inventory, room_of(inventory, like), True, going))


def _comes_with_a_node(pod: Pod) -> bool:
    return any(owner.kind in ("DaemonSet", "Node") for owner in pod.owners)


def feasible_if(
    inventory: Inventory,
    pod: Pod,
    *,
    nodes: Collection[str] = (),
    pods: Iterable[Pod] = (),
    claims: bool = False,
) -> bool:
    """
    Whether some node would take the pod if causes were undone: ``nodes`` (names) mended (cordon and taints
    lifted, all devices offered), ``pods`` gone, the pod's ``claims`` mended.
    """
    demand = demand_of_pod(inventory, pod)
    if claims:
        demand = msgspec.structs.replace(demand, mounts=())
    gone: dict[str, list[Pod]] = {}
    for other in pods:
        if other.holds_room:
            gone.setdefault(other.node, []).append(other)
    return any(
        not obstacles(demand, _undone(inventory, room, room.node.name in nodes, gone.get(room.node.name, ())))
        for room in rooms(inventory)
    )


def demand_of_pod(inventory: Inventory, pod: Pod) -> Demand:
    """What a pod requires of its node, its claims included."""
    demand = demand_of(pod.template)
    if not pod.claims:
        return demand
    found = mounts.mounts_of(inventory, pod)
    unread = {f"volumes ({mount.unknown} not read)" for mount in found if mount.unknown}
    return msgspec.structs.replace(demand, mounts=found, unevaluated=(*demand.unevaluated, *sorted(unread)))


def _judged(inventory: Inventory, demand: Demand) -> Verdict:
    memo = inventory.index.memo.setdefault("scheduling.verdicts", {})
    if demand not in memo:
        memo[demand] = judge(inventory, _capped(inventory, demand), try_all(demand, rooms(inventory)))
    found: Verdict = memo[demand]
    return found


def _capped(inventory: Inventory, demand: Demand) -> Demand:
    """
    The demand with what the inventory as a whole leaves open: pods or nodes read in part, running pods
    without node.
    """
    unread = [
        f"{slice_.name} (read in part)"
        for slice_ in (PODS, NODES)
        if inventory.has(slice_) and not inventory.is_complete(slice_)
    ]
    if not places_are_known(inventory):
        unread.append("room (running pods tell no node)")
    return msgspec.structs.replace(demand, unevaluated=(*demand.unevaluated, *unread)) if unread else demand


def _compared(verdict: Verdict, says: str) -> Verdict:
    """
    The verdict beside the scheduler's own text: where that speaks of nothing like it, one class less sure.
    """
    if not says or verdict.cause not in _SAYS:
        return msgspec.structs.replace(verdict, scheduler_says=says)
    agrees = _SAYS[verdict.cause] in says.lower()
    confidence = verdict.confidence if agrees else _LOWER[verdict.confidence]
    return msgspec.structs.replace(verdict, scheduler_says=says, agrees=agrees, confidence=confidence)


def _message(pod: Pod) -> str:
    found = pod.condition("PodScheduled")
    return found.message if found and not found.true else ""


def _undone(inventory: Inventory, room: Room, mended: bool, gone: Sequence[Pod]) -> Room:
    free, offers, node = dict(room.free), dict(room.offers), room.node
    if mended:
        planned = planned_taints(inventory, node)
        taints = tuple(taint for taint in node.taints if spoken(taint) in planned)
        node = msgspec.structs.replace(node, taints=taints, unschedulable=False)
        for resource in {*node.capacity, *WHOLE_CARDS}:
            more = (
                belonging(node, resource) - offers.get(resource, ZERO) if is_accelerator(resource) else ZERO
            )
            if more > 0:
                offers[resource] = offers.get(resource, ZERO) + more
                free[resource] = free.get(resource, ZERO) + more
    for pod in gone:
        for resource, amount in room_needed(pod.template).items():
            if resource in free:
                free[resource] += amount
    ports = room.host_ports.difference(*(host_ports_of(pod.template) for pod in gone))
    return msgspec.structs.replace(room, node=node, free=free, offers=offers, host_ports=ports)
