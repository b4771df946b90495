"""
One pod of forty that dies is not the same as the only one: how badly a fault hurts depends on who is still
up.

Only positive evidence is used: replicas that the controller counts, siblings that are up or done, a Job's
own conditions.
"""

from scanners.facts.fact import Condition, condition
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref, key_of
from scanners.facts.workload import Job, Workload
from scanners.semantics.times import instant

FAILED = ("Failed", "FailureTarget")
COMPLETE = ("Complete", "SuccessCriteriaMet")
"""Conditions of a Job's end; the second of each says that the end is decided while pods still terminate."""


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
    """
    Whether as many replicas are ready as are wanted: a failing new revision beside an old one that serves.
    """
    workload = workload_of(inventory, owner)
    return workload is not None and workload.wanted > 0 and (workload.ready or 0) >= workload.wanted


def replaced(inventory: Inventory, pod: Pod, settled: float = 0.0) -> bool:
    """
    Whether a later pod of the same direct owner has succeeded, or is up and that many seconds old.

    Then the work went on without this one. A pod without an owner is replaced by nobody.
    """
    if not pod.owners:
        return False
    return _last_good(inventory, pod.owners[0].uid, settled) > (instant(pod.created) or 0.0)


def made_up_for(inventory: Inventory, pod: Pod) -> bool:
    """
    Whether the work of a pod that is gone goes on: as many pods of its controller run as are wanted (what ails
    those is another matter), or, where nothing counts them, it was replaced.
    """
    controller = inventory.index.owners_by_uid.get(pod.owners[0].uid) if pod.owners else None
    if isinstance(controller, Workload) and controller.has_status:
        return _running(inventory, controller.uid) >= controller.wanted
    return replaced(inventory, pod)


def _running(inventory: Inventory, owner: str) -> int:
    """How many pods of an owner run; kept, for owners of many pods."""
    known: dict[str, int] = inventory.index.memo.setdefault("running-pods", {})
    if owner not in known:
        pods = inventory.index.pods_by_owner.get(owner, ())
        known[owner] = sum(1 for pod in pods if pod.phase == "Running" and not pod.deleted)
    return known[owner]


def _last_good(inventory: Inventory, owner: str, settled: float) -> float:
    """
    When the newest pod of an owner was created that has succeeded or is up; kept, for owners of many pods.
    """
    known: dict[tuple[str, float], float] = inventory.index.memo.setdefault("last-good", {})
    if (owner, settled) not in known:
        latest = inventory.now - settled
        pods = inventory.index.pods_by_owner.get(owner, ())
        good = (instant(pod.created) or 0.0 for pod in pods if pod.phase == "Succeeded" or _up(pod, latest))
        known[owner, settled] = max(good, default=0.0)
    return known[owner, settled]


def verdict_of(job: Job) -> str:
    """``Complete``, ``Failed`` or ``""`` for a Job that has not ended; a target condition counts."""
    if any(found and found.true for found in (condition(job.conditions, type_) for type_ in FAILED)):
        return "Failed"
    done = (condition(job.conditions, type_) for type_ in COMPLETE)
    return "Complete" if any(found and found.true for found in done) else ""


def made_good(inventory: Inventory, pod: Pod) -> bool:
    """Whether a pod was an attempt of a Job that has completed all the same."""
    job = inventory.index.owners_by_uid.get(pod.owners[0].uid) if pod.owners else None
    return isinstance(job, Job) and verdict_of(job) == "Complete"


def ended_by(job: Job) -> Condition | None:
    """The condition that ended a Job, the final one before the target that was decided first."""
    for type_ in (*FAILED, *COMPLETE):
        found = condition(job.conditions, type_)
        if found and found.true:
            return found
    return None


def _up(pod: Pod, latest: float) -> bool:
    created = instant(pod.created) or 0.0
    return pod.phase == "Running" and pod.ready and not pod.deleted and created <= latest
