"""
A project with a fault of every sort that the cloud's checks know, and its healthy twin.

Each has one cluster `train`, behind which stands a real API server; what a volume or a node in it means is found again
at Google under the same name.
"""

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.clouds.api_server import ApiServer
from tests.clouds.gcp import objects

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google

Json = dict[str, Any]
ZONE, REGION = "zones/us-central1-a", "regions/us-central1"
GPU = "nvidia.com/gpu"


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def furnish(google: "Google", server: ApiServer, *, faulty: bool) -> None:
    """Make the project, and what stands in its cluster."""
    _at_google(google, server, faulty)
    version = f"v{google.clusters[0]['currentMasterVersion']}"
    nodes = [_node("gke-train-a100-1", "a100", version, gpus=4), _node("gke-train-cpu-1", "cpu", version)]
    server.apply_all([*nodes, _volume()])
    _job(server, "train-llm", [_pod("train-llm-0", 4, node="gke-train-a100-1")])
    if faulty:
        _job(server, "train-next", [_pod("train-next-0", 4)])


def _at_google(google: "Google", server: ApiServer, faulty: bool) -> None:
    one_zone = {"locations": ["us-central1-a"]}
    cpu = {"machineType": "e2-standard-8"}
    a100 = objects.pool(autoscaling={"enabled": True, "maxNodeCount": 1 if faulty else 3}, **one_zone)
    pools = [a100, objects.pool("cpu", config=cpu, autoscaling={}, **one_zone)]
    if faulty:
        stockout = {"code": "GCE_STOCKOUT", "message": "no g2-standard-48 in us-central1-a"}
        ill = {"status": "RUNNING_WITH_ERROR", "conditions": [stockout], "autoscaling": {}}
        pools.append(objects.pool("l4", config={"machineType": "g2-standard-48"}, **ill, **one_zone))
    google.clusters = [
        objects.cluster(
            endpoint=f"127.0.0.1:{server.port}",
            masterAuth={"clusterCaCertificate": base64.b64encode(server.authority.encode()).decode()},
            currentMasterVersion="1.31.4-gke.100" if faulty else "1.35.1-gke.100",
            nodePools=pools,
        )
    ]
    machines = [
        _machine(google.project, "gke-train-a100-1", "a100"),
        _machine(google.project, "gke-train-cpu-1", "cpu"),
    ]
    disks = [_disk(google.project, "pvc-kept")]
    rule = objects.rule("front", description='{"kubernetes.io/service-name":"web/front"}')
    rule["target"] = f"{objects.COMPUTE}/{REGION}/targetPools/front"
    if faulty:
        machines.append(_machine(google.project, "gke-train-a100-9", "a100"))
        disks.append(_disk(google.project, "pvc-left"))
    google.lists = {
        "instances": {ZONE: machines, "zones/europe-west4-a": []},
        "disks": {ZONE: disks},
        "addresses": {REGION: [objects.address(status="RESERVED" if faulty else "IN_USE")]},
        "forwardingRules": {REGION: [rule]},
        "targetPools": {
            REGION: [{"selfLink": rule["target"], "instances": [] if faulty else [machines[0]["selfLink"]]}]
        },
        "backendServices": {},
        "instanceGroups": {},
        "networkEndpointGroups": {},
    }
    google.regions = [
        {"name": "us-central1", "quotas": [{"metric": "NVIDIA_A100_GPUS", "limit": 16.0, "usage": 8.0}]}
    ]


def _machine(project: str, name: str, pool: str) -> Json:
    made = objects.instance(name, creationTimestamp=ago(days=3))
    made["labels"] = {**made["labels"], "goog-k8s-node-pool-name": pool}
    if pool == "cpu":
        made |= {
            "machineType": f"{objects.COMPUTE}/{ZONE}/machineTypes/e2-standard-8",
            "guestAccelerators": [],
        }
    return made


def _disk(project: str, name: str) -> Json:
    """A disk that no machine has; whether a volume means it is the cluster's to say."""
    told = (
        f'{{"kubernetes.io/created-for/pv/name":"{name}","kubernetes.io/created-for/pvc/name":"data",'
        '"kubernetes.io/created-for/pvc/namespace":"ml"}'
    )
    return objects.disk(
        name, description=told, lastDetachTimestamp=ago(days=30), creationTimestamp=ago(days=60)
    )


def _volume() -> Json:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "pvc-kept"},
        "spec": {
            "capacity": {"storage": "500Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "standard-rwo",
            "csi": {
                "driver": "pd.csi.storage.gke.io",
                "volumeHandle": f"projects/{objects.PROJECT}/{ZONE}/disks/pvc-kept",
            },
        },
    }


def _node(name: str, pool: str, version: str, gpus: int = 0) -> Json:
    labels = {
        "cloud.google.com/gke-nodepool": pool,
        "node.kubernetes.io/instance-type": "a2-highgpu-4g" if gpus else "e2-standard-8",
        "topology.kubernetes.io/region": "us-central1",
        "topology.kubernetes.io/zone": "us-central1-a",
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
    } | ({"cloud.google.com/gke-accelerator": "nvidia-tesla-a100"} if gpus else {})
    room = {"cpu": "48", "memory": "340Gi", "pods": "110"} | ({GPU: str(gpus)} if gpus else {})
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "providerID": f"gce://{objects.PROJECT}/us-central1-a/{name}",
            "taints": [{"key": GPU, "value": "present", "effect": "NoSchedule"}] if gpus else [],
        },
        "status": {
            "capacity": room,
            "allocatable": room,
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ready",
                "lastHeartbeatTime": ago(minutes=0), "lastTransitionTime": ago(days=3),
            }],
            "nodeInfo": {
                "kubeletVersion": version, "machineID": name, "systemUUID": name, "bootID": name,
                "kernelVersion": "6.6", "osImage": "cos", "containerRuntimeVersion": "containerd://2",
                "architecture": "amd64", "kubeProxyVersion": "", "operatingSystem": "linux",
            },
        },
    }  # fmt: skip


def _job(server: ApiServer, name: str, pods: list[Json]) -> None:
    spec = pods[0]["spec"]
    template = {"metadata": {}, "spec": {key: value for key, value in spec.items() if key != "nodeName"}}
    server.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}})
    made = server.client.apply({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "ml"},
        "spec": {"template": template, "backoffLimit": 0},
    })  # fmt: skip
    owner = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": name,
        "uid": made["metadata"]["uid"],
        "controller": True,
    }
    for pod in pods:
        pod["metadata"]["ownerReferences"] = [owner]
    server.apply_all(pods)


def _pod(name: str, gpus: int, node: str = "") -> Json:
    limits = {GPU: str(gpus), "cpu": "4", "memory": "16Gi"}
    spec: Json = {
        "restartPolicy": "Never",
        "containers": [{
            "name": "main", "image": "registry.example/train:1",
            "resources": {"requests": limits, "limits": limits},
        }],
        "tolerations": [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}],
    }  # fmt: skip
    since = ago(hours=2)
    if not node:
        said = "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match."
        scheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said}
        status: Json = {"phase": "Pending", "conditions": [{**scheduled, "lastTransitionTime": since}]}
    else:
        spec["nodeName"] = node
        kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        conditions = [{"type": kind, "status": "True", "lastTransitionTime": since} for kind in kinds]
        running = {
            "name": "main",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "image": "x",
            "imageID": "x",
        }
        state = {"state": {"running": {"startedAt": since}}}
        status = {
            "phase": "Running", "startTime": since, "conditions": conditions, "containerStatuses": [running | state],
        }  # fmt: skip
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "ml", "labels": {"job": name}},
        "spec": spec, "status": status,
    }  # fmt: skip
