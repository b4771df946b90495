"""
Following an evidence path into the object it speaks of: ``status.conditions[0].reason``,
``status.capacity['nvidia.com/gpu']``.
"""

import re
from typing import Any

from scanners.facts.ref import Named, key_of

_PART = re.compile(r"\['(?P<key>[^']*)'\]|\[(?P<index>\d+)\]|(?P<name>[^.\[\]]+)")


def resolve(objects: list[dict[str, Any]], subject: Named, path: str) -> Any:
    """What stands at a path in the recorded object; None where the path leads nowhere."""
    found: Any = _object(objects, subject)
    for part in _PART.finditer(path):
        if part["index"] is not None:
            found = (
                found[int(part["index"])]
                if isinstance(found, list) and int(part["index"]) < len(found)
                else None
            )
        else:
            key = part["key"] if part["key"] is not None else part["name"]
            found = found.get(key) if isinstance(found, dict) else None
        if found is None:
            return None
    return found


def _object(objects: list[dict[str, Any]], subject: Named) -> dict[str, Any]:
    for candidate in objects:
        if candidate.get("key") == str(key_of(subject)):
            return candidate["item"]
        metadata = candidate.get("metadata", {})
        if (
            candidate.get("kind") == subject.kind
            and metadata.get("name") == subject.name
            and (metadata.get("namespace") or "") == subject.namespace
        ):
            return candidate
    raise AssertionError(f"no {subject.kind}/{subject.namespace}/{subject.name} among the objects")
