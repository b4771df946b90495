"""
A recording of two namespaces looks like a small cluster, and nothing may be called absent from what it does not hold.

Says over which namespaces a list was recorded, and so of which a scan may speak.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import NAMESPACES, NODES, PODS, Slice


@dataclass(frozen=True, slots=True)
class Held:
    """
    What a recording holds: facts by slice; the namespaces whose own file held some of a slice (None for a file of the
    whole cluster), by slice name; the slices of which it states itself how they were read.
    """

    facts: Mapping[Slice, Sequence[Any]]
    places: Mapping[str, set[str | None]]
    stated: set[str]


def narrowed(slice_: Slice, reading: Reading, held: Held, namespaces: Sequence[str]) -> list[Reading]:
    """
    A whole list that is looked at in some namespaces only, as a reading of each of them; ``namespaces`` are those that
    were asked for, none for all.
    """
    if not slice_.namespaced or reading.state is not SliceState.COMPLETE or reading.scope != "cluster":
        return [reading]
    counts = Counter(fact.namespace for fact in held.facts.get(slice_, ()))
    found = {name for name in held.places.get(slice_.name, ()) if name} or set(counts)
    known = {namespace.name for namespace in held.facts.get(NAMESPACES, ())}
    whole = _holds_all(slice_, held, known)
    scoped = [
        msgspec.structs.replace(reading, scope=f"namespace/{name}", objects=counts[name])
        if whole or name in found
        else Reading(slice_.name, SliceState.NOT_COLLECTED, f"namespace/{name}", mend="record it too")
        for name in namespaces or (() if whole else sorted(found | known))
    ]
    return scoped or [reading]


def _holds_all(slice_: Slice, held: Held, known: set[str]) -> bool:
    """
    Whether the whole cluster was recorded. Not where there is a file for each of some namespaces only: a
    must-gather, a bundle whose collector may not read everywhere; nor where nodes stand beside the pods of some
    namespaces: a list cannot say that it is `kubectl get pods -n ml`, but no node is without kube-system's.
    """
    if slice_.name in held.stated:
        return True
    pods = held.facts.get(PODS, ())
    if pods and held.facts.get(NODES) and all(pod.namespace != "kube-system" for pod in pods):
        return False
    places = held.places.get(slice_.name, set())
    listed = None in held.places.get(NAMESPACES.name, ()) and "kube-system" in known and known <= places
    return not places or None in places or listed
