"""
An aggregated list tells of every zone and region at once, and in the middle of it that one of them did not answer.

Which list holds which slice, which fields of it are asked for, and what was had of each region. Fields are named so
that an instance's metadata (bootstrap tokens, keys) never leaves Google.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scanners.facts.slices import ADDRESSES, DISKS, INSTANCES, LOAD_BALANCERS, Slice
from swarm.sources.gcp.container import region_of

_MADE = "name,selfLink,labels,creationTimestamp,description"
_EMPTY = "NO_RESULTS_ON_PAGE"
_SCOPE = re.compile(r"(?:zones|regions)/(?P<name>[a-z0-9-]+)")


class List(NamedTuple):
    """An aggregated list: its name, which is also the key of a scope's objects, the fields, and a filter."""

    name: str
    fields: str
    filter: str = ""

    @property
    def operation(self) -> str:
        """The path below the project."""
        return f"aggregated/{self.name}"

    @property
    def parameters(self) -> Mapping[str, str]:
        """What is asked for; a zone that is away does not fail the whole."""
        asked = {
            "returnPartialSuccess": "true",
            "fields": f"nextPageToken,unreachables,warning,items/*/warning,items/*/{self.name}({self.fields})",
        }
        return asked | ({"filter": self.filter} if self.filter else {})


LISTS: Mapping[Slice, List] = {
    INSTANCES: List(
        "instances",
        "name,selfLink,labels,creationTimestamp,zone,machineType,status,scheduling,guestAccelerators,reservationAffinity",
        "labels.goog-k8s-cluster-name:*",
    ),
    DISKS: List(
        "disks", f"{_MADE},zone,region,type,sizeGb,status,users,lastAttachTimestamp,lastDetachTimestamp"
    ),
    ADDRESSES: List("addresses", f"{_MADE},region,address,addressType,purpose,status,users"),
    LOAD_BALANCERS: List(
        "forwardingRules", f"{_MADE},region,IPAddress,loadBalancingScheme,target,backendService"
    ),
}
"""Instances that GKE did not make are nobody's business here."""

TARGET_POOLS = List("targetPools", "selfLink,instances")
BACKEND_SERVICES = List("backendServices", "selfLink,backends/group")
INSTANCE_GROUPS = List("instanceGroups", "selfLink,size")
ENDPOINT_GROUPS = List("networkEndpointGroups", "selfLink,size,networkEndpointType")
BEHIND = (TARGET_POOLS, BACKEND_SERVICES, INSTANCE_GROUPS, ENDPOINT_GROUPS)
"""What stands behind forwarding rules."""

REGION_FIELDS = "nextPageToken,warning,unreachables,items(name,quotas,quotaStatusWarning)"


@dataclass
class Gathered:
    """
    What the pages of a list held so far: ``found`` by region, the ``regions`` that spoke, what is wrong with the
    ``silent`` ones, and with the list as a whole.
    """

    found: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    regions: set[str] = field(default_factory=set)
    silent: dict[str, str] = field(default_factory=dict)
    wrong: str = ""

    def take(self, page: Mapping[str, Any], key: str) -> None:
        """Add a page of an aggregated list."""
        for scope, held in (page.get("items") or {}).items():
            region = region_named(scope)
            self.regions.add(region)
            self.found += [(region, item) for item in held.get(key) or ()]
            self._warned(held.get("warning"), region)
        self.unreachable(page)

    def unreachable(self, page: Mapping[str, Any]) -> None:
        """What a page says of parts that did not answer."""
        for name in page.get("unreachables") or ():
            self._silent(region_named(name), f"{name} did not answer")
        warning = page.get("warning") or {}
        if warning.get("code", _EMPTY) != _EMPTY and not self.silent:
            self.wrong = told(warning)

    def merge(self, other: "Gathered") -> None:
        """What is wrong with a list that this one is read by."""
        for region, why in other.silent.items():
            self._silent(region, why)
        self.wrong = self.wrong or other.wrong

    def _warned(self, warning: Mapping[str, Any] | None, region: str) -> None:
        if warning and warning.get("code") != _EMPTY:
            self._silent(region, told(warning))

    def _silent(self, region: str, why: str) -> None:
        kept = self.silent.get(region)
        self.silent[region] = why if kept is None or kept == why else f"{kept}; {why}"


def region_named(scope: str) -> str:
    """The region of a scope or resource path: ``us-central1`` of ``zones/us-central1-a``, else ``global``."""
    found = _SCOPE.search(scope)
    return region_of(found["name"]) if found else "global"


def told(warning: Mapping[str, Any]) -> str:
    """A warning in Google's words."""
    return f"{warning.get('message') or ''} ({warning.get('code')})".strip()


def registered(
    rules: list[tuple[str, Mapping[str, Any]]], behind: Mapping[str, Gathered]
) -> Iterator[int | None]:
    """
    For each forwarding rule how many backends are registered behind it; None where that cannot be told: a proxy
    with rules of its own, another project's, a list that was not read.
    """
    pools, services, instances, endpoints = (_by_path(behind.get(one.name)) for one in BEHIND)
    groups = {**instances, **endpoints}
    for _, rule in rules:
        pool, service = _path(rule.get("target")), _path(rule.get("backendService"))
        if pool in pools:
            yield len(pools[pool].get("instances") or ())
        elif service in services:
            yield _backends(services[service], groups)
        else:
            yield None


def _backends(service: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]]) -> int | None:
    count = 0
    for backend in service.get("backends") or ():
        group = groups.get(_path(backend.get("group")))
        if group is None:
            return None
        lists_none = not str(group.get("networkEndpointType", "GCE")).startswith(("GCE", "NON_GCP"))
        count += 1 if lists_none else int(group.get("size") or 0)
    return count


def _by_path(gathered: Gathered | None) -> dict[str, Mapping[str, Any]]:
    return {_path(item.get("selfLink")): item for _, item in gathered.found} if gathered else {}


def _path(url: object) -> str:
    """A resource without the host and version by which it is named here and otherwise there."""
    _, found, path = str(url or "").partition("/projects/")
    return path if found else "-"
