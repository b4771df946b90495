"""
A pod that hangs in ContainerCreating waits for a disk, a secret, an address or an image, and its status names
none.

What is known of a pod that was placed and has not started, volume by volume: what the attach controller and
the kubelet said (events, VolumeAttachments), and who else holds a volume that only one node may mount.
Wordings: kubernetes ``pkg/volume/util/operationexecutor``, ``pkg/controller/volume/attachdetach``.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.slices import PODS
from scanners.facts.storage import Claim, Volume, VolumeAttachment
from scanners.finding import Evidence
from scanners.semantics.testimony import newest, said_by, shortened

ATTACH_FAILED = "FailedAttachVolume"
MOUNT_FAILED = ("FailedMount", "FailedMapVolume")
MULTI_ATTACH = "Multi-Attach error"
SANDBOX_FAILED = "FailedCreatePodSandBox"

_CREATING = ("ContainerCreating", "PodInitializing", "")
_QUOTED = re.compile(r'volume "(?P<name>[^"]+)"')
_UNMOUNTED = re.compile(r"unmounted volumes=\[(?P<names>[^\]]*)\]")
_OF_OTHERS = ("configMap", "secret")


class Trouble(NamedTuple):
    """
    Why one claim keeps one pod from starting.

    ``cause`` is ``held``, ``attach-failed``, ``mount-failed`` or ``not-mounted`` (nothing says why).
    ``holder`` is the pod that has the volume on another node, ``holder_node`` that node.
    """

    pod: Pod
    claim: Claim
    cause: str
    text: str
    evidence: list[Evidence]
    holder: Pod | None = None
    holder_node: str = ""
    attachment: VolumeAttachment | None = None


def has_not_started(pod: Pod) -> bool:
    """Whether a placed pod has started no container, no init container either, and waits for no image."""
    if pod.state is None or pod.phase != "Pending" or not pod.node or pod.deleted:
        return False
    containers = len(pod.template.containers) + len(pod.template.init_containers)
    waiting = [state.waiting.reason for state in pod.troubled if state.waiting]
    return len(waiting) == len(pod.troubled) == containers and all(reason in _CREATING for reason in waiting)


def waits_since(pod: Pod) -> str:
    """Since when a placed pod has been on its node."""
    return (pod.state.started if pod.state else "") or pod.created


def server_of(inventory: Inventory, claim: Claim) -> str:
    """The file server behind a claim, ``""`` for none or unknown."""
    volume = _volume(inventory, claim)
    return volume.server if volume else ""


def servers_of(inventory: Inventory, pod: Pod) -> set[str]:
    """File servers that a pod mounts, through claims or directly."""
    claims = (inventory.index.claims.get((pod.namespace, name)) for _, name in pod.claims)
    found = {server_of(inventory, claim) for claim in claims if claim}
    found |= {volume.source for volume in pod.template.volumes if volume.type == "nfs"}
    return found - {""}


def troubles_of(inventory: Inventory, pod: Pod, mount_failures: float) -> Iterator[Trouble]:
    """
    What keeps a pod that has not started from its claims; nothing where another cause is plain.

    A mount must have failed ``mount_failures`` times: one that failed once has often succeeded since.
    """
    told = list(_told(inventory, pod, mount_failures))
    if told:
        yield from told
    elif _only_volumes_are_left(inventory, pod):
        condition = pod.condition("PodReadyToStartContainers")
        for claim in _claims(inventory, pod)[:1]:
            row = Evidence(subject=pod, path=condition.path("status"), value="False") if condition else None
            yield Trouble(
                pod, claim, "not-mounted", "its volumes have not been mounted", [row] if row else []
            )


def failures_by_claim(pod: Pod, events: Iterable[Event], claims: Iterable[Claim]) -> dict[str, list[Event]]:
    """Attach and mount failures of a pod by the claim they speak of."""
    by_volume = {claim.volume: claim.name for claim in claims if claim.volume}
    by_volume |= dict(pod.claims)
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.reason == ATTACH_FAILED or event.reason in MOUNT_FAILED:
            for name in _volumes_named(event.message):
                if name in by_volume:
                    found[by_volume[name]].append(event)
    return found


def holders_of(inventory: Inventory, claim: Claim, pod: Pod) -> list[Pod]:
    """Other pods that hold a volume which one node alone may mount, on other nodes, and have started."""
    if _many(claim) or server_of(inventory, claim):
        return []
    mounting = inventory.index.pods_by_claim.get((claim.namespace, claim.name), ())
    return [
        other
        for other in mounting
        if other.holds_room and other.node != pod.node and not has_not_started(other)
    ]


def _told(inventory: Inventory, pod: Pod, mount_failures: float) -> Iterator[Trouble]:
    claims = _claims(inventory, pod)
    failures = failures_by_claim(pod, inventory.index.events_by_uid.get(pod.uid, ()), claims)
    for claim in claims:
        events = failures.get(claim.name, [])
        attaching = [event for event in events if event.reason == ATTACH_FAILED]
        often = sum(event.count for event in events) >= mount_failures
        trouble = _held(inventory, pod, claim, attaching)
        trouble = trouble or _failed(inventory, pod, claim, events if often else attaching)
        if trouble:
            yield trouble


def _held(inventory: Inventory, pod: Pod, claim: Claim, failures: Sequence[Event]) -> Trouble | None:
    holders = holders_of(inventory, claim, pod)
    attached = [one for one in _attachments(inventory, claim) if one.attached]
    elsewhere = next((one for one in attached if one.node != pod.node), None)
    refused = [event for event in failures if event.message.startswith(MULTI_ATTACH)]
    stale = elsewhere is not None and len(attached) == 1 and not _many(claim)
    if not holders and not (inventory.is_complete(PODS) and (refused or stale)):
        return None
    holder = holders[0] if holders else None
    node = holder.node if holder else elsewhere.node if elsewhere else ""
    by = f"it is attached to {node or 'another node'}"
    if holder:
        by = f"pod {holder.name} on {holder.node} holds it"
    rows = [said_by(newest(refused))] if refused else []
    if holder:
        rows.append(Evidence(subject=holder, path="spec.nodeName", value=holder.node))
    if elsewhere:
        rows.append(Evidence(subject=elsewhere, path="spec.nodeName", value=elsewhere.node))
    return Trouble(pod, claim, "held", by, rows, holder, node, elsewhere)


def _failed(inventory: Inventory, pod: Pod, claim: Claim, failures: Sequence[Event]) -> Trouble | None:
    here = next((one for one in _attachments(inventory, claim) if one.node == pod.node), None)
    if here and here.attach_error and not here.attached:
        row = Evidence(subject=here, path="status.attachError.message", value=here.attach_error)
        return Trouble(pod, claim, "attach-failed", shortened(here.attach_error), [row], attachment=here)
    said = [event for event in failures if not event.message.startswith(MULTI_ATTACH)]
    if not said:
        return None
    last = newest(said)
    cause = "attach-failed" if last.reason == ATTACH_FAILED else "mount-failed"
    return Trouble(pod, claim, cause, shortened(last.message), [said_by(last)], attachment=here)


def _only_volumes_are_left(inventory: Inventory, pod: Pod) -> bool:
    """
    Whether nothing but its volumes can keep a pod back.

    Its sandbox is not made, it mounts no Secret or ConfigMap that may be missing, and no pod without
    volumes hangs on the same node.
    """
    sandbox = pod.condition("PodReadyToStartContainers")
    if sandbox is None or sandbox.status != "False" or not inventory.is_complete(PODS):
        return False
    reasons = {event.reason for event in inventory.index.events_by_uid.get(pod.uid, ())}
    if reasons & {SANDBOX_FAILED, ATTACH_FAILED, *MOUNT_FAILED}:
        return False
    if any(volume.type in _OF_OTHERS for volume in pod.template.volumes):
        return False
    neighbours = inventory.index.pods_by_node.get(pod.node, ())
    return not any(has_not_started(other) and not other.claims for other in neighbours)


def _claims(inventory: Inventory, pod: Pod) -> list[Claim]:
    found = (inventory.index.claims.get((pod.namespace, name)) for _, name in sorted(pod.claims))
    return [claim for claim in found if claim]


def _volume(inventory: Inventory, claim: Claim) -> Volume | None:
    return inventory.index.volumes.get(claim.volume) if claim.volume else None


def _attachments(inventory: Inventory, claim: Claim) -> Sequence[VolumeAttachment]:
    all_, memo = inventory.attachments, inventory.index.memo
    if "mounting.attachments" not in memo:
        found: dict[str, list[VolumeAttachment]] = defaultdict(list)
        for attachment in all_:
            found[attachment.volume].append(attachment)
        memo["mounting.attachments"] = dict(found)
    known: dict[str, list[VolumeAttachment]] = memo["mounting.attachments"]
    return known.get(claim.volume, ()) if claim.volume else ()


def _many(claim: Claim) -> bool:
    return any("Many" in mode for mode in claim.access_modes)


def _volumes_named(message: str) -> set[str]:
    quoted = {found["name"] for found in _QUOTED.finditer(message)}
    listed = _UNMOUNTED.search(message)
    return quoted | set(re.split(r"[,\s]+", listed["names"]) if listed else ())
