"""
"2 of 3 available" is a rollout that takes its minute, or an outage since last night: the count carries no
time.

The time comes from conditions and from the pods that are short; those of a Deployment belong to its
ReplicaSets.
"""

from collections import defaultdict
from collections.abc import Mapping

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.workload import Deployment, Workload


def available_of(workload: Workload) -> int:
    """Available replicas, else ready ones: a count of 0 is left out of the status."""
    return workload.available if workload.available is not None else workload.ready or 0


def pods_of(inventory: Inventory, workload: Workload) -> list[Pod]:
    """Pods of a controller: its own, and for a Deployment those of its ReplicaSets."""
    owners = [workload.uid]
    if isinstance(workload, Deployment):
        owners = _replica_sets(inventory).get(workload.uid, [])
    by_owner = inventory.index.pods_by_owner
    return [pod for uid in owners for pod in by_owner.get(uid, ())]


def should_be_up(pods: list[Pod]) -> list[Pod]:
    """Pods that should be ready and are not: neither finished nor being deleted."""
    return [pod for pod in pods if not pod.ready and not pod.finished and not pod.deleted]


def node_silent(pod: Pod) -> bool:
    """
    Whether the node controller, not the kubelet, called the pod unready: its containers are still ready.

    On a node that is not ready it sets Ready to False and leaves ContainersReady alone (MarkPodsNotReady).
    """
    ready = pod.condition("Ready")
    gated = ready is not None and ready.reason == "ReadinessGatesNotReady"
    return pod.phase == "Running" and not pod.ready and not gated and pod.condition("ContainersReady") is None


def not_ready_since(pod: Pod) -> str:
    """Since when a pod is not ready: the condition's time, else its creation."""
    ready = pod.condition("Ready")
    return ready.since if ready and ready.since else pod.created


def _replica_sets(inventory: Inventory) -> Mapping[str, list[str]]:
    """Uids of ReplicaSets by that of their Deployment."""
    memo = inventory.index.memo
    if "replica-sets" not in memo:
        found: dict[str, list[str]] = defaultdict(list)
        for replica_set in inventory.replicasets:
            if replica_set.owners:
                found[replica_set.owners[0].uid].append(replica_set.uid)
        memo["replica-sets"] = dict(found)
    known: Mapping[str, list[str]] = memo["replica-sets"]
    return known
