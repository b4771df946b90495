"""
GPUs are held by a workload that does not compute on them.

## Why it matters
A held GPU is paid for and nobody else gets it. Schedulers and autoscalers look at requests, never at use, so nothing
but a person takes it back.

## What to do
Look at the data path first: a job that waits for its input looks idle, too (GPU104). Then stop the workload, scale it
down, or have notebooks culled after some hours.

## When it is wrong
`busy_ratio` is the highest mean of 5 min of any of its devices: the graphics engine's active share, or the driver's
utilisation where the engine is not exported. Batch work is told after 2 h below 1 %, a service or notebook after 24 h,
anything after 30 min of plain zero as low. It speaks only where each device asked for has at least 90 % of its samples
and a fresh one; else use is not measured, and only hints are told, as possible: the container with the GPU ended, its
command only sleeps, the pod is not Ready. A device that draws over 1.5 times the least power seen of its product is not
called idle; one that is never seen at rest hides that. A warm standby looks just like waste.
"""

from collections.abc import Iterator

from scanners.facts.inventory import Inventory
from scanners.facts.slices import GPU_METRICS, NODES, PODS, PRICES
from scanners.facts.threshold import Threshold
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.dollars import Dollars, held_dollars
from scanners.semantics.gpu_hints import Hint, hints_of
from scanners.semantics.gpu_use import (
    IDLE_BELOW,
    NOTHING,
    Held,
    Peak,
    draws_power,
    gpus_held,
    has_holders,
    held_workloads,
    last_busy,
    measured,
    peak,
    quiet_since,
    spoken_gpus,
)
from scanners.semantics.prices import by_dollars
from scanners.semantics.times import HOUR, rfc3339, spoken

_NOT_COUNTED: dict[str, JsonValue] = {
    "usd_per_month": None,
    "usd_formula": None,
    "saving": None,
    "usd_stakes": [],
}
"""Of GPUs whose use is not measured it is told what they cost an hour; waste they are not (the GPU-hour ledger)."""

POWER = Threshold("power_factor", 1.5, unit="times the least power seen of its product")


def _hints(inventory: Inventory) -> Iterator[Sighting]:
    for held in held_workloads(inventory):
        yield from _hinted(inventory, held)


@scanner(
    "GPU102",
    "GPUs held, not used",
    Severity.MEDIUM,
    needs=[PODS, GPU_METRICS],
    complete=[GPU_METRICS],
    sharpened_by=[NODES, PRICES],
    confidence=Confidence.DERIVED,
    applies=has_holders,
    hints=_hints,
)
def gpus_held_not_used(inventory: Inventory) -> Iterator[Sighting]:
    for held in held_workloads(inventory):
        if not measured(inventory, held, inventory.ages.waste):
            yield from _hinted(inventory, held)
        else:
            yield from _idle(inventory, held)


def _idle(inventory: Inventory, held: Held) -> Iterator[Sighting]:
    quiet = quiet_since(inventory, held)
    long = inventory.now - quiet >= held.patience and measured(inventory, held, inventory.now - quiet)
    since = quiet if long else quiet_since(inventory, held, NOTHING)
    if inventory.now - since < inventory.ages.waste or not measured(inventory, held, inventory.now - since):
        return
    if draws_power(inventory, held, since, inventory.limit(POWER)):
        return
    highest = peak(inventory, held, since + 1)
    hint = next((hint for pod in held.pods for hint in hints_of(inventory, pod)), None)
    yield _told(inventory, held, since, highest, hint, long=long)


def _told(
    inventory: Inventory, held: Held, since: float, highest: Peak, hint: Hint | None, *, long: bool
) -> Sighting:
    gpus, dollars = gpus_held(inventory, held), held_dollars(inventory, held.pods)
    seconds, busy = inventory.now - since, last_busy(held)
    work = "zombie" if hint and hint.name == "zombie" else held.work
    extra = f"; its pod {hint.said}" if hint else ""
    return Sighting(
        subject=held.owner,
        kind=Kind.IDLE_HOLDER,
        cause_class=work,
        message=(
            f"{spoken_gpus(gpus)} held and not used for {spoken(seconds)} ({work}): "
            f"at most {highest.value:.1%} busy in any 5 min{extra}{dollars.spoken}"
        ),
        facts={
            **_facts(work, gpus, hint, dollars),
            "busy_ratio": round(highest.value, 4),
            "busy_basis": highest.use.basis,
            "window_h": round(seconds / HOUR, 1),
            "last_busy_at": rfc3339(busy) if busy is not None else None,
        },
        severity=by_dollars(dollars.usd_per_month, seconds) if long else Severity.LOW,
        evidence=[_sample(held, highest), *(hint.evidence if hint else ())],
        pods=held.pods,
        onset=rfc3339(since),
    )


def _hinted(inventory: Inventory, held: Held) -> Iterator[Sighting]:
    """A workload that is not measured, and of which every pod shows that its GPU is not used."""
    found = [next(hints_of(inventory, pod), None) for pod in held.pods]
    hints = [hint for hint in found if hint is not None]
    if not hints or len(hints) < len(found):
        return
    gpus, first, dollars = gpus_held(inventory, held), hints[0], held_dollars(inventory, held.pods)
    work = "zombie" if first.name == "zombie" else held.work
    yield Sighting(
        subject=held.owner,
        kind=Kind.IDLE_HOLDER,
        cause_class=work,
        message=(
            f"{spoken_gpus(gpus)} held, perhaps in vain ({work}): its pod {first.said}; "
            f"use not measured{dollars.spoken}"
        ),
        facts={
            **_facts(work, gpus, first, dollars),
            **_NOT_COUNTED,
            "busy_ratio": None,
            "busy_basis": None,
            "window_h": None,
            "last_busy_at": None,
        },
        confidence=Confidence.POSSIBLE,
        evidence=first.evidence,
        pods=held.pods,
        onset=first.since,
    )


def _facts(work: str, gpus: int | float | None, hint: Hint | None, dollars: Dollars) -> dict[str, JsonValue]:
    """What both ways of knowing tell."""
    return {
        "class": work,
        "gpus": gpus,
        "hint": hint.name if hint else None,
        **dollars.facts,
    }


def _sample(held: Held, highest: Peak) -> Evidence:
    return Evidence(
        subject=next(pod for pod in held.pods if pod.name == highest.use.pod),
        source="metric",
        path=highest.use.queries["busy"],
        value=highest.value,
        observed_at=rfc3339(highest.moment),
        threshold=IDLE_BELOW,
    )
