"""
An admission webhook that must answer does not: every write that it is asked about is refused.

## Why it matters
The API server refuses pods, Jobs or custom resources in namespaces that have nothing to do with the
webhook. Running pods stay, so it looks harmless until something restarts, scales or recovers; and if the
webhook's own pods need its consent, it cannot come back by itself.

## What to do
Bring the pods behind its Service back; what keeps them down usually stands beside this finding. If that takes
long, keep the manifest and delete the webhook configuration, or set `failurePolicy: Ignore`, until it answers
again. A Service that does not exist is what an uninstalled operator leaves behind: delete the configuration.

## When it is wrong
`matchConditions` are not read and may exempt what is counted here; an object selector is compared with the
pods of today. A webhook that is called by URL is seen only in what it refuses. Refusals of Jobs, StatefulSets
and DaemonSets stand in events alone: without them, a webhook whose endpoints are ready but do not answer
(certificate, timeout) is seen only where a ReplicaSet says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.network import Webhook, WebhookConfiguration
from scanners.facts.ref import Ref, key_of
from scanners.facts.slices import (
    ENDPOINTSLICES,
    EVENTS,
    MUTATING_WEBHOOKS,
    NAMESPACES,
    PODS,
    REPLICASETS,
    SERVICES,
    VALIDATING_WEBHOOKS,
)  # fmt: skip
from scanners.finding import Confidence, Evidence, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.services import unready
from scanners.semantics.testimony import newest, said_by, states
from scanners.semantics.times import age, earliest, spoken, within
from scanners.semantics.webhooks import (
    Door,
    Refusal,
    asks_about_pods,
    calls_failed,
    door_of,
    may_ask,
    namespaces_of,
    refusals,
    refused_namespaces,
    subjects_of,
)

WIDE = Threshold("wide", 2, unit="namespaces whose pods it is asked about, for critical")
HEARD = Threshold("heard_s", 3600, unit="s since an event that names a refused owner")


class Heard(NamedTuple):
    """What others say of webhooks, by the webhook's name."""

    refusals: Mapping[str, Sequence[Refusal]]
    events: Mapping[str, Sequence[Event]]


def _any_webhook(inventory: Inventory) -> bool:
    return bool(inventory.mutating_webhooks or inventory.validating_webhooks)


@scanner(
    "CTL101", "Admission webhook blocks writes", Severity.HIGH,
    needs=[SERVICES, ENDPOINTSLICES, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, PODS],
    sharpened_by=[NAMESPACES, REPLICASETS, EVENTS], confidence=Confidence.DERIVED, applies=_any_webhook,
)  # fmt: skip
def webhook_blocks_writes(inventory: Inventory) -> Iterator[Sighting]:
    events = inventory.events if inventory.has(EVENTS) else ()
    recent = [event for event in events if within(event.last, inventory.now, inventory.window)]
    heard = Heard(refusals(inventory) if inventory.has(REPLICASETS) else {}, calls_failed(recent))
    services = {(service.namespace, service.name): service for service in inventory.services}
    for configuration in (*inventory.mutating_webhooks, *inventory.validating_webhooks):
        for called, hooks in _strict(configuration).items():
            door = door_of(inventory, services, *called)
            guilty = [
                hook
                for hook in hooks
                if hook.name in heard.refusals or (door.fault and may_ask(inventory, hook))
            ]
            if guilty:
                yield _told(inventory, configuration, guilty, door, heard)
            elif not door.fault and any(hook.name in heard.events for hook in hooks):
                yield _recovered(configuration, hooks, heard)


def _strict(configuration: WebhookConfiguration) -> dict[tuple[str, str], list[Webhook]]:
    """Webhooks that must answer and are asked about something, by the Service that answers."""
    found: dict[tuple[str, str], list[Webhook]] = {}
    for hook in configuration.webhooks:
        if hook.failure_policy == "Fail" and hook.rules:
            found.setdefault(hook.service[:2] if hook.service else ("", ""), []).append(hook)
    return found


def _told(
    inventory: Inventory,
    configuration: WebhookConfiguration,
    hooks: Sequence[Webhook],
    door: Door,
    heard: Heard,
) -> Sighting:
    asked = _asked(inventory, hooks)
    wide = len(refused_namespaces(inventory, hooks)) >= inventory.limit(WIDE)
    said = [refusal for hook in hooks for refusal in heard.refusals.get(hook.name, ())]
    events = [event for hook in hooks for event in heard.events.get(hook.name, ())]
    late = [event for event in events if within(event.last, inventory.now, inventory.limit(HEARD))]
    owners = {key_of(owner): owner for owner in [one.owner for one in said] + [*subjects_of(inventory, late)]}
    since = door.since or earliest(*(one.said.since for one in said))
    return Sighting(
        subject=configuration,
        kind=Kind.WEBHOOK_NO_ENDPOINTS,
        severity=Severity.CRITICAL if wide else Severity.HIGH,
        confidence=_confidence(door, said),
        cause_class=door.fault or "calls-fail",
        message=_message(inventory, hooks, door, asked, [str(key) for key in sorted(owners)]),
        facts={
            "class": door.fault or "calls-fail",
            "webhook": hooks[0].name,
            "webhooks": len(hooks),
            "service": _service(hooks[0]) or None,
            "namespaces_matched": None if asked is None else len(asked),
            "refused_owners": [str(key) for key in sorted(owners)],
        },
        evidence=[
            *_evidence(configuration, hooks[0], door, said),
            *([said_by(newest(late))] if late else []),
        ],
        discriminator=_service(hooks[0]) or hooks[0].name,
        touches=[*_touched(hooks[0]), *(owners[key] for key in sorted(owners))],
        pods=[pod for pod in door.pods if not pod.ready],
        count=1,
        onset=since,
    )


def _recovered(configuration: WebhookConfiguration, hooks: Sequence[Webhook], heard: Heard) -> Sighting:
    events = [event for hook in hooks for event in heard.events.get(hook.name, ())]
    last = newest(events)
    hook = next(hook for hook in hooks if last in heard.events.get(hook.name, ()))
    service = _service(hook)
    return Sighting(
        subject=configuration,
        kind=Kind.WEBHOOK_NO_ENDPOINTS,
        severity=Severity.INFO,
        confidence=Confidence.OBSERVED,
        state=State.RECOVERED,
        cause_class="calls-fail",
        message=f"webhook {hook.name} could not be called a while ago and nothing is refused now",
        facts={
            "class": "calls-fail", "webhook": hook.name, "webhooks": len(hooks), "service": service or None,
            "namespaces_matched": None, "refused_owners": [],
        },
        evidence=[said_by(last)],
        discriminator=service or hook.name,
        touches=_touched(hook),
        onset=earliest(*(event.first or event.last for event in events)),
        last_seen=last.last,
    )  # fmt: skip


def _asked(inventory: Inventory, hooks: Sequence[Webhook]) -> set[str] | None:
    spaces = [namespaces_of(inventory, hook) for hook in hooks]
    return {name for some in spaces for name in some or ()} if None not in spaces else None


def _confidence(door: Door, said: Sequence[Refusal]) -> Confidence:
    if said:
        return Confidence.OBSERVED
    return Confidence.DERIVED if door.since or door.fault == "no-service" else Confidence.LIKELY


def _message(
    inventory: Inventory, hooks: Sequence[Webhook], door: Door, asked: set[str] | None, owners: Sequence[str]
) -> str:
    who = f"webhook {hooks[0].name}" + (f" and {len(hooks) - 1} more" if len(hooks) > 1 else "")
    service = _service(hooks[0])
    lasted = age(door.since, inventory.now)
    long = f" for {spoken(lasted)}" if lasted is not None else ""
    why = {
        "no-service": f"its Service {service} does not exist",
        "no-endpoints": f"its Service {service} has had no ready endpoint{long}"
        if long
        else f"its Service {service} has no ready endpoint",
        "": "calls to it fail",
    }[door.fault]
    what = "pods" if any(asks_about_pods(hook) for hook in hooks) else _resources(hooks)
    where = "" if asked is None else f" in {len(asked)} namespace{'' if len(asked) == 1 else 's'}"
    refused = f"; refused so far: {', '.join(owners[:3])}" if owners else ""
    return f"{who} must answer and {why}: writes of {what}{where} are refused{refused}"


def _resources(hooks: Sequence[Webhook]) -> str:
    named = sorted({resource for hook in hooks for rule in hook.rules for resource in rule.resources})
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more kinds" if len(named) > 3 else "")


def _service(hook: Webhook) -> str:
    return "/".join(hook.service[:2]) if hook.service else ""


def _touched(hook: Webhook) -> list[Ref]:
    return [Ref("", "Service", *hook.service[:2])] if hook.service else []


def _evidence(
    configuration: WebhookConfiguration, hook: Webhook, door: Door, said: Sequence[Refusal]
) -> Iterator[Evidence]:
    yield Evidence(subject=configuration, path=f"webhooks[{hook.index}].name", value=hook.name)
    if door.fault:
        formula = f"ready endpoints of Service {_service(hook)}"
        yield Evidence(subject=configuration, source="derived", path=formula, value=0)
    yield from unready(list(door.backends), at_most=1)
    for refusal in said[:1]:
        yield from states(refusal.workload, refusal.said, "message")
