"""
Two accounts with a cluster each: in one stand six faults, the other is its healthy twin with the same things in use.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.clouds.api_server import READER, ApiServer, User
from tests.cluster.manifests import container, pod_spec, service, storage_class, volume
from tests.cluster.nodes import cpu_node, gpu_node

from . import account as made
from .front import AwsFront
from .sigv4 import key_of

SICK, WELL = "111111111111", "222222222222"
REGION = "us-east-1"
ZONE = "us-east-1a"
HOUR_AGO = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
ISSUE = {
    "code": "AsgInstanceLaunchFailures",
    "message": "Could not launch: no capacity",
    "resourceIds": ["eks-broken"],
}

CONFIG = """
[profile sick]
role_arn = arn:aws:iam::111111111111:role/reader
source_profile = base
region = us-east-1

[profile well]
role_arn = arn:aws:iam::222222222222:role/reader
source_profile = base
region = us-east-1
"""
CREDENTIALS = "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"


class Entrance:
    """EKS's webhook for one cluster, which recomputes signatures; ``minted`` are the tokens it took, in order."""

    def __init__(self, front: AwsFront, cluster: str) -> None:
        self.front = front
        self.cluster = cluster
        self.minted: list[str] = []

    def __call__(self, token: str) -> User | None:
        if key_of(token, self.cluster, self.front.secrets, urlsplit(self.front.url).netloc) is None:
            return None
        if token not in self.minted:
            self.minted.append(token)
        return READER


@dataclass(frozen=True)
class Planted:
    """What was planted: ids that the report must name."""

    stray: str
    disk: str
    address: str
    balancer: str


def write_profiles(folder: Path) -> None:
    """Profiles ``sick`` and ``well``, each a role in its account that the same user assumes."""
    (folder / "config").write_text(CONFIG)
    (folder / "credentials").write_text(CREDENTIALS)


def show(front: AwsFront, servers: dict[str, ApiServer]) -> None:
    """EKS tells of each cluster the API server that really stands behind it, and of group ``broken`` its issue."""

    def cluster(answer: dict[str, Any]) -> dict[str, Any]:
        server = servers[answer["cluster"]["name"]]
        authority = base64.b64encode(server.authority.encode()).decode()
        answer["cluster"] |= {
            "endpoint": server.url,
            "certificateAuthority": {"data": authority},
            "health": {"issues": []},
            "upgradePolicy": {"supportType": "EXTENDED"},
        }
        return answer

    def node_group(answer: dict[str, Any]) -> dict[str, Any]:
        if answer["nodegroup"]["nodegroupName"] == "broken":
            answer["nodegroup"] |= {"status": "DEGRADED", "health": {"issues": [ISSUE]}}
        return answer

    front.patches = {("eks", "DescribeCluster"): cluster, ("eks", "DescribeNodegroup"): node_group}


def lay_sick(server: ApiServer) -> Planted:
    """An old cluster with a broken group, one at its maximum, a stray machine and three leftovers."""
    lent = _lent(SICK)
    made.cluster("train", REGION, "1.29", **lent)
    made.node_group("train", "general", "m5.8xlarge", (1, 5, 1), **lent)
    made.node_group("train", "gpu", "p4d.24xlarge", (0, 1, 1), **lent)
    made.node_group("train", "broken", "m5.8xlarge", (0, 3, 0), **lent)
    general = made.machine("m5.8xlarge", _of("train", "general"), **lent)
    gpu = made.machine("p4d.24xlarge", _of("train", "gpu"), **lent)
    stray = made.machine("p4d.24xlarge", _of("train", "gpu"), **lent)
    left = {
        "kubernetes.io/created-for/pvc/namespace": "ml",
        "kubernetes.io/created-for/pvc/name": "checkpoints",
    }
    disk = made.disk(500, {**left, "kubernetes.io/cluster/train": "owned"}, **lent)
    address = made.client("ec2", REGION, **lent).allocate_address(Domain="vpc")["PublicIp"]
    balancer = made.balancer("left-behind", REGION, **lent)
    nodes = [_on(cpu_node("general-1"), general), _on(gpu_node("gpu-1", pool="gpu"), gpu)]
    server.apply_all([
        *(_kubelet(node, "v1.29.15") for node in nodes),
        _pod("trainer-0", "gpu-1"),
        _pod("trainer-1", ""),
    ])  # fmt: skip
    return Planted(stray, disk, address, balancer.rpartition("/")[2])


def lay_well(server: ApiServer) -> None:
    """The same things in use: a machine that is a node, a disk that a volume means, an address and a balancer too."""
    lent = _lent(WELL)
    made.cluster("calm", REGION, "1.36", **lent)
    made.node_group("calm", "general", "m5.8xlarge", (1, 5, 1), **lent)
    machine = made.machine("m5.8xlarge", _of("calm", "general"), **lent)
    disk = made.disk(100, {"kubernetes.io/cluster/calm": "owned"}, **lent)
    ec2 = made.client("ec2", REGION, **lent)
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=machine)
    made.balancer("front", REGION, **lent)
    host = made.client("elbv2", REGION, **lent).describe_load_balancers()["LoadBalancers"][0]["DNSName"]
    kept = volume("kept", "gp3", persistentVolumeReclaimPolicy="Retain")
    kept["spec"]["csi"]["volumeHandle"] = disk
    server.apply_all([
        _kubelet(_on(cpu_node("general-1"), machine), "v1.36.1"),
        storage_class("gp3"),
        {**kept, "status": {"phase": "Available"}},
        {
            **service("web", "front", type="LoadBalancer", selector={}),
            "status": {"loadBalancer": {"ingress": [{"hostname": host}]}},
        },
    ])  # fmt: skip


def _lent(account: str) -> dict[str, str]:
    """Keys of an administrator of that account."""
    role = f"arn:aws:iam::{account}:role/administrator"
    lent = made.client("sts").assume_role(RoleArn=role, RoleSessionName="stage")["Credentials"]
    return {
        "aws_access_key_id": lent["AccessKeyId"],
        "aws_secret_access_key": lent["SecretAccessKey"],
        "aws_session_token": lent["SessionToken"],
    }


def _of(cluster: str, group: str) -> dict[str, str]:
    return {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": group,
        f"kubernetes.io/cluster/{cluster}": "owned",
    }


def _on(node: dict[str, Any], machine: str) -> dict[str, Any]:
    """The node as the one that runs on a machine."""
    node["spec"]["providerID"] = f"aws:///{ZONE}/{machine}"
    node["metadata"]["labels"] |= {
        "topology.kubernetes.io/region": REGION, "topology.kubernetes.io/zone": ZONE
    }  # fmt: skip
    return node


def _kubelet(node: dict[str, Any], version: str) -> dict[str, Any]:
    """The node as its kubelet reports it: ready, and of a version."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {
        "lastHeartbeatTime": now,
        "lastTransitionTime": HOUR_AGO,
        "reason": "KubeletReady",
        "message": "ready",
    }
    node["status"]["conditions"] = [{"type": "Ready", "status": "True", **told}]
    node["status"]["nodeInfo"] |= {"kubeletVersion": version, "kubeProxyVersion": version}
    return node


def _pod(name: str, node: str) -> dict[str, Any]:
    """A pod with all GPUs of a machine, running on a node or waiting for one."""
    spec = pod_spec(container(cpu="8", memory="64Gi", gpus=8), gpu_pool="gpu")
    waiting = {
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": HOUR_AGO,
        "message": "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match Pod's node "
        "affinity/selector.",
    }  # fmt: skip
    running = {
        "name": "main", "ready": True, "started": True, "restartCount": 0, "image": "x", "imageID": "x",
        "state": {"running": {"startedAt": HOUR_AGO}},
    }  # fmt: skip
    status: dict[str, Any] = {"phase": "Pending", "conditions": [waiting]}
    if node:
        spec["nodeName"] = node
        ready = {"status": "True", "lastTransitionTime": HOUR_AGO}
        conditions = [
            {"type": kind, **ready} for kind in ("PodScheduled", "Ready", "ContainersReady", "Initialized")
        ]
        status = {
            "phase": "Running",
            "startTime": HOUR_AGO,
            "conditions": conditions,
            "containerStatuses": [running],
        }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "ml"},
        "spec": spec,
        "status": status,
    }
