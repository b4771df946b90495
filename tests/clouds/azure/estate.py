"""
A subscription with two clusters: ``train``, with six faults around it, and ``twin``, which has the same and is well.

Each is what ARM tells of a cluster and what stands in its API. Faults: a pool that failed, a pool at its maximum with a
pod that waits for it, a version out of support, a machine that is no node, a disk that a deleted claim left, an address
that nothing answers at.
"""

from typing import Any

from tests.clouds.azure.fake import FakeAzure, Item, in_group
from tests.clouds.azure.items import (
    ADDRESS,
    BALANCER,
    CLUSTER,
    DISK,
    POOL,
    SCALED_MACHINE,
    SUBSCRIPTION,
    USAGE,
    changed,
)
from tests.clouds.azure.worlds import AKS, COMPUTE, NETWORK, cluster_id

SIZE = "Standard_ND96asr_v4"
OLD = "2026-01-01T00:00:00Z"


class Site:
    """One cluster: the lists of its subscription, and the objects of its API."""

    def __init__(self, name: str, location: str, version: str, healthy: bool) -> None:
        self.name = name
        self.location = location
        self.version = version
        self.healthy = healthy
        self.id = cluster_id(name)
        self.listed_group = f"MC_ML-RG_{name.upper()}_{location.upper()}"
        self.node_group = f"MC_ml-rg_{name}_{location}"
        base = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{self.listed_group}/providers"
        self.scale_set = f"aks-gpu-{name}-vmss"
        self.scale_set_id = f"{base}/{COMPUTE}/virtualMachineScaleSets/{self.scale_set}"
        self.network = f"{base}/{NETWORK}"
        self.disk_id = f"{base}/{COMPUTE}/disks/pvc-{name}"

    def in_kubernetes(self, arm_id: str) -> str:
        """An id as Azure's drivers write it into objects: the resource group in lower case."""
        return arm_id.replace(self.listed_group, self.node_group.lower())

    @property
    def cluster(self) -> Item:
        return changed(
            CLUSTER,
            id=self.id,
            name=self.name,
            location=self.location,
            properties__currentKubernetesVersion=self.version,
            properties__kubernetesVersion=self.version,
            properties__nodeResourceGroup=self.node_group,
        )

    @property
    def pools(self) -> list[Item]:
        gpu = changed(
            POOL,
            id=f"{self.id}/agentPools/gpu",
            properties__count=1,
            properties__maxCount=4 if self.healthy else 1,
            properties__scaleSetPriority="Regular",
            properties__currentOrchestratorVersion=self.version,
        )
        state: dict[str, Any] = {"properties__provisioningState": "Succeeded"}
        if not self.healthy:
            error = {
                "code": "SubnetIsFull",
                "message": "Subnet nodes with address prefix 10.0.0.0/24 is full",
            }
            state = {
                "properties__provisioningState": "Failed",
                "properties__status": {"provisioningError": error},
            }
        infer = changed(
            POOL, id=f"{self.id}/agentPools/infer", name="infer", properties__count=0, properties__minCount=0,
            properties__vmSize="Standard_D8s_v5", **state,
        )  # fmt: skip
        return [gpu, infer]

    @property
    def machines(self) -> list[Item]:
        numbers = (0,) if self.healthy else (0, 1)
        return [
            changed(
                {key: value for key, value in SCALED_MACHINE.items() if key != "virtualMachineScaleSet"},
                id=f"{self.scale_set_id}/virtualMachines/{number}",
                name=f"{self.scale_set}_{number}",
                location=self.location,
                instanceId=str(number),
                properties__timeCreated=OLD,
            )
            for number in numbers
        ]

    @property
    def disk(self) -> Item:
        """Nobody holds it; in the healthy cluster a volume still means it."""
        return changed(DISK, id=self.disk_id, name=f"pvc-{self.name}", location=self.location)

    @property
    def address(self) -> Item:
        used = {"properties__ipConfiguration": {"id": "/x"}} if self.healthy else {}
        return changed(
            ADDRESS, id=f"{self.network}/publicIPAddresses/{self.name}-ip", name=f"{self.name}-ip",
            location=self.location, properties__ipAddress="20.1.2.3" if self.healthy else "20.1.2.4", **used,
        )  # fmt: skip

    @property
    def balancer(self) -> Item:
        plain = {key: value for key, value in BALANCER.items() if key != "publicIPAddresses"}
        balancer_id = f"{self.network}/loadBalancers/kubernetes"
        return changed(plain, id=balancer_id, name=f"kubernetes-{self.name}", location=self.location)

    def objects(self) -> list[dict[str, Any]]:
        """What stands in its API."""
        return [self._node(), self._pod("trainer", bound=True), *([] if self.healthy else [self._pod("waits")]), *(
            [self._volume()] if self.healthy else []
        )]  # fmt: skip

    def _node(self) -> dict[str, Any]:
        amount = {
            "cpu": "96",
            "memory": "900Gi",
            "pods": "110",
            "nvidia.com/gpu": "8",
            "ephemeral-storage": "1Ti",
        }
        now = "2026-03-01T08:05:00Z"
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": f"{self.scale_set}000000",
                "labels": {
                    "kubernetes.azure.com/agentpool": "gpu",
                    "agentpool": "gpu",
                    "node.kubernetes.io/instance-type": SIZE,
                    "topology.kubernetes.io/region": self.location,
                    "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": "amd64",
                },
            },
            "spec": {"providerID": f"azure://{self.in_kubernetes(self.scale_set_id)}/virtualMachines/0"},
            "status": {
                "capacity": amount,
                "allocatable": amount,
                "nodeInfo": _node_info(self.version),
                "conditions": [
                    {
                        "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "",
                        "lastHeartbeatTime": now, "lastTransitionTime": now,
                    }
                ],
            },
        }  # fmt: skip

    def _pod(self, name: str, *, bound: bool = False) -> dict[str, Any]:
        gpus = {"nvidia.com/gpu": "8", "cpu": "8"}
        since = "2026-03-01T09:00:00Z"
        spec: dict[str, Any] = {
            "containers": [
                {"name": "main", "image": "registry/train:1", "resources": {"requests": gpus, "limits": gpus}}
            ]
        }
        status: dict[str, Any] = {
            "phase": "Pending",
            "conditions": [
                {
                    "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": since,
                    "message": "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
                }
            ],
        }  # fmt: skip
        if bound:
            spec["nodeName"] = f"{self.scale_set}000000"
            status = {
                "phase": "Running",
                "conditions": [
                    {"type": kind, "status": "True", "lastTransitionTime": since}
                    for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
                ],
                "containerStatuses": [
                    {
                        "name": "main", "ready": True, "restartCount": 0, "image": "registry/train:1",
                        "imageID": "x", "state": {"running": {"startedAt": since}},
                    }
                ],
            }  # fmt: skip
        metadata = {"name": name, "namespace": "ml"}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}

    def _volume(self) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"pvc-{self.name}"},
            "spec": {
                "capacity": {"storage": "1Ti"},
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": "managed-csi",
                "csi": {"driver": "disk.csi.azure.com", "volumeHandle": self.in_kubernetes(self.disk_id)},
            },
            "status": {"phase": "Available"},
        }


TRAIN = Site("train", "eastus", "1.30.9", healthy=False)
TWIN = Site("twin", "westeurope", "1.35.1", healthy=True)


def settle(azure: FakeAzure, *sites: Site) -> None:
    """The subscription with these clusters."""
    azure.put(f"providers/{AKS}/managedClusters", *(site.cluster for site in sites))
    azure.put(f"providers/{COMPUTE}/disks", *(site.disk for site in sites))
    azure.put(f"providers/{NETWORK}/publicIPAddresses", *(site.address for site in sites))
    azure.put(f"providers/{NETWORK}/natGateways")
    azure.put(f"providers/{NETWORK}/loadBalancers", *(site.balancer for site in sites))
    things = [thing for site in sites for thing in (site.address, site.balancer)]
    azure.put("resources", *({"id": thing["id"], "createdTime": OLD} for thing in things))
    for site in sites:
        azure.put(in_group("ml-rg", AKS, "managedClusters", site.name, "agentPools"), *site.pools)
        azure.put(f"providers/{COMPUTE}/locations/{site.location}/usages", USAGE)
        scale_set = {
            "id": site.scale_set_id, "name": site.scale_set, "location": site.location,
            "tags": {"aks-managed-poolName": "gpu"}, "properties": {"virtualMachineProfile": {}},
        }  # fmt: skip
        azure.put(in_group(site.node_group, COMPUTE, "virtualMachineScaleSets"), scale_set)
        machines = in_group(
            site.node_group, COMPUTE, "virtualMachineScaleSets", site.scale_set, "virtualMachines"
        )
        azure.put(machines, *site.machines)
        azure.put(in_group(site.node_group, COMPUTE, "virtualMachines"))


def _node_info(version: str) -> dict[str, str]:
    names = ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion")
    rest = {"kubeProxyVersion": f"v{version}", "operatingSystem": "linux", "architecture": "amd64"}
    return {**dict.fromkeys(names, "x"), "kubeletVersion": f"v{version}", **rest}
