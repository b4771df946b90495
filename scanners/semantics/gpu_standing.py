"""
A GPU that no pod holds may be broken, kept out of use, idle or just free: only one of these is a purchase too many.

How the GPUs of one node stand at the moment of the scan, by what the API says (checks.md, "The GPU-hour
ledger", rows 1 to 3). Whoever cannot be sure says ``unknown``: pods that were not read whole, devices that are
held in untold amounts.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.slices import PODS
from scanners.semantics.accelerators import offered, requested
from scanners.semantics.gpu_devices import (
    physical_gpus,
    registered_gpus,
    sliced_unevenly,
    unit_worth,
    units_of,
    worth_of,
)
from scanners.semantics.gpu_fillers import hold_untold_amounts, is_filler
from scanners.semantics.gpu_idle import idle_gpu_nodes
from scanners.semantics.gpu_parts import Cell, total
from scanners.semantics.gpu_shapes import usable
from scanners.semantics.requests import places_are_known, used_on
from scanners.semantics.tolerations import cordoned, leaving

STARTUP_PREFIXES = ("startup-taint.cluster-autoscaler.kubernetes.io/", "karpenter.sh/unregistered")
STARTUP_SUFFIXES = ("/agent-not-ready", "/uninitialized")
"""Keys of taints that a node carries until an agent of its own is up (Karpenter, Cilium, CSI drivers, clouds)."""

Standing = Mapping[Cell, Fraction]
"""Physical GPUs by how they stand, in the order of the ledger's rows; sums to what the node has."""


def standing(inventory: Inventory, node: Node) -> Standing:
    """How the GPUs of a node stand now. Needs nodes and pods."""
    whole = physical_gpus(node)
    lost = lost_gpus(node)
    filler, held = held_gpus(inventory, node)
    filler = min(filler, whole - lost)
    held = min(held, whole - lost - filler)
    unheld = whole - lost - filler - held
    found = {Cell.LOST: lost, Cell.FILLER: filler, Cell.HELD: held}
    if unheld:
        for cell, gpus in _unheld(inventory, node, unheld).items():
            found[cell] = found.get(cell, Fraction(0)) + gpus
    return {cell: found[cell] for cell in Cell if found.get(cell)}


def lost_gpus(node: Node) -> Fraction:
    """GPUs that are paid for and that nobody can have: a node that is not Ready, devices not allocatable."""
    whole, left = physical_gpus(node), offered(node)
    if not node.ready or not left:
        return whole
    unregistered = Fraction(0) if sliced_unevenly(node) else max(whole - registered_gpus(node), Fraction(0))
    missing = total(
        Fraction(max(amount - left.get(name, Decimal(0)), Decimal(0))) * unit_worth(node, name)
        for name, amount in units_of(node).items()
    )
    return min(whole, unregistered + missing)


def held_gpus(inventory: Inventory, node: Node) -> tuple[Fraction, Fraction]:
    """GPUs of a node that fillers hold, and those that tenants hold; each at most what the node has."""
    burning: Counter[str] = Counter()
    for pod in inventory.index.pods_by_node.get(node.name, ()):
        if pod.holds_room and is_filler(pod):
            burning.update({name: int(amount) for name, amount in requested(pod.template).items()})
    used = used_on(inventory, node.name)
    whole = physical_gpus(node)
    tenants = {name: amount - burning[name] for name, amount in used.items()}
    filler = worth_of(node, {name: Decimal(amount) for name, amount in burning.items()})
    return min(filler, whole), min(worth_of(node, tenants), whole)


def holders_are_known(inventory: Inventory, node: Node) -> bool:
    """Whether a GPU of this node that no pod asks for is not held: pods read whole, amounts told."""
    there = inventory.index.pods_by_node.get(node.name, ())
    return inventory.is_complete(PODS) and places_are_known(inventory) and not hold_untold_amounts(there)


def kept_out(node: Node) -> bool:
    """Whether nothing new may go to a node: cordoned, being taken away, or not yet opened."""
    keys = [taint.key for taint in node.taints]
    starting = any(key.startswith(STARTUP_PREFIXES) or key.endswith(STARTUP_SUFFIXES) for key in keys)
    return cordoned(node) or leaving(node) or starting


def _unheld(inventory: Inventory, node: Node, unheld: Fraction) -> Standing:
    if not holders_are_known(inventory, node):
        return {Cell.UNKNOWN: unheld}
    if kept_out(node):
        return {Cell.LOST: unheld}
    if node.name in _idle_names(inventory):
        return {Cell.IDLE_NODE: unheld}
    stranded, fragmented, free = usable(inventory, node, unheld)
    return {Cell.STRANDED: stranded, Cell.FRAGMENTED: fragmented, Cell.FREE: free}


def _idle_names(inventory: Inventory) -> frozenset[str]:
    memo = inventory.index.memo
    if "gpu_standing.idle" not in memo:
        memo["gpu_standing.idle"] = frozenset(one.node.name for one in idle_gpu_nodes(inventory))
    found: frozenset[str] = memo["gpu_standing.idle"]
    return found
