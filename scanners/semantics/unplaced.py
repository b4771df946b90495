"""
One cause keeps a hundred pods without a node; it is told once an owner, whether they want GPUs or not.

What GPU111 and WRK104 share: which pods have waited too long, by owner and cause, and how that is told. The
verdict itself is :mod:`scanners.semantics.scheduling`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref, key_of
from scanners.facts.slices import EVENTS, PODS, Slice
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.semantics.accelerators import wants_accelerator
from scanners.semantics.ownership import by_owner, pods_spoken
from scanners.semantics.scheduling import SHARPENED_BY as PLACEMENT
from scanners.semantics.scheduling import Cause, Verdict, explain_pending, pending_groups, waiting_for_node
from scanners.semantics.testimony import newest, said_by, states
from scanners.semantics.times import age, earliest, instant, lasts, spoken, within

NEEDS: tuple[Slice, ...] = (PODS,)
"""Slices that a check of unplaced pods needs."""

SHARPENED_BY: tuple[Slice, ...] = (*PLACEMENT, EVENTS)
"""Slices that sharpen it: without nodes the wait is told, and its cause quoted from the scheduler."""

SCALED_UP = "TriggeredScaleUp"
NOT_SCALED_UP = "NotTriggerScaleUp"


class Unplaced(NamedTuple):
    """Pods of one owner that wait for a node for one cause; ``scaling_up``: an autoscaler works for them."""

    owner: Ref
    pods: list[Pod]
    verdict: Verdict
    since: str
    scaling_up: bool
    only: bool


def unplaced(inventory: Inventory, *, accelerators: bool) -> Iterator[Unplaced]:
    """Pods past their patience, by owner and cause; those that want accelerators, or those that do not."""
    waiting = [
        pod
        for pod in waiting_for_node(inventory)
        if wants_accelerator(pod) == accelerators and _refused_since(pod) is not None
    ]
    for owner, pods in by_owner(inventory, waiting):
        causes: dict[Cause, list[tuple[Pod, Verdict]]] = defaultdict(list)
        for group in pending_groups(inventory, pods):
            verdict = explain_pending(inventory, group)
            late = [pod for pod in group if _is_late(inventory, pod, verdict)]
            causes[verdict.cause] += [(pod, verdict) for pod in late]
        found = {cause: told for cause, told in causes.items() if told}
        for cause in sorted(found):
            members = sorted((pod for pod, _ in found[cause]), key=key_of)
            verdict = next(verdict for pod, verdict in found[cause] if pod is members[0])
            since = earliest(*(_refused_since(pod) or "" for pod in members))
            growing = any(_is_growing(inventory, pod) for pod in members)
            yield Unplaced(owner, members, verdict, since, growing, len(found) == 1)


def sighting_of(inventory: Inventory, one: Unplaced, wanted: str, facts: dict[str, JsonValue]) -> Sighting:
    """
    How it is told; ``wanted`` follows "a node" (`` with 8 nvidia.com/gpu``). Without nodes the scheduler is
    quoted: that the pods wait is its word, and no cause is claimed.
    """
    verdict, pods = one.verdict, one.pods
    waited = age(one.since, inventory.now)
    have = "has" if len(pods) == 1 else "have"
    growing = "; the autoscaler is adding a node" if one.scaling_up else ""
    quoted = verdict.cause is Cause.UNKNOWN
    return Sighting(
        subject=one.owner,
        kind=Kind.POD_UNSCHEDULABLE,
        message=(
            f"{pods_spoken(len(pods))} {have} waited {spoken(waited)} for a node{wanted}"
            f"{'' if quoted else f' ({verdict.cause})'}: {verdict.smallest_change}{growing}"
        ),
        severity=Severity.MEDIUM if one.scaling_up else Severity.HIGH,
        confidence=Confidence.LIKELY if quoted else verdict.confidence,
        cause_class=verdict.cause,
        facts={
            **facts,
            "cause": verdict.cause,
            "smallest_change": verdict.smallest_change,
            "pending_s": waited,
            "blocked_by": [str(key_of(ref)) for ref in verdict.blocked_by],
        },
        evidence=[*_refusal(pods[0]), *_room(inventory, verdict)],
        discriminator="" if one.only else verdict.cause,
        pods=pods,
        touches=list(verdict.blocked_by),
        onset=one.since,
    )


def placed_by_now(inventory: Inventory, *, accelerators: bool) -> Iterator[Sighting]:
    """Owners whose pods waited longer than a wait may last, by their events, and have a node by now."""
    refused: dict[str, list[Event]] = defaultdict(list)
    for event in inventory.events:
        lasted = (instant(event.last) or 0.0) - (instant(event.first) or 0.0)
        recent = event.reason == "FailedScheduling" and within(event.last, inventory.now, inventory.window)
        if recent and lasted >= inventory.ages.wait:
            refused[event.regarding.uid].append(event)
    pods = inventory.pods if refused else ()
    placed = [
        pod for pod in pods if pod.uid in refused and pod.node and wants_accelerator(pod) == accelerators
    ]
    for owner, members in by_owner(inventory, placed):
        last = newest([event for pod in members for event in refused[pod.uid]])
        ago = spoken(age(last.last, inventory.now))
        yield Sighting(
            subject=owner,
            kind=Kind.POD_UNSCHEDULABLE,
            message=f"{pods_spoken(len(members))} waited for a node until {ago} ago and got one",
            severity=Severity.INFO,
            confidence=Confidence.OBSERVED,
            facts={"cause": None, "smallest_change": None, "pending_s": None, "blocked_by": []},
            evidence=[said_by(last)],
            pods=members,
            state=State.RECOVERED,
            last_seen=last.last,
        )


def _refused_since(pod: Pod) -> str | None:
    """Since when the scheduler has said that no node will do; None where it has not."""
    condition = pod.condition("PodScheduled")
    if condition is None or condition.true or condition.reason != "Unschedulable":
        return None
    return condition.since or pod.created


def _is_late(inventory: Inventory, pod: Pod, verdict: Verdict) -> bool:
    """
    Whether a pod has waited too long.

    While an autoscaler has just been called, or may have been (events were not read whole), it gets a
    controller's time.
    """
    ages, now = inventory.ages, inventory.now
    called = _scale_ups(inventory, pod)
    if called and within(newest(called).last, now, ages.controller):
        return False
    patience = ages.fatal if verdict.cause is Cause.LARGER_THAN_ANY_NODE else ages.wait
    if not inventory.is_complete(EVENTS):
        patience = ages.controller
    return lasts(_refused_since(pod) or "", now, patience)


def _is_growing(inventory: Inventory, pod: Pod) -> bool:
    called, about = _scale_ups(inventory, pod), inventory.index.events_by_uid.get(pod.uid, ())
    gave_up = [event for event in about if event.reason == NOT_SCALED_UP]
    return bool(called) and not (gave_up and newest(gave_up).last > newest(called).last)


def _scale_ups(inventory: Inventory, pod: Pod) -> Sequence[Event]:
    return [event for event in inventory.index.events_by_uid.get(pod.uid, ()) if event.reason == SCALED_UP]


def _refusal(pod: Pod) -> list[Evidence]:
    condition = pod.condition("PodScheduled")
    return states(pod, condition, "reason", "message") if condition else []


def _room(inventory: Inventory, verdict: Verdict) -> list[Evidence]:
    """What the nearest nodes offer of the resource that binds."""
    nodes = (inventory.index.nodes.get(name) for name in verdict.nearest_nodes[:2])
    return [
        Evidence(
            subject=node,
            path=f"status.allocatable['{verdict.resource}']",
            value=node.allocatable[verdict.resource],
        )
        for node in nodes
        if node and verdict.resource in node.allocatable
    ]
