"""
A node ran out of memory, and its kubelet threw pods off it.

## Why it matters
The kubelet picks pods that use more than they asked for, not the one that grew last: the evicted pod is
often the victim of another. A bare pod, or a step of an engine that does not retry, is gone for good.

## What to do
Give the pods a memory request near what they use, so that they are placed where it fits and are picked
last. Then look for what else ate the node: a pod without a memory request.

## When it is wrong
Evicted pods stay as Failed until somebody collects them. Old ones count only while their node is still
under pressure. Pods that were deleted since are not seen. Whether a run was lost is judged by its Job, its
replicas, or a later pod of the same owner.
"""

from collections import defaultdict
from collections.abc import Iterator

from scanners.facts.fact import condition
from scanners.facts.inventory import Inventory
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import JOBS, NODES, PODS, WORKLOADS
from scanners.facts.workload import Job
from scanners.finding import Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.evictions import Eviction, evictions
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.quantities import number
from scanners.semantics.quantities import spoken as amount
from scanners.semantics.standing import made_up_for, replaced, verdict_of, workload_of
from scanners.semantics.times import age, earliest, latest, spoken, within

Damage = tuple[Severity, State]

LOST: Damage = (Severity.HIGH, State.ACTIVE)
PARTLY: Damage = (Severity.MEDIUM, State.ACTIVE)
WHOLE: Damage = (Severity.INFO, State.RECOVERED)


@scanner(
    "OOM105", "Pods evicted for memory", Severity.MEDIUM, needs=[PODS], sharpened_by=[NODES, *WORKLOADS, JOBS]
)
def pods_evicted_for_memory(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[tuple[Key, str], list[Eviction]] = defaultdict(list)
    owners: dict[Key, Ref] = {}
    for eviction in evictions(inventory):
        recent = within(eviction.at, inventory.now, inventory.window)
        if eviction.resource == "memory" and (recent or _pressed(inventory, eviction.pod.node)):
            owner = top_owner(inventory, eviction.pod)
            owners[key_of(owner)] = owner
            found[key_of(owner), eviction.pod.node].append(eviction)
    for (owner_key, node), group in found.items():
        group.sort(key=lambda eviction: (eviction.at, eviction.pod.uid), reverse=True)
        yield _told(inventory, owners[owner_key], node, group)


def _pressed(inventory: Inventory, name: str) -> bool:
    node = inventory.index.nodes.get(name)
    pressure = condition(node.conditions, "MemoryPressure") if node else None
    return pressure is not None and pressure.true


def _damage(inventory: Inventory, owner: Ref, group: list[Eviction]) -> Damage:
    workload = workload_of(inventory, owner)
    if workload is not None and workload.has_status:
        whole = (workload.ready or 0) >= workload.wanted
        back = whole or all(made_up_for(inventory, eviction.pod) for eviction in group)
        return WHOLE if back else LOST
    direct = group[0].pod.owners[0].uid if group[0].pod.owners else ""
    job = inventory.index.owners_by_uid.get(direct)
    if isinstance(job, Job):
        return {"Failed": LOST, "Complete": WHOLE}.get(verdict_of(job), PARTLY)
    if all(replaced(inventory, eviction.pod) for eviction in group):
        return WHOLE
    return PARTLY if direct else LOST


def _told(inventory: Inventory, owner: Ref, node: str, group: list[Eviction]) -> Sighting:
    severity, state = _damage(inventory, owner, group)
    last = group[0]
    fact = inventory.index.nodes.get(node)
    users = max((used for eviction in group for _, used in eviction.users), default=None)
    return Sighting(
        subject=owner,
        kind=Kind.POD_EVICTED,
        severity=severity,
        state=state,
        message=_message(inventory, node, group, state),
        facts={
            "resource": "memory",
            "node": node or None,
            "evicted_pods": len(group),
            "threshold_bytes": number(last.threshold),
            "available_bytes": number(last.available),
            "largest_use_bytes": number(users),
            "node_still_pressed": _pressed(inventory, node) if fact else None,
        },
        evidence=[row for eviction in group[:2] for row in eviction.evidence],
        discriminator=node,
        pods=[eviction.pod for eviction in group],
        touches=[fact] if fact else [],
        node=node,
        onset=earliest(*(eviction.at for eviction in group)),
        last_seen=latest(*(eviction.at for eviction in group)),
    )


def _message(inventory: Inventory, node: str, group: list[Eviction], state: State) -> str:
    last = group[0]
    when = f"{spoken(age(last.at, inventory.now))} ago" if last.at else "at an unknown time"
    had = f" when {amount(last.available, 'memory')} were left" if last.available is not None else ""
    bound = f" (threshold {amount(last.threshold, 'memory')})" if had and last.threshold is not None else ""
    end = "; all are replaced" if state is State.RECOVERED else ""
    return f"{pods_spoken(len(group))} evicted from {node} for memory{had}{bound}, last {when}{end}"
