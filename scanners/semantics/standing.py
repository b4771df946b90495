"""
One pod of forty that dies is not the same as the only one: how badly a fault hurts depends on who is still up.

Only positive evidence is used: replicas that the controller counts, siblings that are up or done, a Job's own conditions.
"""

from scanners.facts.fact import condition
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref, key_of
from scanners.facts.workload import Job, Workload
from scanners.semantics.times import instant


def workload_of(inventory: Inventory, owner: Ref) -> Workload | None:
    """The Deployment, ReplicaSet, StatefulSet or DaemonSet that an owner is, if it was read."""
    return inventory.index.workloads.get(key_of(owner))


def ready_replicas(inventory: Inventory, owner: Ref) -> int | None:
    """Replicas that are ready by the controller's count; None where the owner has none or was not read."""
    workload = workload_of(inventory, owner)
    if workload is None or not workload.has_status:
        return None
    return workload.ready or 0


def enough_ready(inventory: Inventory, owner: Ref) -> bool:
    """Whether as many replicas are ready as are wanted: a failing new revision beside an old one that serves."""
    workload = workload_of(inventory, owner)
    return workload is not None and workload.wanted > 0 and (workload.ready or 0) >= workload.wanted


def replaced(inventory: Inventory, pod: Pod) -> bool:
    """Whether a later pod of the same direct owner is ready or has succeeded: the work went on without this one."""
    if not pod.owners:
        return False
    born = instant(pod.created) or 0.0
    return any(
        (instant(other.created) or 0.0) > born and (other.phase == "Succeeded" or _up(other))
        for other in inventory.index.pods_by_owner.get(pod.owners[0].uid, ())
    )


def verdict_of(job: Job) -> str:
    """``Complete``, ``Failed`` or ``""`` for a Job that has not ended; a target condition counts: the end is decided."""
    for ended, types in (("Failed", ("Failed", "FailureTarget")), ("Complete", ("Complete", "SuccessCriteriaMet"))):
        for type_ in types:
            found = condition(job.conditions, type_)
            if found and found.true:
                return ended
    return ""


def _up(pod: Pod) -> bool:
    return pod.phase == "Running" and pod.ready and not pod.deleted
