"""
What runs: the clusters of a region, their node groups and machines, and how many accelerators may be had there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scanners.facts.cloud import CloudCluster
from swarm.errors import NotServed, SourceError
from swarm.sources.aws import calls
from swarm.sources.aws.region import Item, Region, Share, at_once, side_by_side
from swarm.sources.aws.tags import MACHINE_TAGS, OF_CLUSTER, cluster_in, tags_of

TYPES_A_CALL = 100
GROUPS_A_CALL = 50
"""Limits of DescribeInstanceTypes and DescribeAutoScalingGroups."""

LIVE_STATES = ("Pending", "InService", "EnteringStandby", "Standby")
"""Starts of the lifecycle states of a scaling group's machine that stands for a node, now or soon."""


async def clusters(region: Region, share: Share) -> dict[str, Item]:
    """Every cluster by its name; one whose description was refused is that cluster's own gap."""
    names = [name async for name in _names(region)]
    share.asked_clusters = len(names)
    described: dict[str, Item] = {}

    async def describe(name: str) -> None:
        try:
            described[name] = (await region.ask(calls.DESCRIBE_CLUSTER, name=name))["cluster"]
        except NotServed:
            return  # deleted since it was listed
        except SourceError as error:
            share.of_clusters[name] = error

    await side_by_side([describe(name) for name in names])
    for _, item in sorted(described.items()):
        share.take(item)
    return described


async def node_pools(region: Region, share: Share, clusters: Sequence[CloudCluster]) -> None:
    """The managed node groups of these clusters, with what their scaling groups run."""
    share.asked_clusters += len(clusters)
    found: list[tuple[str, Item]] = []

    async def groups(cluster: CloudCluster) -> None:
        try:
            names = [name async for name in _group_names(region, cluster.name)]
            found.extend((cluster.uid, item) for item in await _described(region, cluster.name, names))
        except NotServed:
            return  # the cluster went away meanwhile
        except SourceError as error:
            share.of_clusters[cluster.name] = error

    await side_by_side([groups(cluster) for cluster in clusters])
    items = [item for _, item in found]
    live = await share.unless_refused(_live(region, items)) if items else {}
    types = {type_ for item in items for type_ in item.get("instanceTypes") or ()}
    types |= {type_ for told in (live or {}).values() for type_ in told["instanceTypes"]}
    known = await share.unless_refused(_types(region, types)) or {}
    for cluster, item in sorted(found, key=lambda each: str(each[1].get("nodegroupArn"))):
        told = (live or {}).get(str(item.get("nodegroupArn")))
        names = item.get("instanceTypes") or (told or {}).get("instanceTypes") or ()
        extra: Item = {"Live": told} if told else {}
        if all(name in known for name in names):
            extra["InstanceTypeInfos"] = [known[name] for name in names]
        share.take({**item, **extra}, cluster)


async def instances(region: Region, share: Share, arn_prefix: str) -> None:
    """Machines that carry a cluster's tag. ``arn_prefix`` and a cluster's name are its ARN."""
    keys = [*MACHINE_TAGS, OF_CLUSTER + "*"]
    states = ["pending", "running", "stopping", "stopped"]
    filters = [
        {"Name": "tag-key", "Values": keys},
        {"Name": "instance-state-name", "Values": states},
    ]
    machines = [
        machine
        async for reservation in region.pages(calls.DESCRIBE_INSTANCES, "Reservations", Filters=filters)
        for machine in reservation.get("Instances") or ()
    ]
    types = {machine.get("InstanceType") or "" for machine in machines}
    known = await share.unless_refused(_types(region, types - {""})) or {}
    for machine in machines:
        cluster = cluster_in(tags_of(machine))
        info = known.get(machine.get("InstanceType") or "")
        item = machine if info is None else {**machine, "InstanceTypeInfo": info}
        share.take(item, arn_prefix + cluster if cluster else "")


async def quotas(region: Region, share: Share) -> None:
    """How many vCPUs of accelerated machines the account may run here."""
    async for item in region.pages(calls.LIST_QUOTAS, "Quotas", ServiceCode="ec2"):
        share.take(item)


async def _names(region: Region) -> Any:
    async for name in region.pages(calls.LIST_CLUSTERS, "clusters"):
        yield name


async def _group_names(region: Region, cluster: str) -> Any:
    async for name in region.pages(calls.LIST_NODEGROUPS, "nodegroups", clusterName=cluster):
        yield name


async def _described(region: Region, cluster: str, names: Iterable[str]) -> list[Item]:
    async def describe(name: str) -> Item | None:
        try:
            answer = await region.ask(calls.DESCRIBE_NODEGROUP, clusterName=cluster, nodegroupName=name)
        except NotServed:
            return None
        return dict(answer["nodegroup"])

    return [item for item in await side_by_side([describe(name) for name in names]) if item is not None]


async def _live(region: Region, items: Iterable[Item]) -> dict[str, Item]:
    """What the scaling groups of each node group run, by the node group's ARN."""
    names = {item["nodegroupArn"]: _scaling_groups(item) for item in items if item.get("nodegroupArn")}
    asked = sorted({name for group_names in names.values() for name in group_names})
    groups: dict[str, Item] = {}
    for wanted in at_once(asked, GROUPS_A_CALL):
        async for group in region.pages(
            calls.DESCRIBE_GROUPS, "AutoScalingGroups", AutoScalingGroupNames=wanted
        ):
            groups[group["AutoScalingGroupName"]] = group
    return {
        arn: _running([groups[name] for name in group_names])
        for arn, group_names in names.items()
        if group_names and all(name in groups for name in group_names)
    }


def _running(groups: Sequence[Mapping[str, Any]]) -> Item:
    machines = [
        machine
        for group in groups
        for machine in group.get("Instances") or ()
        if str(machine.get("LifecycleState")).startswith(LIVE_STATES)
    ]
    return {
        "instances": len(machines),
        "instanceTypes": sorted({m["InstanceType"] for m in machines if m.get("InstanceType")}),
        "zones": sorted({zone for group in groups for zone in group.get("AvailabilityZones") or ()}),
    }


def _scaling_groups(item: Mapping[str, Any]) -> list[str]:
    resources = item.get("resources") or {}
    return [group["name"] for group in resources.get("autoScalingGroups") or ()]


async def _types(region: Region, names: Iterable[str]) -> dict[str, Item]:
    """What the region says of these instance types; each is asked for once."""
    missing = sorted(name for name in names if name not in region.types)
    for some in at_once(missing, TYPES_A_CALL):
        answer = await region.ask(calls.DESCRIBE_TYPES, InstanceTypes=some)
        region.types.update({type_["InstanceType"]: type_ for type_ in answer.get("InstanceTypes") or ()})
    return region.types
