"""
A namespace has used nearly all, or all, of what its quota allows.

## Why it matters
The next pod that asks for more than is left is refused, and nobody is told: its controller retries in
silence, a pipeline step just waits.

## What to do
See who holds the most, and whether all of it is still needed. Plan a raise with whoever owns the quota before
work is refused. A quota that is full on purpose (a share that is always used up) can be ignored, or the
threshold raised.

## When it is wrong
Full is not refused: while nothing more is asked for, nobody is hurt (QTA101 tells what was refused). A limit
of 0 forbids and is not told. A resource whose use the quota controller has not counted is unknown and not
told. Holders are pods; who holds Services, claims or other counted objects is not seen.
"""

from collections.abc import Iterator
from decimal import Decimal

from scanners.facts.inventory import Inventory
from scanners.facts.quota import ResourceQuota
from scanners.facts.slices import PODS, RESOURCEQUOTAS
from scanners.finding import Confidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.quantities import number, spoken
from scanners.semantics.quota_words import as_facts, held_by, holders_of, standing, unit_of
from scanners.semantics.quotas import Use, uses

NEARLY = Threshold("nearly", 0.9, unit="of hard")


@scanner(
    "QTA102", "Quota nearly full", Severity.LOW,
    needs=[RESOURCEQUOTAS], sharpened_by=[PODS], confidence=Confidence.DERIVED,
)  # fmt: skip
def quota_nearly_full(inventory: Inventory) -> Iterator[Sighting]:
    for quota in inventory.quotas:
        for use in uses(quota):
            if use.ratio >= Decimal(str(inventory.limit(NEARLY))):
                yield _told(inventory, quota, use)


def _told(inventory: Inventory, quota: ResourceQuota, use: Use) -> Sighting:
    found = holders_of(inventory, quota, use.resource)
    full = use.ratio >= 1
    used, hard = spoken(use.used, use.resource), spoken(use.hard, use.resource)
    state = "is full" if full else f"is {int(use.ratio * 100)} % full"
    return Sighting(
        subject=quota,
        kind=Kind.QUOTA_NEARLY_FULL,
        severity=Severity.MEDIUM if full else Severity.LOW,
        message=f"{use.resource} {state}: {used} of {hard} are used" + held_by(found, use.resource),
        facts={
            "resource": use.resource,
            "used": number(use.used),
            "hard": number(use.hard),
            "unit": unit_of(use.resource),
            "ratio": round(float(use.ratio), 4),
            "holders": as_facts(found),
        },
        evidence=standing(quota, use.resource),
        discriminator=use.resource,
        touches=[holder.owner for holder in found or []],
    )
