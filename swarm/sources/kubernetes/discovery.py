"""
What a cluster serves is asked, not assumed: a group may be missing, a version older or newer than ours.

Aggregated discovery (apidiscovery.k8s.io, stable since Kubernetes 1.30) says it in two answers; servers
without it are asked group by group.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from scanners.facts.slices import Slice
from swarm.errors import BadBody, Forbidden, NotServed
from swarm.sources.kubernetes.transport import Transport

T = TypeVar("T")

AGGREGATED = ",".join(
    [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    ]
)
ASSUMED = "v1"
"""The version of every kind that is read, where discovery itself is refused."""


class _Resource(msgspec.Struct):
    resource: str = ""


class _Version(msgspec.Struct):
    version: str = ""
    resources: list[_Resource] | None = None


class _Name(msgspec.Struct):
    name: str | None = None


class _Group(msgspec.Struct):
    metadata: _Name | None = None
    versions: list[_Version] | None = None


class _GroupVersion(msgspec.Struct):
    version: str = ""


class _ClassicGroup(msgspec.Struct, rename="camel"):
    name: str = ""
    preferred_version: _GroupVersion | None = None
    versions: list[_GroupVersion] | None = None


class _Answer(msgspec.Struct):
    """Any of APIGroupDiscoveryList (items), APIGroupList (groups), APIVersions (versions)."""

    kind: str = ""
    items: list[_Group] | None = None
    groups: list[_ClassicGroup] | None = None
    versions: list[str] | None = None


class _Named(msgspec.Struct):
    name: str = ""


class _ResourceList(msgspec.Struct):
    resources: list[_Named] | None = None


Served = Mapping[tuple[str, str], str]
"""The version under which each (group, plural) is served, the preferred one where there are several."""


async def discover(transport: Transport, slices: Iterable[Slice]) -> Served | None:
    """
    What is served of the groups of these slices; None where the identity may not ask. Typed SourceError
    otherwise.
    """
    groups = {slice_.group for slice_ in slices}
    served: dict[tuple[str, str], str] = {}
    for root in ("/api", "/apis"):
        try:
            answer = _decoded(await transport.read(root, AGGREGATED), _Answer, root)
        except Forbidden:
            return None
        if answer.kind == "APIGroupDiscoveryList":
            served |= _aggregated(answer)
        else:
            served |= await _classic(transport, root, answer, groups)
    return served


def list_path(slice_: Slice, served: Served | None, namespace: str = "") -> str | None:
    """Where a slice is listed, in all namespaces or one; None if it is not served."""
    plural = slice_.plural.partition("/")[0]
    version = ASSUMED if served is None else served.get((slice_.group, plural))
    if version is None:
        return None
    root = f"/apis/{slice_.group}/{version}" if slice_.group else f"/api/{version}"
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def _aggregated(answer: _Answer) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for group in answer.items or ():
        name = (group.metadata.name if group.metadata else None) or ""
        for version in group.versions or ():
            for each in version.resources or ():
                found.setdefault((name, each.resource), version.version)
    return found


async def _classic(
    transport: Transport, root: str, answer: _Answer, groups: set[str]
) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for group, versions in _versions(answer):
        if group not in groups:
            continue
        for version in versions:
            path = f"{root}/{group}/{version}" if group else f"{root}/{version}"
            try:
                listed = _decoded(await transport.read(path), _ResourceList, path)
            except (NotServed, Forbidden):
                continue
            for each in listed.resources or ():
                found.setdefault((group, each.name), version)
    return found


def _versions(answer: _Answer) -> list[tuple[str, list[str]]]:
    """Groups with their versions, the preferred one first."""
    if answer.groups is None:
        return [("", answer.versions or [])]
    groups = []
    for group in answer.groups:
        preferred = [group.preferred_version.version] if group.preferred_version else []
        every = [*preferred, *(each.version for each in group.versions or ())]
        groups.append((group.name, list(dict.fromkeys(every))))
    return groups


def _decoded(text: bytes, type_: type[T], where: str) -> T:
    try:
        return msgspec.json.decode(text, type=type_)
    except msgspec.DecodeError as error:
        raise BadBody("the answer is not what the API promises", where=where, cause=str(error)) from error
