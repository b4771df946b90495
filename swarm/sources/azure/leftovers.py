"""
What outlives the cluster that made it is billed until somebody looks: disks, addresses, gateways, balancers.

Which claim a disk was made for stands in tags of the Azure disk driver for Kubernetes (``pkg/azureconstants`` of
azuredisk-csi-driver), which Service an address was made for in those of the cloud provider (``pkg/consts`` of
cloud-provider-azure).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scanners.facts.cloud import CloudAddress, Disk, LoadBalancer
from swarm.sources.azure.fields import items, place, text, whole
from swarm.sources.azure.names import with_lower_group

CLAIM_TAG: Final = "kubernetes.io-created-for-pvc-name"
CLAIM_NAMESPACE_TAG: Final = "kubernetes.io-created-for-pvc-namespace"
VOLUME_TAG: Final = "kubernetes.io-created-for-pv-name"
SERVICE_TAGS: Final = ("k8s-azure-service", "service")
"""Tags that name the Services of an address, the newer first; an address that several share has a list."""

ADDRESSES_KEY: Final = "publicIPAddresses"
"""Where the source puts a balancer's public addresses, which ARM names there by id only."""

CREATED_KEY: Final = "createdTime"
"""Where the source puts the day that a thing of the network was made, which only ARM's list of all resources tells."""

_DISK_PATHS: Final = {
    "name": "name", "uid": "id", "handle": "id", "region": "location", "zone": "zones[0]", "labels": "tags",
    "created": "properties.timeCreated", "state": "properties.diskState", "attached": "properties.diskState",
    "size_bytes": "properties.diskSizeBytes", "type": "sku.name", "tier": "properties.tier",
    "detached": "properties.LastOwnershipUpdateTime",
    "claim": f"tags['{CLAIM_TAG}']", "volume": f"tags['{VOLUME_TAG}']",
}  # fmt: skip
_DISK_PATHS_IN_GB: Final = {**_DISK_PATHS, "size_bytes": "properties.diskSizeGB"}

_ADDRESS_PATHS: Final = {
    "created": CREATED_KEY, "name": "name", "uid": "id", "region": "location", "zone": "zones[0]", "labels": "tags",
    "address": "properties.ipAddress", "state": "properties.provisioningState",
    "used": "properties.ipConfiguration", "service": f"tags['{SERVICE_TAGS[0]}']",
}  # fmt: skip
_GATEWAY_PATHS: Final = {
    "created": CREATED_KEY, "name": "name", "uid": "id", "region": "location", "zone": "zones[0]", "labels": "tags",
    "state": "properties.provisioningState", "used": "properties.subnets",
}  # fmt: skip
_BALANCER_PATHS: Final = {
    "created": CREATED_KEY, "name": "name", "uid": "id", "region": "location", "labels": "tags",
    "addresses": "properties.frontendIPConfigurations", "targets": "properties.backendAddressPools",
}  # fmt: skip

_HELD: Final = frozenset({"Attached", "Reserved", "Frozen", "ActiveSAS", "ActiveSASFrozen"})
"""
Disk states in which somebody holds the disk: a machine, one that is deallocated (Reserved) or hibernated (Frozen), or
an export that is open (SAS).
"""

GIB: Final = 1024**3


def disk_fact(item: Mapping[str, Any], account: str, region: str, cluster: str) -> Disk:
    """A managed disk. ``properties.diskSizeGB`` counts GiB; the exact size stands beside it in newer answers."""
    size = whole(item, _DISK_PATHS["size_bytes"])
    gib = whole(item, _DISK_PATHS_IN_GB["size_bytes"])
    paths = _DISK_PATHS if size is not None else _DISK_PATHS_IN_GB
    zones = items(item, "zones")
    tags = _tags(item)
    state = text(item, paths["state"])
    claim, namespace = tags.get(CLAIM_TAG, ""), tags.get(CLAIM_NAMESPACE_TAG, "")
    attached = state in _HELD or bool(text(item, "managedBy")) or bool(items(item, "managedByExtended"))
    return Disk(
        provider="azure",
        kind="disks",
        name=text(item, "name"),
        uid=text(item, "id"),
        account=account,
        region=region,
        zone=f"{region}-{zones[0]}" if zones else "",
        created=text(item, paths["created"]),
        labels=tags,
        paths=paths,
        handle=with_lower_group(text(item, "id")),
        state=state,
        attached=attached,
        size_bytes=size if size is not None else (gib * GIB if gib is not None else None),
        type=text(item, paths["type"]),
        tier=text(item, paths["tier"]),
        detached="" if attached else text(item, paths["detached"]),
        claim=f"{namespace}/{claim}" if claim and namespace else claim,
        volume=tags.get(VOLUME_TAG, ""),
        cluster=cluster,
    )


def address_fact(item: Mapping[str, Any], account: str, region: str, _owner: str) -> CloudAddress:
    """A public address, or a NAT gateway, which is in use as long as a subnet leaves through it."""
    gateway = "/natgateways/" in text(item, "id").lower()
    paths = _GATEWAY_PATHS if gateway else _ADDRESS_PATHS
    if gateway:
        used = bool(items(item, paths["used"])) or isinstance(
            place(item, "properties.sourceVirtualNetwork"), Mapping
        )
    else:
        used = any(
            isinstance(place(item, path), Mapping) for path in (paths["used"], "properties.natGateway")
        )
    zones = items(item, "zones")
    return CloudAddress(
        provider="azure",
        kind="natGateways" if gateway else "publicIPAddresses",
        name=text(item, "name"),
        uid=text(item, "id"),
        account=account,
        region=region,
        created=text(item, CREATED_KEY),
        zone=f"{region}-{zones[0]}" if len(zones) == 1 else "",
        labels=_tags(item),
        paths=paths,
        sort="nat-gateway" if gateway else "address",
        address="" if gateway else text(item, paths["address"]),
        state=text(item, paths["state"]),
        used=used,
        service=_service(item),
    )


def balancer_fact(item: Mapping[str, Any], account: str, region: str, _owner: str) -> LoadBalancer:
    """A load balancer with its distinct backends, of all pools and of inbound NAT rules."""
    return LoadBalancer(
        provider="azure",
        kind="loadBalancers",
        name=text(item, "name"),
        uid=text(item, "id"),
        account=account,
        region=region,
        created=text(item, CREATED_KEY),
        labels=_tags(item),
        paths=_BALANCER_PATHS,
        addresses=_addresses(item),
        type=_priced(item),
        targets=_targets(item),
        service=_service(item),
    )


def _priced(item: Mapping[str, Any]) -> str:
    """Rules are what a standard balancer is billed by; a basic one, or one without a rule, is free."""
    rules = [*items(item, "properties.loadBalancingRules"), *items(item, "properties.outboundRules")]
    sku = text(item, "sku.name").lower() or "basic"
    return "load-balancer-first-5-rules" if sku == "standard" and rules else f"load-balancer-{sku}-free"


def _targets(item: Mapping[str, Any]) -> int | None:
    pools = place(item, _BALANCER_PATHS["targets"])
    if not isinstance(pools, list):
        return None
    found = {
        text(each, "id").lower() or text(each, "name")
        for pool in pools
        for key in ("backendIPConfigurations", "loadBalancerBackendAddresses")
        for each in items(pool, f"properties.{key}")
        if key == "backendIPConfigurations" or not items(pool, "properties.backendIPConfigurations")
    }
    rules = {
        text(rule, "properties.backendIPConfiguration.id").lower()
        for rule in items(item, "properties.inboundNatRules")
    }
    return len((found | rules) - {""})


def _addresses(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Private addresses of its frontends, and the public ones that the source looked up."""
    public = {
        text(each, "id").lower(): text(each, "properties.ipAddress") for each in items(item, ADDRESSES_KEY)
    }
    told: list[str] = []
    for front in items(item, _BALANCER_PATHS["addresses"]):
        told.append(text(front, "properties.privateIPAddress"))
        told.append(public.get(text(front, "properties.publicIPAddress.id").lower(), ""))
    return tuple(dict.fromkeys(filter(None, told)))


def _service(item: Mapping[str, Any]) -> str:
    tags = _tags(item)
    told: Sequence[str] = [tags[tag] for tag in SERVICE_TAGS if "/" in tags.get(tag, "")]
    return told[0].partition(",")[0].strip() if told else ""


def _tags(item: Mapping[str, Any]) -> dict[str, str]:
    tags = place(item, "tags")
    return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {}
