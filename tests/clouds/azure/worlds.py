"""What a subscription holds: the lists of a resource manager, filled from items."""

from typing import Any

from tests.clouds.azure.fake import FakeAzure, Item, in_group
from tests.clouds.azure.items import (
    ADDRESS,
    BALANCER,
    CLUSTER,
    CLUSTER_ID,
    DISK,
    GATEWAY,
    GROUP,
    MACHINE,
    POOL,
    SCALED_MACHINE,
    USAGE,
)

AKS = "Microsoft.ContainerService"
COMPUTE = "Microsoft.Compute"
NETWORK = "Microsoft.Network"
EXEC = {
    "exec": {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token"],
    }
}
"""The user of a kubeconfig where Microsoft Entra ID is in charge: no secret, a program to run."""


def cluster_id(name: str) -> str:
    return f"{GROUP}/providers/{AKS}/managedClusters/{name}"


def one_cluster() -> list[Item]:
    return [CLUSTER]


def fill(azure: FakeAzure, clusters: list[Item], also: list[Item] | None = None) -> None:
    """The usual subscription: ``train`` with a pool, two machines and leftovers, where it is among the clusters."""
    every = [*clusters, *(also or [])]
    azure.put(f"providers/{AKS}/managedClusters", *every)
    azure.put(f"providers/{COMPUTE}/disks", *([DISK] if clusters else []))
    azure.put(f"providers/{NETWORK}/publicIPAddresses", *([ADDRESS] if clusters else []))
    azure.put(f"providers/{NETWORK}/natGateways", *([GATEWAY] if clusters else []))
    plain = {key: value for key, value in BALANCER.items() if key != "publicIPAddresses"}
    azure.put(f"providers/{NETWORK}/loadBalancers", *([plain] if clusters else []))
    network = [ADDRESS, GATEWAY, BALANCER] if clusters else []
    azure.put("resources", *({"id": each["id"], "createdTime": "2026-01-01T00:00:00Z"} for each in network))
    for location in {str(each.get("location")) for each in every}:
        azure.put(f"providers/{COMPUTE}/locations/{location}/usages", USAGE)
    for each in every:
        azure.enter(str(each["id"]), "https://127.0.0.1:1", "no certificate", EXEC)
        node_group = str(each.get("properties", {}).get("nodeResourceGroup"))
        azure.put(in_group(node_group, COMPUTE, "virtualMachineScaleSets"))
        azure.put(in_group(node_group, COMPUTE, "virtualMachines"))
    if CLUSTER_ID in [each["id"] for each in clusters]:
        machines(azure, "MC_ml-rg_train_eastus", [scaled(SCALED_MACHINE)], [MACHINE])
        azure.put(in_group("ml-rg", AKS, "managedClusters", "train", "agentPools"), POOL)


def scaled(item: Item) -> Item:
    """A machine as ARM lists it: without what the source puts beside it."""
    return {key: value for key, value in item.items() if key != "virtualMachineScaleSet"}


def machines(azure: FakeAzure, group: str, in_set: list[Item], single: list[Item]) -> None:
    """A node resource group with one scale set and machines of their own."""
    beside: dict[str, Any] = SCALED_MACHINE["virtualMachineScaleSet"]
    name = str(beside["name"])
    scale_set = {
        **beside,
        "id": str(SCALED_MACHINE["id"]).partition("/virtualMachines")[0],
        "location": "eastus",
    }
    azure.put(in_group(group, COMPUTE, "virtualMachineScaleSets"), scale_set)
    azure.put(in_group(group, COMPUTE, "virtualMachineScaleSets", name, "virtualMachines"), *in_set)
    azure.put(in_group(group, COMPUTE, "virtualMachines"), *single)
