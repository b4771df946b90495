"""
A GPU node without a GPU pod costs as much as a busy one, and CPU pods on it make every dashboard call it used.

The one judgement that GPU101, GPU109 and GPU119 share. Speaks of absence: ask only where pods were read whole.
"""

from fractions import Fraction
from typing import Literal, NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod

AWAITED = 600.0
"""Seconds that a pending pod may be on its way to a node before the node counts as idle (checks.md GPU101)."""


class IdleNode(NamedTuple):
    """
    A Ready, schedulable node whose devices nobody holds.

    ``gpus`` physical devices; ``idle_since`` RFC 3339, the newest ``trace`` of a holder (basis ``trace``), else the
    node's creation (``no-trace``: nothing readable contradicts it), ``""`` where unknown; ``cpu_only_pods`` without DaemonSet and
    mirror pods.
    """

    node: Node
    gpus: Fraction
    product: str
    idle_since: str
    basis: Literal["status", "trace", "no-trace"]
    cpu_only_pods: tuple[Pod, ...]
    awaited_by: tuple[Pod, ...] = ()


def idle_gpu_nodes(inventory: Inventory) -> list[IdleNode]:
    """Idle GPU nodes by name, by the GPU101 row with its "Not" list; once a scan. Needs pods and nodes; events sharpen."""
    raise NotImplementedError


def cpu_only_pods(inventory: Inventory, node: Node) -> list[Pod]:
    """Pods that take room on a node and hold no accelerator, without DaemonSet and mirror pods."""
    raise NotImplementedError


def is_idle(inventory: Inventory, node: Node) -> bool:
    """Whether a node is among the idle ones."""
    raise NotImplementedError
