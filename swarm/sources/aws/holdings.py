"""
What an account pays for beside its machines: disks, addresses and load balancers that may have lost their user.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from scanners.facts.cloud import CloudAddress, CloudFact, Disk, LoadBalancer
from swarm.sources.aws.tags import claim_in, cluster_in, service_in, tags_of, volume_in

Item = Mapping[str, Any]

GIB = 1 << 30


class Home(NamedTuple):
    """Where an answer's object stands: account, region, and the ARN of its cluster, ``""`` where it is of none."""

    account: str
    region: str
    cluster: str = ""


DISK_PATHS: Final = {
    "state": "State", "attached": "Attachments", "size_bytes": "Size", "type": "VolumeType",
    "created": "CreateTime", "zone": "AvailabilityZone", "handle": "VolumeId", "name": "VolumeId",
    "uid": "VolumeId", "labels": "Tags", "claim": "Tags", "volume": "Tags", "cluster": "Tags",
}  # fmt: skip

ADDRESS_PATHS: Final = {
    "address": "PublicIp", "used": "AssociationId", "labels": "Tags", "service": "Tags",
    "name": "PublicIp", "uid": "AllocationId",
}  # fmt: skip

NAT_GATEWAY_PATHS: Final = {
    "address": "NatGatewayAddresses[0].PublicIp", "state": "State", "created": "CreateTime",
    "labels": "Tags", "name": "NatGatewayId", "uid": "NatGatewayId",
}  # fmt: skip

LOAD_BALANCER_PATHS: Final = {
    "addresses": "DNSName", "type": "Type", "targets": "TargetGroups", "created": "CreatedTime",
    "labels": "Tags", "service": "Tags", "name": "LoadBalancerName", "uid": "LoadBalancerArn",
}  # fmt: skip

CLASSIC_LOAD_BALANCER_PATHS: Final = {
    "addresses": "DNSName", "targets": "Instances", "created": "CreatedTime", "labels": "Tags",
    "service": "Tags", "name": "LoadBalancerName",
}  # fmt: skip

ENDED = frozenset({"terminated", "shutting-down", "deleted", "deleting"})
"""States in which nothing is paid any more, though EC2 lists the thing for another hour."""


def disk(item: Item, home: Home) -> CloudFact | None:
    """A volume of EBS; None for one that is gone. AWS does not tell when it was detached."""
    tags, size = tags_of(item), item.get("Size")
    if item.get("State") in ENDED:
        return None
    return Disk(
        provider="aws",
        kind="Volume",
        name=item["VolumeId"],
        uid=item["VolumeId"],
        account=home.account,
        region=home.region,
        zone=item.get("AvailabilityZone") or "",
        created=item.get("CreateTime") or "",
        labels=tags,
        paths=DISK_PATHS,
        handle=item["VolumeId"],
        state=item.get("State") or "",
        attached=bool(item.get("Attachments")) or item.get("State") == "in-use",
        size_bytes=None if size is None else int(size) * GIB,
        type=item.get("VolumeType") or "",
        claim=claim_in(tags),
        volume=volume_in(tags),
        cluster=home.cluster or cluster_in(tags),
    )


def address(item: Item, home: Home) -> CloudFact | None:
    """An Elastic IP, or a NAT gateway, of which nothing here tells whether a route leads to it."""
    if "NatGatewayId" in item:
        return _nat_gateway(item, home)
    tags, ip = tags_of(item), item.get("PublicIp") or ""
    return CloudAddress(
        provider="aws",
        kind="Address",
        name=ip,
        uid=item.get("AllocationId") or ip,
        account=home.account,
        region=home.region,
        labels=tags,
        paths=ADDRESS_PATHS,
        address=ip,
        used=bool(item.get("AssociationId") or item.get("InstanceId") or item.get("NetworkInterfaceId")),
        service=service_in(tags),
    )


def _nat_gateway(item: Item, home: Home) -> CloudFact | None:
    if item.get("State") in ENDED:
        return None
    addresses = [each.get("PublicIp") or "" for each in item.get("NatGatewayAddresses") or ()]
    return CloudAddress(
        provider="aws",
        kind="NatGateway",
        name=item["NatGatewayId"],
        uid=item["NatGatewayId"],
        account=home.account,
        region=home.region,
        created=item.get("CreateTime") or "",
        labels=tags_of(item),
        paths=NAT_GATEWAY_PATHS,
        sort="nat-gateway",
        address=next(filter(None, addresses), ""),
        state=item.get("State") or "",
    )


def load_balancer(item: Item, home: Home) -> CloudFact:
    """A balancer of either generation; the classic one has no ARN and lists its machines itself."""
    tags, classic = tags_of(item), "LoadBalancerArn" not in item
    return LoadBalancer(
        provider="aws",
        kind="LoadBalancer",
        name=item["LoadBalancerName"],
        uid=item["LoadBalancerName"] if classic else item["LoadBalancerArn"],
        account=home.account,
        region=home.region,
        created=item.get("CreatedTime") or "",
        labels=tags,
        paths=CLASSIC_LOAD_BALANCER_PATHS if classic else LOAD_BALANCER_PATHS,
        addresses=(item["DNSName"],) if item.get("DNSName") else (),
        type=f"{'classic' if classic else item['Type']}-load-balancer",
        targets=len(item.get("Instances") or ()) if classic else _targets(item),
        service=service_in(tags),
    )


def _targets(item: Item) -> int | None:
    """How many targets are registered; None if not all groups were read, or the balancer answers by itself."""
    groups = item.get("TargetGroups")
    if groups is None or any("TargetHealthDescriptions" not in group for group in groups):
        return None
    if not groups:
        listeners = item.get("Listeners")
        actions = [action for listener in listeners or () for action in listener.get("DefaultActions") or ()]
        return None if listeners is None or actions else 0
    found = {
        (target["Target"]["Id"], target["Target"].get("Port"))
        for group in groups
        for target in group["TargetHealthDescriptions"]
    }
    return len(found)
