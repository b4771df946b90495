"""
A controller that lacks pods looks the same whether it was refused, is waiting its turn, or has only just
begun.

Who wants pods and does not get them, read from counts that controllers keep: ReplicaSets say themselves that
they were refused (condition ReplicaFailure); Jobs, StatefulSets and DaemonSets say nothing, so that their
lack must have lasted.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.fact import Condition, condition
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod, PodTemplate
from scanners.facts.ref import Ref
from scanners.facts.workload import Job, StatefulSet, Workload
from scanners.semantics.ends import ends_of
from scanners.semantics.owners import top_owner
from scanners.semantics.standing import verdict_of
from scanners.semantics.times import lasts, latest


class Want(NamedTuple):
    """
    A controller that lacks ``missing`` pods. ``said`` is its own word that they were refused, ``since`` the
    time of that word, else of the last change to its pods; ``""`` where unknown.
    """

    controller: Job | Workload
    owner: Ref
    missing: int
    since: str
    said: Condition | None = None

    @property
    def template(self) -> PodTemplate:
        """What the missing pods would be."""
        return self.controller.template


def refusal_of(workload: Workload) -> Condition | None:
    """The word of a ReplicaSet or Deployment that it could not create pods, while it lacks some."""
    said = condition(workload.conditions, "ReplicaFailure")
    short = workload.wanted > (workload.replicas or 0)
    return said if said and said.true and said.reason == "FailedCreate" and short else None


def refused(inventory: Inventory) -> Iterator[Want]:
    """ReplicaSets that say that their pods were refused."""
    for replica_set in inventory.replicasets:
        said = refusal_of(replica_set)
        if said and not replica_set.deleted:
            missing = replica_set.wanted - (replica_set.replicas or 0)
            yield Want(replica_set, top_owner(inventory, replica_set), missing, said.since, said)


def lacking(inventory: Inventory) -> Iterator[Want]:
    """Jobs, StatefulSets and DaemonSets that have lacked pods for long, for no reason of their own."""
    for job in inventory.jobs:
        missing = _missing_of(job)
        if missing > 0:
            pods = inventory.index.pods_by_owner.get(job.uid, ())
            ends = (end.ended.finished for pod in pods for end in ends_of(pod))
            born = (pod.created for pod in pods)
            since = latest(job.started or job.created, *born, *ends)
            if lasts(since, inventory.now, inventory.ages.wait):
                yield Want(job, top_owner(inventory, job), missing, since)
    for workload in (*inventory.statefulsets, *inventory.daemonsets):
        missing = workload.wanted - (workload.replicas or 0)
        pods = inventory.index.pods_by_owner.get(workload.uid, ())
        if not workload.has_status or workload.deleted or missing <= 0 or _takes_turns(workload, pods):
            continue
        since = latest(workload.created, *(pod.created for pod in pods))
        if lasts(since, inventory.now, inventory.ages.wait):
            yield Want(workload, top_owner(inventory, workload), missing, since)


def _missing_of(job: Job) -> int:
    idle = job.suspended or job.deleted or job.managed_by or not job.has_status
    if idle or job.terminating or verdict_of(job):
        return 0
    done = (job.succeeded or 0) + _count(job.failed_indexes)
    left = job.parallelism if job.completions is None else job.completions - done
    return min(job.parallelism, left) - (job.active or 0)


def _count(indexes: str) -> int:
    """How many indexes a Job's list names: ``1,3-5`` names 4."""
    ranges = (part.partition("-") for part in indexes.split(",") if part.strip())
    return sum(int(last or first) - int(first) + 1 for first, _, last in ranges)


def _takes_turns(workload: Workload, pods: Sequence[Pod]) -> bool:
    """Whether a StatefulSet may be waiting for a pod to become ready before it makes the next."""
    unseen = len(pods) < (workload.replicas or 0)
    return isinstance(workload, StatefulSet) and (unseen or any(not pod.ready for pod in pods))
