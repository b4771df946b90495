"""
Nodes decide where work may run, so the simulated ones have what real ones do: zones, pools, capacity, taints.

kwok keeps their leases and, unless a node is `played` by the test, their conditions.
"""

import hashlib
from dataclasses import dataclass, field

from .client import Client, Json, wait_until
from .commands import MANAGED_NODE, PLAYED
from .containerstate import node_address
from .manifests import GPU, POOL_LABEL

REGION = "eu-west-1"
ZONES = ("eu-west-1a", "eu-west-1b")
KUBELET_VERSION = "v1.35.4"


@dataclass(frozen=True)
class NodeShape:
    """A machine type: what it has, what it is called, what it refuses."""

    instance_type: str
    capacity: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[Json, ...] = ()


CPU_SHAPE = NodeShape(
    "m5.8xlarge", {"cpu": "32", "memory": "128Gi", "pods": "110", "ephemeral-storage": "200Gi"}
)
A100_SHAPE = NodeShape(
    "p4d.24xlarge",
    {"cpu": "96", "memory": "1152Gi", "pods": "110", "ephemeral-storage": "1000Gi", GPU: "8"},
    {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB",
        "nvidia.com/gpu.count": "8",
        "nvidia.com/gpu.memory": "40960",
        "nvidia.com/gpu.replicas": "1",
        "nvidia.com/mig.capable": "true",
        "nvidia.com/mig.config": "all-disabled",
    },
    ({"key": GPU, "value": "present", "effect": "NoSchedule"},),
)


def cpu_node(name: str, *, zone: str = ZONES[0], pool: str = "general", played: bool = False) -> Json:
    return node(name, CPU_SHAPE, zone, pool, played)


def gpu_node(
    name: str, *, pool: str, zone: str = ZONES[0], allocatable_gpus: int = 8, played: bool = False
) -> Json:
    """A p4d.24xlarge: eight A100 with 40 GB; fewer allocatable ones are devices that the plug-in has lost."""
    made = node(name, A100_SHAPE, zone, pool, played)
    made["status"]["allocatable"][GPU] = str(allocatable_gpus)
    return made


def node(name: str, shape: NodeShape, zone: str, pool: str, played: bool) -> Json:
    digest = hashlib.sha256(name.encode()).hexdigest()
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": shape.instance_type,
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": zone,
        POOL_LABEL: pool,
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        MANAGED_NODE: "true",
        **shape.labels,
        **({PLAYED: "played"} if played else {}),
    }
    # without it the attach-detach controller leaves the node to its kubelet
    annotations = {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}
    spec = {"providerID": f"aws:///{zone}/i-0{digest[:16]}", "taints": list(shape.taints)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": spec,
        "status": _status(name, shape, digest),
    }


def _status(name: str, shape: NodeShape, digest: str) -> Json:
    return {
        "capacity": dict(shape.capacity),
        "allocatable": dict(shape.capacity),
        # the API server asks for logs at InternalDNS, which is the test's log server
        "addresses": [
            {"type": "InternalIP", "address": node_address(name)},
            {"type": "InternalDNS", "address": "localhost"},
            {"type": "Hostname", "address": name},
        ],
        "nodeInfo": {
            # kwok takes an all-digit machineID for a number and then writes no conditions
            "machineID": f"m{digest[:31]}",
            "systemUUID": f"ec2{digest[3:8]}-0000-4000-8000-{digest[:12]}",
            "bootID": f"b0{digest[2:8]}-0000-4000-8000-{digest[12:24]}",
            "kernelVersion": "6.1.134-152.225.amzn2023.x86_64",
            "osImage": "Amazon Linux 2023.7.20250609",
            "containerRuntimeVersion": "containerd://1.7.27",
            "kubeletVersion": KUBELET_VERSION,
            "kubeProxyVersion": KUBELET_VERSION,
            "operatingSystem": "linux",
            "architecture": "amd64",
        },
    }


def add_nodes(client: Client, nodes: list[Json], seconds: float = 30) -> None:
    """Creates nodes and waits until each is Ready and the controller has taken its not-ready taint away."""
    for item in nodes:
        client.create(item)
    names = {item["metadata"]["name"] for item in nodes}
    wait_until(lambda: names <= _open_nodes(client), f"nodes are ready: {', '.join(sorted(names))}", seconds)


def ready_status(item: Json) -> str:
    """The status of a node's Ready condition; empty while it has none."""
    conditions = item.get("status", {}).get("conditions", [])
    return next((str(entry["status"]) for entry in conditions if entry["type"] == "Ready"), "")


def _open_nodes(client: Client) -> set[str]:
    return {
        item["metadata"]["name"]
        for item in client.list("v1", "Node")
        if ready_status(item) == "True"
        and not any(
            taint["key"] == "node.kubernetes.io/not-ready" for taint in item["spec"].get("taints", [])
        )
    }


def silence(client: Client, name: str) -> None:
    """Stops a node's lease, as a dead kubelet does: the node lifecycle controller makes it Unknown."""
    item = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    client.patch(item, {"metadata": {"labels": {MANAGED_NODE: None}}})
