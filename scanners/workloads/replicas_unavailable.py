"""
A workload has fewer pods up than it wants, or its rollout does not get on.

## Why it matters
What is missing serves nobody; with none available every caller fails. A stuck rollout leaves two versions
side by side, and the next deployment waits behind it.

## What to do
This is what others feel, seldom the cause: look at the pods of the newest revision first (image,
configuration, crash, no place on a node). If the new revision is at fault, `kubectl rollout undo` brings
the old one back.

## When it is wrong
StatefulSets and DaemonSets carry no time in their status: their pods tell since when, so without pods they
are not seen here. Two revisions on purpose (a partition, OnDelete) are no fault as long as all pods are up.
Pods on a node that is not ready are the node's.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.facts.fact import Condition, condition
from scanners.facts.inventory import Inventory
from scanners.facts.network import Service
from scanners.facts.pod import Pod
from scanners.facts.ref import key_of
from scanners.facts.slices import (
    DAEMONSETS,
    DEPLOYMENTS,
    PODS,
    REPLICASETS,
    SERVICES,
    STATEFULSETS,
    WORKLOADS,
)
from scanners.facts.workload import Workload
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.coverage import whole_in
from scanners.semantics.owners import top_owner
from scanners.semantics.replicas import available_of, node_silent, not_ready_since, pods_of, should_be_up
from scanners.semantics.testimony import states
from scanners.semantics.times import age, earliest, lasts, spoken

COUNTS = {
    "DaemonSet": ("status.desiredNumberScheduled", "status.numberAvailable"),
}  # fmt: skip


class Short(NamedTuple):
    """A controller that lacks pods or does not get on; ``since`` is ``""`` where nothing tells how long."""

    workload: Workload
    reason: str
    since: str
    condition: Condition | None
    pods: list[Pod]


@scanner(
    "WRK106", "Rollout stuck, replicas short", Severity.MEDIUM,
    needs=[REPLICASETS, DEPLOYMENTS, STATEFULSETS, DAEMONSETS], sharpened_by=[PODS, SERVICES], about=WORKLOADS,
)  # fmt: skip
def replicas_unavailable(inventory: Inventory) -> Iterator[Sighting]:
    services: dict[str, list[Service]] = defaultdict(list)
    for service in inventory.services if inventory.has(SERVICES) else ():
        services[service.namespace].append(service)
    for workload in inventory.workloads:
        if workload.owners and workload.owners[0].kind == "Deployment":
            continue
        short = _short(inventory, workload)
        if short is None:
            continue
        yield _told(inventory, short)
        if available_of(workload) == 0 and whole_in(inventory, PODS, workload.namespace):
            yield from _services(inventory, short, services[workload.namespace])


def _short(inventory: Inventory, workload: Workload) -> Short | None:
    if not workload.has_status or workload.paused or workload.deleted or workload.wanted <= 0:
        return None
    pods = pods_of(inventory, workload) if inventory.has(PODS) else []
    down = should_be_up(pods)
    silent = [pod for pod in down if node_silent(pod)]
    if silent and len(silent) == len(down):
        return None
    progress = condition(workload.conditions, "Progressing")
    if progress and progress.status == "False" and progress.reason == "ProgressDeadlineExceeded":
        return Short(workload, progress.reason, progress.since, progress, down)
    if available_of(workload) >= workload.wanted:
        return None
    found = _since(inventory, workload, [pod for pod in down if not node_silent(pod)], pods)
    return found if found and lasts(found.since, inventory.now, inventory.ages.controller) else None


def _since(inventory: Inventory, workload: Workload, down: list[Pod], pods: list[Pod]) -> Short | None:
    """How long it has been short; None where that cannot be known."""
    available = condition(workload.conditions, "Available")
    if available and available.status == "False":
        return Short(workload, available.reason, available.since, available, down)
    if down:
        return Short(workload, "PodsNotReady", earliest(*map(not_ready_since, down)), None, down)
    missing = workload.replicas is not None and workload.replicas < workload.wanted
    young = not lasts(workload.created, inventory.now, inventory.ages.controller)
    known = whole_in(inventory, PODS, workload.namespace) and len(pods) < workload.wanted
    return Short(workload, "PodsMissing", "", None, []) if missing and known and not young else None


def _told(inventory: Inventory, short: Short) -> Sighting:
    workload = short.workload
    owner = top_owner(inventory, workload)
    available = available_of(workload)
    own = key_of(owner) == key_of(workload)
    sure = short.condition is not None or bool(short.since)
    return Sighting(
        subject=owner,
        kind=Kind.WORKLOAD_UNAVAILABLE,
        severity=Severity.MEDIUM if available else Severity.HIGH,
        confidence=Confidence.OBSERVED if sure else Confidence.LIKELY,
        cause_class=short.reason,
        message=_message(inventory, short, "" if own else f"{workload.kind} {workload.name}: "),
        facts={
            "wanted": workload.wanted,
            "available": available,
            "updated": workload.updated,
            "reason": short.reason,
            "short_s": _whole(age(short.since, inventory.now)),
            "two_revisions": workload.current_revision != workload.update_revision,
        },
        evidence=_evidence(short),
        discriminator="" if own else f"{workload.kind}/{workload.name}",
        pods=short.pods,
        touches=[workload],
        onset=short.since,
    )


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


def _message(inventory: Inventory, short: Short, who: str) -> str:
    workload = short.workload
    lasted = age(short.since, inventory.now)
    since = f"for {spoken(lasted)}" if lasted is not None else "for an unknown time"
    counts = f"{available_of(workload)} of {workload.wanted} replicas available"
    if short.reason == "ProgressDeadlineExceeded":
        return f"{who}rollout stuck {since}, {counts}, {workload.updated or 0} of the newest revision"
    down = f", {len(short.pods)} not ready" if short.pods else ""
    return f"{who}{counts} {since}{down}"


def _evidence(short: Short) -> list[Evidence]:
    rows: list[Evidence] = []
    if short.condition:
        rows += states(short.workload, short.condition, "status", "reason")
    wanted, available = COUNTS.get(short.workload.kind, ("spec.replicas", "status.availableReplicas"))
    rows.append(Evidence(subject=short.workload, path=wanted, value=short.workload.wanted))
    if short.workload.available is not None:
        rows.append(Evidence(subject=short.workload, path=available, value=short.workload.available))
    for pod in short.pods[:1]:
        ready = pod.condition("Ready")
        rows += states(pod, ready, "status") if ready else []
    return rows


def _services(inventory: Inventory, short: Short, services: Sequence[Service]) -> Iterator[Sighting]:
    """Services of which this workload has all members, and none of them is ready."""
    labels = short.workload.template_labels
    for service in services:
        selector = service.selector or {}
        if not selector or not selector.items() <= labels.items():
            continue
        members = inventory.index.pods_by_namespace.get(service.namespace, ())
        if any(
            pod.phase == "Running" and pod.ready and selector.items() <= pod.labels.items() for pod in members
        ):
            continue
        yield Sighting(
            subject=service,
            kind=Kind.SERVICE_NO_ENDPOINTS,
            severity=Severity.INFO,
            message=f"none of the pods behind Service {service.name} is ready",
            facts={"workload": f"{short.workload.kind}/{short.workload.name}", "ready_pods": 0},
            evidence=[Evidence(subject=service, path="spec.selector", value=dict(selector))],
            pods=short.pods,
            touches=[short.workload],
            onset=short.since,
        )
