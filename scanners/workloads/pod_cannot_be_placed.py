"""
A pod has no node: none of them will do.

## Why it matters
The work has not begun, and nothing in it will fail or time out: it waits for as long as the cluster stays as
it is.

## What to do
Make the named change; it is the smallest one after which a node would take the pod. `short` and `fragmented`
want room (an autoscaler, fewer requests), `taint`, `selector` and `zone` a word in the pod's spec or the
node's, `volume` a look at the claim.

## When it is wrong
Spread constraints, affinity between pods, device claims and other schedulers' rules are not evaluated; where
a pod has one the verdict says so and is only likely. A pod for which an autoscaler was called less than 15
min ago is not told, nor one that a queue holds back (scheduling gates). Pods that want accelerators are
GPU111's.
"""

from collections.abc import Iterator

from scanners.facts.inventory import Inventory
from scanners.finding import Confidence, Severity, Sighting
from scanners.scanner import scanner
from scanners.semantics.unplaced import NEEDS, SHARPENED_BY, placed_by_now, sighting_of, unplaced


@scanner(
    "WRK104",
    "Pod cannot be placed",
    Severity.HIGH,
    needs=NEEDS,
    sharpened_by=SHARPENED_BY,
    confidence=Confidence.DERIVED,
)
def pod_cannot_be_placed(inventory: Inventory) -> Iterator[Sighting]:
    for one in unplaced(inventory, accelerators=False):
        yield sighting_of(inventory, one, "", {})
    yield from placed_by_now(inventory, accelerators=False)
