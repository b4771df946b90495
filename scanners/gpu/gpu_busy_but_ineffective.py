"""
A GPU looks busy and computes little, or waits for data that its own container may not prepare fast enough.

## Why it matters
"Busy" only says that some kernel ran. With most of its multiprocessors empty, or its data loaders throttled by a CPU
limit, a job takes twice the hours and twice the money, and every dashboard shows green.

## What to do
Class `data-path`: raise or drop the CPU limit, give it more loader workers, more CPU for each GPU. Class `few-sm`:
larger batches or kernels, a smaller device, MIG or sharing. Class `no-tensor`: mixed precision, so that the tensor
cores have work.

## When it is wrong
`busy_ratio` and `sm_ratio` are means over 24 h of all its devices, for `data-path` over the last 6 h or the life of the
pod, at least 2 h; `throttled_ratio` is the worst of the containers that hold a GPU, over 6 h. Inference with small
batches may well need its device for latency. Where SM activity is not exported, only batch work whose tensor cores
stand still is told; work in full precision never uses them. Every device must have 90 % of its samples.
"""

from collections.abc import Iterator

from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse, Series, Throttling
from scanners.facts.slices import GPU_METRICS, NODES, PODS, PROMETHEUS
from scanners.facts.threshold import Threshold
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.gpu_hints import computes
from scanners.semantics.gpu_use import (
    IDLE_BELOW,
    Held,
    covered,
    gpus_held,
    has_holders,
    held_workloads,
    mean,
    measured,
    present,
    spoken_gpus,
)
from scanners.semantics.times import DAY, HOUR, rfc3339

BUSY = Threshold("busy", 0.5, unit="share of time, 24 h")
SM = Threshold("sm", 0.5, unit="share of multiprocessors with work, 24 h")
TENSOR = Threshold("tensor", 0.05, unit="share of cycles of the tensor cores, 24 h")
STARVED = Threshold("starved", 0.4, unit="share of time, 6 h")
THROTTLED = Threshold("throttled", 0.25, unit="share of CPU periods, 6 h")

LIFE = 6 * HOUR
"""Seconds over which throttling is measured."""

LEAST = 2 * HOUR
"""Seconds that a pod must have been measured: phases of less than half an hour do not weigh in that long."""


@scanner(
    "GPU104",
    "GPU busy but ineffective, or starved",
    Severity.MEDIUM,
    needs=[PODS, GPU_METRICS],
    complete=[GPU_METRICS],
    sharpened_by=[PROMETHEUS, NODES],
    confidence=Confidence.DERIVED,
    applies=has_holders,
)
def gpu_busy_but_ineffective(inventory: Inventory) -> Iterator[Sighting]:
    throttled = {(one.namespace, one.pod, one.container): one for one in inventory.throttlings}
    for held in held_workloads(inventory):
        worst = _worst(held, throttled)
        sighting = _starved(inventory, held, worst) or _ineffective(inventory, held, worst)
        if sighting:
            yield sighting


def _starved(inventory: Inventory, held: Held, worst: Throttling | None) -> Sighting | None:
    if worst is None or worst.ratio <= inventory.limit(THROTTLED) or not measured(inventory, held, LEAST):
        return None
    uses = present(inventory, held)
    span = min(LIFE, inventory.now - max(use.busy.start for use in uses if use.busy))
    busy = _over(uses, "busy", inventory.now - span)
    if (
        busy is None
        or not IDLE_BELOW <= busy < inventory.limit(STARVED)
        or not measured(inventory, held, span)
    ):
        return None
    slowed = f"{worst.container} is throttled in {worst.ratio:.0%} of its CPU periods"
    said = f"busy {busy:.0%} of {span / HOUR:.0f} h, while {slowed}"
    throttling = Evidence(
        subject=next(pod for pod in held.pods if pod.name == worst.pod),
        source="metric",
        path=worst.query,
        value=worst.ratio,
        observed_at=rfc3339(inventory.now),
        threshold=inventory.limit(THROTTLED),
    )
    return _told(inventory, held, "data-path", said, (busy, None, worst), [throttling], inventory.now - span)


def _ineffective(inventory: Inventory, held: Held, worst: Throttling | None) -> Sighting | None:
    uses, since = present(inventory, held), inventory.now - DAY
    if not measured(inventory, held, DAY):
        return None
    busy = _over(uses, "busy", since)
    if busy is None or busy < inventory.limit(BUSY):
        return None
    if all(_whole(inventory, use.sm) for use in uses):
        sm = _over(uses, "sm", since)
        if sm is None or sm >= inventory.limit(SM):
            return None
        said = f"busy {busy:.0%} of 24 h with {sm:.0%} of the multiprocessors at work"
        shown = [_newest(held, uses[0], "sm", inventory.limit(SM))]
        return _told(inventory, held, "few-sm", said, (busy, sm, worst), shown, since)
    if held.work != "batch" or not all(_whole(inventory, use.tensor) for use in uses):
        return None
    tensor = _over(uses, "tensor", since)
    if tensor is None or tensor >= inventory.limit(TENSOR):
        return None
    still = f"the tensor cores at work in {tensor:.1%} of the cycles"
    said = f"busy {busy:.0%} of 24 h with {still}; SM activity is not exported"
    shown = [_newest(held, uses[0], "tensor", inventory.limit(TENSOR))]
    return _told(inventory, held, "no-tensor", said, (busy, None, worst), shown, since)


def _told(
    inventory: Inventory,
    held: Held,
    cause_class: str,
    said: str,
    ratios: tuple[float, float | None, Throttling | None],
    shown: list[Evidence],
    since: float,
) -> Sighting:
    busy, sm, worst = ratios
    gpus = gpus_held(inventory, held)
    return Sighting(
        subject=held.owner,
        kind=Kind.GPU_INEFFECTIVE,
        cause_class=cause_class,
        message=f"{spoken_gpus(gpus)} {said}",
        facts={
            "class": cause_class,
            "gpus": gpus,
            "busy_ratio": round(busy, 3),
            "sm_ratio": None if sm is None else round(sm, 3),
            "throttled_ratio": None if worst is None else round(worst.ratio, 3),
            "window_h": round((inventory.now - since) / HOUR, 1),
        },
        evidence=[*shown, _newest(held, present(inventory, held)[0], "busy", None)],
        pods=held.pods,
        onset=rfc3339(since),
    )


def _worst(held: Held, throttled: dict[tuple[str, str, str], Throttling]) -> Throttling | None:
    """The most throttled of the containers that hold a GPU: a sidecar's throttling starves nobody."""
    asked = (
        throttled.get((pod.namespace, pod.name, container.name))
        for pod in held.pods
        for container in pod.template.containers
        if computes(container)
    )
    found = [one for one in asked if one is not None]
    return max(found, key=lambda one: (one.ratio, one.pod, one.container), default=None)


def _series(use: DeviceUse, field: str) -> Series | None:
    return {"busy": use.busy, "sm": use.sm, "tensor": use.tensor}[field]


def _over(uses: list[DeviceUse], field: str, since: float) -> float | None:
    """The mean over its devices; None where one has no sample."""
    means = [mean(_series(use, field), since) for use in uses]
    known = [value for value in means if value is not None]
    return sum(known) / len(known) if known and len(known) == len(means) else None


def _whole(inventory: Inventory, series: Series | None) -> bool:
    return series is not None and covered(series, inventory.now, DAY)


def _newest(held: Held, use: DeviceUse, field: str, threshold: float | None) -> Evidence:
    """The newest sample, for whoever wants to see that it still is so; the ratios are means over the window."""
    series = _series(use, field)
    assert series is not None
    return Evidence(
        subject=next(pod for pod in held.pods if pod.name == use.pod),
        source="metric",
        path=use.queries[field],
        value=series.values[-1],
        observed_at=rfc3339(series.end),
        threshold=threshold,
    )
