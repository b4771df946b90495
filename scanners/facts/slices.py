"""
A scan may only read what its identity may read, and nobody should have to guess which permission a check costs.

A slice is a piece of evidence that can be read with one permission. Checks name the slices they need; from the union
come the fetch plan, the ClusterRole, the list of what was not measured. A slice is declared here, once.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

Tier = Literal["core", "logs"]
Origin = Literal["kubernetes", "prometheus", "prices", "cloud"]
"""Where a slice is read: the cluster's own API, or a source beside it that nobody need have configured."""

Holder = Literal["cluster", "account"]
"""Whose facts they are: a cluster's, or those of the cloud account that clusters stand in."""


class Permission(msgspec.Struct, frozen=True):
    """One RBAC rule: verbs on a resource (``pods`` or ``pods/log``) of an API group (``""`` is core)."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    tier: Tier = "core"


class Slice(msgspec.Struct, frozen=True):
    """
    One piece of evidence. ``name`` is the contract's: the plural, ``plural.group`` for custom resources, or a word of
    its own for what a source derives. ``derived_from`` names the slice that must be read first. ``permission`` is the
    RBAC rule that it costs, None for what is not read from the cluster's API: what a cloud slice costs is said by the
    sources of the providers, call by call. ``held_by`` an ``account``: no single cluster can answer for it.
    """

    name: str
    permission: Permission | None
    kind: str = ""
    namespaced: bool = True
    derived_from: str = ""
    origin: Origin = "kubernetes"
    held_by: Holder = "cluster"

    @property
    def group(self) -> str:
        """The API group, ``""`` for core."""
        return self.permission.group if self.permission else ""

    @property
    def plural(self) -> str:
        """The resource's plural as it stands in the URL; its name for what is no resource."""
        return self.permission.resource if self.permission else self.name


_LIST = ("get", "list")


def _listed(plural: str, group: str, kind: str, namespaced: bool = True) -> Slice:
    return Slice(plural, Permission(group, plural, _LIST), kind, namespaced)


NODES = _listed("nodes", "", "Node", namespaced=False)
NAMESPACES = _listed("namespaces", "", "Namespace", namespaced=False)
PODS = _listed("pods", "", "Pod")
EVENTS = _listed("events", "", "Event")
DEPLOYMENTS = _listed("deployments", "apps", "Deployment")
REPLICASETS = _listed("replicasets", "apps", "ReplicaSet")
STATEFULSETS = _listed("statefulsets", "apps", "StatefulSet")
DAEMONSETS = _listed("daemonsets", "apps", "DaemonSet")
JOBS = _listed("jobs", "batch", "Job")
CRONJOBS = _listed("cronjobs", "batch", "CronJob")
PERSISTENTVOLUMECLAIMS = _listed("persistentvolumeclaims", "", "PersistentVolumeClaim")
PERSISTENTVOLUMES = _listed("persistentvolumes", "", "PersistentVolume", namespaced=False)
STORAGECLASSES = _listed("storageclasses", "storage.k8s.io", "StorageClass", namespaced=False)
VOLUMEATTACHMENTS = _listed("volumeattachments", "storage.k8s.io", "VolumeAttachment", namespaced=False)
RESOURCEQUOTAS = _listed("resourcequotas", "", "ResourceQuota")
NETWORKPOLICIES = _listed("networkpolicies", "networking.k8s.io", "NetworkPolicy")
INGRESSES = _listed("ingresses", "networking.k8s.io", "Ingress")
SERVICES = _listed("services", "", "Service")
ENDPOINTSLICES = _listed("endpointslices", "discovery.k8s.io", "EndpointSlice")
PODDISRUPTIONBUDGETS = _listed("poddisruptionbudgets", "policy", "PodDisruptionBudget")
MUTATING_WEBHOOKS = _listed(
    "mutatingwebhookconfigurations",
    "admissionregistration.k8s.io",
    "MutatingWebhookConfiguration",
    namespaced=False,
)
VALIDATING_WEBHOOKS = _listed(
    "validatingwebhookconfigurations",
    "admissionregistration.k8s.io",
    "ValidatingWebhookConfiguration",
    namespaced=False,
)
POD_LOGS = Slice("pod-logs", Permission("", "pods/log", ("get",), tier="logs"), derived_from="pods")

GPU_METRICS = Slice("gpu-metrics", None, namespaced=False, origin="prometheus")
PROMETHEUS = Slice("prometheus", None, namespaced=False, origin="prometheus")
PRICES = Slice("prices", None, namespaced=False, origin="prices")

CLUSTERS = Slice("clusters", None, namespaced=False, origin="cloud")
NODE_POOLS = Slice("node-pools", None, namespaced=False, origin="cloud", derived_from="clusters")
INSTANCES = Slice("instances", None, namespaced=False, origin="cloud", derived_from="clusters")
CLOUD_QUOTAS = Slice("cloud-quotas", None, namespaced=False, origin="cloud")
DISKS = Slice("disks", None, namespaced=False, origin="cloud", held_by="account")
ADDRESSES = Slice("addresses", None, namespaced=False, origin="cloud", held_by="account")
LOAD_BALANCERS = Slice("load-balancers", None, namespaced=False, origin="cloud", held_by="account")

WORKLOADS = (DEPLOYMENTS, REPLICASETS, STATEFULSETS, DAEMONSETS)

ALWAYS = (NAMESPACES, REPLICASETS, JOBS)
"""Read whatever the checks ask for: namespaces tell the scope, the other two carry pods to their owners."""

ALL: tuple[Slice, ...] = (
    NAMESPACES, NODES, *WORKLOADS, JOBS, CRONJOBS,
    PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES, VOLUMEATTACHMENTS,
    RESOURCEQUOTAS, NETWORKPOLICIES, INGRESSES, SERVICES, ENDPOINTSLICES, PODDISRUPTIONBUDGETS,
    MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, PODS, EVENTS, POD_LOGS, PRICES, GPU_METRICS, PROMETHEUS,
    CLUSTERS, NODE_POOLS, INSTANCES, CLOUD_QUOTAS, DISKS, ADDRESSES, LOAD_BALANCERS,
)  # fmt: skip
"""Every slice this version knows, small kinds first: pods and events join onto what is already indexed."""

KUBERNETES = tuple(slice_ for slice_ in ALL if slice_.origin == "kubernetes")
"""Those that the cluster's own API holds."""

OF_CLUSTER = (CLUSTERS, NODE_POOLS, INSTANCES, CLOUD_QUOTAS)
"""Cloud slices that a cluster gets its share of."""


def named(name: str) -> Slice:
    """The slice of that name. KeyError if there is none."""
    return _BY_NAME[name]


def in_reading_order(slices: Iterable[Slice]) -> list[Slice]:
    """The distinct slices, ordered as :data:`ALL` is."""
    wanted = set(slices)
    return [slice_ for slice_ in ALL if slice_ in wanted]


_BY_NAME = {slice_.name: slice_ for slice_ in ALL}
