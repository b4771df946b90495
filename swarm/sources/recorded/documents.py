"""
The same object arrives as JSON, as YAML, in a List, in an array without a kind, in a file of many documents.

Text becomes plain objects here, and nothing else: YAML without tags, without unbounded aliases, and with
times and words such as ``on`` left as text.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

MAX_EXPANDED = 1_000_000
"""Nodes that a file with aliases may stand for: a bomb needs billions."""

_BLANK = re.compile(r"\s*")
_ALIAS = re.compile(rb"[\s\[,:-]\*[\w-]")
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class MalformedDocument(ValueError):
    """The file is no JSON and no YAML, or tries to be more than data."""


class _Loader(_BASE):  # type: ignore[misc]  # the C loader where PyYAML was built with it
    """Plain data only: no tags of any language, times as text, true and false as the only booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":timestamp", ":bool"))]
    for first, rules in _BASE.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"), list("tfTF")
)


def documents(data: bytes) -> Iterator[Any]:
    """Every document of a file: one of JSON, lines of JSON, or many of YAML. MalformedDocument says why not."""
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        try:
            yield msgspec.json.decode(text)
            return
        except msgspec.DecodeError as broken:
            if b"\n{" not in text:
                raise MalformedDocument(str(broken)) from None
        except RecursionError:
            raise MalformedDocument("nested too deep") from None
        yield from _lines(text)
        return
    yield from _yaml(data)


def _lines(text: bytes) -> Iterator[Any]:
    """Documents of JSON one after the other, a line each or printed wide."""
    rest, decoder = text.decode(errors="replace").strip(), json.JSONDecoder()
    at = 0
    while at < len(rest):
        try:
            document, end = decoder.raw_decode(rest, at)
        except (ValueError, RecursionError) as broken:
            raise MalformedDocument(str(broken)) from None
        yield document
        between = _BLANK.match(rest, end)
        at = between.end() if between else end


def _yaml(data: bytes) -> Iterator[Any]:
    try:
        if _ALIAS.search(data):
            _weigh_aliases(data)
        yield from yaml.load_all(data, Loader=_Loader)  # a safe loader of ours, see _Loader
    except MalformedDocument:
        raise
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError, ValueError) as broken:
        raise MalformedDocument(str(broken).splitlines()[0] if str(broken) else "broken YAML") from None


def _weigh_aliases(data: bytes) -> None:
    """Refuse a file whose aliases stand for more than a cluster: weighed on its events, before anything is built."""
    weights: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    for event in yaml.parse(data, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, 0))
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, weight = open_nodes.pop()
        elif isinstance(event, yaml.AliasEvent):
            anchor, weight = (
                None,
                weights.get(str(event.anchor), MAX_EXPANDED),
            )  # unknown: it stands inside itself
        elif isinstance(event, yaml.ScalarEvent):
            anchor, weight = event.anchor, 1
        else:
            continue
        if anchor:
            weights[anchor] = weight
        if open_nodes:
            above, sum_ = open_nodes[-1]
            open_nodes[-1] = above, sum_ + weight
            if sum_ + weight > MAX_EXPANDED:
                raise MalformedDocument("its aliases stand for too much")


def dump_json(value: Any) -> bytes:
    """JSON bytes with sorted keys, for captures that compare well."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
