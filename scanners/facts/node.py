"""
A node is bought by the hour and lies about little: its labels, what it offers, what it says of its health.
"""

from typing import ClassVar

import msgspec

from scanners.facts.fact import Condition, Fact, condition


class Taint(msgspec.Struct, frozen=True, gc=False):
    """A taint; ``added`` is set by the API server for NoExecute taints only."""

    key: str
    value: str = ""
    effect: str = ""
    added: str = ""


class Node(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A node. ``capacity`` and ``allocatable`` are quantities as sent, by resource name."""

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "Node"

    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    provider_id: str = ""
    capacity: dict[str, str] = {}
    allocatable: dict[str, str] = {}
    conditions: tuple[Condition, ...] = ()
    kubelet: str = ""
    kernel: str = ""
    runtime: str = ""
    os_image: str = ""
    architecture: str = ""

    @property
    def ready(self) -> bool:
        """Ready is True; Unknown and an absent condition are not."""
        found = condition(self.conditions, "Ready")
        return found is not None and found.true

    @property
    def instance_type(self) -> str:
        """The provider's machine type, ``""`` where no label tells it."""
        return self.labels.get("node.kubernetes.io/instance-type") or self.labels.get(
            "beta.kubernetes.io/instance-type", ""
        )

    @property
    def zone(self) -> str:
        """The failure zone, ``""`` where no label tells it."""
        return self.labels.get("topology.kubernetes.io/zone") or self.labels.get(
            "failure-domain.beta.kubernetes.io/zone", ""
        )
