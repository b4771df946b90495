"""Claims, volumes, classes, attachments."""

import msgspec

from swarm.sources.kubernetes.wire.metadata import (
    Condition,
    LabelSelector,
    Metadata,
    NodeSelector,
    ObjectReference,
    Scalar,
    Wire,
)
from swarm.sources.kubernetes.wire.template import Resources


class ClaimSpec(Wire):
    """spec of a PersistentVolumeClaim."""

    storage_class_name: str | None = None
    volume_name: str | None = None
    access_modes: list[str] | None = None
    volume_mode: str | None = None
    resources: Resources | None = None
    selector: LabelSelector | None = None


class ClaimStatus(Wire):
    """status of a PersistentVolumeClaim."""

    phase: str | None = None
    capacity: dict[str, Scalar | None] | None = None
    conditions: list[Condition] | None = None


class Claim(Wire):
    """A v1 PersistentVolumeClaim."""

    metadata: Metadata | None = None
    spec: ClaimSpec | None = None
    status: ClaimStatus | None = None


class VolumeAffinity(Wire):
    """spec.nodeAffinity of a PersistentVolume."""

    required: NodeSelector | None = None


class DriverSource(Wire):
    """spec.csi, .nfs, .awsElasticBlockStore and their like: a driver, a server, a handle."""

    driver: str | None = None
    volume_handle: str | None = None
    server: str | None = None
    path: str | None = None
    volume_id: str | None = msgspec.field(default=None, name="volumeID")
    pd_name: str | None = None
    disk_uri: str | None = msgspec.field(default=None, name="diskURI")
    share_name: str | None = None
    volume_attributes: dict[str, str] | None = None


class VolumeSpec(Wire):
    """spec of a PersistentVolume."""

    storage_class_name: str | None = None
    claim_ref: ObjectReference | None = None
    access_modes: list[str] | None = None
    volume_mode: str | None = None
    capacity: dict[str, Scalar | None] | None = None
    persistent_volume_reclaim_policy: str | None = None
    node_affinity: VolumeAffinity | None = None
    csi: DriverSource | None = None
    nfs: DriverSource | None = None
    local: DriverSource | None = None
    host_path: DriverSource | None = None
    aws_elastic_block_store: DriverSource | None = None
    gce_persistent_disk: DriverSource | None = None
    azure_disk: DriverSource | None = None
    azure_file: DriverSource | None = None


class VolumeStatus(Wire):
    """status of a PersistentVolume."""

    phase: str | None = None
    last_phase_transition_time: str | None = None
    reason: str | None = None
    message: str | None = None


class Volume(Wire):
    """A v1 PersistentVolume."""

    metadata: Metadata | None = None
    spec: VolumeSpec | None = None
    status: VolumeStatus | None = None


class StorageClass(Wire):
    """A storage.k8s.io/v1 StorageClass: it has no spec."""

    metadata: Metadata | None = None
    provisioner: str | None = None
    volume_binding_mode: str | None = None
    reclaim_policy: str | None = None
    parameters: dict[str, Scalar | None] | None = None


class AttachmentSource(Wire):
    """spec.source of a VolumeAttachment."""

    persistent_volume_name: str | None = None


class AttachmentSpec(Wire):
    """spec of a VolumeAttachment."""

    attacher: str | None = None
    node_name: str | None = None
    source: AttachmentSource | None = None


class AttachmentError(Wire):
    """status.attachError and .detachError."""

    message: str | None = None


class AttachmentStatus(Wire):
    """status of a VolumeAttachment."""

    attached: bool | None = None
    attach_error: AttachmentError | None = None
    detach_error: AttachmentError | None = None


class VolumeAttachment(Wire):
    """A storage.k8s.io/v1 VolumeAttachment."""

    metadata: Metadata | None = None
    spec: AttachmentSpec | None = None
    status: AttachmentStatus | None = None
