"""
ARM leaves out what is not set, at any depth: a reader that trusts one level breaks on the first odd resource.

Values by the dotted paths that evidence shows (``properties.instanceView.statuses[1].code``), so that what a fact says
and where it says it was read from cannot part.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"\['(?P<quoted>[^']*)'\]|\[(?P<index>\d+)\]|(?P<name>[^.\[\]]+)")


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(
        int(found["index"]) if found["index"] else found["quoted"] or found["name"]
        for found in _STEP.finditer(path)
    )


def place(item: Any, path: str) -> Any:
    """What stands at a path, None where nothing does."""
    for step in _steps(path):
        if isinstance(step, int):
            item = item[step] if isinstance(item, Sequence) and len(item) > step else None
        else:
            item = item.get(step) if isinstance(item, Mapping) else None
    return item


def text(item: Any, path: str) -> str:
    """The text at a path, ``""`` where there is none."""
    found = place(item, path)
    return found if isinstance(found, str) else ""


def whole(item: Any, path: str) -> int | None:
    """The whole number at a path, None where there is none."""
    found = place(item, path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def items(item: Any, path: str) -> Sequence[Any]:
    """The list at a path, empty where there is none."""
    found = place(item, path)
    return found if isinstance(found, list) else ()
