"""
A node runs out of disk, processes or memory, and its kubelet evicts pods.

## Why it matters
The kubelet kills the biggest user first, whoever it is; a training step loses its progress, and its retry may
land on the same node. Under pressure nothing new is placed there either.

## What to do
Disk: find the biggest user (the evicted pods' messages name it), delete what it left, and give it an
`ephemeral-storage` request and limit or a volume. Processes: limit the pod that forks. Network unavailable:
look at the network plug-in's pod on that node.

## When it is wrong
The evicted pods of the window are counted while they are still there; those that were deleted are not seen.
Evictions for memory are told on their owners by OOM105. Unknown conditions (the kubelet is silent) are no
pressure. A node whose pressure is over is told as active only while an evicted pod has no successor.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scanners.facts.event import Event
from scanners.facts.fact import Condition, condition
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.slices import EVENTS, NODES, PODS
from scanners.finding import Evidence, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.evictions import Eviction, evictions
from scanners.semantics.ownership import by_owner, pods_spoken
from scanners.semantics.quantities import spoken as amount_spoken
from scanners.semantics.standing import made_up_for
from scanners.semantics.testimony import newest, said_by, states
from scanners.semantics.times import age, lasts, latest, spoken, within
from scanners.semantics.tolerations import leaving

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
TOP = 3

Evicted = dict[tuple[str, str], list[Eviction]]


@scanner("NOD102", "Node pressure and evictions", Severity.MEDIUM, needs=[NODES], sharpened_by=[PODS, EVENTS])
def node_under_pressure(inventory: Inventory) -> Iterator[Sighting]:
    evicted = _recent(inventory)
    for node in inventory.nodes:
        for type_ in PRESSURES:
            yield from _on_node(inventory, node, type_, evicted.get((node.name, type_), []))
    for (node_name, type_), gone in sorted(evicted.items(), key=lambda item: item[0]):
        if type_ != "MemoryPressure":
            yield from _owners(inventory, node_name, type_, gone)


def _recent(inventory: Inventory) -> Evicted:
    found: Evicted = defaultdict(list)
    for eviction in evictions(inventory):
        if eviction.pod.node and within(eviction.at, inventory.now, inventory.window):
            found[eviction.pod.node, eviction.condition].append(eviction)
    return found


def _on_node(inventory: Inventory, node: Node, type_: str, gone: Sequence[Eviction]) -> Iterator[Sighting]:
    state = condition(node.conditions, type_)
    if state is not None and state.true:
        joining = type_ == "NetworkUnavailable" and not lasts(state.since, inventory.now, inventory.ages.wait)
        if not joining and not leaving(node):
            yield _active(inventory, node, state, gone)
    elif gone and type_ != "MemoryPressure":
        yield _over(inventory, node, type_, gone)
    else:
        yield from _seen_in_events(inventory, node, state)


def _active(inventory: Inventory, node: Node, state: Condition, gone: Sequence[Eviction]) -> Sighting:
    lasted = age(state.since, inventory.now)
    long = f" for {spoken(lasted)}" if lasted is not None else ""
    message = f"{node.name} has had {state.type}{long}: {state.message.rstrip('.') or state.reason}"
    if gone:
        message += f"; {pods_spoken(len(gone))} evicted{_for(gone)}"
    evidence = states(node, state, "status", "reason")
    return _sighting(inventory, node, state.type, gone, message, evidence, onset=state.since)


def _over(inventory: Inventory, node: Node, type_: str, gone: Sequence[Eviction]) -> Sighting:
    """The condition is gone: still a fault while somebody who was evicted has not come back."""
    hurt = [eviction for eviction in gone if not made_up_for(inventory, eviction.pod)]
    last = latest(*(eviction.at for eviction in gone))
    ago = spoken(age(last, inventory.now))
    healed = "" if hurt else "; all have come back"
    what = f"{pods_spoken(len(gone))}{_for(gone)}"
    message = f"{node.name} evicted {what}, the last {ago} ago; {type_} is over by now{healed}"
    evidence = [row for eviction in gone[:2] for row in eviction.evidence]
    state = State.ACTIVE if hurt else State.RECOVERED
    return _sighting(inventory, node, type_, gone, message, evidence, last_seen=last, state=state)


def _sighting(
    inventory: Inventory,
    node: Node,
    type_: str,
    gone: Sequence[Eviction],
    message: str,
    evidence: list[Evidence],
    *,
    onset: str = "",
    last_seen: str = "",
    state: State = State.ACTIVE,
) -> Sighting:
    severity = Severity.HIGH if gone else Severity.MEDIUM
    return Sighting(
        subject=node,
        kind=Kind.NODE_PRESSURE,
        message=message,
        severity=severity if state is State.ACTIVE else Severity.INFO,
        facts={
            "condition": type_,
            "signal": next((eviction.resource for eviction in gone if eviction.resource), None),
            "evicted_pods": len(gone) if inventory.has(PODS) else None,
            "top_users": list(_top_users(gone)) or None,
        },
        evidence=evidence,
        discriminator=type_,
        pods=[eviction.pod for eviction in gone],
        node=node.name,
        state=state,
        onset=onset,
        last_seen=last_seen,
    )


def _owners(inventory: Inventory, node_name: str, type_: str, gone: Sequence[Eviction]) -> Iterator[Sighting]:
    of_pod = {eviction.pod.uid: eviction for eviction in gone}
    node = inventory.index.nodes.get(node_name)
    for owner, pods in by_owner(inventory, (eviction.pod for eviction in gone)):
        theirs = [of_pod[pod.uid] for pod in pods]
        back = all(made_up_for(inventory, pod) for pod in pods)
        yield Sighting(
            subject=owner,
            kind=Kind.POD_EVICTED,
            message=_evicted_from(node_name, theirs, back),
            severity=Severity.INFO,
            facts={
                "node": node_name,
                "condition": type_,
                "signal": theirs[0].resource or None,
                "evicted_pods": len(pods),
                "top_users": list(_top_users(theirs)) or None,
            },
            evidence=theirs[0].evidence,
            discriminator=f"{node_name}/{type_}",
            pods=pods,
            touches=[node] if node else [],
            node=node_name,
            state=State.RECOVERED if back else State.ACTIVE,
            last_seen=latest(*(eviction.at for eviction in theirs)),
        )


def _seen_in_events(inventory: Inventory, node: Node, state: Condition | None) -> Iterator[Sighting]:
    """An event of a threshold that was met, on a node that says by now that it has no such pressure."""
    if state is None or state.status != "False" or state.type == "MemoryPressure":
        return
    events = [event for event in _events(inventory, node) if _signal_of(event) == state.type]
    if events:
        last = newest(events)
        message = (
            f"{node.name} was short {spoken(age(last.last, inventory.now))} ago; {state.type} is over by now"
        )
        yield _sighting(
            inventory,
            node,
            state.type,
            (),
            message,
            [said_by(last)],
            last_seen=last.last,
            state=State.RECOVERED,
        )


def _events(inventory: Inventory, node: Node) -> list[Event]:
    about = inventory.index.events_by_object.get(("Node", "", node.name), ())
    met = (event for event in about if event.reason == "EvictionThresholdMet")
    return [event for event in met if within(event.last, inventory.now, inventory.window)]


def _signal_of(event: Event) -> str:
    """``Attempting to reclaim ephemeral-storage`` and its like."""
    resource = event.message.rpartition(" ")[2]
    return {"ephemeral-storage": "DiskPressure", "inodes": "DiskPressure", "pids": "PIDPressure"}.get(
        resource, ""
    )


def _evicted_from(node_name: str, gone: Sequence[Eviction], back: bool) -> str:
    healed = "; all have come back" if back else ""
    return f"{pods_spoken(len(gone))} evicted from {node_name}{_for(gone)}{healed}"


def _for(gone: Sequence[Eviction]) -> str:
    told = next((eviction for eviction in gone if eviction.resource), None)
    if told is None:
        return ""
    if told.available is None:
        return f" for {told.resource}"
    left = amount_spoken(told.available, told.resource)
    return f" for {told.resource} ({left} left, threshold {amount_spoken(told.threshold, told.resource)})"


def _top_users(gone: Sequence[Eviction]) -> Iterator[str]:
    users = [(amount, eviction, container) for eviction in gone for container, amount in eviction.users]
    ordered = sorted(users, key=lambda user: (-user[0], user[1].pod.namespace, user[1].pod.name, user[2]))
    for amount, eviction, container in ordered[:TOP]:
        pod = eviction.pod
        yield f"{pod.namespace}/{pod.name} {container}: {amount_spoken(amount, eviction.resource)}"
