"""Nodes as kube-apiserver lists them: 19 KB each, most of it the 50 images the kubelet reports."""

from __future__ import annotations

import random
from functools import lru_cache

from benchmarks.cluster.identity import (
    DAY,
    NODE_LOST,
    ago,
    digest,
    hexadecimal,
    node_address,
    node_name,
    node_uid,
    random_for,
    uid,
)
from benchmarks.cluster.managed_fields import field_set, managed
from benchmarks.cluster.population import GPUS_PER_NODE, Population, is_gpu_node
from benchmarks.cluster.template import compact

IMAGES_REPORTED = 50  # the kubelet's default cap (nodeStatusMaxImages)
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
GPU_PRODUCT = "NVIDIA-A100-SXM4-80GB"
# condition type -> the kubelet's word when all is well, its word when not
PRESSURES = {
    "MemoryPressure": ("KubeletHasSufficientMemory", "KubeletHasInsufficientMemory"),
    "DiskPressure": ("KubeletHasNoDiskPressure", "KubeletHasDiskPressure"),
    "PIDPressure": ("KubeletHasSufficientPID", "KubeletHasInsufficientPID"),
}
FAULT_OF = {"MemoryPressure": "memory-pressure", "DiskPressure": "disk-pressure"}


def node_text(population: Population, place: int) -> str:
    """The JSON text of the node at this place of the list."""
    node = population.nodes_in_key_order[place]
    draw = random_for(population.sizes.seed, "node-body", node)
    fault = population.node_faults.get(node, "")
    labels, annotations = _labels(node, draw), _annotations(node, draw)
    status = _status(population, node, fault, draw)
    metadata = {
        "name": node_name(node),
        "uid": node_uid(population.sizes.seed, node),
        "resourceVersion": str(900_000_000 + node),
        "creationTimestamp": ago(draw.randint(DAY, 90 * DAY)),
        "labels": labels,
        "annotations": annotations,
        "managedFields": _managed(labels, annotations, status),
    }
    return compact({"metadata": metadata, "spec": _spec(node, fault, draw), "status": status})


def _instance_type(node: int) -> str:
    return "p4de.24xlarge" if is_gpu_node(node) else "m6i.8xlarge"


def _labels(node: int, draw: random.Random) -> dict[str, str]:
    zone, instance = ZONES[node % 3], _instance_type(node)
    gpu = {
        "nvidia.com/gpu.count": str(GPUS_PER_NODE),
        "nvidia.com/gpu.memory": "81920",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": GPU_PRODUCT,
        "nvidia.com/mig.capable": "true",
    }
    return {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/instance-type": instance,
        "beta.kubernetes.io/os": "linux",
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "eks.amazonaws.com/nodegroup": "accelerated" if is_gpu_node(node) else f"general-{node % 12}",
        "eks.amazonaws.com/nodegroup-image": f"ami-{hexadecimal(draw, 17)}",
        "failure-domain.beta.kubernetes.io/region": zone[:-1],
        "failure-domain.beta.kubernetes.io/zone": zone,
        "k8s.io/cloud-provider-aws": hexadecimal(draw, 32),
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node_name(node),
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": instance,
        **(gpu if is_gpu_node(node) else {}),
        "topology.ebs.csi.aws.com/zone": zone,
        "topology.kubernetes.io/region": zone[:-1],
        "topology.kubernetes.io/zone": zone,
    }


def _annotations(node: int, draw: random.Random) -> dict[str, str]:
    drivers = {
        "ebs.csi.aws.com": f"i-{hexadecimal(draw, 17)}",
        "efs.csi.aws.com": f"i-{hexadecimal(draw, 17)}",
    }
    return {
        "alpha.kubernetes.io/provided-node-ip": node_address(node),
        "csi.volume.kubernetes.io/nodeid": compact(drivers),
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }


def _spec(node: int, fault: str, draw: random.Random) -> dict[str, object]:
    taints: list[dict[str, str]] = []
    if is_gpu_node(node):
        taints.append({"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"})
    if fault in FAULT_OF.values():
        taints.append({"key": f"node.kubernetes.io/{fault}", "effect": "NoSchedule", "timeAdded": ago(1800)})
    if fault == "cordoned":
        taints.append(
            {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": ago(7200)}
        )
    if fault == "lost":
        key = {"key": "node.kubernetes.io/unreachable"}
        taints += [
            {**key, "effect": effect, "timeAdded": ago(NODE_LOST)} for effect in ("NoSchedule", "NoExecute")
        ]
    spec: dict[str, object] = {"providerID": f"aws:///{ZONES[node % 3]}/i-{hexadecimal(draw, 17)}"}
    if fault == "cordoned":
        spec["unschedulable"] = True
    return spec | {"taints": taints} if taints else spec


def _capacity(node: int) -> tuple[dict[str, str], dict[str, str]]:
    """Capacity and allocatable, keys sorted as Go writes a map."""
    gpu = {"nvidia.com/gpu": str(GPUS_PER_NODE)} if is_gpu_node(node) else {}
    cpu, memory = ("96", "1176420424Ki") if is_gpu_node(node) else ("32", "129886632Ki")
    pages = {"hugepages-1Gi": "0", "hugepages-2Mi": "0"}
    capacity = {
        "cpu": cpu,
        "ephemeral-storage": "104779756Ki",
        **pages,
        "memory": memory,
        **gpu,
        "pods": "234",
    }
    usable_cpu = f"{int(cpu) * 1000 - 150}m"
    usable_memory = f"{int(memory.removesuffix('Ki')) - 3_017_536}Ki"
    return capacity, {
        **capacity,
        "cpu": usable_cpu,
        "ephemeral-storage": "95491281146",
        "memory": usable_memory,
    }


def _status(population: Population, node: int, fault: str, draw: random.Random) -> dict[str, object]:
    capacity, allocatable = _capacity(node)
    address, name = node_address(node), node_name(node)
    return {
        "capacity": capacity,
        "allocatable": allocatable,
        "conditions": _conditions(fault, draw),
        "addresses": [
            {"type": "InternalIP", "address": address},
            {"type": "InternalDNS", "address": name},
            {"type": "Hostname", "address": name},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": _node_info(draw),
        "images": _images(population, draw),
    }


def _conditions(fault: str, draw: random.Random) -> list[dict[str, str]]:
    if fault == "lost":
        told = ("NodeStatusUnknown", "Kubelet stopped posting node status.")
        return [
            _condition(kind, "Unknown", NODE_LOST + 45, NODE_LOST, *told) for kind in (*PRESSURES, "Ready")
        ]
    beat, conditions = draw.randint(0, 290), []
    for kind, (well, ill) in PRESSURES.items():
        here = FAULT_OF.get(kind) == fault
        reason, since = (ill, 1800) if here else (well, DAY)
        words = "has " + reason.removeprefix("KubeletHas").replace("Pressure", " pressure").lower()
        conditions.append(
            _condition(kind, "True" if here else "False", beat, since, reason, f"kubelet {words}")
        )
    return [
        *conditions,
        _condition("Ready", "True", beat, DAY, "KubeletReady", "kubelet is posting ready status"),
    ]


def _condition(kind: str, status: str, beat: int, since: int, reason: str, message: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": status,
        "lastHeartbeatTime": ago(beat),
        "lastTransitionTime": ago(since),
        "reason": reason,
        "message": message,
    }


def _node_info(draw: random.Random) -> dict[str, str]:
    return {
        "machineID": hexadecimal(draw, 32),
        "systemUUID": uid(draw),
        "bootID": uid(draw),
        "kernelVersion": "6.1.119-129.201.amzn2023.x86_64",
        "osImage": "Amazon Linux 2023.6.20250115",
        "containerRuntimeVersion": "containerd://1.7.23",
        "kubeletVersion": "v1.35.1-eks-7308294",
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": "amd64",
    }


@lru_cache(maxsize=2)
def _all_images(population_images: tuple[str, ...]) -> list[dict[str, object]]:
    return [
        {
            "names": [f"{image.rsplit(':', 1)[0]}@sha256:{digest(image)}", image],
            "sizeBytes": 10**6 + int(digest(image)[:7], 16),
        }
        for image in population_images
    ]


def _images(population: Population, draw: random.Random) -> list[dict[str, object]]:
    images = _all_images(tuple(workload.image for workload in population.workloads))
    return draw.sample(images, min(IMAGES_REPORTED, len(images)))


def _managed(
    labels: dict[str, str], annotations: dict[str, str], status: dict[str, object]
) -> list[dict[str, object]]:
    own = {
        "f:metadata": {
            "f:annotations": {".": {}, **field_set(annotations)},
            "f:labels": {".": {}, **field_set(labels)},
        },
        "f:spec": {"f:providerID": {}},
    }
    state = {
        "f:allocatable": field_set(status["allocatable"]),
        "f:capacity": field_set(status["capacity"]),
        "f:conditions": {".": {}, **field_set(status["conditions"])},
        "f:images": {},
    }
    return [
        managed("kubelet", ago(DAY), own),
        managed("kubelet", ago(60), {"f:status": state}, subresource="status"),
    ]
