"""
An empty node that no autoscaler takes away is kept by one pod, one budget, one annotation or its pool's minimum, and
nobody says which.

Source: kubernetes/autoscaler, ``simulator/drainability/rules`` and ``utils/drain``, with default flags. Bare
pods, local storage and system pods without a budget stop the cluster autoscaler only; annotations and budgets
stop both it and Karpenter.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.ref import Named
from scanners.facts.slices import NODE_POOLS, PODDISRUPTIONBUDGETS
from scanners.facts.workload import DisruptionBudget
from scanners.finding import Evidence, nobody
from scanners.semantics.cloud_evidence import said
from scanners.semantics.gpu_idle import IdleNode
from scanners.semantics.gpu_products import node_pool
from scanners.semantics.node_groups import size_of
from scanners.semantics.owners import top_owner
from scanners.semantics.selectors import matches

SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
SAFE_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
"""Names of local volumes whose loss does no harm, between commas."""
SCALE_DOWN_DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled"
DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"
KARPENTER = "karpenter.sh/nodepool"

SYSTEM = "kube-system"


class Blocker(NamedTuple):
    """What keeps a node: the object that a person would change, what about it, and where that stands."""

    subject: Named
    what: str
    text: str
    evidence: Evidence
    pod: Pod | None = None


def blockers_of(inventory: Inventory, idle: IdleNode) -> Iterator[Blocker]:
    """Everything that keeps an autoscaler from taking an idle node."""
    node = idle.node
    for annotation in (SCALE_DOWN_DISABLED, DO_NOT_DISRUPT):
        value = node.annotations.get(annotation, "")
        if value == "true":
            row = Evidence(subject=node, path=f"metadata.annotations['{annotation}']", value=value)
            yield Blocker(node, annotation.partition("/")[2], f"its annotation {annotation}", row)
    yield from _of_pool(inventory, node)
    for pod in idle.cpu_only_pods:
        yield from _of_pod(inventory, node, pod)


def _of_pool(inventory: Inventory, node: Node) -> Iterator[Blocker]:
    """The pool's own minimum, where the provider tells it."""
    for pool in inventory.node_pools if inventory.has(NODE_POOLS) else ():
        least = pool.minimum or 0
        scaled = least > 0 and pool.name == node_pool(node) and pool.autoscaled is not False
        if scaled and size_of(inventory, pool) <= least:
            for row in said(pool, "minimum"):
                nodes = "1 node" if str(row.value) == "1" else f"{row.value} nodes"
                each = "" if str(row.value) == str(least) else " a zone"  # as GKE bounds a regional pool
                text = f"the pool's minimum of {nodes}{each}"
                yield Blocker(nobody("NodePool", pool.name), "pool-minimum", text, row)


def _of_pod(inventory: Inventory, node: Node, pod: Pod) -> Iterator[Blocker]:
    owner = top_owner(inventory, pod)
    safe = pod.annotations.get(SAFE_TO_EVICT, "")
    kept = [(SAFE_TO_EVICT, "false", safe), (DO_NOT_DISRUPT, "true", pod.annotations.get(DO_NOT_DISRUPT, ""))]
    for annotation, forbidding, value in kept:
        if value == forbidding:
            row = Evidence(subject=pod, path=f"metadata.annotations['{annotation}']", value=value)
            yield Blocker(owner, annotation.partition("/")[2], f"annotation {annotation}: {value}", row, pod)
    budgets = budgets_of(inventory, pod)
    for budget in budgets:
        if budget.allowed == 0:
            row = Evidence(subject=budget, path="status.disruptionsAllowed", value=0)
            yield Blocker(budget, "budget", f"disruption budget {budget.name} allows none", row, pod)
    if safe == "true" or KARPENTER in node.labels:
        return
    here = Evidence(subject=pod, path="spec.nodeName", value=pod.node)
    if not pod.owners:
        yield Blocker(owner, "bare-pod", "a pod without a controller", here, pod)
    elif local := _local_storage(pod):
        yield Blocker(owner, "local-storage", f"local storage (volume {local})", here, pod)
    elif pod.namespace == SYSTEM and not budgets and inventory.is_complete(PODDISRUPTIONBUDGETS):
        yield Blocker(owner, "system-pod", "a kube-system pod without a disruption budget", here, pod)


def budgets_of(inventory: Inventory, pod: Pod) -> list[DisruptionBudget]:
    """Disruption budgets that cover a pod (a nil selector covers none)."""
    budgets = _by_namespace(inventory).get(pod.namespace, ())
    return [one for one in budgets if one.selector is not None and matches(one.selector, pod.labels)]


def _by_namespace(inventory: Inventory) -> dict[str, list[DisruptionBudget]]:
    budgets, memo = inventory.disruption_budgets, inventory.index.memo
    if "reclaim.budgets" not in memo:
        found: dict[str, list[DisruptionBudget]] = defaultdict(list)
        for budget in budgets:
            found[budget.namespace].append(budget)
        memo["reclaim.budgets"] = dict(found)
    known: dict[str, list[DisruptionBudget]] = memo["reclaim.budgets"]
    return known


def _local_storage(pod: Pod) -> str:
    """The first local volume that may not be lost, ``""`` for none."""
    safe = pod.annotations.get(SAFE_VOLUMES, "").split(",")
    for volume in pod.template.volumes:
        local = volume.type == "hostPath" or (volume.type == "emptyDir" and volume.medium != "Memory")
        if local and volume.name not in safe:
            return volume.name
    return ""
