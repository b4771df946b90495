"""Planted faults of storage: an unknown class, a volume in the wrong zone, a disk held elsewhere, NFS."""

from .base import STORAGE, attach_volumes
from .client import Json, wait_until
from .fault import Fault, Stage, Subject
from .manifests import POOL_LABEL, claim, deployment, mounted, pod_spec, volume
from .nodes import ZONES, add_nodes, cpu_node

ABSENT_ZONE = "eu-west-1c"
NFS_SERVER = "nfs-01.storage.example.com"


def _class_missing(stage: Stage) -> None:
    stage.client.apply(claim(stage.namespace, "checkpoints", "premium-ssd"))
    stage.client.apply(deployment(stage.namespace, "trainer", mounted("checkpoints", pod_spec())))


def _not_provisioned(stage: Stage) -> bool:
    return stage.heard("ProvisioningFailed", "premium-ssd") and stage.heard("FailedScheduling")


def _wrong_zone(stage: Stage) -> None:
    stage.client.apply(volume("wrong-zone-index", STORAGE, zone=ABSENT_ZONE))
    stage.client.apply(claim(stage.namespace, "index", STORAGE, volumeName="wrong-zone-index"))
    stage.client.apply(deployment(stage.namespace, "search", mounted("index", pod_spec())))


def _bound_but_unreachable(stage: Stage) -> bool:
    found = stage.get("v1", "PersistentVolumeClaim", "index")
    return found["status"]["phase"] == "Bound" and stage.heard("FailedScheduling", "PersistentVolume")


def _held_elsewhere(stage: Stage) -> None:
    """Two Deployments want one ReadWriteOnce disk on two nodes; the writer has it."""
    add_nodes(stage.client, [cpu_node(f"attach-{index}", pool=f"attach-{index}") for index in range(2)])
    stage.client.apply(volume("held-features", STORAGE, zone=ZONES[0]))
    stage.client.apply(claim(stage.namespace, "features", STORAGE, volumeName="held-features"))
    stage.client.apply(deployment(stage.namespace, "writer", _on_pool("attach-0")))
    wait_until(lambda: "held-features" in attach_volumes(stage.client), "the writer's disk is attached")
    stage.client.apply(deployment(stage.namespace, "reader", _on_pool("attach-1"), kubelet="played"))


def _on_pool(pool: str) -> Json:
    return mounted("features", pod_spec(nodeSelector={POOL_LABEL: pool}))


def _creates(stage: Stage, pod: Json) -> None:
    stage.kubelet.creates(pod)


def _multi_attach_told(stage: Stage) -> bool:
    return stage.heard("FailedAttachVolume", "Multi-Attach error")


def _server_silent(stage: Stage) -> None:
    source: Json = {"server": NFS_SERVER, "path": "/export/datasets"}
    item = volume("nfs-datasets", "", accessModes=["ReadWriteMany"], nfs=source)
    del item["spec"]["csi"]
    stage.client.apply(item)
    shared = claim(stage.namespace, "datasets", "", volumeName="nfs-datasets", accessModes=["ReadWriteMany"])
    stage.client.apply(shared)
    stage.client.apply(
        deployment(stage.namespace, "loader", mounted("datasets", pod_spec()), kubelet="played")
    )


def _cannot_mount(stage: Stage, pod: Json) -> None:
    target = f"/var/lib/kubelet/pods/{pod['metadata']['uid']}/volumes/kubernetes.io~nfs/nfs-datasets"
    message = (
        'MountVolume.SetUp failed for volume "nfs-datasets" : mount failed: exit status 32\n'
        f"Mounting command: mount\nMounting arguments: -t nfs {NFS_SERVER}:/export/datasets {target}\n"
        "Output: mount.nfs: Connection timed out\n"
    )
    stage.kubelet.cannot_mount(pod, message)


def _mount_failed(stage: Stage) -> bool:
    return stage.heard("FailedMount", NFS_SERVER)


def _claim(namespace: str, name: str) -> Subject:
    return Subject("", "PersistentVolumeClaim", namespace, name)


STORAGE_FAULTS = (
    Fault(
        "claim-class-missing",
        "PVC101",
        _claim("claim-class-missing", "checkpoints"),
        "premium-ssd",
        _class_missing,
        _not_provisioned,
        also=frozenset({"WRK104", "WRK106"}),
    ),
    Fault(
        "volume-wrong-zone",
        "PVC104",
        _claim("volume-wrong-zone", "index"),
        ABSENT_ZONE,
        _wrong_zone,
        _bound_but_unreachable,
        also=frozenset({"WRK104", "WRK106"}),
    ),
    Fault(
        "disk-held-elsewhere",
        "PVC105",
        _claim("disk-held-elsewhere", "features"),
        "attach-0",
        _held_elsewhere,
        _multi_attach_told,
        _creates,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "file-server-silent",
        "PVC105",
        _claim("file-server-silent", "datasets"),
        NFS_SERVER,
        _server_silent,
        _mount_failed,
        _cannot_mount,
        also=frozenset({"WRK106"}),
    ),
)
