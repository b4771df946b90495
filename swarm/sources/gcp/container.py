"""
GKE tells a bound per zone, an endpoint in four places, and trouble in a list whose old name is still in use.

Clusters and node pools out of the container API's answer, in the JSON of its REST form.
"""

import re
from collections.abc import Mapping
from typing import Any

from scanners.facts.cloud import CloudCluster, CloudIssue, NodePool
from swarm.sources.gcp.machines import gpus_of

HOST = "https://container.googleapis.com/v1"

CLUSTER_PATHS: Mapping[str, str] = {
    "name": "name",
    "status": "status",
    "issues": "conditions",
    "version": "currentMasterVersion",
    "created": "createTime",
    "labels": "resourceLabels",
    "autopilot": "autopilot.enabled",
    "support": "releaseChannel.channel",
}
POOL_PATHS: Mapping[str, str] = {
    "name": "name",
    "status": "status",
    "issues": "conditions",
    "version": "version",
    "instance_types": "config.machineType",
    "minimum": "autoscaling.minNodeCount",
    "maximum": "autoscaling.maxNodeCount",
    "autoscaled": "autoscaling.enabled",
    "zones": "locations",
    "labels": "config.resourceLabels",
}
TOTALS: Mapping[str, str] = {
    "minimum": "autoscaling.totalMinNodeCount",
    "maximum": "autoscaling.totalMaxNodeCount",
}
MESSAGE: Mapping[str, str] = {"issues": "statusMessage"}
"""Where trouble is told in the older way, which lists no conditions."""

_BAD = frozenset({"ERROR", "DEGRADED", "RUNNING_WITH_ERROR"})
_SUPPORT = {"RAPID": "STANDARD", "REGULAR": "STANDARD", "STABLE": "STANDARD", "EXTENDED": "EXTENDED"}
_ZONE = re.compile(r"-[a-z]$")


def region_of(location: str) -> str:
    """The region of a region or zone: ``us-central1`` of ``us-central1-a``."""
    return _ZONE.sub("", location)


def cluster_uid(project: str, location: str, name: str) -> str:
    """The self link of a cluster; zonal ones are linked by their zone."""
    kind = "zones" if _ZONE.search(location) else "locations"
    return f"{HOST}/projects/{project}/{kind}/{location}/clusters/{name}"


def cluster(item: Mapping[str, Any], account: str, region: str) -> CloudCluster:
    """A cluster of ``clusters.list``."""
    location = str(item.get("location") or item.get("zone") or region)
    issues, paths = _issues(item, CLUSTER_PATHS)
    endpoint, _, private = way_in(item)
    return CloudCluster(
        provider="gcp",
        kind="Cluster",
        name=item["name"],
        uid=item.get("selfLink") or cluster_uid(account, location, item["name"]),
        account=account,
        region=region_of(location) or region,
        zone=location if _ZONE.search(location) else "",
        created=item.get("createTime", ""),
        labels=dict(item.get("resourceLabels") or {}),
        paths=paths,
        status=str(item.get("status", "")),
        healthy=_healthy(item, issues),
        issues=issues,
        version=item.get("currentMasterVersion", ""),
        endpoint=endpoint,
        private=private,
        autopilot=bool((item.get("autopilot") or {}).get("enabled")),
        support=_SUPPORT.get(str((item.get("releaseChannel") or {}).get("channel", "")), ""),
    )


def pool(item: Mapping[str, Any], account: str, region: str, cluster: str) -> NodePool:
    """
    A node pool. Its labels are those of its nodes that its configuration names or implies (pool, accelerator, spot).
    """
    config = item.get("config") or {}
    zones = tuple(item.get("locations") or ())
    minimum, maximum, autoscaled, bounds = _bounds(item, zones)
    issues, paths = _issues(item, bounds)
    kind = config.get("machineType", "")
    gpus, model = gpus_of(kind, config.get("accelerators") or ())
    return NodePool(
        provider="gcp",
        kind="NodePool",
        name=item["name"],
        uid=item.get("selfLink") or f"{cluster}/nodePools/{item['name']}",
        account=account,
        region=region or (region_of(zones[0]) if zones else ""),
        zone=zones[0] if len(zones) == 1 else "",
        labels=dict(config.get("resourceLabels") or {}),
        paths=paths,
        cluster=cluster,
        status=str(item.get("status", "")),
        healthy=_healthy(item, issues),
        issues=issues,
        version=item.get("version", ""),
        instance_types=(kind,) if kind else (),
        minimum=minimum,
        maximum=maximum,
        autoscaled=autoscaled,
        capacity_type=_bought(config),
        zones=zones,
        gpus=gpus,
        gpu_model=model,
        node_labels=_node_labels(item["name"], config),
    )


def way_in(item: Mapping[str, Any]) -> tuple[str, bool, bool]:
    """
    The URL of a cluster's API server, whether its certificate is a public one, and whether only its own network can
    reach it.

    The public IP address is signed by the cluster's CA. Where it is switched off and the DNS endpoint lets traffic
    from outside in, that one is used, whose certificate any system trusts.
    """
    endpoints = item.get("controlPlaneEndpointsConfig") or {}
    by_ip, by_name = endpoints.get("ipEndpointsConfig") or {}, endpoints.get("dnsEndpointConfig") or {}
    hidden = (item.get("privateClusterConfig") or {}).get("enablePrivateEndpoint") is True
    on = by_ip.get("enabled") is not False
    shown = on and by_ip.get("enablePublicEndpoint") is not False and not hidden
    address = str((by_ip.get("publicEndpoint") if shown else "") or item.get("endpoint") or "")
    if shown and address:
        return f"https://{address}", False, False
    name = str(by_name.get("endpoint") or "")
    if name and by_name.get("allowExternalTraffic") is True:
        return f"https://{name}", True, False
    inside = str(by_ip.get("privateEndpoint") or item.get("endpoint") or "") if on else ""
    if inside:
        return f"https://{inside}", False, True
    return (f"https://{name}", True, True) if name else ("", False, False)


def _healthy(item: Mapping[str, Any], issues: tuple[CloudIssue, ...]) -> bool | None:
    status = item.get("status")
    if status in _BAD or (issues and status != "STOPPING"):
        return False
    return True if status == "RUNNING" else None


def _issues(
    item: Mapping[str, Any], paths: Mapping[str, str]
) -> tuple[tuple[CloudIssue, ...], Mapping[str, str]]:
    """What is wrong, and the paths that lead to it."""
    conditions = item.get("conditions") or ()
    if conditions:
        return tuple(
            CloudIssue(_code(one), str(one.get("message", "")), index) for index, one in enumerate(conditions)
        ), paths
    if item.get("status") in _BAD and item.get("statusMessage"):
        return (CloudIssue(str(item["status"]), str(item["statusMessage"])),), {**paths, **MESSAGE}
    return (), paths


def _code(condition: Mapping[str, Any]) -> str:
    """GKE's own word for it (``GCE_STOCKOUT``); the canonical one where it has none."""
    own = str(condition.get("code", ""))
    return own if own not in ("", "UNKNOWN") else str(condition.get("canonicalCode") or own)


def _bounds(
    item: Mapping[str, Any], zones: tuple[str, ...]
) -> tuple[int | None, int | None, bool | None, Mapping[str, str]]:
    """
    Bounds of the whole pool: the totals if they are set, else those of a zone times its zones. A pool that is not
    autoscaled has none.
    """
    scaling = item.get("autoscaling") or {}
    if not scaling.get("enabled"):
        return None, None, False, POOL_PATHS
    if scaling.get("totalMaxNodeCount"):
        total = int(scaling["totalMaxNodeCount"])
        return int(scaling.get("totalMinNodeCount", 0)), total, True, {**POOL_PATHS, **TOTALS}
    if not zones:
        return None, None, True, POOL_PATHS
    least, most = int(scaling.get("minNodeCount", 0)), int(scaling.get("maxNodeCount", 0))
    return least * len(zones), most * len(zones), True, POOL_PATHS


def _bought(config: Mapping[str, Any]) -> str:
    if config.get("spot") or config.get("preemptible"):
        return "spot"
    if config.get("flexStart"):
        return "flex-start"
    affinity = config.get("reservationAffinity") or {}
    return "reserved" if affinity.get("consumeReservationType") == "SPECIFIC_RESERVATION" else "on-demand"


def _node_labels(name: str, config: Mapping[str, Any]) -> dict[str, str]:
    implied = {"cloud.google.com/gke-nodepool": name}
    accelerators = config.get("accelerators") or ()
    if accelerators and accelerators[0].get("acceleratorType"):
        implied["cloud.google.com/gke-accelerator"] = str(accelerators[0]["acceleratorType"])
    if config.get("spot"):
        implied["cloud.google.com/gke-spot"] = "true"
    return {**implied, **(config.get("labels") or {})}
