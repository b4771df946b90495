"""
The provider itself says that a cluster or one of its node pools is broken.

## Why it matters
A node group that is degraded makes no new nodes, and often loses those it has; a cluster in error takes no changes.
Inside the cluster it looks like pods that wait or nodes that went away, for no reason that Kubernetes knows.

## What to do
The provider's own issue names what is missing: a subnet without addresses, a role without rights, a launch template
or a security group that was deleted, a machine type that is sold out. Mend that at the provider; the pool recovers by
itself. A pool that was stopped on purpose must be started before its pods can run.

## When it is wrong
A state that changes while an update runs is not told. A pool that was stopped is told only where pods wait for it.
"""

from collections.abc import Iterator

from scanners.facts.cloud import CloudCluster, NodePool
from scanners.facts.inventory import Inventory
from scanners.facts.slices import CLUSTERS, NODE_POOLS, NODES
from scanners.finding import JsonValue, Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.cloud_evidence import said
from scanners.semantics.node_groups import asking_for, nodes_of
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.unplaced import NEEDS, SHARPENED_BY


@scanner(
    "CLD101",
    "Cluster or node pool unhealthy",
    Severity.HIGH,
    needs=[CLUSTERS, NODE_POOLS],
    sharpened_by=[NODES, *NEEDS, *(slice_ for slice_ in SHARPENED_BY if slice_ != NODES)],
    about=[CLUSTERS],
)
def unhealthy(inventory: Inventory) -> Iterator[Sighting]:
    for cluster in inventory.cloud_clusters:
        if _is_broken(cluster):
            yield _told(inventory, cluster)
    for pool in inventory.node_pools:
        if _is_broken(pool):
            yield _told(inventory, pool)
        elif pool.stopped:
            yield from _stopped(inventory, pool)


def _is_broken(thing: CloudCluster | NodePool) -> bool:
    return thing.healthy is False or bool(thing.issues)


def _told(inventory: Inventory, thing: CloudCluster | NodePool) -> Sighting:
    issue = thing.issues[0] if thing.issues else None
    pool = thing if isinstance(thing, NodePool) else None
    words = f": {issue.code}" if issue else ""
    more = f" and {len(thing.issues) - 1} more issues" if len(thing.issues) > 1 else ""
    hit = _nodes_of(inventory, pool)
    what = f"node pool {thing.name}" if pool else f"cluster {thing.name}"
    return Sighting(
        subject=nobody("NodePool", thing.name) if pool else thing,
        kind=Kind.CLOUD_UNHEALTHY,
        message=f"{what} is {thing.status or 'unhealthy'} at {thing.provider}{words}{more}",
        facts={
            "status": thing.status or None,
            "issue_code": issue.code if issue else None,
            "issue": issue.message or None if issue else None,
            "nodes_hit": hit,
            "region": thing.region,
        },
        evidence=list(said(thing, "status", "issue_code", "issue")),
        touches=[thing] if pool else [],
    )


def _nodes_of(inventory: Inventory, pool: NodePool | None) -> JsonValue:
    return len(nodes_of(inventory, pool)) if pool and inventory.is_complete(NODES) else None


def _stopped(inventory: Inventory, pool: NodePool) -> Iterator[Sighting]:
    waiting = asking_for(inventory, pool)
    if waiting:
        yield Sighting(
            subject=nobody("NodePool", pool.name),
            kind=Kind.CLOUD_UNHEALTHY,
            message=f"node pool {pool.name} is stopped, and {pods_spoken(len(waiting))} ask for it",
            facts={
                "status": "stopped",
                "issue_code": None,
                "issue": None,
                "nodes_hit": _nodes_of(inventory, pool),
                "region": pool.region,
            },
            evidence=list(said(pool, "stopped")),
            pods=waiting,
            cause_class="stopped",
        )
