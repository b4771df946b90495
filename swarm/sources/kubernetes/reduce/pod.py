"""
In a cluster of 150,000 pods nearly all are plainly running, and of those one row is enough.

Plainly running: phase Running, not being deleted, Ready, every container up and none ended before. Such a pod
has no state; of any other the containers and conditions that are not in order are kept, with their places for
evidence paths.
"""

import msgspec

from scanners.facts.identity import packed
from scanners.facts.pod import (
    ContainerList,
    ContainerState,
    Pod,
    PodState,
    PodTemplate,
    Rare,
    Terminated,
    Waiting,
)
from swarm.sources.kubernetes.reduce.kin import kin_of
from swarm.sources.kubernetes.reduce.pool import NO_TABLE, Pool, text_of
from swarm.sources.kubernetes.reduce.shared import condition
from swarm.sources.kubernetes.reduce.template import gates
from swarm.sources.kubernetes.wire import metadata as metadata_wire
from swarm.sources.kubernetes.wire import pod as wire

_conditions = msgspec.json.Decoder(list[metadata_wire.Condition] | None).decode
_kept = msgspec.json.Decoder(wire.PodAnnotations | None).decode
_READY = b'"type":"Ready",'
_TRUE = (b'"status":"True"', b'"observedGeneration":1,"status":"True"')
"""What follows the type of a condition that is met, of a pod that nobody has resized."""
_KEPT_CONDITIONS = frozenset({"Ready", "DisruptionTarget"})


def pod(read: wire.Pod, pool: Pool) -> Pod:
    """A pod's row."""
    metadata = read.metadata or wire.PodMetadata()
    status = read.status or wire.PodStatus()
    spec = bytes(read.spec)
    kin, node, claims = kin_of(metadata, spec, status.phase or "", pool)
    plain = metadata.deletion_timestamp is None and _plainly_running(kin.template, status)
    state = None if plain else _state(spec, status, pool, node=node)
    annotations = _annotations(bytes(metadata.annotations), pool)
    identity = packed(metadata.name, metadata.uid, metadata.creation_timestamp or "", kin.owners)
    if plain and not (claims or annotations or metadata.finalizers):
        return Pod(node, kin, identity)
    deleted, finalizers = metadata.deletion_timestamp or "", pool.strings(metadata.finalizers)
    return Pod(node, kin, identity, Rare(claims, annotations, state, deleted, finalizers))


def _plainly_running(template: PodTemplate, status: wire.PodStatus) -> bool:
    containers = status.container_statuses
    if status.phase != "Running" or not containers or len(containers) < len(template.containers):
        return False
    for each in containers:
        state, last = each.state, each.last_state
        if not each.ready or each.restart_count or state is None or state.running is None:
            return False
        if last is not None and last.terminated is not None:
            return False
    for each in status.init_container_statuses or ():
        if not _as_expected(each, "initContainerStatuses"):
            return False
    return _in_order(bytes(status.conditions))


def _in_order(conditions: bytes) -> bool:
    """
    Whether a pod is Ready and is not being disrupted: by the text as the API server writes it, else decoded.

    No string of JSON holds a quote of its own, and conditions hold no objects.
    """
    at = conditions.find(_READY)
    disrupted = b"D" in conditions and b'"DisruptionTarget"' in conditions
    if at >= 0 and not disrupted and conditions.startswith(_TRUE, at + len(_READY)):
        return True
    ready = False
    for each in (_conditions(conditions) if conditions else None) or ():
        if each.type == "Ready":
            ready = each.status == "True"
        elif each.type == "DisruptionTarget":
            return False
    return ready


def _running(status: wire.ContainerStatus) -> bool:
    """Up, and never ended before."""
    last = status.last_state
    return (
        not status.restart_count
        and status.state is not None
        and status.state.running is not None
        and (last is None or last.terminated is None)
    )


def _as_expected(status: wire.ContainerStatus, where: ContainerList) -> bool:
    """
    Whether nothing needs to be kept of a container: it runs and is ready, or it had to end and ended well.
    """
    if _running(status):
        return bool(status.ready) or where == "ephemeralContainerStatuses"
    ended = status.state.terminated if status.state else None
    last = status.last_state
    return (
        where != "containerStatuses"
        and ended is not None
        and ended.exit_code == 0
        and not status.restart_count
        and (last is None or last.terminated is None)
    )


def _state(spec: bytes, status: wire.PodStatus, pool: Pool, *, node: str) -> PodState:
    sent = bytes(status.conditions)
    kept = tuple(
        condition(each, index, pool)
        for index, each in enumerate(_conditions(sent) or () if sent else ())
        if each.status != "True" or each.type in _KEPT_CONDITIONS
    )
    return PodState(
        reason=pool.message(status.reason),
        message=pool.message(status.message),
        conditions=kept,
        containers=(
            *_containers(status.init_container_statuses, "initContainerStatuses", pool),
            *_containers(status.container_statuses, "containerStatuses", pool),
            *_containers(status.ephemeral_container_statuses, "ephemeralContainerStatuses", pool),
        ),
        gates=() if node else gates(spec, pool),  # a pod with gates can have no node
        started=pool.string(status.start_time),
        ready=any(each.type == "Ready" and each.true for each in kept),
    )


def _containers(
    statuses: list[wire.ContainerStatus] | None, where: ContainerList, pool: Pool
) -> list[ContainerState]:
    return [
        _container(each, where, index, pool)
        for index, each in enumerate(statuses or ())
        if not _as_expected(each, where)
    ]


def _container(status: wire.ContainerStatus, where: ContainerList, index: int, pool: Pool) -> ContainerState:
    now = status.state or wire.State()
    last = status.last_state or wire.State()
    return ContainerState(
        name=pool.string(status.name),
        list=where,
        index=index,
        ready=bool(status.ready),
        restarts=status.restart_count or 0,
        running_since=pool.string(now.running.started_at) if now.running else "",
        waiting=Waiting(pool.message(now.waiting.reason), pool.message(now.waiting.message))
        if now.waiting
        else None,
        terminated=_terminated(now.terminated, pool),
        last=_terminated(last.terminated, pool),
    )


def _terminated(read: wire.Terminated | None, pool: Pool) -> Terminated | None:
    if read is None:
        return None
    return Terminated(
        exit_code=read.exit_code or 0,
        reason=pool.message(read.reason),
        message=pool.message(read.message),
        started=pool.string(read.started_at),
        finished=pool.string(read.finished_at),
        signal=read.signal or 0,
    )


def _annotations(text: bytes, pool: Pool) -> dict[str, str]:
    """Those that are kept; decoded unless they are word for word those of the pod before, its sibling."""
    if not text:
        return NO_TABLE
    before, table = pool.annotated
    if text == before:
        return table
    values = msgspec.structs.astuple(_kept(text) or wire.PodAnnotations())
    sent = zip(wire.POD_ANNOTATIONS, values, strict=True)
    table = pool.table({key: pool.message(text_of(value)) for key, value in sent if value is not None})
    pool.annotated = text, table
    return table
