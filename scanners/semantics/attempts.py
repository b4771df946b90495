"""
A Job says that it failed, never why: the exit codes stand in pods that somebody may delete at any moment.
"""

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.workload import Job
from scanners.semantics.ends import End, cleaned_up, ends_of, newest


def pods_of(inventory: Inventory, job: Job) -> list[Pod]:
    """The pods of a Job that are still there, oldest first."""
    pods = inventory.index.pods_by_owner.get(job.uid, ())
    return sorted(pods, key=lambda pod: (pod.created, pod.uid))


def live(pods: list[Pod]) -> list[Pod]:
    """Those that still run, or wait to; a pod that is being deleted is over."""
    return [pod for pod in pods if not pod.finished and not pod.deleted]


def failing_end(pod: Pod) -> End | None:
    """
    The newest end of a pod's container that was a failure; a side container that was cleaned up is none.
    """
    failing = [end for end in ends_of(pod) if end.ended.exit_code and not cleaned_up(end)]
    return newest(failing) if failing else None


def last_failure(pods: list[Pod]) -> End | None:
    """The newest failing end of some pods: of those that failed, else of one that restarts in place."""
    failed = [end for end in map(failing_end, pods) if end and end.pod.phase == "Failed"]
    restarted = [end for end in map(failing_end, pods) if end and end.pod.phase != "Succeeded"]
    return newest(failed or restarted) if failed or restarted else None


def exit_codes(pods: list[Pod]) -> list[int]:
    """Exit codes of the pods that failed, oldest first."""
    ends = [end for end in map(failing_end, pods) if end and end.pod.phase == "Failed"]
    ends.sort(key=lambda end: (end.finished, end.pod.uid))
    return [end.ended.exit_code for end in ends]
