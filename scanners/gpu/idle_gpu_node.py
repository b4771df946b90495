"""
GPU nodes are up and nobody holds a GPU on them.

## Why it matters
A GPU node costs the same whether it is used or not, and CPU pods on it make every dashboard call it used.

## What to do
See what keeps the autoscaler from taking it (GPU119), then drain it and shrink the pool; or let the pool
scale to zero when nobody asks. A warm reserve is a decision: write it down as the pool's minimum. Where a taint keeps
waiting work from it, both are one problem: mend the taint or the toleration, and keep the node.

## When it is wrong
One scan sees one moment. `trace`: a pod or event shows when the last holder ended. `no-trace`: nothing
readable tells of a holder since the node was made, which is no proof that there was none. A minimum that is
kept warm on purpose is not seen. Prices are public list prices by machine type and region unless a table of
your own is named: what your contract takes off is not known. Medium; high from 5,000 USD a month on where that
waste has lasted a day, low under 50 USD. Nodes under 30 min, cordoned, leaving, or awaited by a young pending
pod are not told.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scanners.facts.inventory import Inventory
from scanners.facts.slices import NODES, PODS, PRICES
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.accelerators import has_accelerators, offered
from scanners.semantics.dollars import node_dollars, waste_severity
from scanners.semantics.gpu_idle import SHARPENED_BY, IdleNode, idle_gpu_nodes
from scanners.semantics.gpu_pools import as_number, pool_name
from scanners.semantics.gpu_products import short_product
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.times import HOUR, age, earliest, spoken

NAMED = 3


@scanner(
    "GPU101",
    "Idle GPU node",
    Severity.MEDIUM,
    needs=[NODES],
    complete=[PODS],
    sharpened_by=[*SHARPENED_BY, PRICES],
    confidence=Confidence.DERIVED,
    applies=has_accelerators,
)
def idle_gpu_node(inventory: Inventory) -> Iterator[Sighting]:
    pools: dict[str, list[IdleNode]] = defaultdict(list)
    for one in idle_gpu_nodes(inventory):
        pools[pool_name(one.node)].append(one)
    for pool, idle in sorted(pools.items()):
        yield _told(inventory, pool, idle)


def _told(inventory: Inventory, pool: str, idle: Sequence[IdleNode]) -> Sighting:
    gpus = sum(one.gpus for one in idle)
    products = ", ".join(sorted({short_product(one.product) or "GPU" for one in idle}))
    cpu_only = [pod for one in idle for pod in one.cpu_only_pods]
    longest = max(_hours(inventory, one) or 0.0 for one in idle)
    beside = f"; beside them {pods_spoken(len(cpu_only))} without GPU" if cpu_only else ""
    names = ", ".join(_spoken(inventory, one) for one in idle[:NAMED])
    more = f" and {len(idle) - NAMED} more" if len(idle) > NAMED else ""
    plural = "s" if len(idle) > 1 else ""
    dollars = node_dollars(inventory, (one.node for one in idle))
    return Sighting(
        subject=nobody("NodePool", pool),
        kind=Kind.GPU_NODE_IDLE,
        message=(
            f"{len(idle)} idle node{plural} of pool {pool} ({as_number(gpus)} {products}): "
            f"{names}{more}{beside}{dollars.spoken}"
        ),
        severity=waste_severity(inventory, {one.node.name: one.idle_since for one in idle}, dollars),
        facts={
            "gpu_product": ", ".join(sorted({one.product for one in idle if one.product})) or None,
            "gpus": as_number(gpus),
            "idle_hours": round(longest, 1),
            "idle_basis": "trace" if all(one.basis == "trace" for one in idle) else "no-trace",
            "cpu_only_pods": len(cpu_only),
            **dollars.facts,
            "nodes": [_row(inventory, one) for one in idle],
        },
        evidence=[row for one in idle[:2] for row in _evidence(one)],
        count=len(idle),
        touches=[one.node for one in idle],
        onset=earliest(*(one.idle_since for one in idle if one.basis == "trace")),
    )


def _hours(inventory: Inventory, one: IdleNode) -> float | None:
    seconds = age(one.idle_since, inventory.now)
    return None if seconds is None else seconds / HOUR


def _spoken(inventory: Inventory, one: IdleNode) -> str:
    ago = spoken(age(one.idle_since, inventory.now))
    if one.basis == "trace":
        return f"{one.node.name} for {ago}"
    return f"{one.node.name} has no trace of use in {ago}"


def _row(inventory: Inventory, one: IdleNode) -> JsonValue:
    hours = _hours(inventory, one)
    return {
        "node": one.node.name,
        "gpus": as_number(one.gpus),
        "idle_hours": None if hours is None else round(hours, 1),
        "idle_basis": one.basis,
    }


def _evidence(one: IdleNode) -> Iterator[Evidence]:
    resource = min(offered(one.node))
    path = f"status.allocatable['{resource}']"
    yield Evidence(subject=one.node, path=path, value=one.node.allocatable[resource])
    formula = f"sum of requests of {resource} of pods on {one.node.name}"
    yield Evidence(subject=one.node, path=formula, value=0, source="derived", observed_at=one.idle_since)
