"""
A container's last words say why it died; reading everybody's logs would be a flood.

Only containers that failed, or wait in a crash loop, are read, the run that failed first; sixty lines,
sixteen kilobytes, two hundred containers a target, three of the same workload. Lines are redacted before
they become a fact.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.log import ContainerLog
from scanners.facts.pod import ContainerState, Pod
from scanners.facts.slices import POD_LOGS
from scanners.semantics.split_secrets import redact_lines
from swarm.errors import DeepscanError, Forbidden, NotServed, ServerError, TimedOut
from swarm.sources.kubernetes.rules import mend_of
from swarm.sources.kubernetes.transport import Transport
from swarm.sources.source import Counters

LINES = 60
BYTES = 16_384
CONTAINERS = 200
SAME_OWNER = 3
LOOPING = frozenset({"CrashLoopBackOff", "Error", "RunContainerError"})
TEXT = "*/*"


class Tail(NamedTuple):
    """One log to read."""

    pod: Pod
    container: str
    previous: bool


def wanted(pods: Sequence[Pod]) -> list[Tail]:
    """The logs worth reading, at most CONTAINERS and SAME_OWNER per workload and container."""
    seen: Counter[tuple[str, str]] = Counter()
    chosen: list[Tail] = []
    for pod in pods:
        owner = pod.owners[0].uid if pod.owners else pod.uid
        for container in pod.troubled:
            if len(chosen) >= CONTAINERS:
                return chosen
            previous = _failed_run(pod, container)
            if previous is None or seen[owner, container.name] >= SAME_OWNER:
                continue
            seen[owner, container.name] += 1
            chosen.append(Tail(pod, container.name, previous))
    return chosen


async def read_tail(transport: Transport, tail: Tail, cost: Counters) -> ContainerLog | None:
    """
    The tail of one log, None if the kubelet has it no longer. Typed SourceError if it may not or cannot be
    read.
    """
    path = f"/api/v1/namespaces/{tail.pod.namespace}/pods/{tail.pod.name}/log"
    parameters = {"container": tail.container, "tailLines": str(LINES), "limitBytes": str(BYTES)}
    if tail.previous:
        parameters["previous"] = "true"
    try:
        async with transport.pace.seat():
            text = await transport.get(
                path, parameters, lambda body: body.whole(4 * BYTES), accept=TEXT, cost=cost
            )
    except NotServed:
        return None
    except ServerError:
        if tail.previous:
            return await read_tail(transport, tail._replace(previous=False), cost)
        return None
    lines = text.decode(errors="replace").splitlines()
    return ContainerLog(
        namespace=tail.pod.namespace,
        name=tail.pod.name,
        uid=tail.pod.uid,
        container=tail.container,
        previous=tail.previous,
        lines=redact_lines(lines[-LINES:]),
        truncated=len(lines) >= LINES or len(text) >= BYTES,
        owners=tail.pod.owners,
    )


class Refusals:
    """What went wrong while logs were read: namespaces that refuse are not asked again."""

    def __init__(self) -> None:
        self.denied: dict[str, str] = {}
        self.failed: list[DeepscanError] = []

    def note(self, error: DeepscanError, namespace: str) -> None:
        """Remember a refusal."""
        if isinstance(error, Forbidden):
            self.denied.setdefault(namespace, error.cause or error.sentence)
        else:
            self.failed.append(error)

    def readings(self, objects: int, asked: int) -> Iterator[Reading]:
        """The readings: a row for each namespace that refused, one for the rest."""
        for namespace, detail in sorted(self.denied.items()):
            scope = f"namespace/{namespace}"
            yield Reading(POD_LOGS.name, SliceState.DENIED, scope, 0, detail, mend_of(POD_LOGS, namespace))
        if self.denied and not objects and not self.failed:
            return
        if not self.failed:
            detail = f"capped at {CONTAINERS} containers" if asked >= CONTAINERS else ""
            yield Reading(POD_LOGS.name, SliceState.COMPLETE, "cluster", objects, detail)
            return
        first = self.failed[0]
        state = SliceState.TIMED_OUT if isinstance(first, TimedOut) else SliceState.FAILED
        told = f"{len(self.failed)} of {asked} logs could not be read: {first.sentence}"
        yield Reading(
            POD_LOGS.name, SliceState.PARTIAL if objects else state, "cluster", objects, told, first.mend
        )


def _failed_run(pod: Pod, container: ContainerState) -> bool | None:
    """Which run to read: True the one before, False the last one, None neither (nothing failed)."""
    if pod.phase == "Succeeded":
        return None
    if container.last is not None and container.last.exit_code != 0:
        return True
    if container.terminated is not None and container.terminated.exit_code != 0:
        return False
    if container.waiting is not None and container.waiting.reason in LOOPING:
        return container.restarts > 0
    return None
