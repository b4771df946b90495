"""
Compute names everything by URL, writes numbers as text, and keeps whom a thing was made for in its description.

One object of an answer, in the provider's own REST naming, becomes one fact. What the source asks beside it for the
same object stands in the item under :data:`REGISTERED`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from scanners.facts.cloud import CloudAddress, CloudFact, CloudQuota, Disk, Instance, LoadBalancer
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
from swarm.sources.gcp.container import cluster as cluster_fact
from swarm.sources.gcp.container import cluster_uid, pool, region_of
from swarm.sources.gcp.machines import gpus_of, last

GIB = 1 << 30
REGISTERED = "registeredBackends"
"""Under this key of a forwarding rule stands how many backends the source counted behind it; absent: not read."""

CLUSTER_NAME, CLUSTER_LOCATION = "goog-k8s-cluster-name", "goog-k8s-cluster-location"
POOL_NAME = "goog-k8s-node-pool-name"
"""Labels that GKE puts on what it makes."""

SERVICE_KEYS = ("kubernetes.io/service-name", "networking.gke.io/service-name")
"""Keys of a description's JSON: of the controller in the cloud provider, and of GKE's own for L4 balancers."""

INSTANCE_PATHS: Mapping[str, str] = {
    "name": "name",
    "created": "creationTimestamp",
    "labels": "labels",
    "state": "status",
    "type": "machineType",
    "zone": "zone",
    "capacity_type": "scheduling.provisioningModel",
}
DISK_PATHS: Mapping[str, str] = {
    "name": "name",
    "created": "creationTimestamp",
    "labels": "labels",
    "state": "status",
    "attached": "users",
    "size_bytes": "sizeGb",
    "type": "type",
    "detached": "lastDetachTimestamp",
    "claim": "description",
    "volume": "description",
}
ADDRESS_PATHS: Mapping[str, str] = {
    "name": "name",
    "created": "creationTimestamp",
    "address": "address",
    "state": "status",
    "used": "status",
    "service": "description",
}
BALANCER_PATHS: Mapping[str, str] = {
    "name": "name",
    "created": "creationTimestamp",
    "addresses": "IPAddress",
    "type": "loadBalancingScheme",
    "targets": REGISTERED,
    "service": "description",
}
QUOTA_PATHS: Mapping[str, str] = {"name": "metric", "limit": "limit", "used": "usage"}

_GPUS = re.compile(r"(?:^|_)GPUS$")
_CPUS = re.compile(r"(?:^|_)CPUS$")


def fact_of(
    slice_: Slice, item: Mapping[str, Any], account: str, region: str, cluster: str = ""
) -> CloudFact | None:
    """
    The fact of one object; None for one that the slice does not speak of (an internal address, a quota of routers).

    ``region`` is where it stands, ``global`` for what stands in none; ``cluster`` the uid of the cluster that it is
    known to belong to. LookupError, TypeError or ValueError for an object that is not of its type.
    """
    if slice_ == CLUSTERS:
        return cluster_fact(item, account, region)
    if slice_ == NODE_POOLS:
        return pool(item, account, region, cluster)
    if slice_ in _OF_A_CLUSTER:
        return _OF_A_CLUSTER[slice_](item, account, region, cluster)
    return _OF_THE_PROJECT[slice_](item, account, region)


def home_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """Location and name of the cluster that GKE's labels on an object name; empty where they tell none."""
    labels = item.get("labels") or {}
    return labels.get(CLUSTER_LOCATION, ""), labels.get(CLUSTER_NAME, "")


def _instance(item: Mapping[str, Any], account: str, region: str, cluster: str) -> Instance:
    labels = dict(item.get("labels") or {})
    zone, kind = last(item.get("zone")), last(item.get("machineType"))
    location, named = home_of(item)
    gpus, model = gpus_of(kind, item.get("guestAccelerators") or ())
    return Instance(
        provider="gcp",
        kind="Instance",
        name=item["name"],
        uid=item.get("selfLink", ""),
        account=account,
        region=region or region_of(zone),
        zone=zone,
        created=item.get("creationTimestamp", ""),
        labels=labels,
        paths=INSTANCE_PATHS,
        provider_id=f"gce://{account}/{zone}/{item['name']}",
        cluster=cluster or (cluster_uid(account, location, named) if location and named else ""),
        pool=labels.get(POOL_NAME, ""),
        type=kind,
        state=item.get("status", ""),
        running=item.get("status") == "RUNNING",
        capacity_type=_bought(item),
        gpus=gpus,
        gpu_model=model,
    )


def _bought(item: Mapping[str, Any]) -> str:
    scheduling = item.get("scheduling") or {}
    model = scheduling.get("provisioningModel", "")
    if model == "SPOT" or scheduling.get("preemptible"):
        return "spot"
    if model == "FLEX_START":
        return "flex-start"
    affinity = (item.get("reservationAffinity") or {}).get("consumeReservationType")
    return "reserved" if model == "RESERVATION_BOUND" or affinity == "SPECIFIC_RESERVATION" else "on-demand"


def _disk(item: Mapping[str, Any], account: str, region: str, cluster: str) -> Disk:
    zone, where = last(item.get("zone")), region or last(item.get("region"))
    place = f"zones/{zone}" if zone else f"regions/{where}"
    attached, told = bool(item.get("users")), _description(item)
    claim = told.get("kubernetes.io/created-for/pvc/name", "")
    size = item.get("sizeGb")
    return Disk(
        provider="gcp",
        kind="Disk",
        name=item["name"],
        uid=item.get("selfLink", ""),
        account=account,
        region=where or region_of(zone),
        zone=zone,
        created=item.get("creationTimestamp", ""),
        labels=dict(item.get("labels") or {}),
        paths=DISK_PATHS,
        handle=f"projects/{account}/{place}/disks/{item['name']}",
        state=item.get("status", ""),
        attached=attached,
        size_bytes=int(size) * GIB if size else None,
        type=last(item.get("type")),
        detached="" if attached else item.get("lastDetachTimestamp", ""),
        claim=f"{told.get('kubernetes.io/created-for/pvc/namespace', '')}/{claim}" if claim else "",
        volume=told.get("kubernetes.io/created-for/pv/name", ""),
        cluster=cluster or home_of(item)[1],
    )


def _address(item: Mapping[str, Any], account: str, region: str) -> CloudAddress | None:
    if item.get("addressType", "EXTERNAL") != "EXTERNAL":
        return None
    status = item.get("status", "")
    return CloudAddress(
        provider="gcp",
        kind="Address",
        name=item["name"],
        uid=item.get("selfLink", ""),
        account=account,
        region=region or last(item.get("region")) or "global",
        created=item.get("creationTimestamp", ""),
        labels=dict(item.get("labels") or {}),
        paths=ADDRESS_PATHS,
        address=item.get("address", ""),
        state=status,
        used={"IN_USE": True, "RESERVED": False}.get(status),
        service=_service(item),
    )


def _balancer(item: Mapping[str, Any], account: str, region: str) -> LoadBalancer:
    address = item.get("IPAddress")
    return LoadBalancer(
        provider="gcp",
        kind="ForwardingRule",
        name=item["name"],
        uid=item.get("selfLink", ""),
        account=account,
        region=region or last(item.get("region")) or "global",
        created=item.get("creationTimestamp", ""),
        labels=dict(item.get("labels") or {}),
        paths=BALANCER_PATHS,
        addresses=(address,) if address else (),
        type="forwarding-rule",
        targets=item.get(REGISTERED),
        service=_service(item),
    )


def _quota(item: Mapping[str, Any], account: str, region: str) -> CloudQuota | None:
    metric = str(item["metric"])
    unit = "GPUs" if _GPUS.search(metric) else "vCPU" if _CPUS.search(metric) else ""
    if not unit:
        return None
    return CloudQuota(
        provider="gcp",
        kind="Quota",
        name=metric,
        uid=f"projects/{account}/regions/{region}/quotas/{metric}",
        account=account,
        region=region,
        paths=QUOTA_PATHS,
        limit=item.get("limit"),
        used=item.get("usage"),
        unit=unit,
    )


def _description(item: Mapping[str, Any]) -> dict[str, str]:
    """What controllers write into a description as JSON; empty for prose."""
    try:
        told = msgspec.json.decode(item.get("description") or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {}
    return {key: value for key, value in told.items() if isinstance(value, str)}


def _service(item: Mapping[str, Any]) -> str:
    told = _description(item)
    return next((told[key] for key in SERVICE_KEYS if told.get(key)), "")


_OF_A_CLUSTER: Mapping[Slice, Callable[[Mapping[str, Any], str, str, str], CloudFact]] = {
    INSTANCES: _instance,
    DISKS: _disk,
}
_OF_THE_PROJECT: Mapping[Slice, Callable[[Mapping[str, Any], str, str], CloudFact | None]] = {
    ADDRESSES: _address,
    LOAD_BALANCERS: _balancer,
    CLOUD_QUOTAS: _quota,
}
