"""
Somebody must grant what is read here, and will ask for the list; so every read of Google's APIs stands in it, once.

The container API is called by gRPC method, Compute by the path below its project. The guard lets nothing else through.
"""

from collections.abc import Mapping

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

CONTAINER, COMPUTE = "container", "compute"

_CLUSTERS = CloudCall(CONTAINER, "ListClusters", "container.clusters.list")


def _list(resource: str) -> CloudCall:
    return CloudCall(COMPUTE, f"aggregated/{resource}", f"compute.{resource}.list")


CALLS: Mapping[Slice, tuple[CloudCall, ...]] = {
    CLUSTERS: (_CLUSTERS,),
    NODE_POOLS: (_CLUSTERS,),
    INSTANCES: (_list("instances"),),
    CLOUD_QUOTAS: (CloudCall(COMPUTE, "regions", "compute.regions.list"),),
    DISKS: (_list("disks"),),
    ADDRESSES: (_list("addresses"),),
    LOAD_BALANCERS: (
        _list("forwardingRules"),
        _list("targetPools"),
        _list("backendServices"),
        _list("instanceGroups"),
        _list("networkEndpointGroups"),
    ),
}
"""A cluster's answer holds its pools. Behind a forwarding rule stand pools, services and groups of backends."""

LOGIN = (CloudCall(CONTAINER, "connect", "container.clusters.connect"),)
"""
What entering a cluster costs where only its DNS endpoint is open. Logging in costs no permission of the project: the
SDK's own chain asks the token endpoint that the credential names.
"""
