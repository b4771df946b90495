"""
A node is not ready: its kubelet is silent, or says that it cannot run pods.

## Why it matters
Nothing new is placed there, what runs there cannot be reached or restarted, and after five minutes its pods
are evicted. A gang that lost one rank waits for its timeout while all its other GPUs burn.

## What to do
`Ready=Unknown`: the control plane hears nothing; look at the machine in the cloud's console, then at kubelet
and network. `Ready=False`: the kubelet speaks; its message names what is missing (runtime, network plug-in,
disk). Where the machine is gone for good, delete the Node, so that volumes are released and pods are made
again.

## When it is wrong
A node that is being deleted, scaled down, reclaimed (spot) or shut down is not told. How often a node flapped
is not seen: one scan sees one moment. After a restart of the control plane all nodes may be Unknown for a
minute; less than 5 min is not told.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from textwrap import shorten

from scanners.facts.event import Event
from scanners.facts.fact import Condition, condition
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.slices import EVENTS, NODES, PODS
from scanners.finding import Evidence, JsonValue, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.accelerators import is_accelerator_node
from scanners.semantics.gpu_products import node_pool
from scanners.semantics.ownership import by_owner, pods_spoken
from scanners.semantics.residents import devices_of, residents
from scanners.semantics.testimony import said_by
from scanners.semantics.times import age, lasts, spoken, within
from scanners.semantics.tolerations import leaving

NEVER_REPORTED = Threshold("never_reported", 600, unit="seconds after creation without a Ready condition")
NETWORK_WORDS = ("NetworkPluginNotReady", "cni plugin")
NETWORK_AGENTS = (
    "cni", "aws-node", "calico", "cilium", "flannel", "antrea", "ovn", "weave", "kindnet", "canal", "kube-router",
)  # fmt: skip
"""What a kubelet says that waits for its network plug-in, and how the DaemonSets that bring it are called."""

MANY_NODES = Threshold("many_nodes", 3, unit="nodes not ready, for critical")
MANY_RATIO = Threshold("many_ratio", 0.2, unit="of all nodes not ready, for critical")


def _some_status(inventory: Inventory) -> bool:
    return any(node.conditions for node in inventory.nodes)


@scanner(
    "NOD101",
    "Node not ready",
    Severity.HIGH,
    needs=[NODES],
    sharpened_by=[PODS, EVENTS],
    applies=_some_status,
)
def node_not_ready(inventory: Inventory) -> Iterator[Sighting]:
    lost = [node for node in inventory.nodes if _is_lost(inventory, node)]
    disasters = _disasters(inventory, lost)
    for node in lost:
        pods = residents(inventory, node) if inventory.has(PODS) else None
        yield _told(inventory, node, pods, Severity.CRITICAL if node.name in disasters else Severity.HIGH)
        yield from _unreachable(inventory, node, pods or [])
    for node in inventory.nodes:
        events = _recent_events(inventory, node) if node.ready else []
        if events:
            yield _recovered(node, events)


def _is_lost(inventory: Inventory, node: Node) -> bool:
    if leaving(node):
        return False
    ready = condition(node.conditions, "Ready")
    if ready is None:
        return bool(node.capacity) and lasts(node.created, inventory.now, inventory.limit(NEVER_REPORTED))
    return not ready.true and lasts(ready.since, inventory.now, inventory.ages.wait)


def _disasters(inventory: Inventory, lost: Sequence[Node]) -> set[str]:
    """Names of lost nodes that are critical: many went, or a whole pool of accelerators. Needs all nodes."""
    if not inventory.is_complete(NODES):
        return set()
    names = {node.name for node in lost}
    many = len(lost) >= inventory.limit(MANY_NODES)
    if many and len(lost) > inventory.limit(MANY_RATIO) * len(inventory.nodes):
        return names
    pools: dict[str, set[str]] = defaultdict(set)
    for node in inventory.nodes:
        if is_accelerator_node(node) and node_pool(node):
            pools[node_pool(node)].add(node.name)
    return {name for pool in pools.values() if len(pool) > 1 and pool <= names for name in pool}


def _told(inventory: Inventory, node: Node, pods: Sequence[Pod] | None, severity: Severity) -> Sighting:
    ready = condition(node.conditions, "Ready")
    gpus = devices_of(node)
    left = " and ".join(
        filter(None, [pods_spoken(len(pods)) if pods else "", f"{gpus} GPUs" if gpus else ""])
    )
    agents = _network_agents(inventory, node, ready)
    network = f"; {agents[0].name}, which connects its pods, is not ready" if agents else ""
    facts: dict[str, JsonValue] = {
        "reason": ready.reason if ready else None,
        "not_ready_s": age(_since(node, ready), inventory.now),
        "pods_affected": None if pods is None else len(pods),
        "gpus_lost": gpus,
    }
    return Sighting(
        subject=node,
        kind=Kind.NODE_NOT_READY,
        message=_what(inventory, node) + network + (f"; {left} are on it" if left else ""),
        severity=severity,
        facts=facts,
        evidence=_evidence(node, ready),
        pods=pods or (),
        touches=[owner for owner, _ in by_owner(inventory, agents)],
        node=node.name,
        onset=_since(node, ready),
    )


def _network_agents(inventory: Inventory, node: Node, ready: Condition | None) -> list[Pod]:
    """The network plug-in's pods there, where the kubelet waits for it and they are not ready."""
    if ready is None or not any(word in ready.message for word in NETWORK_WORDS):
        return []
    here = inventory.index.pods_by_node.get(node.name, ())
    agents = (pod for pod in here if any(word in pod.name for word in NETWORK_AGENTS))
    return [pod for pod in agents if not pod.ready and any(owner.kind == "DaemonSet" for owner in pod.owners)]


def _unreachable(inventory: Inventory, node: Node, pods: Sequence[Pod]) -> Iterator[Sighting]:
    ready = condition(node.conditions, "Ready")
    for owner, hit in by_owner(inventory, pods):
        yield Sighting(
            subject=owner,
            kind=Kind.POD_UNREACHABLE,
            message=f"{pods_spoken(len(hit))} on {node.name} cannot be reached: {_what(inventory, node)}",
            severity=Severity.INFO,
            facts={"node": node.name, "pods_affected": len(hit), "reason": ready.reason if ready else None},
            evidence=_evidence(node, ready),
            discriminator=node.name,
            pods=hit,
            touches=[node],
            node=node.name,
            onset=_since(node, ready),
        )


def _what(inventory: Inventory, node: Node) -> str:
    ready = condition(node.conditions, "Ready")
    if ready is None:
        made = spoken(age(node.created, inventory.now))
        return f"{node.name} never said whether it is ready in the {made} since it was made"
    lasted = age(ready.since, inventory.now)
    long = f" for {spoken(lasted)}" if lasted is not None else ""
    why = shorten(ready.message, 160, placeholder=" …") or ready.reason or f"Ready is {ready.status}"
    return f"{node.name} has not been ready{long}: {why.rstrip('.')}"


def _evidence(node: Node, ready: Condition | None) -> list[Evidence]:
    if ready is None:
        made = node.created
        return [Evidence(subject=node, path="metadata.creationTimestamp", value=made, observed_at=made)]
    fields = (("status", ready.status), ("reason", ready.reason))
    return [
        Evidence(subject=node, path=ready.path(field), value=value, observed_at=ready.since)
        for field, value in fields
        if value
    ]


def _since(node: Node, ready: Condition | None) -> str:
    return ready.since if ready else node.created


def _recent_events(inventory: Inventory, node: Node) -> list[Event]:
    about = inventory.index.events_by_object.get(("Node", "", node.name), ())
    said = (event for event in about if event.reason == "NodeNotReady")
    return [event for event in said if within(event.last, inventory.now, inventory.window)]


def _recovered(node: Node, events: Sequence[Event]) -> Sighting:
    newest = max(events, key=lambda event: (event.last, event.name))
    ready = condition(node.conditions, "Ready")
    return Sighting(
        subject=node,
        kind=Kind.NODE_NOT_READY,
        message=f"{node.name} was not ready for a while and is ready again",
        severity=Severity.INFO,
        facts={"reason": newest.reason, "not_ready_s": None, "pods_affected": None, "gpus_lost": 0},
        evidence=[said_by(newest)],
        state=State.RECOVERED,
        node=node.name,
        onset=newest.first or newest.last,
        last_seen=ready.since if ready else newest.last,
    )
