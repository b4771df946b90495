"""
A pod that one policy selects is closed in the directions which that policy names, and open in the others.

Policies only ever add what is allowed, so one that was not read may open what looks closed: nothing may be
said of a namespace whose policies were not all read. Source: the NetworkPolicy API, ``policyTypes`` left out
or empty = Ingress, and Egress where egress rules exist.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.network import NetworkPolicy, PolicyPort
from scanners.facts.pod import Pod
from scanners.semantics.selectors import matches


class Direction(StrEnum):
    """A direction of traffic, seen from the pod."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Coverage(NamedTuple):
    """The policies that select a pod, by name, and the directions that they close."""

    policies: tuple[NetworkPolicy, ...]
    closed: frozenset[Direction]

    @property
    def open(self) -> list[Direction]:
        """The directions in which nothing is checked."""
        return [direction for direction in Direction if direction not in self.closed]

    @property
    def names(self) -> list[str]:
        """Names of the policies that select the pod."""
        return [policy.name for policy in self.policies]


_NONE = Coverage((), frozenset())


class PolicyBook:
    """
    Which policies select which pods. Pods of a namespace that agree on every label key that its policies ask
    about have one answer.
    """

    def __init__(self, policies: Iterable[NetworkPolicy]) -> None:
        self._policies: dict[str, list[NetworkPolicy]] = defaultdict(list)
        for policy in policies:
            if not policy.deleted:
                self._policies[policy.namespace].append(policy)
        self._keys = {namespace: _keys_of(policies) for namespace, policies in self._policies.items()}
        self._known: dict[tuple[str, ...], Coverage] = {}

    def coverage(self, namespace: str, labels: Mapping[str, str]) -> Coverage:
        """What selects and closes pods of these labels."""
        if namespace not in self._keys:
            return _NONE
        asked = (namespace, *(labels.get(key, "\0") for key in self._keys[namespace]))
        if asked not in self._known:
            selecting = tuple(
                sorted(
                    (policy for policy in self._policies[namespace] if matches(policy.selector, labels)),
                    key=lambda policy: policy.name,
                )
            )
            closed = frozenset(direction for policy in selecting for direction in directions_of(policy))
            self._known[asked] = Coverage(selecting, closed)
        return self._known[asked]


def policy_book(inventory: Inventory) -> PolicyBook:
    """The policies of an inventory; made once. Needs networkpolicies."""
    memo = inventory.index.memo
    if "policy-book" not in memo:
        memo["policy-book"] = PolicyBook(inventory.network_policies)
    book: PolicyBook = memo["policy-book"]
    return book


def directions_of(policy: NetworkPolicy) -> list[Direction]:
    """The directions that a policy closes for the pods which it selects."""
    if policy.types:
        return [direction for direction in Direction if direction.capitalize() in policy.types]
    return [Direction.INGRESS, *([Direction.EGRESS] if policy.egress else [])]


def alike(pods: Iterable[Pod]) -> list[list[Pod]]:
    """Pods in groups of one direct owner and the very same labels: a policy takes all of a group or none."""
    groups: dict[tuple[str, int], list[Pod]] = {}
    for pod in pods:
        owner = pod.owners[0].uid if pod.owners else pod.uid
        groups.setdefault((owner, id(pod.labels)), []).append(pod)
    return list(groups.values())


def admits(
    ports: Sequence[PolicyPort], protocol: str, numbers: Iterable[int] | None, names: Iterable[str] | None
) -> bool:
    """
    Whether a rule lets one of these ports through. ``None`` = not known: any number or name may be it.
    """
    if not ports:
        return True
    return any(
        port.protocol == protocol
        and (
            (port.number is None and not port.name)
            or (bool(port.name) and (names is None or port.name in names))
            or (port.number is not None and (numbers is None or any(_in_range(port, n) for n in numbers)))
        )
        for port in ports
    )


def _in_range(port: PolicyPort, number: int) -> bool:
    return port.number is not None and port.number <= number <= (port.end or port.number)


def _keys_of(policies: Iterable[NetworkPolicy]) -> tuple[str, ...]:
    keys: set[str] = set()
    for policy in policies:
        keys.update(policy.selector.match_labels)
        keys.update(term.key for term in policy.selector.match_expressions)
    return tuple(sorted(keys))
