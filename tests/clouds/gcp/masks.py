"""The `fields` parameter of Google's REST APIs: what is not asked for is not sent."""

import re
from typing import Any

Mask = dict[str, "Mask"]


def parsed(text: str) -> Mask:
    """A mask like `a,b/c,items/*/disks(name,users)` as a tree. ValueError for one that Google would refuse."""
    tokens = re.findall(r"[A-Za-z*]+|[(),/]", text)
    if "".join(tokens) != text:
        raise ValueError(f"invalid field selection {text}")
    mask, rest = _list(tokens)
    if rest:
        raise ValueError(f"invalid field selection {text}")
    return mask


def _list(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while tokens:
        tokens = _path(tokens, mask)
        if not tokens or tokens[0] != ",":
            break
        tokens = tokens[1:]
    return mask, tokens


def _path(tokens: list[str], into: Mask) -> list[str]:
    below = into.setdefault(tokens[0], {})
    tokens = tokens[1:]
    if tokens[:1] == ["/"]:
        return _path(tokens[1:], below)
    if tokens[:1] == ["("]:
        inner, rest = _list(tokens[1:])
        if rest[:1] != [")"]:
            raise ValueError("a bracket is open")
        below.update(inner)
        return rest[1:]
    return tokens


def masked(value: Any, mask: Mask) -> Any:
    """What of a value the mask lets through."""
    if not mask:
        return value
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    if "*" in mask:
        return {key: masked(item, mask["*"]) for key, item in value.items()}
    return {key: masked(value[key], below) for key, below in mask.items() if key in value}
