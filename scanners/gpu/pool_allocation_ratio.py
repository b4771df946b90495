"""
A GPU pool is mostly free, or full while pods wait for it.

## Why it matters
Under half of a pool held means that the other half is paid for and waits; a full pool with pods pending means
that runs wait although each of them is right.

## What to do
`low`: look at the pool's idle nodes, stranded and held GPUs first (GPU101, GPU109), then size the pool.
`full`: see who holds the GPUs and whether they use them, then raise the pool's maximum or give the queue
priorities.

## When it is wrong
It is the ratio at the moment of the scan, not a mean of days: a pool is low between two runs, too. Held is
what pods ask for, not what they compute. GPUs of nodes that are not Ready, or that their plug-in does not
offer, do not count as free. Pools under 30 min are not told.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.slices import NODES, PODS
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.accelerators import has_accelerators, offered
from scanners.semantics.gpu_pools import Pool, as_number, pool_name, pools
from scanners.semantics.ownership import pods_do
from scanners.semantics.requests import places_are_known
from scanners.semantics.scheduling import Cause
from scanners.semantics.times import lasts
from scanners.semantics.unplaced import SHARPENED_BY, Unplaced, unplaced

LOW = Threshold("low", 0.5, unit="of allocatable GPUs held")
FULL = Threshold("full", 0.95, unit="of allocatable GPUs held, with GPU pods pending")
MIN_GPUS = Threshold("min_gpus", 8, unit="GPUs from which a low pool is told")
MIN_NODES = Threshold("min_nodes", 2, unit="nodes from which a low pool is told")

_WANTS_ROOM = (Cause.SHORT, Cause.FRAGMENTED)


@scanner(
    "GPU120",
    "Allocation ratio of a pool",
    Severity.LOW,
    needs=[],
    complete=[NODES, PODS],
    sharpened_by=SHARPENED_BY,
    confidence=Confidence.DERIVED,
    applies=has_accelerators,
)
def pool_allocation_ratio(inventory: Inventory) -> Iterator[Sighting]:
    if not places_are_known(inventory):
        return
    waiting = _waiting(inventory)
    for pool in pools(inventory):
        ratio, pending = pool.ratio, waiting.get(pool.name, [])
        if ratio is None or not _is_settled(inventory, pool):
            continue
        large = pool.capacity >= inventory.limit(MIN_GPUS) or len(pool.nodes) >= inventory.limit(MIN_NODES)
        if ratio < inventory.limit(LOW) and large:
            yield _told(pool, "low", ())
        elif ratio >= inventory.limit(FULL) and pending:
            yield _told(pool, "full", pending)


def _is_settled(inventory: Inventory, pool: Pool) -> bool:
    return any(lasts(node.created, inventory.now, inventory.ages.waste) for node in pool.nodes)


def _waiting(inventory: Inventory) -> dict[str, list[Unplaced]]:
    """Pods that wait for room, by the pools whose nodes are nearest to taking them."""
    found: dict[str, list[Unplaced]] = defaultdict(list)
    for one in unplaced(inventory, accelerators=True):
        if one.verdict.cause in _WANTS_ROOM:
            nodes = (inventory.index.nodes[name] for name in one.verdict.nearest_nodes)
            for pool in sorted({pool_name(node) for node in nodes}):
                found[pool].append(one)
    return found


def _told(pool: Pool, class_: str, pending: Sequence[Unplaced]) -> Sighting:
    pods = [pod for one in pending for pod in one.pods]
    free = as_number(pool.allocatable - pool.held)
    held, usable = as_number(pool.held), as_number(pool.allocatable)
    ratio = float(pool.ratio or 0)
    waits = f"; {pods_do(len(pods), 'wait')} for it" if pods else f"; {free} are free"
    nodes = f"{len(pool.nodes)} node{'s' if len(pool.nodes) > 1 else ''}"
    facts: dict[str, JsonValue] = {
        "class": class_,
        "capacity_gpus": as_number(pool.capacity),
        "allocatable_gpus": usable,
        "requested_gpus": held,
        "used_gpus": None,
        "allocation_ratio": round(ratio, 3),
        "basis": "now",
    }
    return Sighting(
        subject=nobody("NodePool", pool.name),
        kind=Kind.POOL_FULL if class_ == "full" else Kind.POOL_UNDERUSED,
        message=f"pool {pool.name} ({nodes}) has {held} of {usable} GPUs held now, {ratio:.0%}{waits}",
        severity=Severity.MEDIUM if class_ == "full" else Severity.LOW,
        cause_class=class_,
        facts=facts,
        evidence=[*_evidence(pool)],
        pods=pods,
        count=len(pool.nodes),
        touches=[*pool.nodes[:5], *(one.owner for one in pending)],
    )


def _evidence(pool: Pool) -> Iterator[Evidence]:
    formula = f"held / allocatable GPUs of pool {pool.name}"
    ratio = round(float(pool.ratio or 0), 3)
    yield Evidence(subject=pool.nodes[0], path=formula, value=ratio, source="derived")
    for node in pool.nodes[:3]:
        yield from _offer(node)


def _offer(node: Node) -> Iterator[Evidence]:
    for resource in sorted(offered(node))[:1]:
        path = f"status.allocatable['{resource}']"
        yield Evidence(subject=node, path=path, value=node.allocatable[resource])
