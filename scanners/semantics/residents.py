"""
Every node runs a dozen agents of its own; what matters when it fails is the work that was placed there.
"""

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.semantics.accelerators import is_accelerator_node
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.gpu_idle import runs_everywhere


def residents(inventory: Inventory, node: Node) -> list[Pod]:
    """Pods that take room on a node, without its agents (DaemonSets, mirror pods)."""
    placed = inventory.index.pods_by_node.get(node.name, ())
    return [pod for pod in placed if pod.holds_room and not runs_everywhere(pod)]


def devices_of(node: Node) -> int | float | None:
    """Physical devices of a node as facts carry them: 0 without accelerators, None where unknown."""
    if not is_accelerator_node(node):
        return 0
    devices = physical_gpus(node)
    return (int(devices) if devices.denominator == 1 else float(devices)) or None
