"""
AWS has a dozen dialects for the same few things; a check wants to read one.

Each answer's object becomes a fact here, without a clock or a call. What the source asked beside an object stands in
it under a key of its own: ``Live`` (what a node group's scaling groups run), ``InstanceTypeInfo`` and
``InstanceTypeInfos`` (DescribeInstanceTypes), ``TargetGroups`` with their ``TargetHealthDescriptions``, ``Listeners``,
``Tags``.
Resources of EC2 have their id as uid: that is what people and other tools call them.
"""

from collections.abc import Callable, Mapping, Sequence
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
from swarm.sources.aws.holdings import ENDED, Home, address, disk, load_balancer
from swarm.sources.aws.tags import pool_in, tags_of

Item = Mapping[str, Any]

ISSUE = "health.issues[0]"

CLUSTER_PATHS: Final = {
    "status": "status", "healthy": "status", "issues": "health.issues", "version": "version",
    "endpoint": "endpoint", "private": "resourcesVpcConfig.endpointPublicAccess", "created": "createdAt",
    "autopilot": "computeConfig.enabled", "support": "upgradePolicy.supportType", "labels": "tags",
    "issue_code": ISSUE + ".code", "issue": ISSUE + ".message", "name": "name", "uid": "arn",
}  # fmt: skip

NODE_POOL_PATHS: Final = {
    "status": "status", "healthy": "status", "issues": "health.issues", "version": "version",
    "instance_types": "instanceTypes", "size": "scalingConfig.desiredSize",
    "minimum": "scalingConfig.minSize", "maximum": "scalingConfig.maxSize", "capacity_type": "capacityType",
    "node_labels": "labels", "labels": "tags", "created": "createdAt", "cluster": "clusterName",
    "issue_code": ISSUE + ".code", "issue": ISSUE + ".message",
    "gpus": "InstanceTypeInfos[0].GpuInfo.Gpus[0].Count",
    "gpu_model": "InstanceTypeInfos[0].GpuInfo.Gpus[0].Name", "name": "nodegroupName", "uid": "nodegroupArn",
}  # fmt: skip

LIVE_NODE_POOL_PATHS: Final = {**NODE_POOL_PATHS, "size": "Live.instances", "zones": "Live.zones"}
"""Those of a node group whose scaling groups were read."""

INSTANCE_PATHS: Final = {
    "type": "InstanceType", "state": "State.Name", "running": "State.Name", "created": "LaunchTime",
    "zone": "Placement.AvailabilityZone", "capacity_type": "InstanceLifecycle", "labels": "Tags",
    "cluster": "Tags", "pool": "Tags", "provider_id": "InstanceId", "name": "InstanceId", "uid": "InstanceId",
    "gpus": "InstanceTypeInfo.GpuInfo.Gpus[0].Count",
    "gpu_model": "InstanceTypeInfo.GpuInfo.Gpus[0].Name",
}  # fmt: skip

QUOTA_PATHS: Final = {"limit": "Value", "name": "QuotaName", "uid": "QuotaArn"}

TROUBLED = frozenset({"FAILED", "DEGRADED", "CREATE_FAILED", "DELETE_FAILED"})

CAPACITY = {"ON_DEMAND": "on-demand", "SPOT": "spot", "CAPACITY_BLOCK": "reserved"}
"""What a node group's ``capacityType`` comes to."""

LIFECYCLES = {"spot": "spot", "capacity-block": "reserved", "scheduled": "reserved"}
"""What a machine's ``InstanceLifecycle`` comes to; it is absent from one that runs on demand."""

ACCELERATED_QUOTAS = frozenset(
    {
        "L-417A185B", "L-7212CCBC",  # P, on demand and spot
        "L-DB2E81BA", "L-3819A6DF",  # G and VT
        "L-2C3B7624", "L-6B0D517C",  # Trn
        "L-1945791B", "L-B5D1601B",  # Inf
    }
)  # fmt: skip
"""Codes of the quotas of accelerated machines. All are counts of vCPUs, whatever ``Unit`` says ("None")."""


def fact_of(slice_: Slice, item: Item, account: str, region: str, cluster: str = "") -> CloudFact | None:
    """
    The fact that one object of an answer comes to; None for what does not count (a machine that has ended, a quota of
    other machines). ``cluster`` is the ARN of the cluster that a node group or machine belongs to.
    """
    return _MAKERS[slice_](item, Home(account, region, cluster))


def _cluster(item: Item, home: Home) -> CloudFact:
    network = item.get("resourcesVpcConfig") or {}
    issues = _issues(item)
    return CloudCluster(
        provider="aws",
        kind="Cluster",
        name=item["name"],
        uid=item.get("arn") or "",
        account=home.account,
        region=home.region,
        created=item.get("createdAt") or "",
        labels=tags_of(item),
        paths=CLUSTER_PATHS,
        status=item.get("status") or "",
        healthy=_healthy(item, issues),
        issues=issues,
        version=item.get("version") or "",
        endpoint=item.get("endpoint") or "",
        private=network.get("endpointPublicAccess") is False,
        autopilot=bool((item.get("computeConfig") or {}).get("enabled")),
        support=(item.get("upgradePolicy") or {}).get("supportType") or "",
    )


def _node_pool(item: Item, home: Home) -> CloudFact:
    scaling, live, issues = item.get("scalingConfig") or {}, item.get("Live"), _issues(item)
    gpus, model = _alike(item.get("InstanceTypeInfos") or ())
    return NodePool(
        provider="aws",
        kind="Nodegroup",
        name=item["nodegroupName"],
        uid=item.get("nodegroupArn") or "",
        account=home.account,
        region=home.region,
        created=item.get("createdAt") or "",
        labels=tags_of(item),
        paths=NODE_POOL_PATHS if live is None else LIVE_NODE_POOL_PATHS,
        cluster=home.cluster,
        status=item.get("status") or "",
        healthy=_healthy(item, issues),
        issues=issues,
        version=item.get("version") or "",
        instance_types=tuple(item.get("instanceTypes") or (live or {}).get("instanceTypes") or ()),
        size=scaling.get("desiredSize") if live is None else live["instances"],
        minimum=scaling.get("minSize"),
        maximum=scaling.get("maxSize"),
        capacity_type=CAPACITY.get(item.get("capacityType") or "ON_DEMAND", "on-demand"),
        zones=tuple((live or {}).get("zones") or ()),
        gpus=gpus,
        gpu_model=model,
        node_labels=dict(item.get("labels") or {}),
    )


def _instance(item: Item, home: Home) -> CloudFact | None:
    state = (item.get("State") or {}).get("Name") or ""
    if state in ENDED:
        return None
    tags, zone = tags_of(item), (item.get("Placement") or {}).get("AvailabilityZone") or ""
    gpus, model = _alike([item["InstanceTypeInfo"]] if item.get("InstanceTypeInfo") else ())
    return Instance(
        provider="aws",
        kind="Instance",
        name=item["InstanceId"],
        uid=item["InstanceId"],
        account=home.account,
        region=home.region,
        zone=zone,
        created=item.get("LaunchTime") or "",
        labels=tags,
        paths=INSTANCE_PATHS,
        provider_id=f"aws:///{zone}/{item['InstanceId']}",
        cluster=home.cluster,
        pool=pool_in(tags),
        type=item.get("InstanceType") or "",
        state=state,
        running=state == "running",
        capacity_type=LIFECYCLES.get(item.get("InstanceLifecycle") or "", "on-demand"),
        gpus=gpus,
        gpu_model=model,
    )


def _quota(item: Item, home: Home) -> CloudFact | None:
    if item.get("QuotaCode") not in ACCELERATED_QUOTAS:
        return None
    return CloudQuota(
        provider="aws",
        kind="ServiceQuota",
        name=item.get("QuotaName") or item["QuotaCode"],
        uid=item.get("QuotaArn") or item["QuotaCode"],
        account=home.account,
        region=home.region,
        labels={"QuotaCode": item["QuotaCode"]},
        paths=QUOTA_PATHS,
        limit=item.get("Value"),
        unit="vCPU",
    )


def _issues(item: Item) -> tuple[CloudIssue, ...]:
    told = (item.get("health") or {}).get("issues") or ()
    return tuple(
        CloudIssue(issue.get("code") or "", issue.get("message") or "", index)
        for index, issue in enumerate(told)
    )


def _healthy(item: Item, issues: Sequence[CloudIssue]) -> bool | None:
    """What status and issues come to; None while it is being changed."""
    if issues or item.get("status") in TROUBLED:
        return False
    return True if item.get("status") == "ACTIVE" else None


def _alike(types: Sequence[Item]) -> tuple[float | None, str]:
    """Accelerators a machine and their model; None and ``""`` if nothing was told of the types, or they differ."""
    told = {_accelerators(type_) for type_ in types}
    return told.pop() if len(told) == 1 else (None, "")


def _accelerators(type_: Item) -> tuple[float | None, str]:
    """
    Of one instance type. Types with a share of a GPU (g6f) tell a ``Count`` of zero, and the share as
    ``GpuPartitionSize`` of each logical one.
    """
    gpus = (type_.get("GpuInfo") or {}).get("Gpus") or ()
    neurons = (type_.get("NeuronInfo") or {}).get("NeuronDevices") or ()
    count = sum(
        gpu.get("Count") or (gpu.get("LogicalGpuCount") or 0) * (gpu.get("GpuPartitionSize") or 0)
        for gpu in gpus
    )
    count += sum(device.get("Count") or 0 for device in neurons)
    return float(count), next((each.get("Name") or "" for each in (*gpus, *neurons)), "")


_MAKERS: Mapping[Slice, Callable[[Item, Home], CloudFact | None]] = {
    CLUSTERS: _cluster,
    NODE_POOLS: _node_pool,
    INSTANCES: _instance,
    DISKS: disk,
    ADDRESSES: address,
    LOAD_BALANCERS: load_balancer,
    CLOUD_QUOTAS: _quota,
}
