"""
A pod's volume lies in one zone, and every node that would do is in another.

## Why it matters
A disk does not move between zones. A pod that mounts it waits for ever, although the nodes it could run on
stand free; for GPU pods this is the usual end of a notebook or a Ray head that was made again elsewhere.

## What to do
Add nodes of the right kind to the volume's zone, or copy the data: snapshot the volume and restore it as a
claim in the other zone. For new claims use a class that waits for its first consumer, so that the volume
follows the pod.

## When it is wrong
A node in the volume's zone that only lacks room is no conflict (that is WRK104 or GPU111), nor is a claim
that has no volume yet. Rules between pods (affinity, spread) are not evaluated.
"""

from collections import defaultdict
from collections.abc import Iterator

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.slices import NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from scanners.facts.storage import Volume
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.affinity import is_zone_key
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.scheduling import pending_groups, waiting_for_node
from scanners.semantics.testimony import states
from scanners.semantics.times import age, earliest, lasts, spoken
from scanners.semantics.volume_zones import ZoneConflict, zone_conflicts


@scanner(
    "PVC104",
    "Volume is in another zone",
    Severity.HIGH,
    needs=[PODS, PERSISTENTVOLUMES, NODES],
    complete=[NODES],
    sharpened_by=[PERSISTENTVOLUMECLAIMS, STORAGECLASSES],
    confidence=Confidence.DERIVED,
)
def volume_in_another_zone(inventory: Inventory) -> Iterator[Sighting]:
    waiting = [pod for pod in waiting_for_node(inventory) if pod.claims and _is_late(inventory, pod)]
    found: dict[ZoneConflict, list[Pod]] = defaultdict(list)
    for group in pending_groups(inventory, waiting):
        for conflict in zone_conflicts(inventory, group[0]):
            found[conflict] += group
    for conflict, pods in sorted(
        found.items(), key=lambda item: (item[0].claim.namespace, item[0].claim.name)
    ):
        yield _told(inventory, conflict, sorted(pods, key=lambda pod: pod.name))


def _is_late(inventory: Inventory, pod: Pod) -> bool:
    return lasts(_since(pod), inventory.now, inventory.ages.wait)


def _since(pod: Pod) -> str:
    condition = pod.condition("PodScheduled")
    return (condition.since if condition else "") or pod.created


def _told(inventory: Inventory, conflict: ZoneConflict, pods: list[Pod]) -> Sighting:
    claim, since = conflict.claim, earliest(*(_since(pod) for pod in pods))
    pending = age(since, inventory.now)
    here = ", ".join(conflict.volume_zones) or "another place"
    there = ", ".join(conflict.feasible_zones) or "other places"
    condition = pods[0].condition("PodScheduled")
    volume = inventory.index.volumes.get(conflict.volume)
    known = inventory.index.claims.get((claim.namespace, claim.name))
    return Sighting(
        subject=known or claim,
        kind=Kind.VOLUME_ZONE_CONFLICT,
        message=(
            f"{pods_spoken(len(pods))} of claim {claim.name} waited {spoken(pending)}: its volume "
            f"{conflict.volume} is in {here}, nodes that would do are only in {there}"
        ),
        facts={
            "phase": known.phase or None if known else None,
            "volume_zone": ", ".join(conflict.volume_zones) or None,
            "feasible_zones": list(conflict.feasible_zones),
            "pending_s": pending,
            "volume": conflict.volume,
        },
        evidence=[
            *(_zone_of(volume) if volume else ()),
            *(states(pods[0], condition, "reason", "message") if condition else ()),
        ],
        pods=pods,
        touches=[volume] if volume else [],
        onset=since,
    )


def _zone_of(volume: Volume) -> Iterator[Evidence]:
    """Where the volume's own object names its zone."""
    for index, term in enumerate(volume.required_nodes or ()):
        for place, expression in enumerate(term.expressions):
            if is_zone_key(expression.key) and expression.values:
                terms = "spec.nodeAffinity.required.nodeSelectorTerms"
                path = f"{terms}[{index}].matchExpressions[{place}].values[0]"
                yield Evidence(subject=volume, path=path, value=expression.values[0])
                return
