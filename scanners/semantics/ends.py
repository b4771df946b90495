"""
Exit code 137 is a full cgroup, a drained node, a failed probe or an impatient person: the code alone says
none of them.

checks.md S13. A status holds at most two ends of a container, the present one and the one before it, so
what is counted here is what is still seen, never more. That somebody asked for the end is read from the
status alone; events would say it too, but they are gone within the hour.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.pod import Container, ContainerState, Pod, Terminated
from scanners.semantics.times import instant

SIGKILLED = 137
SIGTERMED = 143
OOM_KILLED = "OOMKilled"

STOPPED_PODS = frozenset(
    {"Evicted", "Preempting", "NodeShutdown", "Shutdown", "Terminated", "NodeLost", "DeadlineExceeded"}
)
"""
``status.reason`` of pods that were told to go (kubelet eviction, preemption and node shutdown, deadlines).
"""


class End(NamedTuple):
    """One end of a container. ``where`` is ``state.terminated`` or ``lastState.terminated``."""

    pod: Pod
    state: ContainerState
    ended: Terminated
    where: str

    def path(self, field: str) -> str:
        """Where a field of it stands in the pod."""
        return self.state.path(f"{self.where}.{field}")

    @property
    def oom_killed(self) -> bool:
        """Whether the kernel killed it at its cgroup's limit, by the runtime's word."""
        return self.ended.reason == OOM_KILLED

    @property
    def finished(self) -> float:
        """When it ended, in epoch seconds; 0 where unknown."""
        return instant(self.ended.finished) or 0.0

    @property
    def ran_seconds(self) -> int | None:
        """How long it ran, None where either end of it is unknown (a process that never started has 1970)."""
        started, finished = instant(self.ended.started), instant(self.ended.finished)
        return int(finished - started) if started and finished and finished >= started else None


def ends_of(pod: Pod) -> Iterator[End]:
    """Every end of every container that the pod's status still holds, init and ephemeral ones too."""
    for state in pod.troubled:
        if state.last:
            yield End(pod, state, state.last, "lastState.terminated")
        if state.terminated:
            yield End(pod, state, state.terminated, "state.terminated")


def newest(ends: list[End]) -> End:
    """The latest of some ends; equal times fall to the smaller uid, so that order does not matter."""
    return min(ends, key=lambda end: (-end.finished, end.pod.uid, end.where))


def told_to_stop(pod: Pod) -> bool:
    """
    Whether the pod's status says that somebody ended it: deletion, eviction, preemption, drain, shutdown,
    deadline.
    """
    disrupted = pod.condition("DisruptionTarget")
    return (
        bool(pod.deleted)
        or bool(disrupted and disrupted.true)
        or bool(pod.state and pod.state.reason in STOPPED_PODS)
    )


def cleaned_up(end: End) -> bool:
    """Whether a container was stopped because its pod's work was done: another one of the pod ended well."""
    if end.pod.phase != "Failed" or end.ended.exit_code not in (SIGKILLED, SIGTERMED):
        return False
    others = [
        state for state in end.pod.troubled if state.list == "containerStatuses" and state is not end.state
    ]
    return any(state.terminated and state.terminated.exit_code == 0 for state in others)


def container_of(pod: Pod, name: str) -> Container | None:
    """The container of that name in the pod's template; ephemeral ones are not part of it."""
    for container in (*pod.template.containers, *pod.template.init_containers):
        if container.name == name:
            return container
    return None
