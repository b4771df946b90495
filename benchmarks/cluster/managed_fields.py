"""A third of a real object is `managedFields`, which nobody wants and every reader must step over."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.cluster.template import compact

# Server-side apply owns these as one leaf here, which keeps the objects at the size real ones have.
ATOMIC = frozenset(
    {
        "affinity",
        "capabilities",
        "configMap",
        "httpGet",
        "limits",
        "requests",
        "secret",
        "sources",
        "valueFrom",
    }
    | {"volumes"}
)
LIST_KEYS = ("name", "type", "containerPort", "mountPath", "key", "uid", "ip")


def field_set(value: object) -> dict[str, object]:
    """The FieldsV1 of an object: one entry per owned leaf, sorted as the API server stores them."""
    if isinstance(value, dict):
        return {f"f:{key}": {} if key in ATOMIC else field_set(value[key]) for key in sorted(value)}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        key = next((name for name in LIST_KEYS if name in value[0]), None)
        return _keyed(value, key) if key else {}
    return {}


def _keyed(entries: list[dict[str, object]], key: str) -> dict[str, object]:
    return {f"k:{compact({key: entry.get(key)})}": {".": {}, **field_set(entry)} for entry in entries}


def managed(
    manager: str,
    time: str,
    fields: Mapping[str, object],
    *,
    api_version: str = "v1",
    subresource: str = "",
) -> dict[str, object]:
    """One entry of `managedFields`."""
    entry: dict[str, object] = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": api_version,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": dict(fields),
    }
    return entry | {"subresource": subresource} if subresource else entry
