"""
Which taints keep a pod out by plan, and which by accident, is seen from a node's siblings.

All nodes of a scan as rooms, once; siblings are nodes of one pool, machine and product. A taint that all
siblings carry says whom the pool is for; one that a node carries alone, or that tells a condition, is what
has happened to it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node, Taint
from scanners.semantics.accelerators import in_capacity, is_accelerator, is_accelerator_node
from scanners.semantics.gpu_products import node_pool, product
from scanners.semantics.placement import Room
from scanners.semantics.quantities import amounts
from scanners.semantics.requests import free_on, host_ports_on
from scanners.semantics.tolerations import spoken, tells_condition

CONTROL_PLANE_KEYS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
"""Taints of nodes that are for the control plane alone."""

Family = tuple[str, ...]
"""What siblings have in common: pool, machine, product, names of their devices."""


def rooms(inventory: Inventory) -> Sequence[Room]:
    """Every node with what is free on it, by name; once a scan. Needs nodes and pods."""
    nodes, memo = inventory.nodes, inventory.index.memo
    if "rooms" not in memo:
        stances: dict[object, int] = {}
        memo["rooms"] = [
            room_of(inventory, node, stances.setdefault(_stance(node), len(stances))) for node in nodes
        ]
    found: Sequence[Room] = memo["rooms"]
    return found


def room_of(inventory: Inventory, node: Node, stance: int = 0) -> Room:
    """One node with what is free on it."""
    return Room(
        node,
        amounts(node.allocatable),
        free_on(inventory, node),
        host_ports_on(inventory, node.name),
        stance,
    )


def planned_taints(inventory: Inventory, node: Node) -> frozenset[str]:
    """Taints of a node (as :func:`scanners.semantics.tolerations.spoken`) that say whom its pool is for."""
    return frozenset(spoken(taint) for taint in node.taints if _planned(_taints_of(inventory), node, taint))


def reserved_for_others(taint_text: str, wants_accelerators: bool) -> bool:
    """
    Whether no pod of this sort should ever tolerate a taint: the control plane's, and a GPU pool's for CPU
    pods.
    """
    key = taint_text.partition(":")[0].partition("=")[0]
    return key in CONTROL_PLANE_KEYS or (is_accelerator(key) and not wants_accelerators)


def _planned(carried: Mapping[Family, tuple[int, Counter[str]]], node: Node, taint: Taint) -> bool:
    if tells_condition(taint):
        return False
    if taint.key in CONTROL_PLANE_KEYS or is_accelerator(taint.key):
        return True
    size, counts = carried[_family(node)]
    return counts[spoken(taint)] == size


def _stance(node: Node) -> object:
    """All that placement looks at besides labels and room."""
    devices = tuple(sorted(in_capacity(node).items()))
    return (
        _family(node),
        devices,
        node.taints,
        node.unschedulable,
        bool(node.deleted),
        is_accelerator_node(node),
    )


def _family(node: Node) -> Family:
    return node_pool(node), node.instance_type, product(node), *sorted(in_capacity(node))


def _taints_of(inventory: Inventory) -> Mapping[Family, tuple[int, Counter[str]]]:
    memo = inventory.index.memo
    if "rooms.taints" not in memo:
        families: dict[Family, list[Node]] = defaultdict(list)
        for node in inventory.nodes:
            families[_family(node)].append(node)
        memo["rooms.taints"] = {
            family: (len(nodes), Counter(spoken(taint) for node in nodes for taint in node.taints))
            for family, nodes in families.items()
        }
    found: Mapping[Family, tuple[int, Counter[str]]] = memo["rooms.taints"]
    return found
