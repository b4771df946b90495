"""
A recorded cluster and a fixture hold the same objects as the API server, already parsed.

They go through the same wire types and reducers, by way of JSON: that gives YAML's numbers and timestamps the
very form in which the API sends them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from scanners.facts.slices import Slice
from scanners.semantics.split_secrets import redact_text
from swarm.sources.kubernetes.batch import Batches
from swarm.sources.kubernetes.kinds import KINDS, ordered, slice_of
from swarm.sources.kubernetes.reduce.pool import Pool


def facts_of(
    objects: Iterable[Mapping[str, Any]], pool: Pool | None = None
) -> tuple[dict[Slice, list[Any]], int, list[str]]:
    """
    Facts of parsed API objects, by slice, each list sorted by namespace, name and uid.

    Lists (``kind: List``, ``PodList``) are taken apart. Also returns how many objects were skipped (kinds
    that no slice reads, things that are no objects; an event of no interest is none of them) and the broken
    ones (``Pod ml/train-0: Expected ...``).
    """
    shared = pool or Pool()
    batches: dict[Slice, Batches] = {}
    skipped, broken = 0, []
    for each in _flattened(objects):
        slice_ = slice_of(str(each.get("apiVersion") or ""), str(each.get("kind") or ""))
        if slice_ is None:
            skipped += 1
            continue
        batch = batches.setdefault(slice_, Batches(KINDS[slice_], shared))
        try:
            text = msgspec.json.encode([each])
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            broken.append(redact_text(f"{slice_.kind}: {error}"))
            continue
        batch.take(text)
    found = {slice_: ordered(batch.facts) for slice_, batch in batches.items()}
    broken += [f"{slice_.kind} {one}" for slice_, batch in batches.items() for one in batch.broken]
    return found, skipped, broken


def _flattened(objects: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    for each in objects:
        if not isinstance(each, Mapping):
            yield {}
        elif str(each.get("kind") or "").endswith("List") and "items" in each:
            yield from _flattened(_typed(each))
        else:
            yield each


def _typed(list_: Mapping[str, Any]) -> Iterable[Any]:
    """
    The items of a list; those of a typed one (``PodList``) leave out the kind that the list's own name tells.
    """
    kind = str(list_["kind"]).removesuffix("List")
    items = list_.get("items")
    for item in items if isinstance(items, list) else ():
        if kind and isinstance(item, Mapping) and not item.get("kind"):
            yield {**item, "kind": kind, "apiVersion": list_.get("apiVersion")}
        else:
            yield item
