"""The two ways a client learns what an API server serves: one aggregated answer, or a walk over groups.

Shapes: k8s.io/api/apidiscovery/v2 (stable since 1.30) and the classic meta/v1 APIVersions, APIGroupList and
APIResourceList.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from benchmarks.server.kinds import KINDS, Kind

AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
VERSION = {
    "major": "1",
    "minor": "35",
    "emulationMajor": "1",
    "emulationMinor": "35",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "34",
    "gitVersion": "v1.35.1",
    "gitCommit": "8f9a2c1e0d4b7f6a5c3e2d1b0a9f8e7d6c5b4a39",
    "gitTreeState": "clean",
    "buildDate": "2026-02-10T12:53:24Z",
    "goVersion": "go1.25.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def wants_aggregated(accept: str) -> bool:
    """Whether one of the media types asked for is the aggregated list of version 2."""
    offers = ({part.strip() for part in offer.split(";")} for offer in accept.split(","))
    return any({"g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"} <= offer for offer in offers)


def aggregated(core: bool) -> dict[str, object]:
    """The answer of `/api` (core) or `/apis` (the named groups)."""
    chosen = [kind for kind in KINDS if (kind.group == "") == core]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [
            _group(group, list(kinds)) for group, kinds in groupby(chosen, key=lambda kind: kind.group)
        ],
    }


def classic() -> dict[str, dict[str, object]]:
    """Every document of the classic discovery, by path."""
    documents: dict[str, dict[str, object]] = {"/api": _api_versions(), "/apis": _group_list()}
    for group in _groups():
        versions = [kind for kind in KINDS if kind.group == group]
        if group:
            documents[f"/apis/{group}"] = {"kind": "APIGroup", "apiVersion": "v1", **_classic_group(group)}
        for api_version, kinds in groupby(versions, key=lambda kind: kind.api_version):
            path = f"/apis/{api_version}" if group else "/api/v1"
            documents[path] = _resource_list(api_version, list(kinds))
    return documents


def _groups() -> list[str]:
    return list(dict.fromkeys(kind.group for kind in KINDS))


def _group(group: str, kinds: Sequence[Kind]) -> dict[str, object]:
    versions = [
        {"version": version, "resources": [_resource(kind) for kind in members], "freshness": "Current"}
        for version, members in groupby(kinds, key=lambda kind: kind.version)
    ]
    return {"metadata": {"name": group, "creationTimestamp": None} if group else {}, "versions": versions}


def _resource(kind: Kind) -> dict[str, object]:
    described: dict[str, object] = {
        "resource": kind.plural,
        "responseKind": {"group": "", "version": "", "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.kind.lower(),
        "verbs": list(kind.verbs),
    }
    if kind.short_names:
        described["shortNames"] = list(kind.short_names)
    if kind.subresources:
        described["subresources"] = [
            {
                "subresource": name,
                "responseKind": {"group": "", "version": "", "kind": kind.kind},
                "verbs": ["get", "patch", "update"] if name == "status" else ["get"],
            }
            for name in kind.subresources
        ]
    return described


def _api_versions() -> dict[str, object]:
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:443"}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}


def _group_list() -> dict[str, object]:
    groups = [_classic_group(group) for group in _groups() if group]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _classic_group(group: str) -> dict[str, object]:
    versions = list(dict.fromkeys(kind.version for kind in KINDS if kind.group == group))
    named = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": named, "preferredVersion": named[0]}


def _resource_list(api_version: str, kinds: Sequence[Kind]) -> dict[str, object]:
    resources: list[dict[str, object]] = []
    for kind in kinds:
        described = _classic_resource(kind)
        resources.append(described)
        for name in kind.subresources:
            verbs = ["get", "patch", "update"] if name == "status" else ["get"]
            whole = {"name": f"{kind.plural}/{name}", "singularName": "", "verbs": verbs}
            resources.append({**whole, "namespaced": kind.namespaced, "kind": kind.kind})
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": resources,
    }


def _classic_resource(kind: Kind) -> dict[str, object]:
    described: dict[str, object] = {
        "name": kind.plural,
        "singularName": kind.kind.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    return described | {"shortNames": list(kind.short_names)} if kind.short_names else described
