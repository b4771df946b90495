"""
EC2 does not know Kubernetes: whose machine, disk or balancer something is stands in tags, and each maker has its own.

Read here are those of EKS node groups and Auto Mode, Karpenter, eksctl and self-managed groups, the EBS CSI driver, the
cloud provider of Kubernetes and the AWS Load Balancer Controller.
"""

from collections.abc import Iterable, Mapping
from typing import Any

OF_CLUSTER = "kubernetes.io/cluster/"
"""A tag's key that ends in a cluster's name; the value is ``owned`` or ``shared``."""

NAMES_CLUSTER = (
    "eks:cluster-name",
    "aws:eks:cluster-name",
    "eks:eks-cluster-name",
    "elbv2.k8s.aws/cluster",
    "KubernetesCluster",
)
"""Tags whose value is a cluster's name: node groups, EKS itself, Auto Mode and Karpenter 1, balancers, CSI driver."""

MACHINE_TAGS = ("eks:cluster-name", "aws:eks:cluster-name", "eks:eks-cluster-name", "karpenter.sh/nodepool")
"""Keys that only machines of a cluster carry, with ``kubernetes.io/cluster/NAME`` beside them."""

NAMES_POOL = (
    "eks:nodegroup-name",
    "karpenter.sh/nodepool",
    "eks:kubernetes-node-pool-name",
    "aws:autoscaling:groupName",
)

NAMES_SERVICE = ("kubernetes.io/service-name", "service.k8s.aws/stack", "service.eks.amazonaws.com/stack")
"""Tags whose value is ``namespace/name`` of a Service: cloud provider, Load Balancer Controller, Auto Mode."""

CREATED_FOR = "kubernetes.io/created-for/"
VOLUME_NAME = "CSIVolumeName"
"""What the EBS CSI driver writes on every volume: the name of the PersistentVolume."""


def tags_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The tags of an answer's object, whether as a map (EKS) or as a list of keys and values (EC2, ELB)."""
    given = item.get("Tags")
    if given is not None:
        return {tag["Key"]: tag.get("Value") or "" for tag in given}
    return dict(item.get("tags") or {})


def cluster_in(tags: Mapping[str, str]) -> str:
    """The name of the cluster that something was made for, ``""`` if no tag tells."""
    for key in NAMES_CLUSTER:
        if tags.get(key):
            return tags[key]
    return next((key.removeprefix(OF_CLUSTER) for key in sorted(tags) if key.startswith(OF_CLUSTER)), "")


def pool_in(tags: Mapping[str, str]) -> str:
    """The name of a machine's node group, Karpenter pool or scaling group, ``""`` if no tag tells."""
    return _first(tags, NAMES_POOL)


def service_in(tags: Mapping[str, str]) -> str:
    """The Service (``namespace/name``) that something was made for, ``""`` if no tag tells."""
    return _first(tags, NAMES_SERVICE)


def claim_in(tags: Mapping[str, str]) -> str:
    """The claim (``namespace/name``) that a disk was made for, ``""`` if no tag tells."""
    namespace, name = tags.get(CREATED_FOR + "pvc/namespace"), tags.get(CREATED_FOR + "pvc/name")
    return f"{namespace}/{name}" if namespace and name else ""


def volume_in(tags: Mapping[str, str]) -> str:
    """The PersistentVolume that a disk was made for, ``""`` if no tag tells."""
    return _first(tags, (CREATED_FOR + "pv/name", VOLUME_NAME))


def _first(tags: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((tags[key] for key in keys if tags.get(key)), "")
