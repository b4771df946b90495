"""
An administrator who grants a role wants to know what each right is for, and that nothing beyond it is ever asked.

Every request that the Azure source sends, by the slice that costs it: the resource provider, the path below the
subscription and the action that a role must hold. The guard lets through these paths and no others.
"""

from collections.abc import Mapping
from typing import Final

from scanners.facts.slices import (
    ADDRESSES,
    CLOUD_QUOTAS,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    Slice,
)
from swarm.sources.cloud import CloudCall

AKS = "Microsoft.ContainerService"
COMPUTE = "Microsoft.Compute"
NETWORK = "Microsoft.Network"
RESOURCES = "Microsoft.Resources"

API_VERSIONS: Final[Mapping[str, str]] = {
    COMPUTE: "2024-07-01",
    NETWORK: "2024-05-01",
    RESOURCES: "2022-12-01",
}
"""
The version that each resource provider is asked in; the SDK knows that of Microsoft.ContainerService. Disks have
versions of their own (:data:`DISK_VERSION`).
"""

DISK_VERSION: Final = "2024-03-02"
"""From 2023-10-02 on a disk tells since when nobody holds it (``LastOwnershipUpdateTime``)."""

_IN_GROUP = "resourceGroups/{group}/providers"

SUBSCRIPTION = CloudCall(RESOURCES, "", f"{RESOURCES}/subscriptions/read")
USER_CREDENTIAL = CloudCall(
    AKS,
    f"{_IN_GROUP}/{AKS}/managedClusters/{{name}}/listClusterUserCredential",
    f"{AKS}/managedClusters/listClusterUserCredential/action",
)
MANAGED_CLUSTERS = CloudCall(AKS, f"providers/{AKS}/managedClusters", f"{AKS}/managedClusters/read")
AGENT_POOLS = CloudCall(
    AKS,
    f"{_IN_GROUP}/{AKS}/managedClusters/{{name}}/agentPools",
    f"{AKS}/managedClusters/agentPools/read",
)
SCALE_SETS = CloudCall(
    COMPUTE, f"{_IN_GROUP}/{COMPUTE}/virtualMachineScaleSets", f"{COMPUTE}/virtualMachineScaleSets/read"
)
SCALE_SET_MACHINES = CloudCall(
    COMPUTE,
    f"{_IN_GROUP}/{COMPUTE}/virtualMachineScaleSets/{{name}}/virtualMachines",
    f"{COMPUTE}/virtualMachineScaleSets/virtualMachines/read",
)
MACHINES = CloudCall(COMPUTE, f"{_IN_GROUP}/{COMPUTE}/virtualMachines", f"{COMPUTE}/virtualMachines/read")
USAGES = CloudCall(
    COMPUTE, f"providers/{COMPUTE}/locations/{{location}}/usages", f"{COMPUTE}/locations/usages/read"
)
ALL_DISKS = CloudCall(COMPUTE, f"providers/{COMPUTE}/disks", f"{COMPUTE}/disks/read")
PUBLIC_ADDRESSES = CloudCall(
    NETWORK, f"providers/{NETWORK}/publicIPAddresses", f"{NETWORK}/publicIPAddresses/read"
)
NAT_GATEWAYS = CloudCall(NETWORK, f"providers/{NETWORK}/natGateways", f"{NETWORK}/natGateways/read")
BALANCERS = CloudCall(NETWORK, f"providers/{NETWORK}/loadBalancers", f"{NETWORK}/loadBalancers/read")
NETWORK_RESOURCES = CloudCall(RESOURCES, "resources", f"{RESOURCES}/subscriptions/resources/read")

NETWORK_FILTER: Final = " or ".join(
    f"resourceType eq '{NETWORK}/{kind}'" for kind in ("publicIPAddresses", "natGateways", "loadBalancers")
)
"""What of all resources is asked for: things whose own provider does not tell since when they are there."""

CALLS: Mapping[Slice, tuple[CloudCall, ...]] = {
    CLUSTERS: (MANAGED_CLUSTERS,),
    NODE_POOLS: (AGENT_POOLS,),
    INSTANCES: (SCALE_SETS, SCALE_SET_MACHINES, MACHINES),
    CLOUD_QUOTAS: (USAGES,),
    DISKS: (ALL_DISKS,),
    ADDRESSES: (PUBLIC_ADDRESSES, NAT_GATEWAYS, NETWORK_RESOURCES),
    LOAD_BALANCERS: (BALANCERS, PUBLIC_ADDRESSES, NETWORK_RESOURCES),
}
"""What each slice costs. Balancers name their addresses by id only, so they need the addresses too."""

LOGIN: tuple[CloudCall, ...] = (SUBSCRIPTION, USER_CREDENTIAL)
"""
What finding the subscription and entering its clusters costs. The user credential is the one POST: it changes nothing,
and without it nobody knows by which authority a cluster's API server is trusted.
"""
