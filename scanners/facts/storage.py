"""
A pod waits for its claim, the claim for a class, the class for a provisioner, the volume for a zone.
"""

from typing import ClassVar

from scanners.facts.fact import Condition, Fact
from scanners.facts.pod import NodeTerm
from scanners.facts.workload import ObjectReference


class Claim(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A PersistentVolumeClaim. ``storage_class`` None = the default class, ``""`` = no class on purpose."""

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "PersistentVolumeClaim"

    phase: str = ""
    storage_class: str | None = None
    volume: str = ""
    access_modes: tuple[str, ...] = ()
    volume_mode: str = "Filesystem"
    requested: str = ""
    capacity: str = ""
    selector_present: bool = False
    conditions: tuple[Condition, ...] = ()


class Volume(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A PersistentVolume. ``required_nodes`` is its node affinity (terms ORed), None = anywhere; ``phase_since``
    when its phase last changed, ``""`` from clusters that do not tell.
    """

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "PersistentVolume"

    phase: str = ""
    phase_since: str = ""
    reason: str = ""
    message: str = ""
    storage_class: str = ""
    claim: ObjectReference | None = None
    access_modes: tuple[str, ...] = ()
    volume_mode: str = "Filesystem"
    capacity: str = ""
    reclaim_policy: str = ""
    required_nodes: tuple[NodeTerm, ...] | None = None
    driver: str = ""
    handle: str = ""
    server: str = ""


class StorageClass(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A StorageClass; ``default`` by its annotation, ``disk`` the sort of disk that its parameters name."""

    group: ClassVar[str] = "storage.k8s.io"
    kind: ClassVar[str] = "StorageClass"

    provisioner: str = ""
    binding_mode: str = "Immediate"
    reclaim_policy: str = "Delete"
    default: bool = False
    disk: str = ""


class VolumeAttachment(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A VolumeAttachment: which volume is attached to which node, or why it is not."""

    group: ClassVar[str] = "storage.k8s.io"
    kind: ClassVar[str] = "VolumeAttachment"

    attacher: str = ""
    volume: str = ""
    node: str = ""
    attached: bool = False
    attach_error: str = ""
    detach_error: str = ""
