"""
Pods wait for a node, a node of this pool would take them, and the pool may not grow.

## Why it matters
The autoscaler works and does nothing: the pool has reached the maximum that somebody once wrote down. From inside the
cluster that looks like a scheduler that cannot find room; the mend is one number at the provider.

## What to do
Raise the pool's maximum, after a look at the quota: a maximum above the account's quota only moves the wait. Or free
what stands idle in it: deepscan names idle nodes and holders beside this finding.

## When it is wrong
The maximum may be meant: a cap on what a team may spend. Pods that a pool with room left would take as well are not
counted, nor those for which an autoscaler is at work. A pool without any node shows no shape, and is not told.
"""

from collections.abc import Iterator

from scanners.facts.cloud import CloudQuota, NodePool
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.slices import CLOUD_QUOTAS, EVENTS, NODE_POOLS, NODES
from scanners.finding import Confidence, Evidence, Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.accelerators import requested
from scanners.semantics.cloud_evidence import said
from scanners.semantics.node_groups import is_full, nodes_of, size_of, waiting_for
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.testimony import newest, said_by
from scanners.semantics.times import earliest
from scanners.semantics.unplaced import NEEDS, NOT_SCALED_UP, SHARPENED_BY

AT_MAXIMUM = "max node group size reached"
"""What the cluster autoscaler says of a group that may not grow (NotTriggerScaleUp)."""


@scanner(
    "CLD102",
    "Node pool at its maximum, work waits",
    Severity.HIGH,
    needs=[NODE_POOLS, *NEEDS],
    complete=[NODE_POOLS, NODES],
    sharpened_by=[*(slice_ for slice_ in SHARPENED_BY if slice_ != NODES), CLOUD_QUOTAS],
    confidence=Confidence.DERIVED,
)
def pool_at_maximum(inventory: Inventory) -> Iterator[Sighting]:
    for pool in inventory.node_pools:
        if is_full(inventory, pool):
            waiting = waiting_for(inventory, pool)
            if waiting:
                yield _told(inventory, pool, waiting)


def _told(inventory: Inventory, pool: NodePool, waiting: list[Pod]) -> Sighting:
    size = size_of(inventory, pool)
    wanted = sum(int(units) for pod in waiting for units in requested(pod.template).values())
    devices = f" of {wanted} GPUs" if wanted else ""
    quota = _tightest(inventory)
    return Sighting(
        subject=nobody("NodePool", pool.name),
        kind=Kind.POOL_AT_MAX,
        message=(
            f"node pool {pool.name} has {size} of at most {pool.maximum} nodes, and {pods_spoken(len(waiting))}"
            f"{devices} that one more would take wait"
        ),
        facts={
            "size": size,
            "max": pool.maximum,
            "waiting_pods": len(waiting),
            "gpus_needed": wanted,
            "gpus_per_node": pool.gpus,
            "quota": quota.name if quota else None,
            "quota_used": quota.used if quota else None,
            "quota_limit": quota.limit if quota else None,
            "unit": quota.unit if quota else None,
        },
        evidence=[
            *said(pool, "maximum", "size"),
            *([_counted(pool, size)] if pool.size is None else []),
            *_autoscaler(inventory, waiting),
        ],
        pods=waiting,
        touches=[pool, *nodes_of(inventory, pool)[:1]],
        onset=earliest(*(_since(pod) for pod in waiting)),
    )


def _counted(pool: NodePool, size: int) -> Evidence:
    return Evidence(
        subject=nobody("NodePool", pool.name), path="number of Nodes that carry the pool's label", value=size,
        source="derived",
    )  # fmt: skip


def _since(pod: Pod) -> str:
    condition = pod.condition("PodScheduled")
    return condition.since if condition else ""


def _autoscaler(inventory: Inventory, waiting: list[Pod]) -> Iterator[Evidence]:
    """What the autoscaler itself says of one of the pods, where it still stands."""
    if not inventory.has(EVENTS):
        return
    for pod in waiting:
        about = inventory.index.events_by_uid.get(pod.uid, ())
        told = [e for e in about if e.reason == NOT_SCALED_UP and AT_MAXIMUM in e.message]
        if told:
            yield said_by(newest(told))
            return


def _tightest(inventory: Inventory) -> CloudQuota | None:
    """The quota of the region that is nearest to its limit, where any tells both."""
    known = [quota for quota in inventory.cloud_quotas if quota.limit and quota.used is not None]
    return max(known, key=lambda q: ((q.used or 0) / (q.limit or 1), q.name), default=None)
