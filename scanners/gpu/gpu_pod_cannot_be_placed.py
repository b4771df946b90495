"""
A pod that wants GPUs has no node: none has what it asks for.

## Why it matters
A run that is not placed burns no GPU and wakes nobody, and the GPUs that its gang has already got stand idle
meanwhile.

## What to do
Make the named change; it is the smallest one after which a node would take the pod. `short`: all GPUs are
held, see who holds them. `fragmented`: enough are free, but on no single node; move small holders together.
`cpu-or-memory`: the GPUs are free, other pods hold the CPU beside them. `not-advertised`: the machine has
GPUs and its plug-in does not offer them. `product`: the selector names another card, or a shared or sliced
one.

## When it is wrong
Device claims (DRA), affinity between pods, spread and other schedulers' rules are not evaluated; where a pod
has one the verdict says so and is only likely. The maximum of an autoscaled pool is not seen. A pod for which
an autoscaler was called less than 15 min ago is not told, nor one that a queue holds back (scheduling gates).
"""

from collections.abc import Iterator
from decimal import Decimal

from scanners.facts.inventory import Inventory
from scanners.finding import Confidence, JsonValue, Severity, Sighting
from scanners.scanner import scanner
from scanners.semantics.accelerators import is_accelerator, requested
from scanners.semantics.quantities import number
from scanners.semantics.quantities import spoken as amount_spoken
from scanners.semantics.unplaced import NEEDS, SHARPENED_BY, Unplaced, placed_by_now, sighting_of, unplaced


@scanner(
    "GPU111",
    "GPU pod cannot be placed",
    Severity.HIGH,
    needs=NEEDS,
    sharpened_by=SHARPENED_BY,
    confidence=Confidence.DERIVED,
)
def gpu_pod_cannot_be_placed(inventory: Inventory) -> Iterator[Sighting]:
    for one in unplaced(inventory, accelerators=True):
        wanted = requested(one.pods[0].template)
        text = " and ".join(f"{amount_spoken(amount)} {name}" for name, amount in sorted(wanted.items()))
        yield sighting_of(inventory, one, f" with {text}" if text else "", _facts(one))
    yield from placed_by_now(inventory, accelerators=True)


def _facts(one: Unplaced) -> dict[str, JsonValue]:
    verdict = one.verdict
    wanted = requested(one.pods[0].template)
    binds = is_accelerator(verdict.resource)
    each = sum(wanted.values(), Decimal(0))
    return {
        "resource": verdict.resource if binds else next(iter(sorted(wanted)), None),
        "gpus": number(each * len(one.pods)) if wanted else None,
        "gpus_per_pod": number(each) if wanted else None,
        "free_gpus": number(verdict.free) if binds else None,
        "largest_free_block": number(verdict.largest_free_block) if binds else None,
    }
