"""
A controller wants pods, and the API server refuses to create them.

## Why it matters
There is no pod to look at: nothing is Pending, no log, no crash. The Job or Deployment just stands there,
and whatever waits for it waits with it. The refusal is told in events, which are gone within the hour, and
for Deployments in a condition.

## What to do
Create what the message names: the service account, the priority class; free or raise the quota; correct the
field that a policy or a webhook refuses; shorten the name. The controller tries again by itself, with
pauses of up to a quarter of an hour.

## When it is wrong
Without events a Job, a StatefulSet or a DaemonSet only shows that its pods are missing: the class is then
unknown, and a controller manager that stands still looks the same. A workload that was scaled up this very
second can look short for a moment.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.fact import Condition, condition
from scanners.facts.inventory import Inventory
from scanners.facts.ref import Key, key_of
from scanners.facts.slices import EVENTS, JOBS, PODS, WORKLOADS
from scanners.facts.workload import DaemonSet, Deployment, Job, StatefulSet, Workload
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.coverage import whole_in
from scanners.semantics.owners import top_owner
from scanners.semantics.quotas import refusals
from scanners.semantics.replicas import pods_of
from scanners.semantics.standing import verdict_of
from scanners.semantics.testimony import newest, said_by, states
from scanners.semantics.times import age, instant, lasts, spoken

REFUSALS = frozenset({"FailedCreate", "ReplicaSetCreateError"})
OWN_CONTROLLER = frozenset({"", "kubernetes.io/job-controller"})

CLASSES = (
    ("quota", re.compile(r"exceeded quota: ")),
    ("service-account", re.compile(r"error looking up service account|serviceaccount \"[^\"]+\" not found")),
    ("priority-class", re.compile(r"no PriorityClass with name", re.IGNORECASE)),
    ("name", re.compile(r"metadata\.(?:name|generateName|labels): Invalid|must be no more than 63 ")),
    (
        "admission",
        re.compile(r"admission webhook|failed calling webhook|violates PodSecurity|is forbidden|denied"),
    ),
)
"""Classes by what the API server says; the first that matches."""

_PREFIX = re.compile(
    r"^(?:Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )?"
    r'(?:pods? "[^"]*" is forbidden: )?(?:Internal error occurred: )?'
)


class Lack(NamedTuple):
    """A controller that lacks pods which nobody created."""

    controller: Workload | Job
    wanted: int
    existing: int
    since: str
    condition: Condition | None
    event: Event | None

    @property
    def text(self) -> str:
        return self.condition.message if self.condition else self.event.message if self.event else ""


@scanner(
    "WRK114",
    "Controller cannot create pods",
    Severity.HIGH,
    needs=[PODS, *WORKLOADS, JOBS],
    sharpened_by=[EVENTS],
    about=[*WORKLOADS, JOBS],
)
def pods_not_created(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[Key, list[Lack]] = defaultdict(list)
    lacking = [_of(inventory, workload) for workload in inventory.workloads]
    lacking += [_of_job(inventory, job) for job in inventory.jobs]
    for lack in filter(None, lacking):
        found[key_of(top_owner(inventory, lack.controller))].append(lack)
    for lacks in found.values():
        lacks.sort(
            key=lambda lack: (not lack.text, -(instant(lack.controller.created) or 0), lack.controller.uid)
        )
        yield _told(inventory, lacks)


def _of(inventory: Inventory, workload: Workload) -> Lack | None:
    existing = workload.replicas or 0
    if not workload.has_status or workload.deleted or workload.paused or existing >= workload.wanted:
        return None
    said = _condition(workload)
    if said:
        due = lasts(said.since, inventory.now, inventory.ages.fatal)
        return Lack(workload, workload.wanted, existing, said.since, said, None) if due else None
    if isinstance(workload, Deployment) or not lasts(workload.created, inventory.now, inventory.ages.wait):
        return None
    since = workload.created if existing == 0 else ""
    if existing and not _stands_still(inventory, workload):
        return None
    return Lack(workload, workload.wanted, existing, since, None, _event(inventory, workload.uid))


def _condition(workload: Workload) -> Condition | None:
    failure = condition(workload.conditions, "ReplicaFailure")
    if failure and failure.true:
        return failure
    progress = condition(workload.conditions, "Progressing")
    return progress if progress and progress.reason == "ReplicaSetCreateError" else None


def _stands_still(inventory: Inventory, workload: Workload) -> bool:
    """Whether a StatefulSet or DaemonSet has some pods, all of them up for a while, and yet asks for more."""
    if not isinstance(workload, StatefulSet | DaemonSet) or not whole_in(inventory, PODS, workload.namespace):
        return False
    pods = pods_of(inventory, workload)
    settled = all(lasts(pod.created, inventory.now, inventory.ages.wait) for pod in pods)
    return bool(pods) and settled and all(pod.ready for pod in pods) and len(pods) < workload.wanted


def _of_job(inventory: Inventory, job: Job) -> Lack | None:
    ended = (
        verdict_of(job)
        or job.suspended
        or job.deleted
        or job.completed
        or job.managed_by not in OWN_CONTROLLER
    )
    if ended or not job.has_status or job.failed or job.terminating:
        return None
    left = job.parallelism if job.completions is None else job.completions - (job.succeeded or 0)
    wanted, existing = min(job.parallelism, left), job.active or 0
    since = job.started or job.created
    if existing >= wanted or not lasts(since, inventory.now, inventory.ages.wait):
        return None
    if existing == 0 and (job.succeeded or inventory.index.pods_by_owner.get(job.uid)):
        return None
    return Lack(job, wanted, existing, since, None, _event(inventory, job.uid))


def _event(inventory: Inventory, uid: str) -> Event | None:
    told = [event for event in inventory.index.events_by_uid.get(uid, ()) if event.reason in REFUSALS]
    return newest(told) if told else None


def _class_of(text: str) -> str:
    return next((name for name, words in CLASSES if words.search(text)), "unknown")


def _told(inventory: Inventory, lacks: Sequence[Lack]) -> Sighting:
    first = lacks[0]
    controller, class_ = first.controller, _class_of(first.text)
    resources = sorted({resource for refusal in refusals(first.text) for resource in refusal.requested})
    timed = bool(first.since)
    return Sighting(
        subject=top_owner(inventory, controller),
        kind=Kind.PODS_NOT_CREATED,
        confidence=Confidence.OBSERVED if timed or first.text else Confidence.LIKELY,
        cause_class=class_,
        message=_message(inventory, first),
        facts={
            "class": class_,
            "message": first.text or None,
            "wanted": first.wanted,
            "existing": first.existing,
            "resources": list(resources) or None,
            "controller": f"{controller.kind}/{controller.name}",
            "missing_s": _whole(age(first.since, inventory.now)),
        },
        evidence=_evidence(first),
        touches=[lack.controller for lack in lacks],
        onset=first.since,
        last_seen=first.event.last if first.event else "",
    )


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


def _message(inventory: Inventory, lack: Lack) -> str:
    lasted = age(lack.since, inventory.now)
    since = f"for {spoken(lasted)}" if lasted is not None else "for an unknown time"
    why = _PREFIX.sub("", lack.text) if lack.text else "nothing says why"
    return f"{lack.existing} of {lack.wanted} pods exist {since}, the rest is not created: {why}"


def _evidence(lack: Lack) -> list[Evidence]:
    controller = lack.controller
    if lack.condition:
        return states(controller, lack.condition, "reason", "message")
    rows = [said_by(lack.event)] if lack.event else []
    if isinstance(controller, Job):
        if controller.started:
            rows.append(Evidence(subject=controller, path="status.startTime", value=controller.started))
        if controller.active is not None:
            rows.append(Evidence(subject=controller, path="status.active", value=controller.active))
        return rows or [
            Evidence(subject=controller, path="metadata.creationTimestamp", value=controller.created)
        ]
    daemon = isinstance(controller, DaemonSet)
    wanted, have = (
        ("status.desiredNumberScheduled", "status.currentNumberScheduled")
        if daemon
        else ("spec.replicas", "status.replicas")
    )
    rows.append(Evidence(subject=controller, path=wanted, value=controller.wanted))
    if controller.replicas is not None:
        rows.append(Evidence(subject=controller, path=have, value=controller.replicas))
    return rows
