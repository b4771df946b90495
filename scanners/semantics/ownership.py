"""
A fault of forty pods is told once, to the one person who can mend it.
"""

from collections import defaultdict
from collections.abc import Iterable

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.semantics.owners import top_owner


def by_owner(inventory: Inventory, pods: Iterable[Pod]) -> list[tuple[Ref, list[Pod]]]:
    """Pods by their top owner, both in the order of namespace and name."""
    members: dict[Key, list[Pod]] = defaultdict(list)
    owners: dict[Key, Ref] = {}
    for pod in pods:
        owner = top_owner(inventory, pod)
        members[key_of(owner)].append(pod)
        owners.setdefault(key_of(owner), owner)
    return [(owners[key], sorted(members[key], key=key_of)) for key in sorted(members)]


def pods_spoken(count: int) -> str:
    """A number of pods for people: ``1 pod``, ``3 pods``."""
    return f"{count} pod" if count == 1 else f"{count} pods"


def pods_do(count: int, verb: str) -> str:
    """What pods do, for people: ``1 pod waits``, ``3 pods wait``."""
    return f"{pods_spoken(count)} {verb}{'s' if count == 1 else ''}"
