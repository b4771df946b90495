"""
Part of the GPUs cannot be judged, because their telemetry is missing, stale or without its labels.

## Why it matters
Where use is not measured, waste is neither found nor ruled out: the ledger calls those hours not measured, and checks
that need use stay silent.

## What to do
One setting each. `no-series`, `stale`: the exporter's DaemonSet must run and be scraped on those nodes (tolerations,
ServiceMonitor). `no-pod-labels`: `DCGM_EXPORTER_KUBERNETES=true`, with access to the kubelet's pod-resources socket.
`sm-off`: add `DCGM_FI_PROF_SM_ACTIVE` to the exporter's counters. `no-holder`: somebody computes on a GPU outside of
Kubernetes, or by a container that mounts the devices itself: find out who.

## When it is wrong
Only NVIDIA nodes are judged: of other vendors no exporter is known here. Nodes that are not Ready, or younger than
15 min, are left out. A node is found by the exporter's label for it, or by the node of the exporter's own pod; while a
device can be placed by neither, no node is said to be without series. SM activity cannot be had on devices older than
Volta, or where another tool holds the profiling counters. Whether prices are known is not judged here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse
from scanners.facts.node import Node
from scanners.facts.ref import Named, key_of
from scanners.facts.slices import DAEMONSETS, GPU_METRICS, NODES, PODS
from scanners.facts.threshold import Threshold
from scanners.finding import Confidence, Evidence, Severity, Sighting, nobody
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.accelerators import is_accelerator_node
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.gpu_idle import holders_on
from scanners.semantics.gpu_pools import as_number, pool_name
from scanners.semantics.gpu_products import vendor_prefix
from scanners.semantics.gpu_use import mean, node_of
from scanners.semantics.times import MINUTE, lasts, rfc3339

STALE = Threshold("stale_minutes", 10, unit="min since the newest sample")
BUSY = Threshold("busy", 0.1, unit="share of the last 30 min in which a device without holder is busy")
MOST = Threshold(
    "most", 0.5, unit="share of GPUs not measured, over which severity is low and no longer info"
)

EXPORTER = "dcgm-exporter"
NAMED = 3
SHOWN = 2

_LOST = {
    "no-series": ["GPU102", "GPU104"],
    "stale": ["GPU102", "GPU104"],
    "no-pod-labels": ["GPU102", "GPU104"],
    "sm-off": ["GPU104"],
    "no-holder": [],
}
_UNMEASURED = ("no-series", "stale", "no-pod-labels")
_SAID = {
    "no-series": "no sample of use",
    "stale": "no fresh sample of use",
    "no-pod-labels": "use by device only, though pods hold GPUs there: the exporter names no pod",
    "sm-off": "no SM activity: what is busy cannot be told from what is effective",
    "no-holder": "a busy GPU that no pod holds",
}


def _has_judged_nodes(inventory: Inventory) -> bool:
    return any(is_accelerator_node(node) and vendor_prefix(node) == "nvidia.com/" for node in inventory.nodes)


@scanner(
    "CST104",
    "Telemetry gap",
    Severity.INFO,
    needs=[NODES],
    complete=[GPU_METRICS],
    sharpened_by=[PODS, DAEMONSETS],
    applies=_has_judged_nodes,
)
def gpu_telemetry_gap(inventory: Inventory) -> Iterator[Sighting]:
    nodes = [node for node in inventory.nodes if _judged(inventory, node)]
    uses: dict[str, list[DeviceUse]] = defaultdict(list)
    for use in inventory.device_uses:
        if use.busy is not None:
            uses[node_of(inventory, use)].append(use)
    gaps: dict[tuple[str, str], list[Node]] = defaultdict(list)
    exporter = _exporter(inventory)
    for node in sorted(nodes, key=key_of):
        found = _gap(inventory, node, uses.get(node.name, ()))
        if found and not (found == "no-series" and "" in uses):
            gaps[found, "" if exporter else pool_name(node)].append(node)
    total = sum((physical_gpus(node) for node in nodes), Fraction(0))
    for (found, pool), hit in sorted(gaps.items()):
        yield _told(inventory, exporter or nobody("NodePool", pool), found, hit, uses, total)


def _judged(inventory: Inventory, node: Node) -> bool:
    nvidia = is_accelerator_node(node) and vendor_prefix(node) == "nvidia.com/"
    return nvidia and node.ready and lasts(node.created, inventory.now, inventory.ages.controller)


def _gap(inventory: Inventory, node: Node, uses: Sequence[DeviceUse]) -> str:
    """What is missing of a node's telemetry, the worst first; ``""`` where nothing is."""
    if not uses:
        return "no-series"
    fresh = _fresh(inventory, uses)
    if not fresh:
        return "stale"
    since = inventory.now - inventory.ages.waste
    if _is_held(inventory, node) and not any(use.pod for use in fresh):
        return "no-pod-labels"
    if any(not use.pod and _busy(inventory, use, since) for use in fresh):
        return "no-holder"
    return "" if any(use.sm is not None for use in fresh) else "sm-off"


def _is_held(inventory: Inventory, node: Node) -> bool:
    """Whether a pod has held a GPU of the node for so long that its exporter must have seen it."""
    there = holders_on(inventory, node) if inventory.has(PODS) else []
    return any(lasts(pod.created, inventory.now, inventory.ages.waste) for pod in there)


def _fresh(inventory: Inventory, uses: Sequence[DeviceUse]) -> list[DeviceUse]:
    oldest = inventory.now - inventory.limit(STALE) * MINUTE
    return [use for use in uses if use.busy is not None and use.busy.end >= oldest]


def _busy(inventory: Inventory, use: DeviceUse, since: float) -> bool:
    """Whether a device that has had no holder since then was busy all the same."""
    return (
        use.busy is not None
        and use.busy.start <= since
        and (mean(use.busy, since) or 0.0) >= inventory.limit(BUSY)
    )


def _told(
    inventory: Inventory,
    subject: Named,
    gap: str,
    hit: Sequence[Node],
    uses: Mapping[str, Sequence[DeviceUse]],
    total: Fraction,
) -> Sighting:
    gpus = sum((physical_gpus(node) for node in hit), Fraction(0))
    ratio = float(gpus / total) if gap in _UNMEASURED and total else 0.0
    names = ", ".join(node.name for node in hit[:NAMED])
    more = f" and {len(hit) - NAMED} more" if len(hit) > NAMED else ""
    return Sighting(
        subject=subject,
        kind=Kind.TELEMETRY_GAP,
        cause_class=gap,
        message=f"{as_number(gpus)} of {as_number(total)} GPUs ({names}{more}): {_SAID[gap]}",
        facts={
            "class": gap,
            "nodes_hit": len(hit),
            "gpus_hit": as_number(gpus),
            "not_measured_ratio": round(ratio, 3),
            "checks_lost": list(_LOST[gap]),
            "nodes": [node.name for node in hit],
        },
        severity=Severity.LOW if ratio > inventory.limit(MOST) else Severity.INFO,
        confidence=Confidence.DERIVED if gap in ("no-series", "sm-off") else Confidence.OBSERVED,
        evidence=[
            row for node in hit[:SHOWN] for row in _evidence(inventory, node, gap, uses.get(node.name, ()))
        ],
        discriminator=gap,
        touches=list(hit),
        count=len(hit),
    )


def _evidence(inventory: Inventory, node: Node, gap: str, uses: Sequence[DeviceUse]) -> Iterator[Evidence]:
    if gap in ("no-series", "sm-off"):
        missing = "of use" if gap == "no-series" else "of DCGM_FI_PROF_SM_ACTIVE"
        yield Evidence(
            subject=node, path=f"series {missing} for devices of {node.name}", value=0, source="derived"
        )
    if gap == "no-pod-labels":
        pod = min(holders_on(inventory, node), key=key_of)
        yield Evidence(subject=pod, path="spec.nodeName", value=node.name)
    told = [(use, use.busy) for use in uses if use.busy and not (gap == "no-holder" and use.pod)]
    if told:
        newest, series = max(told, key=lambda one: (one[1].end, one[1].values[-1], one[0].device))
        at = rfc3339(series.end)
        yield Evidence(
            subject=node,
            source="metric",
            path=newest.queries["busy"],
            value=series.values[-1],
            observed_at=at,
        )


def _exporter(inventory: Inventory) -> Named | None:
    """The DaemonSet of the exporter; its name holds the exporter's, in the operator, the chart and at providers."""
    found = [one for one in inventory.daemonsets if EXPORTER in one.name]
    return min(found, key=key_of, default=None)
