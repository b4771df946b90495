"""
A Pending claim is a fault or perfectly healthy, and only its class, its consumers and the free volumes tell
which.

Source: kubernetes ``pkg/controller/volume/persistentvolume`` (binding, default class, delayed binding) and
the external provisioner (annotation ``selected-node``).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Named, Ref
from scanners.facts.slices import PERSISTENTVOLUMES
from scanners.facts.storage import Claim, StorageClass, Volume
from scanners.semantics.quantities import ZERO, quantity
from scanners.semantics.testimony import shortened

FAILURES = ("ProvisioningFailed", "FailedBinding")
"""Reasons of events on a claim that say that it was tried in vain."""

NO_PROVISIONER = "kubernetes.io/no-provisioner"
"""The provisioner of classes whose volumes are made by hand."""

SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""The scheduler's mark on a claim: a pod was placed, the volume is to be made for this node."""

PROVISIONER_PODS = {
    "ebs.csi.aws.com": ("app", "ebs-csi-controller"),
    "efs.csi.aws.com": ("app", "efs-csi-controller"),
    "fsx.csi.aws.com": ("app", "fsx-csi-controller"),
    "disk.csi.azure.com": ("app", "csi-azuredisk-controller"),
    "nfs.csi.k8s.io": ("app", "csi-nfs-controller"),
    "smb.csi.k8s.io": ("app", "csi-smb-controller"),
    "rancher.io/local-path": ("app", "local-path-provisioner"),
}
"""
The label by which the pods of well-known provisioners are found, as their manifests write it. A label that
several drivers share (``app=csi-provisioner``) proves nothing and is left out.
"""


class Obstacle(NamedTuple):
    """
    Why a claim stays Pending: ``cause`` a word, ``text`` for people, ``touches`` the objects to look at.

    ``patience`` = seconds for which that is healthy; ``sure`` = it cannot heal by itself, or storage said so.
    """

    cause: str
    text: str
    patience: float
    sure: bool = True
    touches: tuple[Named, ...] = ()


def obstacle_of(
    inventory: Inventory, claim: Claim, waiting: Sequence[Pod], failures: Sequence[Event]
) -> Obstacle | None:
    """Why a Pending claim has no volume; None where that is healthy, or its pods wait for something else."""
    storage_class = class_of(inventory, claim)
    name = storage_class.name if storage_class else (claim.storage_class or "")
    fatal = inventory.ages.fatal
    if claim.storage_class is None and storage_class is None:
        return Obstacle("no-default-class", "it names no storage class and none is the default", fatal)
    if name and storage_class is None and not _volumes_of(inventory, name):
        return Obstacle("class-missing", f"storage class {name} does not exist", fatal)
    if claim.volume or storage_class is None or storage_class.provisioner == NO_PROVISIONER:
        return _by_hand(inventory, claim, storage_class, waiting)
    if not _is_wanted(claim, storage_class, failures):
        return None
    return _dynamic(inventory, storage_class, failures)


def class_of(inventory: Inventory, claim: Claim) -> StorageClass | None:
    """The storage class of a claim, the default one where it names none; None where there is none."""
    if claim.storage_class is not None:
        return inventory.index.storage_classes.get(claim.storage_class)
    return next((found for found in inventory.storage_classes if found.default), None)


def _volumes_of(inventory: Inventory, class_name: str) -> Sequence[Volume]:
    volumes, memo = inventory.volumes, inventory.index.memo
    if "provisioning.volumes" not in memo:
        found: dict[str, list[Volume]] = defaultdict(list)
        for volume in volumes:
            found[volume.storage_class].append(volume)
        memo["provisioning.volumes"] = dict(found)
    known: dict[str, list[Volume]] = memo["provisioning.volumes"]
    return known.get(class_name, ())


def _fits(volume: Volume, claim: Claim) -> bool:
    reserved = volume.claim
    if reserved and (reserved.namespace, reserved.name) != (claim.namespace, claim.name):
        return False
    return (
        volume.volume_mode == claim.volume_mode
        and set(claim.access_modes) <= set(volume.access_modes)
        and (quantity(volume.capacity) or ZERO) >= (quantity(claim.requested) or ZERO)
    )


def _by_hand(
    inventory: Inventory, claim: Claim, storage_class: StorageClass | None, waiting: Sequence[Pod]
) -> Obstacle | None:
    """Volumes of this class are made by hand; that none fits may be said only where all of them were read."""
    if not inventory.is_complete(PERSISTENTVOLUMES):
        return None
    if storage_class and storage_class.binding_mode == "WaitForFirstConsumer" and not waiting:
        return None
    name = storage_class.name if storage_class else (claim.storage_class or "")
    of_class = f"class {name}" if name else "no class"
    among = _volumes_of(inventory, name)
    free = [volume for volume in among if volume.phase == "Available"]
    fitting = any(_fits(volume, claim) for volume in free)
    text = f"no Available volume of {of_class} fits its size and mode ({len(free)} Available of {len(among)})"
    if claim.volume:
        text = f"volume {claim.volume}, which it names, is not Available"
    elif fitting and claim.selector_present:
        text = (
            f"an Available volume of {of_class} fits its size and mode, but its selector does not choose it"
        )
    elif fitting:
        return None
    return Obstacle("no-matching-volume", text, inventory.ages.wait, touches=_touched(storage_class))


def _is_wanted(claim: Claim, storage_class: StorageClass, failures: Sequence[Event]) -> bool:
    """Whether a volume should be on its way: at once, or since a pod was placed."""
    if storage_class.binding_mode != "WaitForFirstConsumer":
        return True
    return SELECTED_NODE in claim.annotations or any(
        event.reason == "ProvisioningFailed" for event in failures
    )


def _dynamic(inventory: Inventory, storage_class: StorageClass, failures: Sequence[Event]) -> Obstacle:
    provisioner = storage_class.provisioner
    touches = _touched(storage_class)
    down = _pods_down(inventory, provisioner)
    if down:
        text = f"its provisioner {provisioner} has no ready pod ({len(down)} seen)"
        owners = tuple(Ref("", "Pod", pod.namespace, pod.name, pod.uid) for pod in down[:3])
        return Obstacle("provisioner-down", text, inventory.ages.wait, touches=(*touches, *owners))
    said = max(failures, key=lambda event: (event.last, event.name), default=None)
    if said:
        text = f"{provisioner} failed to make it: {shortened(said.message)}"
        return Obstacle("provisioning-failed", text, inventory.ages.wait, touches=touches)
    text = f"{provisioner} has not made it, and its class {storage_class.name} asks for it at once"
    return Obstacle("not-provisioned", text, inventory.ages.controller, sure=False, touches=touches)


def _pods_down(inventory: Inventory, provisioner: str) -> Sequence[Pod]:
    """The provisioner's pods where there are some and none is ready."""
    known = _provisioners(inventory).get(PROVISIONER_PODS.get(provisioner, ("", "")), ())
    return () if any(pod.ready for pod in known) else known


def _provisioners(inventory: Inventory) -> dict[tuple[str, str], list[Pod]]:
    pods, memo = inventory.pods, inventory.index.memo
    if "provisioning.pods" not in memo:
        found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
        names = set(PROVISIONER_PODS.values())
        for pod in pods:
            label = ("app", pod.labels.get("app", ""))
            if label in names and not pod.finished:
                found[label].append(pod)
        memo["provisioning.pods"] = dict(found)
    known: dict[tuple[str, str], list[Pod]] = memo["provisioning.pods"]
    return known


def _touched(storage_class: StorageClass | None) -> tuple[Named, ...]:
    return (storage_class,) if storage_class else ()
