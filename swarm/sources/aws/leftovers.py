"""
What stays behind and is paid for: disks that nobody mounts, addresses that lead nowhere, balancers without a backend.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from swarm.sources.aws import calls
from swarm.sources.aws.region import Item, Region, Share, at_once, side_by_side
from swarm.sources.cloud import CloudCall

BALANCERS_A_CALL = 20
"""Limit of DescribeTags of both generations."""


async def disks(region: Region, share: Share) -> None:
    """Volumes that are attached to nothing; those in use are of no interest, and may be very many."""
    filters = [{"Name": "status", "Values": ["available", "error"]}]
    async for item in region.pages(calls.DESCRIBE_VOLUMES, "Volumes", Filters=filters):
        share.take(item)


async def addresses(region: Region, share: Share) -> None:
    """Elastic IPs and NAT gateways. DescribeAddresses has no pages."""
    for item in (await region.ask(calls.DESCRIBE_ADDRESSES)).get("Addresses") or ():
        share.take(item)
    gateways = await share.unless_refused(_all(region, calls.DESCRIBE_NAT_GATEWAYS, "NatGateways"))
    for item in gateways or ():
        share.take(item)


async def load_balancers(region: Region, share: Share) -> None:
    """Both generations, each with its tags and what is registered behind it."""
    balancers = await _all(region, calls.DESCRIBE_BALANCERS, "LoadBalancers")
    groups = await _groups_of(region, share) if balancers else {}
    arns = [item["LoadBalancerArn"] for item in balancers]
    tags = await _tags(region, share, calls.DESCRIBE_BALANCER_TAGS, "ResourceArns", "ResourceArn", arns)

    async def complete(item: Item) -> Item:
        extra: Item = {"Tags": tags.get(item["LoadBalancerArn"], [])}
        if groups is not None:
            extra["TargetGroups"] = groups.get(item["LoadBalancerArn"], [])
            if not extra["TargetGroups"]:
                extra["Listeners"] = await _listeners(region, share, item["LoadBalancerArn"])
        return {**item, **extra}

    for item in await side_by_side([complete(item) for item in balancers]):
        share.take(item)
    classic = await share.unless_refused(_all(region, calls.DESCRIBE_CLASSIC, "LoadBalancerDescriptions"))
    names = [item["LoadBalancerName"] for item in classic or ()]
    tags = await _tags(
        region, share, calls.DESCRIBE_CLASSIC_TAGS, "LoadBalancerNames", "LoadBalancerName", names
    )
    for item in classic or ():
        share.take({**item, "Tags": tags.get(item["LoadBalancerName"], [])})


async def _groups_of(region: Region, share: Share) -> dict[str, list[Item]] | None:
    """Target groups with their targets, by balancer; None where they may not be listed."""
    groups = await share.unless_refused(_all(region, calls.DESCRIBE_TARGET_GROUPS, "TargetGroups"))
    if groups is None:
        return None

    async def with_targets(group: Item) -> Item:
        asked = region.ask(calls.DESCRIBE_TARGET_HEALTH, TargetGroupArn=group["TargetGroupArn"])
        answer = await share.unless_refused(asked)
        told = None if answer is None else answer.get("TargetHealthDescriptions")
        return group if told is None else {**group, "TargetHealthDescriptions": told}

    used = [group for group in groups if group.get("LoadBalancerArns")]
    by_balancer: dict[str, list[Item]] = {}
    for group in await side_by_side([with_targets(group) for group in used]):
        for arn in group["LoadBalancerArns"]:
            by_balancer.setdefault(arn, []).append(group)
    return by_balancer


async def _listeners(region: Region, share: Share, arn: str) -> list[Item] | None:
    return await share.unless_refused(
        _all(region, calls.DESCRIBE_LISTENERS, "Listeners", LoadBalancerArn=arn)
    )


async def _tags(
    region: Region, share: Share, call: CloudCall, ask_by: str, told_by: str, ids: Sequence[str]
) -> dict[str, list[Mapping[str, str]]]:
    """Tags by ARN or name; nothing for what they were refused of."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for some in at_once(ids, BALANCERS_A_CALL):
        answer = await share.unless_refused(region.ask(call, **{ask_by: some}))
        for each in (answer or {}).get("TagDescriptions") or ():
            found[each[told_by]] = each.get("Tags") or []
    return found


async def _all(region: Region, call: CloudCall, key: str, **parameters: Any) -> list[Item]:
    return [item async for item in region.pages(call, key, **parameters)]
