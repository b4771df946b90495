"""Claims, volumes, classes, attachments. A missing class and an empty one are different things."""

from scanners.facts.storage import Claim, StorageClass, Volume, VolumeAttachment
from swarm.sources.kubernetes.reduce.pool import Pool, text_of
from swarm.sources.kubernetes.reduce.shared import conditions, identity, node_terms, reference
from swarm.sources.kubernetes.wire import storage as wire
from swarm.sources.kubernetes.wire.template import Resources

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
DEFAULT_CLASS_BETA = "storageclass.beta.kubernetes.io/is-default-class"
LEGACY_CLASS = "volume.beta.kubernetes.io/storage-class"
"""The annotation that overrides spec.storageClassName where both are set."""

DISK_PARAMETERS = ("type", "skuname", "storageaccounttype")
"""Parameters (in any case) by which the drivers of AWS and Google, and of Azure, name the sort of disk."""

_IN_TREE = {
    "nfs": "nfs",
    "local": "local",
    "host_path": "hostPath",
    "aws_elastic_block_store": "kubernetes.io/aws-ebs",
    "gce_persistent_disk": "kubernetes.io/gce-pd",
    "azure_disk": "kubernetes.io/azure-disk",
    "azure_file": "kubernetes.io/azure-file",
}


def claim(read: wire.Claim, pool: Pool) -> Claim:
    """A PersistentVolumeClaim."""
    spec, status = read.spec or wire.ClaimSpec(), read.status or wire.ClaimStatus()
    requests = (spec.resources or Resources()).requests or {}
    legacy = ((read.metadata.annotations if read.metadata else None) or {}).get(LEGACY_CLASS)
    name = spec.storage_class_name if legacy is None else text_of(legacy)
    return Claim(
        **identity(read.metadata, pool),
        phase=pool.string(status.phase),
        storage_class=None if name is None else pool.string(name),
        volume=pool.string(spec.volume_name),
        access_modes=pool.strings(spec.access_modes),
        volume_mode=pool.string(spec.volume_mode) or "Filesystem",
        requested=pool.string(text_of(requests.get("storage"))),
        capacity=pool.string(text_of((status.capacity or {}).get("storage"))),
        selector_present=spec.selector is not None,
        conditions=conditions(status.conditions, pool),
    )


def volume(read: wire.Volume, pool: Pool) -> Volume:
    """A PersistentVolume; the driver of an in-tree volume is its old provisioner's name, or its type."""
    spec, status = read.spec or wire.VolumeSpec(), read.status or wire.VolumeStatus()
    driver, handle, server = _source(spec)
    return Volume(
        **identity(read.metadata, pool),
        phase=pool.string(status.phase),
        phase_since=pool.string(status.last_phase_transition_time),
        reason=pool.message(status.reason),
        message=pool.message(status.message),
        storage_class=pool.string(spec.storage_class_name),
        claim=reference(spec.claim_ref, pool) if spec.claim_ref else None,
        access_modes=pool.strings(spec.access_modes),
        volume_mode=pool.string(spec.volume_mode) or "Filesystem",
        capacity=pool.string(text_of((spec.capacity or {}).get("storage"))),
        reclaim_policy=pool.string(spec.persistent_volume_reclaim_policy),
        required_nodes=node_terms(spec.node_affinity.required, pool) if spec.node_affinity else None,
        driver=pool.string(driver),
        handle=pool.message(handle),
        server=pool.message(server),
    )


def storage_class(read: wire.StorageClass, pool: Pool) -> StorageClass:
    """A StorageClass."""
    named = identity(read.metadata, pool)
    parameters = {name.lower(): text_of(value) for name, value in (read.parameters or {}).items()}
    marks = (named["annotations"].get(key) for key in (DEFAULT_CLASS, DEFAULT_CLASS_BETA))
    return StorageClass(
        **named,
        provisioner=pool.string(read.provisioner),
        binding_mode=pool.string(read.volume_binding_mode) or "Immediate",
        reclaim_policy=pool.string(read.reclaim_policy) or "Delete",
        default="true" in marks,
        disk=pool.string(
            next((named_disk for name in DISK_PARAMETERS if (named_disk := parameters.get(name))), "")
        ),
    )


def attachment(read: wire.VolumeAttachment, pool: Pool) -> VolumeAttachment:
    """A VolumeAttachment."""
    spec, status = read.spec or wire.AttachmentSpec(), read.status or wire.AttachmentStatus()
    return VolumeAttachment(
        **identity(read.metadata, pool),
        attacher=pool.string(spec.attacher),
        volume=pool.string(spec.source.persistent_volume_name if spec.source else None),
        node=pool.string(spec.node_name),
        attached=bool(status.attached),
        attach_error=pool.message(status.attach_error.message if status.attach_error else None),
        detach_error=pool.message(status.detach_error.message if status.detach_error else None),
    )


def _source(spec: wire.VolumeSpec) -> tuple[str, str, str]:
    """Driver, handle, server. Drivers of shared file systems name their server in volumeAttributes."""
    if spec.csi:
        server = spec.csi.server or (spec.csi.volume_attributes or {}).get("server", "")
        return spec.csi.driver or "", spec.csi.volume_handle or "", server
    for field, driver in _IN_TREE.items():
        source: wire.DriverSource | None = getattr(spec, field)
        if source:
            names = (source.volume_id, source.pd_name, source.disk_uri, source.share_name, source.path)
            return driver, next(filter(None, names), ""), source.server or ""
    return "", "", ""
