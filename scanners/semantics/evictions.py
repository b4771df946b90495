"""
The kubelet writes who used what of which resource into the message of the pod it evicts, and nowhere else.

Wordings: kubernetes ``pkg/kubelet/eviction/helpers.go``. A pod that outgrew its own limit ("exceeds the
limit") is evicted too; that is its spec's fault, no pressure of the node, and gives no eviction here.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.finding import Evidence
from scanners.semantics.quantities import quantity
from scanners.semantics.times import latest

CONDITION_OF = {
    "memory": "MemoryPressure", "ephemeral-storage": "DiskPressure", "inodes": "DiskPressure",
    "pids": "PIDPressure",
}  # fmt: skip
"""The node's condition that goes with a resource in an eviction's message."""

_RESOURCE = re.compile(r"The node was low on resource: \[?(?P<resource>[\w-]+)")
_CONDITION = re.compile(r"The node had condition: \[(?P<condition>\w+)")
_AMOUNTS = re.compile(r"Threshold quantity: (?P<threshold>[\w.]+), available: (?P<available>[\w.]+?)\.\s")
_USER = re.compile(r"Container (?P<container>\S+) was using (?P<used>[\w.]+),")


class Eviction(NamedTuple):
    """
    One pod that a kubelet evicted for its node's sake.

    ``resource`` is ``""`` where only the condition is told; ``users`` are (container, amount used).
    """

    pod: Pod
    condition: str
    resource: str
    threshold: Decimal | None
    available: Decimal | None
    users: tuple[tuple[str, Decimal], ...]
    at: str

    @property
    def evidence(self) -> list[Evidence]:
        """The pod's own words."""
        message = self.pod.state.message if self.pod.state else ""
        return [
            Evidence(subject=self.pod, path="status.reason", value="Evicted", observed_at=self.at),
            Evidence(subject=self.pod, path="status.message", value=message, observed_at=self.at),
        ]


def evictions(inventory: Inventory) -> Iterator[Eviction]:
    """Evictions for pressure of a node, by the status of pods that are still there."""
    for pod in inventory.pods:
        if pod.phase == "Failed" and pod.state is not None and pod.state.reason == "Evicted":
            found = eviction_of(pod)
            if found:
                yield found


def eviction_of(pod: Pod) -> Eviction | None:
    """What an evicted pod says of its node; None where its own limit was the reason."""
    message = pod.state.message if pod.state else ""
    low, had = _RESOURCE.search(message), _CONDITION.search(message)
    if not low and not had:
        return None
    resource = low["resource"] if low else ""
    condition = CONDITION_OF.get(resource, "") if low else had["condition"] if had else ""
    said = _AMOUNTS.search(message)
    used = [(user["container"], quantity(user["used"].rstrip("."))) for user in _USER.finditer(message)]
    return Eviction(
        pod,
        condition,
        resource,
        quantity(said["threshold"]) if said else None,
        quantity(said["available"]) if said else None,
        tuple((container, amount) for container, amount in used if amount is not None),
        _when(pod),
    )


def _when(pod: Pod) -> str:
    disrupted = pod.condition("DisruptionTarget") or pod.condition("Ready")
    ends = [state.terminated.finished for state in pod.troubled if state.terminated]
    return (disrupted.since if disrupted else "") or latest(*ends)
