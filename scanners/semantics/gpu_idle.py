"""
A GPU node without a GPU pod costs as much as a busy one, and the CPU pods on it make dashboards call it used.

The one judgement that GPU101, GPU109 and GPU119 share. It speaks of absence: ask only where pods were read
whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.slices import EVENTS, GPU_METRICS, NODES, PODS, Slice
from scanners.semantics.accelerators import holds, is_accelerator_node, offered, wants_accelerator
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.gpu_products import product
from scanners.semantics.placement import demand_of, obstacles
from scanners.semantics.requests import places_are_known
from scanners.semantics.rooms import room_of
from scanners.semantics.scheduling import waiting_for_node
from scanners.semantics.times import age, lasts, latest, rfc3339, within
from scanners.semantics.tolerations import cordoned, leaving

NEEDS: tuple[Slice, ...] = (NODES, PODS)
"""Slices that a check of idle nodes must declare as needs; pods should be complete."""

SHARPENED_BY: tuple[Slice, ...] = (EVENTS, GPU_METRICS)
"""Slices that it must declare, as needs or as sharpening it."""

AWAITED = 600.0
"""
Seconds that a pending pod may be on its way to a node before that node counts as idle (checks.md GPU101).
"""

COMPUTES = 0.01
"""The share of a sample in which a device must be active for somebody to use it (checks.md: busy)."""

MIRROR = "kubernetes.io/config.mirror"
"""Annotation of the pods that a kubelet runs from files of its own."""

_END_REASONS = frozenset({"Killing", "ExceededGracePeriod", "Evicted", "Preempting", "Preempted"})


class IdleNode(NamedTuple):
    """
    A Ready, schedulable node whose devices nobody holds.

    ``gpus`` physical devices. ``idle_since`` RFC 3339: the newest trace of a holder (``basis`` trace), else
    the node's creation (no-trace: nothing readable contradicts it), ``""`` where unknown. ``cpu_only_pods``
    without those of DaemonSets and mirror pods.
    """

    node: Node
    gpus: Fraction
    product: str
    idle_since: str
    basis: Literal["status", "metrics", "history", "trace", "no-trace"]
    cpu_only_pods: tuple[Pod, ...]


def idle_gpu_nodes(inventory: Inventory) -> Sequence[IdleNode]:
    """Idle GPU nodes by name, by the GPU101 row and its "Not" list (all but ``warm_min``); once a scan."""
    nodes, memo = inventory.nodes, inventory.index.memo
    events = inventory.events
    if "gpu_idle" not in memo:
        ended = _ends_by_node(
            (event.host, event.regarding.uid, event.last) for event in events if event.reason in _END_REASONS
        )
        found = [
            _judged(inventory, node, ended.get(node.name, ())) for node in nodes if _eligible(inventory, node)
        ]
        idle = [node for node in found if node] if places_are_known(inventory) else []
        awaited = _awaited(inventory, [one.node for one in idle])
        memo["gpu_idle"] = [one for one in idle if one.node.name not in awaited]
    known: Sequence[IdleNode] = memo["gpu_idle"]
    return known


def is_idle(inventory: Inventory, node: Node) -> bool:
    """Whether a node is among the idle ones."""
    return any(one.node.name == node.name for one in idle_gpu_nodes(inventory))


def cpu_only_pods(inventory: Inventory, node: Node) -> list[Pod]:
    """Pods that take room on a node and hold no accelerator, without those of DaemonSets and mirror pods."""
    there = inventory.index.pods_by_node.get(node.name, ())
    return [pod for pod in there if pod.holds_room and not holds(pod) and not runs_everywhere(pod)]


def runs_everywhere(pod: Pod) -> bool:
    """
    Whether a pod belongs to its node rather than to a workload: of a DaemonSet, or mirrored from a file.
    """
    kinds = {owner.kind for owner in pod.owners}
    return bool(kinds & {"DaemonSet", "Node"}) or MIRROR in pod.annotations


def holders_on(inventory: Inventory, node: Node) -> list[Pod]:
    """Pods that hold an accelerator on a node, those being deleted too."""
    return [pod for pod in inventory.index.pods_by_node.get(node.name, ()) if holds(pod)]


def _eligible(inventory: Inventory, node: Node) -> bool:
    settled = lasts(node.created, inventory.now, inventory.ages.waste)
    usable = node.ready and not cordoned(node) and not leaving(node)
    return settled and usable and bool(offered(node)) and is_accelerator_node(node)


def _judged(inventory: Inventory, node: Node, ended: Iterable[tuple[str, str]]) -> IdleNode | None:
    if holders_on(inventory, node):
        return None
    trace = _newest_trace(inventory, node, ended)
    if trace and within(trace, inventory.now, inventory.ages.waste):
        return None
    return IdleNode(
        node,
        physical_gpus(node),
        product(node),
        trace or node.created,
        "trace" if trace else "no-trace",
        tuple(cpu_only_pods(inventory, node)),
    )


def _newest_trace(inventory: Inventory, node: Node, ended: Iterable[tuple[str, str]]) -> str:
    """When the last holder that left a trace ended: finished GPU pods, events of pods that are gone, samples."""
    there = inventory.index.pods_by_node.get(node.name, ())
    known = {pod.uid: pod for pod in there}
    ends = [_end_of(pod) for pod in there if pod.finished and wants_accelerator(pod)]
    told = [last for uid, last in ended if uid not in known or wants_accelerator(known[uid])]
    return latest(*ends, *told, *_measured_traces(inventory, node))


def _measured_traces(inventory: Inventory, node: Node) -> Iterator[str]:
    """When its exporter last named a holder of each device, or saw one compute for whom no pod is named."""
    uses, memo = inventory.device_uses, inventory.index.memo
    if "gpu_idle.uses" not in memo:
        found: dict[str, list[DeviceUse]] = {}
        for use in uses:
            found.setdefault(use.node, []).append(use)
        memo["gpu_idle.uses"] = found
    for use in memo["gpu_idle.uses"].get(node.name, ()):
        moment = use.busy.last_over(0.0 if use.pod else COMPUTES) if use.busy is not None else None
        if moment is not None:
            yield rfc3339(moment)


def _end_of(pod: Pod) -> str:
    runs = [run for state in pod.troubled for run in (state.terminated, state.last) if run]
    return latest(*(run.finished for run in runs)) or pod.deleted or pod.created


def _ends_by_node(events: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for host, uid, last in events:
        if host:
            found.setdefault(host, []).append((uid, last))
    return found


def _awaited(inventory: Inventory, nodes: Iterable[Node]) -> set[str]:
    """
    Names of nodes that a GPU pod is likely on its way to: young, pending, and it would fit (its volumes
    apart).
    """
    young = {
        demand_of(pod.template)
        for pod in waiting_for_node(inventory)
        if wants_accelerator(pod) and (age(pod.created, inventory.now) or 0.0) <= AWAITED
    }
    return {
        node.name
        for node in nodes
        if any(not obstacles(demand, room_of(inventory, node)) for demand in young)
    }
