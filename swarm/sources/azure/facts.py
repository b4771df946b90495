"""
A machine is "failed" in one field, "running" in another and "deallocated" in the eleventh entry of a list.

From one object of Azure Resource Manager, as its JSON stands, to one fact, with the place of each value in that JSON.
Names in ids come in any case: Azure compares them without, Kubernetes does not. What ends up in a Node's
``providerID`` or a volume's handle is spelled as Azure's own drivers for Kubernetes do: the resource group in lower
case (``ConvertResourceGroupNameToLower`` of cloud-provider-azure), all else as it came.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from scanners.facts.cloud import CloudCluster, CloudFact, CloudIssue, CloudQuota, Instance, NodePool
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
from swarm.sources.azure.fields import items, place, text, whole
from swarm.sources.azure.leftovers import address_fact, balancer_fact, disk_fact
from swarm.sources.azure.names import location_of, with_lower_group
from swarm.sources.azure.sizes import accelerators_of

POOL_TAGS: Final = ("aks-managed-poolName", "poolName", "karpenter.sh_nodepool")
"""Tags by which machines, or their scale set, name their pool: AKS's, its older one, that of node auto-provisioning."""

_ISSUE_PATHS: Final = {
    "issue_code": "properties.status.provisioningError.code",
    "issue": "properties.status.provisioningError.message",
}
_CLUSTER_PATHS: Final = {
    "name": "name", "uid": "id", "region": "location", "labels": "tags", "created": "systemData.createdAt",
    "status": "properties.provisioningState", "version": "properties.currentKubernetesVersion",
    "endpoint": "properties.fqdn", **_ISSUE_PATHS,
    "private": "properties.apiServerAccessProfile.enablePrivateCluster", "support": "properties.supportPlan",
    "autopilot": "sku.name",
}  # fmt: skip
_STOPPED_CLUSTER_PATHS: Final = {**_CLUSTER_PATHS, "status": "properties.powerState.code"}

_POOL_PATHS: Final = {
    "name": "name", "uid": "id", "status": "properties.provisioningState",
    "version": "properties.currentOrchestratorVersion", "instance_types": "properties.vmSize",
    "size": "properties.count", "minimum": "properties.minCount", "maximum": "properties.maxCount",
    "autoscaled": "properties.enableAutoScaling", "capacity_type": "properties.scaleSetPriority",
    "zones": "properties.availabilityZones", "node_labels": "properties.nodeLabels",
    "stopped": "properties.powerState.code", **_ISSUE_PATHS,
}  # fmt: skip

_SINGLE_MACHINES_PATHS: Final = {
    **_POOL_PATHS,
    "instance_types": "properties.virtualMachinesProfile.scale.autoscale[0].size",
    "minimum": "properties.virtualMachinesProfile.scale.autoscale[0].minCount",
    "maximum": "properties.virtualMachinesProfile.scale.autoscale[0].maxCount",
}

_MACHINE_PATHS: Final = {
    "name": "name", "uid": "id", "region": "location", "zone": "zones[0]", "labels": "tags",
    "created": "properties.timeCreated", "provider_id": "id",
    "state": "properties.provisioningState", "type": "properties.hardwareProfile.vmSize",
    "capacity_type": "properties.priority",
}  # fmt: skip
_SCALED_MACHINE_PATHS: Final = {
    **_MACHINE_PATHS,
    "type": "sku.name",
    "capacity_type": "virtualMachineScaleSet.properties.virtualMachineProfile.priority",
}

_QUOTA_PATHS: Final = {
    "name": "name.value", "limit": "limit", "used": "currentValue", "unit": "unit",
}  # fmt: skip


def fact_of(
    slice_: Slice, item: Mapping[str, Any], account: str, region: str, cluster: str = ""
) -> CloudFact | None:
    """
    The fact that one object of ARM comes to, None for one that does not count (a limit of other things than machines).
    ``region`` counts where the object names no location; ``cluster`` is the uid of the cluster that it was read for, or
    in whose node resource group it lies.
    """
    decode = _DECODERS.get(slice_)
    if decode is None or not isinstance(item.get("name"), str | Mapping):
        return None
    return decode(item, account, location_of(text(item, "location")) or region, cluster)


def _cluster(item: Mapping[str, Any], account: str, region: str, _owner: str) -> CloudCluster:
    stopped = text(item, "properties.powerState.code") == "Stopped"
    paths = _STOPPED_CLUSTER_PATHS if stopped else _CLUSTER_PATHS
    status = text(item, paths["status"])
    version = text(item, paths["version"]) or text(item, "properties.kubernetesVersion")
    return CloudCluster(
        provider="azure",
        kind="managedClusters",
        name=text(item, "name"),
        uid=text(item, "id"),
        account=account,
        region=region,
        created=text(item, paths["created"]),
        labels=_texts(place(item, "tags")),
        paths=paths,
        status=status,
        healthy=_healthy(status),
        issues=_issues(item),
        version=version,
        endpoint=text(item, paths["endpoint"]) or text(item, "properties.privateFQDN"),
        private=place(item, paths["private"]) is True,
        autopilot=text(item, "sku.name") == "Automatic",
        support=text(item, paths["support"]),
    )


def _pool(item: Mapping[str, Any], account: str, region: str, cluster: str) -> NodePool:
    single = "properties.virtualMachinesProfile.scale.autoscale"
    paths = _SINGLE_MACHINES_PATHS if len(items(item, single)) == 1 else _POOL_PATHS
    status = text(item, paths["status"])
    sizes = _sizes(item)
    found = {accelerators_of(size) for size in sizes}
    shape = found.pop() if len(found) == 1 else None
    autoscaled = place(item, paths["autoscaled"]) is True or paths is _SINGLE_MACHINES_PATHS
    priority = text(item, paths["capacity_type"])
    return NodePool(
        provider="azure",
        kind="agentPools",
        name=text(item, "name"),
        uid=text(item, "id"),
        account=account,
        region=region,
        labels=_texts(place(item, "properties.tags")),
        paths=paths,
        cluster=cluster,
        status=status,
        healthy=_healthy(status),
        issues=_issues(item),
        version=text(item, paths["version"]) or text(item, "properties.orchestratorVersion"),
        instance_types=sizes,
        size=whole(item, paths["size"]),
        minimum=whole(item, paths["minimum"]),
        maximum=whole(item, paths["maximum"]),
        autoscaled=autoscaled,
        capacity_type="spot" if priority == "Spot" else "on-demand",
        zones=tuple(f"{region}-{zone}" for zone in items(item, paths["zones"])),
        gpus=shape.gpus if shape else None,
        gpu_model=shape.model if shape else "",
        node_labels=_texts(place(item, paths["node_labels"])),
        stopped=text(item, paths["stopped"]) == "Stopped",
    )


def _instance(item: Mapping[str, Any], account: str, region: str, cluster: str) -> Instance:
    scaled = "/virtualmachinescalesets/" in text(item, "id").lower()
    power = _power(item)
    paths = _machine_paths(scaled, power)
    size = text(item, paths["type"])
    shape = accelerators_of(size)
    zones = items(item, "zones")
    tags = {**_texts(place(item, "virtualMachineScaleSet.tags")), **_texts(place(item, "tags"))}
    return Instance(
        provider="azure",
        kind="virtualMachines",
        name=text(item, "name"),
        uid=text(item, "id"),
        account=account,
        region=region,
        zone=f"{region}-{zones[0]}" if zones else "",
        created=text(item, paths["created"]),
        labels=tags,
        paths=paths,
        provider_id=f"azure://{with_lower_group(text(item, 'id'))}",
        cluster=cluster,
        pool=next((tags[tag] for tag in POOL_TAGS if tags.get(tag)), ""),
        type=size,
        state=text(item, paths["state"]),
        running=power is not None and text(item, f"{_STATUSES}[{power}].code") == "PowerState/running",
        capacity_type="spot" if text(item, paths["capacity_type"]) == "Spot" else "on-demand",
        gpus=shape.gpus,
        gpu_model=shape.model,
    )


_STATUSES: Final = "properties.instanceView.statuses"


def _power(item: Mapping[str, Any]) -> int | None:
    """Where in the list of statuses it stands whether the machine runs; None where nobody says."""
    for index, status in enumerate(items(item, _STATUSES)):
        if text(status, "code").startswith("PowerState/"):
            return index
    return None


@lru_cache(maxsize=64)
def _machine_paths(scaled: bool, power: int | None) -> Mapping[str, str]:
    """A power state stands somewhere in a list; without one, how the machine's making ended is all that is known."""
    paths = _SCALED_MACHINE_PATHS if scaled else _MACHINE_PATHS
    return paths if power is None else {**paths, "state": f"{_STATUSES}[{power}].displayStatus"}


VCPUS: Final = re.compile(r".*family|cores|lowprioritycores", re.IGNORECASE)
"""Names of the limits that machines count against: of a family of sizes, of all, of spot machines. All count vCPUs."""


def _quota(item: Mapping[str, Any], account: str, region: str, _owner: str) -> CloudQuota | None:
    name = text(item, "name.value")
    limit, used = place(item, "limit"), place(item, "currentValue")
    if not VCPUS.fullmatch(name):
        return None
    return CloudQuota(
        provider="azure",
        kind="usages",
        name=name,
        uid=f"/subscriptions/{account}/providers/Microsoft.Compute/locations/{region}/usages/{name}",
        account=account,
        region=region,
        paths=_QUOTA_PATHS,
        limit=float(limit) if isinstance(limit, int | float) else None,
        used=float(used) if isinstance(used, int | float) else None,
        unit="vCPU",
    )


_DECODERS: Final[Mapping[Slice, Callable[[Mapping[str, Any], str, str, str], CloudFact | None]]] = {
    CLUSTERS: _cluster,
    NODE_POOLS: _pool,
    INSTANCES: _instance,
    CLOUD_QUOTAS: _quota,
    DISKS: disk_fact,
    ADDRESSES: address_fact,
    LOAD_BALANCERS: balancer_fact,
}


def _healthy(status: str) -> bool | None:
    """``Canceled`` and everything on the way to somewhere else tell neither."""
    return {"Succeeded": True, "Failed": False}.get(status)


def _issues(item: Mapping[str, Any]) -> tuple[CloudIssue, ...]:
    """ARM tells of one error at most."""
    code, message = text(item, _ISSUE_PATHS["issue_code"]), text(item, _ISSUE_PATHS["issue"])
    return (CloudIssue(code, message),) if code or message else ()


def _sizes(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The pool's machine size; a pool of single machines has a list of them."""
    size = text(item, "properties.vmSize")
    if size:
        return (size,)
    scale = "properties.virtualMachinesProfile.scale"
    each = [*items(item, f"{scale}.manual"), *items(item, f"{scale}.autoscale")]
    return tuple(dict.fromkeys(filter(None, (text(profile, "size") for profile in each))))


def _texts(told: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in told.items()} if isinstance(told, Mapping) else {}
