"""
Every bundle names its files differently, and says what it failed to collect in its own way.

Objects tell their kind themselves; where they do not (bare arrays, typed lists of a support bundle), the
place tells it. Known layouts: our own capture and Troubleshoot (``cluster-resources/…``,
``*-errors.json``), OpenShift must-gather (``namespaces/…``).
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from scanners.facts.slices import ALL, Slice
from swarm.sources.recorded.documents import MalformedDocument

MANIFEST = "deepscan.json"
"""What our own captures state of themselves: when, of what, and how each slice was read."""

_ALIASES = {
    "pvcs": "persistentvolumeclaims",
    "pvs": "persistentvolumes",
    "storage-classes": "storageclasses",
    "network-policy": "networkpolicies",
    "resource-quota": "resourcequotas",
    "pod-disruption-budgets": "poddisruptionbudgets",
    "pod-disruption-budgets-info": "poddisruptionbudgets",
    "ingress": "ingresses",
    "volumeattachment": "volumeattachments",
    "endpointslice": "endpointslices",
}
"""Troubleshoot's folder names where they are not the plural."""

_BY_PLURAL: dict[str, Slice] = {slice_.plural: slice_ for slice_ in ALL if slice_.kind}
_BY_KIND: dict[tuple[str, str], Slice] = {
    (slice_.group, slice_.kind): slice_ for slice_ in ALL if slice_.kind
}
_BY_BARE_KIND: dict[str, Slice] = {slice_.kind: slice_ for slice_ in ALL if slice_.kind}

_LOG = re.compile(
    r"(?:^|/)logs/(?P<namespace>[^/]+)/(?P<pod>[^/]+)/(?P<container>[^/]+?)(?P<previous>[.-]previous)?\.(?:log|txt)$"
)
_GATHERED_LOG = re.compile(
    r"(?:^|/)namespaces/(?P<namespace>[^/]+)/pods/(?P<pod>[^/]+)/(?P<container>[^/]+)/[^/]+/logs/(?P<run>current|previous)\.log$"
)


def table(value: Any) -> dict[str, Any]:
    """The value where it is a mapping, else an empty one: a recording may hold anything anywhere."""
    return value if isinstance(value, dict) else {}


class LogFile(NamedTuple):
    """A file that is the log of one container."""

    namespace: str
    pod: str
    container: str
    previous: bool


def log_file(path: str) -> LogFile | None:
    """Which container's log a file is, by its path."""
    if found := _GATHERED_LOG.search(path):
        return LogFile(found["namespace"], found["pod"], found["container"], found["run"] == "previous")
    if found := _LOG.search(path):
        return LogFile(found["namespace"], found["pod"], found["container"], bool(found["previous"]))
    return None


def slice_by_place(path: str) -> Slice | None:
    """The slice that a file's place speaks of: ``cluster-resources/pods/ml.json``, ``.../nodes.json``."""
    parts = PurePosixPath(path).with_suffix("").parts
    for part in reversed(parts):
        name = part.removesuffix("-errors")
        name = _ALIASES.get(name, name)
        if name in _BY_PLURAL:
            return _BY_PLURAL[name]
    return None


def slice_of(item: dict[str, Any]) -> Slice | None:
    """The slice that an object belongs to, by its own kind; None for kinds that this version does not read."""
    group = str(item.get("apiVersion") or "").rpartition("/")[0]
    kind = str(item.get("kind") or "")
    if group in ("extensions", "events.k8s.io") and kind in _BY_BARE_KIND:
        return _BY_BARE_KIND[kind]
    return _BY_KIND.get((group, kind))


class Found(NamedTuple):
    """What one document holds: objects of known kind, the slices it is a list of, how many things were none."""

    objects: list[dict[str, Any]]
    listed: set[Slice]
    cut: set[Slice]
    skipped: int
    held: set[Slice]


def unfold(document: Any, place: Slice | None) -> Found:
    """Lists, bare arrays and single objects as objects that all carry their kind."""
    found = Found([], set(), set(), 0, set())
    skipped = 0
    for item, slice_ in _items(document, place, found):
        if isinstance(item, dict) and slice_ is not None and item.get("metadata"):
            item.setdefault("kind", slice_.kind)
            item.setdefault("apiVersion", f"{slice_.group}/v1" if slice_.group else "v1")
            found.objects.append(item)
            found.held.add(slice_)
        else:
            skipped += 1
    return found._replace(skipped=skipped, held=found.held | found.listed)


def distinct(objects: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """
    Each object once: bundles hold some twice, and a container killed once must not count as killed twice. Of
    several readings the newest stays, whatever the order of the files.
    """
    kept: dict[tuple[str, str, str], dict[str, Any]] = {}
    for item in objects:
        metadata, slice_ = table(item.get("metadata")), slice_of(item)
        key = (
            slice_.name if slice_ else "",
            str(metadata.get("namespace")),
            str(metadata.get("name") or id(item)),
        )
        known = kept.setdefault(key, item)
        if known is not item:
            kept[key] = max(known, item, key=_newness)
    return kept.values()


def _newness(item: dict[str, Any]) -> tuple[int, bool, str]:
    version = str(table(item.get("metadata")).get("resourceVersion"))
    return (
        int(version) if version.isdecimal() and len(version) < 20 else 0,
        bool(item.get("status")),
        repr(item),
    )


_NAMESPACE = re.compile(
    r"(?:^|.*/)(?:namespaces/(?P<gathered>[^/]+)/|cluster-resources/[^/]+/(?P<bundled>[^/]+)\.(?:json|ya?ml)$)"
)


def namespace_by_place(path: str) -> str | None:
    """The one namespace that a file speaks of, by the layouts that keep a file for each; None for all."""
    found = _NAMESPACE.match(path)
    return (found["gathered"] or found["bundled"]) if found else None


def _items(document: Any, place: Slice | None, found: Found) -> Iterator[tuple[Any, Slice | None]]:
    if isinstance(document, list):
        if place is not None and all(isinstance(item, dict) for item in document):
            found.listed.add(place)
        for item in document:
            yield item, _slice(item, place)
        return
    if not isinstance(document, dict):
        yield document, None
        return
    kind = str(document.get("kind") or "")
    if not (kind.endswith("List") or (not kind and "items" in document)):
        yield document, _slice(document, place)
        return
    of_list = _of_list(document, kind, place)
    if of_list is not None:
        found.listed.add(of_list)
        if table(document.get("metadata")).get("continue"):
            found.cut.add(of_list)
    items = document.get("items")
    if items is not None and not isinstance(items, list):
        raise MalformedDocument("its items are no list")
    for item in items or ():
        yield item, _slice(item, of_list)


def _slice(item: Any, fallback: Slice | None) -> Slice | None:
    if isinstance(item, dict) and item.get("kind"):
        return slice_of(item)
    return fallback


def _of_list(document: dict[str, Any], kind: str, place: Slice | None) -> Slice | None:
    named = {"kind": kind.removesuffix("List"), "apiVersion": document.get("apiVersion")}
    return slice_of(named) or (place if kind in ("", "List") else None)
