"""
"0/12 nodes are available" lists every reason and names no mend; people want the one change that lets the pod run.

correlation.md 4.1: pending pods with the same requirements are one demand; every node is tried against it; the cause is the
smallest single change that makes one node feasible. The scheduler's text is a cross-check only.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

import msgspec

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod, PodTemplate
from scanners.facts.ref import Ref
from scanners.facts.storage import Claim
from scanners.finding import Confidence


class Cause(StrEnum):
    """Why a pod has no node: the closed list."""

    SHORT = "short"
    FRAGMENTED = "fragmented"
    CPU_OR_MEMORY = "cpu-or-memory"
    TAINT = "taint"
    CORDON = "cordon"
    PRODUCT = "product"
    ZONE = "zone"
    SLOTS = "slots"
    HOST_PORT = "host-port"
    NOT_ADVERTISED = "not-advertised"
    LARGER_THAN_ANY_NODE = "larger-than-any-node"
    SELECTOR = "selector"
    VOLUME = "volume"
    FEASIBLE_NOW = "feasible-now"
    UNKNOWN = "unknown"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why pods of one demand are not placed.

    ``smallest_change`` is one sentence that names objects and quantities; ``alternatives`` are changes equal to it up to the
    name. ``resource`` is the one that binds, else the first accelerator asked for, else cpu; ``free`` and ``largest_free_block`` are
    its sum over the admissible nodes and its most on one of them. ``blocked_by`` names the objects to change: nodes, claims, then
    the owners that hold the resource there. ``reasons`` counts nodes by what fails on them. ``unevaluated`` names the constraints
    that were not looked at. ``agrees``: whether the scheduler's own text (``scheduler_says``) speaks of the same thing.
    """

    cause: Cause
    smallest_change: str
    confidence: Confidence
    resource: str = ""
    requested: Decimal = Decimal(0)
    short: Decimal = Decimal(0)
    free: Decimal = Decimal(0)
    largest_free_block: Decimal = Decimal(0)
    blocked_by: tuple[Ref, ...] = ()
    feasible_nodes: tuple[str, ...] = ()
    nearest_nodes: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    reasons: Mapping[str, int] = {}
    unevaluated: tuple[str, ...] = ()
    scheduler_says: str = ""
    agrees: bool | None = None


def explain_pending(inventory: Inventory, pods: Sequence[Pod]) -> Verdict:
    """
    Why these pods have no node. They must share their requirements (see :func:`pending_groups`); the first one speaks.

    Without nodes the scheduler's own message is quoted as possible, with cause unknown. ValueError for no pods.
    """
    raise NotImplementedError


def pending_groups(inventory: Inventory, pods: Iterable[Pod]) -> list[list[Pod]]:
    """Pods grouped by equal requirements, each group in the order given."""
    raise NotImplementedError


def waiting_for_node(inventory: Inventory) -> list[Pod]:
    """Pods that the scheduler should place and has not: Pending, no node, no gates, not being deleted."""
    raise NotImplementedError


def would_fit(inventory: Inventory, template: PodTemplate, node: Node, claims: Iterable[Claim] = ()) -> bool:
    """Whether a pod of this template with these claims could be placed on the node now; ignores nothing it can evaluate."""
    raise NotImplementedError
