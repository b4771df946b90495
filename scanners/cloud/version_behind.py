"""
A control plane at the end of its support, or nodes too far from their control plane.

## Why it matters
Past the end of its support a version gets no security mends, and a provider upgrades it on a day of its own choosing,
or charges for extended support by the hour. A kubelet more than three minors behind its API server, or ahead of it, is
outside of what Kubernetes promises: it may work, and nobody tests it.

## What to do
Upgrade the control plane one minor at a time, then its node pools. Read the provider's list of removed APIs first.

## When it is wrong
The days are those of the providers' calendars as of the date in the finding; providers move them. Extended support is
counted for EKS unless the cluster has it switched off. Not judged: a version that is newer than the calendar, and
clusters with long-term support (AKS) or on the extended channel (GKE), whose days the calendar does not hold.
"""

from collections.abc import Iterator

from scanners.facts.cloud import CloudCluster
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.slices import CLUSTERS, NODES
from scanners.finding import Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.cloud_evidence import said
from scanners.semantics.lifecycles import Support, minor_of, support_of
from scanners.semantics.times import DAY, instant

NOTICE = Threshold("notice_days", 60, unit="days before the end of support")
SKEW = Threshold("most_minors_behind", 3, unit="minor versions that nodes may be behind")

STANDARD, EXTENDED = "STANDARD", "EXTENDED"
"""What a cluster is signed up for, where the provider tells."""


@scanner(
    "CLD106",
    "Version out of support, or skew",
    Severity.MEDIUM,
    needs=[CLUSTERS],
    sharpened_by=[NODES],
)
def version_behind(inventory: Inventory) -> Iterator[Sighting]:
    for cluster in inventory.cloud_clusters:
        yield from _ending(inventory, cluster)
        yield from _skewed(inventory, cluster)


def _ending(inventory: Inventory, cluster: CloudCluster) -> Iterator[Sighting]:
    support = support_of(cluster.provider, cluster.version)
    if support is None or (cluster.support == EXTENDED and not support.extended):
        return
    left = _days_left(support.standard, inventory.now)
    if left is not None and left > inventory.limit(NOTICE):
        return
    last = support.extended if support.extended and cluster.support != STANDARD else support.standard
    over = _days_left(last, inventory.now)
    gone = over is None or over < 0
    yield Sighting(
        subject=cluster,
        kind=Kind.VERSION_BEHIND,
        message=f"cluster {cluster.name} runs {cluster.version}: {_sentence(support, left, gone, last)}",
        severity=Severity.HIGH if gone else Severity.MEDIUM,
        facts={
            "version": cluster.version,
            "end_of_support": support.standard or None,
            "end_of_extended_support": support.extended or None,
            "days_left": left,
            "skew": None,
            "calendar_as_of": support.as_of,
            "calendar": support.source,
        },
        evidence=[
            *said(cluster, "version"),
            Evidence(
                subject=cluster,
                path=f"end of standard support of this minor in {support.source}, as of {support.as_of}",
                value=support.standard or "before the oldest version that is listed",
                source="derived",
                threshold=inventory.limit(NOTICE),
            ),
        ],
        discriminator="support",
        cause_class="support",
    )


def _sentence(support: Support, left: int | None, gone: bool, last: str) -> str:
    if left is None:
        return "its support ended before the oldest version that the provider still lists"
    if left >= 0:
        return f"its support ends on {support.standard}, in {left} days"
    if not gone:
        return (
            f"its standard support ended on {support.standard}; extended support, at a surcharge, ends on "
            f"{support.extended}"
        )
    return f"its support ended on {last}"


def _days_left(day: str, now: float) -> int | None:
    """Whole days until the end of a day (UTC); negative once it is over. None for no day."""
    start = instant(f"{day}T00:00:00Z") if day else None
    return None if start is None else int((start + DAY - now) // DAY)


def _skewed(inventory: Inventory, cluster: CloudCluster) -> Iterator[Sighting]:
    plane = minor_of(cluster.version)
    if plane is None or not inventory.has(NODES):
        return
    apart = [(node, _minors_behind(node, plane)) for node in inventory.nodes]
    wrong = [(node, n) for node, n in apart if n is not None and (n < 0 or n > inventory.limit(SKEW))]
    if not wrong:
        return
    worst, behind = max(wrong, key=lambda found: (abs(found[1]), found[0].name))
    how = f"{behind} minors behind" if behind > 0 else f"{-behind} minors ahead of"
    nodes = "1 node is" if len(wrong) == 1 else f"{len(wrong)} nodes are"
    yield Sighting(
        subject=cluster,
        kind=Kind.VERSION_BEHIND,
        message=(
            f"{nodes} outside of the supported skew of cluster {cluster.name}: {worst.name} with {worst.kubelet} is "
            f"{how} its control plane {cluster.version}"
        ),
        facts={
            "version": cluster.version,
            "end_of_support": None,
            "skew": behind,
            "nodes": sorted(node.name for node, _ in wrong)[:20],
            "node_count": len(wrong),
        },
        evidence=[
            *said(cluster, "version"),
            Evidence(
                subject=worst,
                path="status.nodeInfo.kubeletVersion",
                value=worst.kubelet,
                threshold=inventory.limit(SKEW),
            ),
        ],
        touches=[node for node, _ in wrong[:20]],
        discriminator="skew",
        cause_class="skew",
    )


def _minors_behind(node: Node, plane: tuple[int, int]) -> int | None:
    kubelet = minor_of(node.kubelet)
    return plane[1] - kubelet[1] if kubelet and kubelet[0] == plane[0] else None
