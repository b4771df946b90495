"""
A pod was placed, and its volume will not attach or mount.

## Why it matters
The pod hangs in ContainerCreating for as long as it takes: a disk that one node may mount stays with its old
node for six minutes at least after that node died, and for ever while its old pod lives. A file server that
is gone stops every pod that mounts it, on every node.

## What to do
`held`: end the pod that holds the volume, or run both on one node; for work that shares data use an access
mode ReadWriteMany on a file system. `attach-failed`, `mount-failed`: the message is the storage driver's own.
One server on many nodes: mend the server first, nothing else will help.

## When it is wrong
An old holder that has been terminating for less than 6 min is on its way out and is not told. `not-mounted`
is what remains when a pod has no sandbox yet and nothing else is in sight; look at the kubelet's events. A
volume that drivers let several nodes mount in spite of its access mode shows as low and goes away when the
pod starts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Named, key_of
from scanners.facts.slices import (
    EVENTS,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODS,
    VOLUMEATTACHMENTS,
)
from scanners.facts.storage import Claim
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting, State, nobody
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.mounting import (
    ATTACH_FAILED,
    Trouble,
    failures_by_claim,
    has_not_started,
    holders_of,
    server_of,
    servers_of,
    troubles_of,
    waits_since,
)
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.testimony import newest, said_by
from scanners.semantics.times import age, earliest, lasts, spoken, within

DETACHING = Threshold("detaching", 360, unit="seconds that a terminating holder may take")
SERVER_NODES = Threshold("server_nodes", 5, unit="nodes that one file server stops")
MOUNT_FAILURES = Threshold("mount_failures", 3, unit="failed mounts of a pod")

CAUSES = ("held", "attach-failed", "mount-failed", "not-mounted")


@scanner(
    "PVC105",
    "Volume will not attach or mount",
    Severity.HIGH,
    needs=[PODS, PERSISTENTVOLUMECLAIMS],
    sharpened_by=[VOLUMEATTACHMENTS, PERSISTENTVOLUMES, EVENTS],
)
def volume_will_not_mount(inventory: Inventory) -> Iterator[Sighting]:
    hanging = [pod for pod in inventory.pods if pod.state is not None and has_not_started(pod)]
    stuck = [pod for pod in hanging if lasts(waits_since(pod), inventory.now, inventory.ages.wait)]
    down = _servers_down(inventory, stuck)
    for server, pods in sorted(down.items()):
        yield _server_down(inventory, server, pods)
    by_claim: dict[tuple[str, str], list[Trouble]] = defaultdict(list)
    for pod in stuck:
        for trouble in _troubles(inventory, pod):
            by_claim[trouble.claim.namespace, trouble.claim.name].append(trouble)
    for _, troubles in sorted(by_claim.items(), key=lambda item: item[0]):
        first = min(troubles, key=lambda trouble: (CAUSES.index(trouble.cause), trouble.pod.name))
        if not _is_leaving(inventory, first.holder):
            folded = server_of(inventory, first.claim) in down
            yield _conflict(inventory, first, [trouble.pod for trouble in troubles], folded)
    young = [pod for pod in hanging if not lasts(waits_since(pod), inventory.now, inventory.ages.wait)]
    yield from _predicted(inventory, young, by_claim)
    yield from _recovered(inventory)


def _troubles(inventory: Inventory, pod: Pod) -> Iterator[Trouble]:
    return troubles_of(inventory, pod, inventory.limit(MOUNT_FAILURES))


def _servers_down(inventory: Inventory, stuck: Sequence[Pod]) -> dict[str, list[Pod]]:
    by_server: dict[str, list[Pod]] = defaultdict(list)
    for pod in stuck:
        for server in servers_of(inventory, pod):
            by_server[server].append(pod)
    wide = inventory.limit(SERVER_NODES)
    return {server: pods for server, pods in by_server.items() if len({pod.node for pod in pods}) >= wide}


def _server_down(inventory: Inventory, server: str, pods: Sequence[Pod]) -> Sighting:
    nodes = sorted({pod.node for pod in pods})
    since = earliest(*(waits_since(pod) for pod in pods))
    told = [
        trouble for pod in pods for trouble in _troubles(inventory, pod) if trouble.cause != "not-mounted"
    ]
    claims = {key_of(trouble.claim): trouble.claim for trouble in told}
    why = f": {told[0].text}" if told else ""
    waited = spoken(age(since, inventory.now))
    return Sighting(
        subject=nobody("FileServer", server),
        kind=Kind.FILE_SERVER_DOWN,
        message=(
            f"{pods_spoken(len(pods))} on {len(nodes)} nodes have waited up to {waited} for volumes of "
            f"file server {server}{why}"
        ),
        severity=Severity.CRITICAL,
        confidence=Confidence.OBSERVED if told else Confidence.LIKELY,
        facts={
            "access_mode": None,
            "holder_node": None,
            "holder_pod": None,
            "nodes_hit": len(nodes),
            "server": server,
        },
        evidence=[row for trouble in told[:2] for row in trouble.evidence]
        + [_placed(pod) for pod in pods[:3]],
        pods=pods,
        touches=list(claims.values()),
        onset=since,
    )


def _conflict(inventory: Inventory, first: Trouble, pods: Sequence[Pod], folded: bool) -> Sighting:
    """One claim's trouble; only a symptom where its whole file server is told."""
    claim = first.claim
    since = earliest(*(waits_since(pod) for pod in pods))
    message = (
        f"claim {claim.name} has kept {pods_spoken(len(pods))} from starting for "
        f"{spoken(age(since, inventory.now))}: {first.text}"
    )
    touches: list[Named] = [thing for thing in (first.holder, first.attachment) if thing]
    return Sighting(
        subject=claim,
        kind=Kind.ATTACH_CONFLICT,
        message=message,
        severity=Severity.INFO if folded else Severity.HIGH,
        confidence=Confidence.LIKELY if first.cause == "not-mounted" else Confidence.OBSERVED,
        cause_class=first.cause,
        facts=_facts(inventory, claim, pods, first.holder, first.holder_node),
        evidence=[*first.evidence, _placed(first.pod)],
        pods=pods,
        touches=touches,
        node=first.pod.node,
        onset=since,
    )


def _predicted(
    inventory: Inventory, young: Sequence[Pod], told: Iterable[tuple[str, str]]
) -> Iterator[Sighting]:
    """A pod that starts on one node while another node holds its volume: the wait has only begun."""
    seen = set(told)
    for pod in young:
        for _, name in sorted(pod.claims):
            claim = inventory.index.claims.get((pod.namespace, name))
            holders = holders_of(inventory, claim, pod) if claim and (pod.namespace, name) not in seen else []
            if claim and holders and not _is_leaving(inventory, holders[0]):
                seen.add((pod.namespace, name))
                yield _expected(inventory, claim, pod, holders[0])


def _expected(inventory: Inventory, claim: Claim, pod: Pod, holder: Pod) -> Sighting:
    modes = ", ".join(claim.access_modes)
    return Sighting(
        subject=claim,
        kind=Kind.ATTACH_CONFLICT,
        message=(
            f"claim {claim.name} ({modes}) is wanted on {pod.node}, but pod {holder.name} holds it on "
            f"{holder.node}: {pod.name} will not start"
        ),
        severity=Severity.LOW,
        confidence=Confidence.LIKELY,
        cause_class="predicted",
        facts=_facts(inventory, claim, [pod], holder, holder.node),
        evidence=[_placed(pod), _placed(holder)],
        pods=[pod],
        touches=[holder],
        node=pod.node,
        onset=waits_since(pod),
    )


def _recovered(inventory: Inventory) -> Iterator[Sighting]:
    by_uid: dict[str, list[Event]] = defaultdict(list)
    for event in inventory.events:
        refused = event.reason == ATTACH_FAILED or event.count >= inventory.limit(MOUNT_FAILURES)
        if refused and event.regarding.kind == "Pod" and within(event.last, inventory.now, inventory.window):
            by_uid[event.regarding.uid].append(event)
    if not by_uid:
        return
    for pod in inventory.pods:
        if pod.phase == "Running" and pod.uid in by_uid and pod.claims:
            claims = [inventory.index.claims.get((pod.namespace, name)) for _, name in pod.claims]
            known = {claim.name: claim for claim in claims if claim}
            for name, events in sorted(failures_by_claim(pod, by_uid[pod.uid], known.values()).items()):
                if name in known:
                    yield _mounted_by_now(inventory, known[name], pod, newest(events))


def _mounted_by_now(inventory: Inventory, claim: Claim, pod: Pod, last: Event) -> Sighting:
    ago = spoken(age(last.last, inventory.now))
    return Sighting(
        subject=claim,
        kind=Kind.ATTACH_CONFLICT,
        message=f"claim {claim.name} would not attach or mount {ago} ago; pod {pod.name} runs by now",
        severity=Severity.INFO,
        facts=_facts(inventory, claim, [pod], None, ""),
        evidence=[said_by(last)],
        pods=[pod],
        state=State.RECOVERED,
        last_seen=last.last,
    )


def _facts(
    inventory: Inventory, claim: Claim, pods: Sequence[Pod], holder: Pod | None, holder_node: str
) -> dict[str, JsonValue]:
    return {
        "phase": claim.phase or None,
        "access_mode": ",".join(claim.access_modes) or None,
        "holder_node": holder_node or None,
        "holder_pod": f"{holder.namespace}/{holder.name}" if holder else None,
        "nodes_hit": len({pod.node for pod in pods}),
        "server": server_of(inventory, claim) or None,
    }


def _placed(pod: Pod) -> Evidence:
    return Evidence(subject=pod, path="spec.nodeName", value=pod.node, observed_at=waits_since(pod))


def _is_leaving(inventory: Inventory, holder: Pod | None) -> bool:
    """Whether the holder is being deleted and may still let go in time."""
    return (
        holder is not None
        and bool(holder.deleted)
        and not lasts(holder.deleted, inventory.now, inventory.limit(DETACHING))
    )
