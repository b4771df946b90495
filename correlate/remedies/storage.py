"""Remedies for claims and volumes. What deletes data says what is lost, and asks for a snapshot and a yes first."""

from correlate.observation import Observation
from correlate.remedies.template import Template, change, destroy, is_class, look
from scanners.kinds import Kind

_SEE = look("See the claim and its events.", "kubectl describe persistentvolumeclaim {name} -n {namespace}")
_CLASSES = look("See which storage classes exist.", "kubectl get storageclasses")
_BOUND = "kubectl get persistentvolumeclaim {name} -n {namespace}"


def _is_claim(cause: Observation) -> bool:
    return cause.subject.kind == "PersistentVolumeClaim"


def _is_volume(cause: Observation) -> bool:
    return cause.subject.kind == "PersistentVolume"


TEMPLATES = (
    Template(
        Kind.CLAIM_PENDING,
        "class-absent",
        "StorageClass {storage_class} does not exist. Create the claim again with a class that does, or "
        "create the class.",
        (
            _SEE,
            _CLASSES,
            change(
                "In the manifest of the claim {place} name an existing class instead of {storage_class}: "
                "the class of a claim cannot be changed later.",
                verify=_BOUND,
                undo="Create the claim again with class {storage_class}.",
            ),
        ),
        when=is_class("class-missing"),
    ),
    Template(
        Kind.CLAIM_PENDING,
        "no-default-class",
        "The claim {place} names no class and the cluster has no default one. Name a class, or mark one as "
        "default.",
        (
            _SEE,
            _CLASSES,
            change(
                "Name a storage class in the manifest of the claim {place}.",
                verify=_BOUND,
                undo="Take the class out again.",
            ),
        ),
        when=is_class("no-default-class"),
    ),
    Template(
        Kind.CLAIM_PENDING,
        "provisioner",
        "Nothing provisions the volume: {said}. Look at the provisioner's pods.",
        (
            _SEE,
            _CLASSES,
            look(
                "See the pods of the storage drivers.",
                "kubectl get pods -A -o wide -l app.kubernetes.io/component=csi-driver",
            ),
        ),
        when=is_class("provisioner-down", "not-provisioned", "provisioning-failed"),
    ),
    Template(
        Kind.CLAIM_PENDING,
        "no-volume",
        "No free volume fits the claim {place}. Offer a volume of its size, mode and labels, or name a "
        "class that provisions one.",
        (
            _SEE,
            look("See the volumes.", "kubectl get persistentvolumes"),
            change(
                "Offer a matching volume for the claim {place}.",
                verify=_BOUND,
                undo="Take the offered volume back.",
            ),
        ),
        when=is_class("no-matching-volume"),
    ),
    Template(
        Kind.CLAIM_PENDING, "see-claim", "{said}. Its events name what provisioning lacks.", (_SEE, _CLASSES)
    ),
    Template(
        Kind.VOLUME_ZONE_CONFLICT,
        "nodes-in-zone",
        "The volume of {place} is in {volume_zone}, where no node fits. Bring nodes up there, or restore "
        "the data in a zone that has them ({feasible_zones}).",
        (
            _SEE,
            look("See which zones have nodes.", "kubectl get nodes -L topology.kubernetes.io/zone"),
            change(
                "Add nodes in {volume_zone} that fit the pod, where the node pool is declared.",
                verify="kubectl get pods -n {namespace} -o wide",
                undo="Set the pool's former zones and size again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.VOLUME_ZONE_CONFLICT,
        "see-zones",
        "{said}. The volume cannot leave its zone: bring nodes up there.",
        (_SEE, look("See which zones have nodes.", "kubectl get nodes -L topology.kubernetes.io/zone")),
    ),
    Template(
        Kind.ATTACH_CONFLICT,
        "end-holder",
        "{holder_pod} on {holder_node} still holds the volume of {place}. End it in order, or share the "
        "data over ReadWriteMany.",
        (
            _SEE,
            look("See the attachments.", "kubectl get volumeattachments"),
            change(
                "Scale down or end the work of {holder_pod} in order, so that the node lets the volume go.",
                verify="kubectl get volumeattachments",
                undo="Scale it up again.",
            ),
        ),
        edits=False,
    ),
    Template(
        Kind.ATTACH_CONFLICT,
        "detach",
        "Node {holder_node} still holds the volume of {place}. Look whether a pod uses it there, else why "
        "its "
        "storage driver does not let it go.",
        (
            _SEE,
            look("See the attachments.", "kubectl get volumeattachments"),
            look(
                "See what runs on the holder.",
                "kubectl get pods -A -o wide --field-selector=spec.nodeName={holder_node}",
            ),
        ),
    ),
    Template(
        Kind.ATTACH_CONFLICT,
        "see-attachments",
        "{said}. See who holds the volume.",
        (_SEE, look("See the attachments.", "kubectl get volumeattachments")),
    ),
    Template(
        Kind.VOLUME_FULL,
        "expand",
        "The claim {place} of {requested} is nearly full. Expand it to {raised_size}, or remove what is not needed any "
        "more (old checkpoints, logs, caches).",
        (
            _SEE,
            look(
                "See whether its class allows expansion (ALLOWVOLUMEEXPANSION).",
                "kubectl get storageclass {storage_class}",
            ),
            change(
                "Expand the claim {place} from {requested} to {raised_size}.",
                "kubectl patch persistentvolumeclaim {name} -n {namespace} --type=merge -p "
                '{{"spec":{{"resources":{{"requests":{{"storage":"{raised_size}"}}}}}}}}',
                verify=_BOUND,
                undo="A claim cannot be made smaller again: only its data can be moved to a smaller one.",
            ),
        ),
    ),
    Template(
        Kind.VOLUME_FULL,
        "see-volume",
        "{said}. Remove what is not needed any more (old checkpoints, logs, caches), or expand the claim.",
        (
            _SEE,
            _CLASSES,
            look("See the pod that mounts it.", "kubectl describe pod {pod} -n {pod_namespace}"),
        ),
    ),
    Template(
        Kind.FILE_SERVER_DOWN,
        "see-server",
        "{said}. Restore the file server {name}, or the way to it; every pod that mounts it waits.",
        (
            look("See which volumes it serves.", "kubectl get persistentvolumes -o wide"),
            look("See a pod that waits for it.", "kubectl describe pod {pod} -n {pod_namespace}"),
        ),
    ),
    Template(
        Kind.VOLUME_ORPHANED,
        "delete-claim",
        "{said}. Ask its owner; take a snapshot if anybody may want the data, then delete the claim.",
        (
            _SEE,
            look("See which pods mount claims there.", "kubectl describe pods -n {namespace}"),
            look("See whether there is a snapshot of it.", "kubectl get volumesnapshots -n {namespace}"),
            destroy(
                "Once the owner agrees and a snapshot is there: delete the claim {place}, and with it, as its "
                "volume says, the data.",
                "kubectl delete persistentvolumeclaim {name} -n {namespace}",
                verify="kubectl get persistentvolumes",
                undo="Restore it from the snapshot; without one the data is lost.",
            ),
        ),
        when=_is_claim,
    ),
    Template(
        Kind.VOLUME_ORPHANED,
        "delete-volume",
        "{said}. Ask the owner of what it held; take a snapshot of its disk, then delete the volume and the disk.",
        (
            look("See the volume, its disk and its last claim.", "kubectl describe persistentvolume {name}"),
            destroy(
                "Once the owner agrees and a snapshot is there: delete the volume {name}. Its disk stays, and costs, "
                "until it is deleted at the provider.",
                "kubectl delete persistentvolume {name}",
                verify="kubectl get persistentvolumes",
                undo="Declare the volume again with the handle of its disk, as long as the disk is there.",
            ),
        ),
        when=_is_volume,
    ),
    Template(
        Kind.VOLUME_ORPHANED,
        "see-volume",
        "{said}. Ask whose it is.",
        (look("See the volumes and their claims.", "kubectl get persistentvolumes"),),
    ),
)
