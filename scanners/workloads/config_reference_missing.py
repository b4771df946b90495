"""
A container cannot be created: what its pod refers to is not there.

## Why it matters
The image is on the node, the place is taken, and the kubelet asks for the Secret or ConfigMap again and
again. It never heals by itself; once the object exists the pod starts within a minute or two, without being
touched.

## What to do
Create the object, or the key in it, in the pod's namespace, or correct the name in the workload. Secrets
made by an operator (external-secrets, cert-manager) want a look at that operator.

## When it is wrong
deepscan never reads Secrets or ConfigMaps: the kubelet's own words are quoted, and an object created a
moment ago may not have been noticed yet. A missing volume is told by the kubelet in an event only, so
without events it is not seen here. Other reasons why a container cannot be created (no command, a user that
is not allowed) are told with the class `create` and the runtime's message.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.inventory import Inventory
from scanners.facts.pod import ContainerState, Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import EVENTS, PODS
from scanners.finding import Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.owners import top_owner
from scanners.semantics.references import Missing, missing_in
from scanners.semantics.times import age, earliest, lasts, spoken, within

SPOKEN = Threshold("spoken_s", 900, unit="s since the kubelet last complained about a mount")

REFUSED = frozenset({"CreateContainerConfigError", "CreateContainerError"})


class Refusal(NamedTuple):
    """
    A container, or with a mount the whole pod, that cannot be created. ``missing`` is None where nothing is
    named.
    """

    owner: Ref
    pod: Pod
    state: ContainerState | None
    event: Event | None
    missing: Missing | None

    @property
    def since(self) -> str:
        ready = self.pod.condition("Ready")
        return ready.since if ready and ready.since else self.pod.created

    @property
    def reason(self) -> str:
        if self.state and self.state.waiting:
            return self.state.waiting.reason
        return self.event.reason if self.event else ""

    @property
    def text(self) -> str:
        if self.state and self.state.waiting:
            return self.state.waiting.message
        return self.event.message if self.event else ""


@scanner("WRK103", "Referenced config is missing", Severity.HIGH, needs=[PODS], sharpened_by=[EVENTS])
def config_reference_missing(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[tuple[Key, str], list[Refusal]] = defaultdict(list)
    for pod in inventory.pods:
        if pod.state is None or pod.finished or pod.deleted:
            continue
        for refusal in _refusals(inventory, pod):
            if lasts(refusal.since, inventory.now, inventory.ages.fatal):
                found[key_of(refusal.owner), _discriminator(refusal)].append(refusal)
    for discriminator, refusals in found.items():
        yield _told(inventory, discriminator[1], sorted(refusals, key=lambda each: each.pod.uid))


def _refusals(inventory: Inventory, pod: Pod) -> Iterator[Refusal]:
    for state in pod.troubled:
        if state.waiting and state.waiting.reason in REFUSED:
            yield Refusal(top_owner(inventory, pod), pod, state, None, missing_in(state.waiting.message, pod))
    if any(
        state.waiting and state.waiting.reason in ("ContainerCreating", "PodInitializing")
        for state in pod.troubled
    ):
        event = _mount_event(inventory, pod)
        missing = missing_in(event.message, pod) if event else None
        if event and missing:
            yield Refusal(top_owner(inventory, pod), pod, None, event, missing)


def _mount_event(inventory: Inventory, pod: Pod) -> Event | None:
    """The newest complaint about a mount, if it is recent enough to be still true."""
    told = [
        event for event in inventory.index.events_by_uid.get(pod.uid, ()) if event.reason == "FailedMount"
    ]
    last = max(told, key=lambda event: (event.last, event.uid), default=None)
    return last if last and within(last.last, inventory.now, inventory.limit(SPOKEN)) else None


def _discriminator(refusal: Refusal) -> str:
    if refusal.missing:
        return "/".join(filter(None, refusal.missing))
    return refusal.state.name if refusal.state else ""


def _told(inventory: Inventory, discriminator: str, refusals: list[Refusal]) -> Sighting:
    first = refusals[0]
    missing = first.missing
    since = earliest(*(each.since for each in refusals))
    lasted = age(since, inventory.now)
    return Sighting(
        subject=first.owner,
        kind=Kind.CONFIG_REF_MISSING,
        cause_class="missing" if missing else "create",
        message=_message(first, len({each.pod.uid for each in refusals}), spoken(lasted)),
        facts={
            "class": "missing" if missing else "create",
            "reason": first.reason,
            "ref_kind": missing.kind if missing else None,
            "ref_name": (missing.name or None) if missing else None,
            "ref_key": (missing.key or None) if missing else None,
            "container": first.state.name if first.state else None,
            "waiting_s": None if lasted is None else int(lasted),
        },
        evidence=list(_evidence(refusals[:2])),
        discriminator=discriminator,
        pods=list({each.pod.uid: each.pod for each in refusals}.values()),
        touches=[Ref("", missing.kind, first.pod.namespace, missing.name)]
        if missing and missing.name
        else [],
        onset=since,
    )


def _message(first: Refusal, pods: int, lasted: str) -> str:
    who = f"container {first.state.name}" if first.state else "the pod"
    many = f" in {pods} pods" if pods > 1 else ""
    if first.missing is None:
        return f"{who} cannot be created{many} for {lasted}, {first.reason}: {first.text or 'no message'}"
    how = "mounted by" if first.state is None else "needed by"
    return (
        f"{first.missing} does not exist in namespace {first.pod.namespace}, {how} {who}{many} for {lasted}"
    )


def _evidence(refusals: list[Refusal]) -> Iterator[Evidence]:
    for each in refusals:
        if each.state and each.state.waiting:
            path = each.state.path("state.waiting")
            yield Evidence(subject=each.pod, path=f"{path}.reason", value=each.reason, observed_at=each.since)
            if each.text:
                yield Evidence(subject=each.pod, path=f"{path}.message", value=each.text)
        elif each.event:
            yield Evidence(
                subject=each.event,
                source="event",
                path="message",
                value=each.text,
                observed_at=each.event.last,
            )
