"""
The API shows how a node is, seldom since when; a ledger that guesses charges somebody for a night that was busy.

Since which moment each fact of a node's present state is proven: its own timestamps, else only now (checks.md S7).
"""

import math
from typing import NamedTuple

from scanners.facts.fact import condition
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.semantics.accelerators import holds
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.gpu_standing import held_gpus, kept_out
from scanners.semantics.times import instant, latest
from scanners.semantics.tolerations import CORDON_KEY, LEAVING_KEYS


class Past(NamedTuple):
    """
    Since when, in epoch seconds; infinite for what is not so, the scan's ``now`` for what has no timestamp.

    ``settled``: the newest trace that a pod left on the node; ``all_held``: every GPU held by the same pods.
    """

    created: float
    not_ready: float
    kept_out: float
    settled: float
    all_held: float


def past_of(inventory: Inventory, node: Node) -> Past:
    """What a node's timestamps and pods prove of its past. Needs nodes and pods."""
    now = inventory.now
    ready = condition(node.conditions, "Ready")
    since = instant(ready.since) if ready else None
    created = instant(node.created)
    return Past(
        created=-math.inf if created is None else created,
        not_ready=math.inf if node.ready else _or_now(since, now),
        kept_out=_or_now(_kept_out_since(node), now) if kept_out(node) else math.inf,
        settled=_or_now(instant(_newest_trace(inventory, node) or node.created), now),
        all_held=_all_held_since(inventory, node),
    )


def _or_now(moment: float | None, now: float) -> float:
    return now if moment is None else min(moment, now)


def _kept_out_since(node: Node) -> float | None:
    marks = [taint.added for taint in node.taints if taint.key.startswith((CORDON_KEY, *LEAVING_KEYS))]
    moments = [moment for mark in (*marks, node.deleted) if (moment := instant(mark)) is not None]
    return min(moments, default=None)


def _newest_trace(inventory: Inventory, node: Node) -> str:
    pods = inventory.index.pods_by_node.get(node.name, ())
    ends = [
        run.finished for pod in pods if pod.finished for state in pod.troubled if (run := state.terminated)
    ]
    return latest(*(pod.created for pod in pods), *ends)


def _all_held_since(inventory: Inventory, node: Node) -> float:
    filler, held = held_gpus(inventory, node)
    if filler or held < physical_gpus(node):
        return math.inf
    holders = [pod for pod in inventory.index.pods_by_node.get(node.name, ()) if holds(pod)]
    return _or_now(instant(latest(*(pod.created for pod in holders))), inventory.now)
