"""
A GPU node is idle, and something keeps the autoscaler from taking it.

## Why it matters
An idle GPU node that cannot be reclaimed is paid for until somebody notices; the autoscaler says so in its
own log only.

## What to do
Change the named object: lower the pool's minimum, unless it is a warm reserve on purpose, lift the annotation, give
the kube-system pod a disruption budget, let the budget allow one, give the bare pod a controller, or move CPU-only
work to another pool (GPU109). Then the node goes by itself.

## When it is wrong
Autoscaler flags are taken as they are by default; newer ones let go of kube-system pods after a while, and
older ones mind volumes in memory, too. A pool's own minimum is seen where its account is scanned too (`--aws`,
`--gcp`, `--azure`). Not seen are Karpenter's budgets and `consolidateAfter`, nor whether there is an autoscaler at
all. What local storage holds may be worth keeping: look before you evict.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, key_of
from scanners.facts.slices import NODE_POOLS, NODES, PODDISRUPTIONBUDGETS, PODS, PRICES
from scanners.finding import Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.accelerators import has_accelerators
from scanners.semantics.dollars import node_dollars, waste_severity
from scanners.semantics.gpu_idle import SHARPENED_BY, IdleNode, idle_gpu_nodes
from scanners.semantics.gpu_pools import as_number, pool_name
from scanners.semantics.reclaim_blockers import Blocker, blockers_of

Kept = tuple[IdleNode, Blocker]


@scanner(
    "GPU119",
    "Idle node cannot be reclaimed",
    Severity.MEDIUM,
    needs=[NODES],
    complete=[PODS],
    sharpened_by=[PODDISRUPTIONBUDGETS, *SHARPENED_BY, PRICES, NODE_POOLS],
    applies=has_accelerators,
)
def idle_node_not_reclaimed(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[tuple[Key, str], list[Kept]] = defaultdict(list)
    for idle in idle_gpu_nodes(inventory):
        for blocker in blockers_of(inventory, idle):
            found[key_of(blocker.subject), blocker.what].append((idle, blocker))
    for _, kept in sorted(found.items(), key=lambda item: item[0]):
        yield _told(inventory, kept)


def _told(inventory: Inventory, kept: Sequence[Kept]) -> Sighting:
    blocker = kept[0][1]
    idle = {one.node.name: one for one, _ in kept}
    gpus = as_number(sum(one.gpus for one in idle.values()))
    pods: list[Pod] = [each.pod for _, each in kept if each.pod]
    names = ", ".join(sorted(idle)[:3]) + (f" and {len(idle) - 3} more" if len(idle) > 3 else "")
    dollars = node_dollars(inventory, (one.node for one in idle.values()))
    pools = sorted({pool_name(one.node) for one in idle.values()})
    return Sighting(
        subject=blocker.subject,
        kind=Kind.RECLAIM_BLOCKED,
        message=f"idle GPU node{'s' if len(idle) > 1 else ''} {names} ({gpus} GPU{'s' if gpus != 1 else ''})"
        f" kept by {blocker.text}",
        severity=waste_severity(inventory, {name: one.idle_since for name, one in idle.items()}, dollars),
        cause_class=blocker.what,
        facts={
            "node": min(idle),
            "nodes": sorted(idle),
            "blockers": [blocker.text],
            "gpus": gpus,
            **dollars.facts,
        },
        evidence=[each.evidence for _, each in kept[:3]],
        discriminator=blocker.what,
        pods=pods,
        touches=[*(one.node for one in idle.values()), *(nobody("NodePool", pool) for pool in pools)],
        node=min(idle) if len(idle) == 1 else "",
    )
