"""
A provider's pool is a number to it and a shape to the pods that wait: both sides meet here.
"""

from collections.abc import Iterator, Sequence

from scanners.facts.cloud import NodePool
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.semantics.gpu_products import node_pool
from scanners.semantics.scheduling import would_fit_one_more
from scanners.semantics.unplaced import unplaced


def nodes_of(inventory: Inventory, pool: NodePool) -> list[Node]:
    """The Nodes of a pool, by the provider's own label."""
    memo = inventory.index.memo
    if "node-groups.nodes" not in memo:
        found: dict[str, list[Node]] = {}
        for node in inventory.nodes:
            found.setdefault(node_pool(node), []).append(node)
        memo["node-groups.nodes"] = found
    nodes: list[Node] = memo["node-groups.nodes"].get(pool.name, [])
    return nodes


def size_of(inventory: Inventory, pool: NodePool) -> int:
    """How many instances a pool has: the provider's number, else its Nodes."""
    return pool.size if pool.size is not None else len(nodes_of(inventory, pool))


def is_full(inventory: Inventory, pool: NodePool) -> bool:
    """Whether nothing more may be added to it."""
    return pool.maximum is not None and size_of(inventory, pool) >= pool.maximum


def can_grow(inventory: Inventory, pool: NodePool) -> bool:
    """Whether an autoscaler may still add a node to it."""
    known = pool.maximum is not None and pool.autoscaled is not False and not pool.stopped
    return known and size_of(inventory, pool) < (pool.maximum or 0)


def waiting_for(inventory: Inventory, pool: NodePool) -> list[Pod]:
    """
    Pods that have waited too long for a node and that one more node of the pool would take, and no pool that can still
    grow. None for a pool without Nodes: nothing shows its shape.
    """
    growing = [each for each in inventory.node_pools if each is not pool and can_grow(inventory, each)]
    others = [nodes[0] for each in growing if (nodes := nodes_of(inventory, each))]
    mine = nodes_of(inventory, pool)[:1]
    return [
        pod
        for pod in _late(inventory)
        if any(would_fit_one_more(inventory, pod, node) for node in mine)
        and not any(would_fit_one_more(inventory, pod, node) for node in others)
    ]


def asking_for(inventory: Inventory, pool: NodePool) -> list[Pod]:
    """Pods that have waited too long and whose own node selector names this pool's labels and nothing else."""
    names = ("agentpool", "kubernetes.azure.com/agentpool", "eks.amazonaws.com/nodegroup")
    labels = {**pool.node_labels, **dict.fromkeys((*names, "cloud.google.com/gke-nodepool"), pool.name)}
    return [
        pod
        for pod in _late(inventory)
        if pod.template.node_selector
        and all(labels.get(key) == value for key, value in pod.template.node_selector.items())
    ]


def _late(inventory: Inventory) -> Sequence[Pod]:
    """Pods past their patience for which no autoscaler is at work; once a scan."""
    memo = inventory.index.memo
    if "node-groups.late" not in memo:
        memo["node-groups.late"] = list(_late_now(inventory))
    found: Sequence[Pod] = memo["node-groups.late"]
    return found


def _late_now(inventory: Inventory) -> Iterator[Pod]:
    for accelerators in (True, False):
        for one in unplaced(inventory, accelerators=accelerators):
            if not one.scaling_up:
                yield from one.pods
