"""
A quota refuses pods: somebody's work does not start, because the namespace has used up its share.

## Why it matters
The controller retries for ever and in silence: the Job counts as running, the pipeline waits, and no pod
exists that anybody could look at. GPU quotas are often full of work that has long been idle.

## What to do
Look at the holders first: does all of it still run for a reason? Then raise `hard` by what is missing, with
whoever owns the quota, or let a holder go. The controller creates the pods by itself within minutes.

## When it is wrong
For Jobs, StatefulSets and DaemonSets the refusal is computed, not read: what they lack, times one pod's
requests, against what the quota has left. Defaults that a LimitRange adds are not seen in it, nor are claims
of a StatefulSet that a storage quota refuses, nor Jobs that a `count/jobs.batch` quota refuses to a CronJob,
nor pods that an operator creates by itself. A quota that has room again by now is told as recovered, until
its controller has tried again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.quota import ResourceQuota
from scanners.facts.ref import key_of
from scanners.facts.slices import DAEMONSETS, EVENTS, JOBS, PODS, REPLICASETS, RESOURCEQUOTAS, STATEFULSETS
from scanners.finding import Confidence, Evidence, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.quantities import ZERO, amounts, number, spoken
from scanners.semantics.quota_words import as_facts, held_by, holders_of, standing, told, unit_of
from scanners.semantics.quotas import concerns, hard_of, refusals, requested, shortfalls
from scanners.semantics.testimony import newest, said_by, states
from scanners.semantics.times import age, earliest
from scanners.semantics.times import spoken as lasting
from scanners.semantics.wants import Want, lacking, refused


class Ask(NamedTuple):
    """A request for pods that a quota cannot grant; ``granted_now``: it could by now."""

    want: Want
    requested: Decimal
    used: Decimal
    hard: Decimal
    granted_now: bool


@scanner(
    "QTA101", "Quota refuses work", Severity.HIGH,
    needs=[RESOURCEQUOTAS, JOBS, REPLICASETS, STATEFULSETS, DAEMONSETS, PODS], sharpened_by=[EVENTS],
)  # fmt: skip
def quota_refuses_work(inventory: Inventory) -> Iterator[Sighting]:
    quotas: dict[str, list[ResourceQuota]] = defaultdict(list)
    for quota in inventory.quotas:
        quotas[quota.namespace].append(quota)
    found: dict[tuple[ResourceQuota, str], list[Ask]] = defaultdict(list)
    for want in (*refused(inventory), *lacking(inventory)):
        for quota in quotas.get(want.controller.namespace, ()):
            for resource, ask in _asks(quota, want):
                found[quota, resource].append(ask)
    for (quota, resource), asks in found.items():
        yield from _told(inventory, quota, resource, asks)


def _asks(quota: ResourceQuota, want: Want) -> Iterator[tuple[str, Ask]]:
    if want.said is None:
        if concerns(quota, want.template):
            for short in shortfalls(quota, requested(want.template)):
                yield short.resource, Ask(want, short.requested, short.used, short.hard, granted_now=False)
        return
    hard, used = hard_of(quota), amounts(quota.used)
    for refusal in refusals(want.said.message):
        if refusal.quota != quota.name:
            continue
        for resource, asked in refusal.requested.items():
            if resource in hard:
                taken = used.get(resource, refusal.used.get(resource, ZERO))
                yield resource, Ask(want, asked, taken, hard[resource], taken + asked <= hard[resource])


def _told(
    inventory: Inventory, quota: ResourceQuota, resource: str, asks: Sequence[Ask]
) -> Iterator[Sighting]:
    refusing = [ask for ask in asks if not ask.granted_now]
    asks = sorted(refusing or asks, key=lambda ask: (-ask.requested, str(key_of(ask.want.owner))))
    first = asks[0]
    found = holders_of(inventory, quota, resource)
    owners = list(dict.fromkeys(str(key_of(ask.want.owner)) for ask in asks))
    since = earliest(*(ask.want.since for ask in asks))
    yield Sighting(
        subject=quota,
        kind=Kind.QUOTA_EXHAUSTED,
        severity=Severity.HIGH if refusing else Severity.INFO,
        state=State.ACTIVE if refusing else State.RECOVERED,
        confidence=_confidence(first.want),
        message=_message(inventory, first, resource, owners) + (held_by(found, resource) if refusing else ""),
        facts={
            "quota": quota.name,
            "resource": resource,
            "requested": number(first.requested),
            "used": number(first.used),
            "hard": number(first.hard),
            "unit": unit_of(resource),
            "missing_pods": sum(ask.want.missing for ask in asks),
            "waiting_s": age(since, inventory.now),
            "holders": as_facts(found),
            "refused_owners": [*owners],
        },
        evidence=[*standing(quota, resource), *_refusal(inventory, first, resource)],
        discriminator=resource,
        touches=[*(ask.want.owner for ask in asks), *(holder.owner for holder in found or [])],
        count=len(owners),
        onset=since,
    )


def _confidence(want: Want) -> Confidence:
    if want.said:
        return Confidence.OBSERVED
    return Confidence.DERIVED if want.since else Confidence.LIKELY


def _message(inventory: Inventory, ask: Ask, resource: str, owners: Sequence[str]) -> str:
    who = owners[0] + (f" and {len(owners) - 1} more" if len(owners) > 1 else "")
    used, hard = spoken(ask.used, resource), spoken(ask.hard, resource)
    if ask.granted_now:
        return f"refused pods of {who} and has room again: {used} of {hard} {resource} are used"
    waited = age(ask.want.since, inventory.now)
    long = f" for {lasting(waited)}" if waited is not None else ""
    if resource in ("pods", "count/pods"):
        return f"refuses pods of {who}{long}: {used} of {hard} {resource} are used"
    asked = told(ask.requested, resource)
    return f"refuses pods of {who}{long}: one asks for {asked}, {used} of {hard} are used"


def _refusal(inventory: Inventory, ask: Ask, resource: str) -> Iterator[Evidence]:
    want = ask.want
    if want.said:
        yield from states(want.controller, want.said, "reason", "message")
    else:
        yield Evidence(
            subject=want.controller, source="derived", path=f"{resource} of one pod of spec.template",
            value=number(ask.requested),
        )  # fmt: skip
    about = inventory.index.events_by_uid if inventory.has(EVENTS) else {}
    heard = _heard(about, want, resource)
    if heard:
        yield said_by(newest(heard))


def _heard(about: Mapping[str, Sequence[Event]], want: Want, resource: str) -> list[Event]:
    said = (event for event in about.get(want.controller.uid, ()) if event.reason == "FailedCreate")
    return [
        event for event in said if any(resource in refusal.requested for refusal in refusals(event.message))
    ]
