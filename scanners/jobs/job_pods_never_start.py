"""
A Job says it is active, and none of its pods has ever run.

## Why it matters
The Job looks busy to its engine and to people: active 8, no failure, no log. Its deadline runs, and so does
that of the task that waits for it.

## What to do
This is a symptom: the pods say why. No node fits, a claim is not bound, an image cannot be pulled, a Secret
is missing: the finding on the same owner names it.

## When it is wrong
Pods that a queue holds back with a scheduling gate wait on purpose and are left out. Every pod that the Job
counts as active must have been read; otherwise nothing is said.
"""

from collections import Counter
from collections.abc import Iterator

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, key_of
from scanners.facts.slices import EVENTS, JOBS, PODS
from scanners.facts.workload import Job
from scanners.finding import Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.attempts import live, pods_of
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.standing import verdict_of
from scanners.semantics.testimony import newest, said_by, states
from scanners.semantics.times import age, earliest, lasts, spoken

GATES = (
    "kueue.x-k8s.io/",
    "scheduling.x-k8s.io/",
    "scheduling.volcano.sh/",
    "yunikorn.apache.org/",
    "run.ai/",
)
"""Scheduling gates by which queues hold pods back."""

WAITING = ("FailedScheduling", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "Failed")


@scanner("JOB104", "Job's pods never start", Severity.HIGH, needs=[JOBS, PODS], sharpened_by=[EVENTS])
def job_pods_never_start(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[Key, list[tuple[Job, list[Pod]]]] = {}
    for job in inventory.jobs:
        if not job.active or job.ready or job.suspended or job.deleted or verdict_of(job):
            continue
        pods = live(pods_of(inventory, job))
        if len(pods) >= job.active and all(_never_started(inventory, pod) for pod in pods):
            found.setdefault(key_of(top_owner(inventory, job)), []).append((job, pods))
    for jobs in found.values():
        jobs.sort(key=lambda each: (each[0].created, each[0].uid))
        yield _told(inventory, jobs)


def _never_started(inventory: Inventory, pod: Pod) -> bool:
    gates = pod.state.gates if pod.state else ()
    held = any(gate.startswith(GATES) for gate in gates)
    return (
        pod.phase == "Pending" and not held and lasts(pod.created, inventory.now, inventory.ages.controller)
    )


def _reason(pod: Pod) -> str:
    """Why a pod has not started, in one word of the API."""
    placed = pod.condition("PodScheduled")
    if placed and not placed.true:
        return placed.reason or "Unschedulable"
    waiting = [state.waiting.reason for state in pod.troubled if state.waiting]
    plain = ("PodInitializing", "ContainerCreating", "")
    return next((reason for reason in waiting if reason not in plain), next(filter(None, waiting), "Pending"))


def _cause(inventory: Inventory, pod: Pod) -> str | None:
    """
    The message that goes with it: the condition's, the waiting container's, else the newest complaint in
    the events.
    """
    placed = pod.condition("PodScheduled")
    if placed and not placed.true and placed.message:
        return placed.message
    for state in pod.troubled:
        if state.waiting and state.waiting.message:
            return state.waiting.message
    told = [event for event in inventory.index.events_by_uid.get(pod.uid, ()) if event.reason in WAITING]
    return newest(told).message if told else None


def _told(inventory: Inventory, jobs: list[tuple[Job, list[Pod]]]) -> Sighting:
    job = jobs[0][0]
    pods = sorted((pod for _, each in jobs for pod in each), key=lambda pod: (pod.created, pod.uid))
    owner = top_owner(inventory, job)
    counted = Counter(_reason(pod) for pod in pods)
    reason = min(counted, key=lambda word: (-counted[word], word))
    first = next(pod for pod in pods if _reason(pod) == reason)
    since = earliest(*(pod.created for pod in pods))
    seconds = age(since, inventory.now)
    who = "Job" if key_of(owner) == key_of(job) else f"Job {job.name}"
    return Sighting(
        subject=owner,
        kind=Kind.JOB_NOT_STARTED,
        cause_class=reason,
        message=f"{who} has not started: {pods_spoken(len(pods))} pending for {spoken(seconds)}, {reason}",
        facts={
            "job": job.name,
            "pending_pods": len(pods),
            "pending_s": None if seconds is None else int(seconds),
            "cause": _cause(inventory, first),
            "reason": reason,
        },
        evidence=list(_evidence(inventory, job, first)),
        pods=pods,
        touches=[each for each, _ in jobs],
        onset=since,
    )


def _evidence(inventory: Inventory, job: Job, pod: Pod) -> Iterator[Evidence]:
    yield Evidence(subject=job, path="status.active", value=job.active)
    yield Evidence(subject=pod, path="status.phase", value=pod.phase, observed_at=pod.created)
    placed = pod.condition("PodScheduled")
    if placed and not placed.true:
        yield from states(pod, placed, "reason", "message")
    waiting = [(state, state.waiting) for state in pod.troubled if state.waiting]
    for state, why in waiting[:1]:
        yield Evidence(subject=pod, path=state.path("state.waiting.reason"), value=why.reason)
    told = [event for event in inventory.index.events_by_uid.get(pod.uid, ()) if event.reason in WAITING]
    if told:
        yield said_by(newest(told))
