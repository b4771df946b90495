"""
GPUs are bought and shared by the pool, and people ask how much of a pool is in use.

Counts by pool at the moment of the scan, in physical devices (:mod:`scanners.semantics.gpu_devices`).
"""

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.semantics.accelerators import in_capacity, is_accelerator_node, offered
from scanners.semantics.gpu_devices import physical_gpus, physical_held, unit_worth
from scanners.semantics.gpu_products import node_pool, product

UNLABELLED = "unlabelled"
"""The pool of nodes that name none, and no machine or product either."""


class Pool(NamedTuple):
    """A pool's devices: ``capacity`` paid for, ``allocatable`` on Ready nodes, ``held`` by pods there."""

    name: str
    product: str
    nodes: tuple[Node, ...]
    capacity: Fraction
    allocatable: Fraction
    held: Fraction

    @property
    def ratio(self) -> Fraction | None:
        """Held over allocatable, at most 1; None where nothing can be held."""
        return min(Fraction(1), self.held / self.allocatable) if self.allocatable else None


def pool_name(node: Node) -> str:
    """The pool of a node, or a word for nodes that tell none."""
    return node_pool(node) or UNLABELLED


def pools(inventory: Inventory) -> list[Pool]:
    """Pools with accelerators, by name. Needs nodes and pods."""
    members: dict[str, list[Node]] = defaultdict(list)
    for node in inventory.nodes:
        if is_accelerator_node(node):
            members[pool_name(node)].append(node)
    return [_pool(inventory, name, tuple(nodes)) for name, nodes in sorted(members.items())]


def allocatable_gpus(node: Node) -> Fraction:
    """Physical devices of a node that can be held: none while it is not Ready, fewer where some are lost."""
    if not node.ready:
        return Fraction(0)
    whole, units, left = physical_gpus(node), in_capacity(node), offered(node)
    missing = sum(
        (Fraction(amount - left.get(name, 0)) * unit_worth(node, name) for name, amount in units.items()),
        Fraction(0),
    )
    return max(whole - missing, Fraction(0)) if left else Fraction(0)


def as_number(devices: Fraction | int) -> int | float:
    """A number of devices as JSON carries it."""
    exact = Fraction(devices)
    return int(exact) if exact.denominator == 1 else round(float(exact), 3)


def _pool(inventory: Inventory, name: str, nodes: tuple[Node, ...]) -> Pool:
    products = sorted({product(node) for node in nodes} - {""})
    usable = [node for node in nodes if node.ready]
    return Pool(
        name,
        ", ".join(products),
        nodes,
        sum((physical_gpus(node) for node in nodes), Fraction(0)),
        sum((allocatable_gpus(node) for node in nodes), Fraction(0)),
        sum((physical_held(inventory, node) for node in usable), Fraction(0)),
    )
