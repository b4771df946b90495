"""
The same container is killed for memory again and again, or in several replicas.

## Why it matters
One kill may be bad luck; a pattern is a size that is wrong. Equal retries of a step that needs more than it
may have only burn hours, and replicas that die in turn take a service down together.

## What to do
Read the class first. `every-attempt` and `constant-time`: the same input needs more, raise the limit of
this step. `all-replicas`: the size is wrong for all. `one-replica`: look at what that one is given (a hot
key, a large tenant). `after-rollout`: only the newest revision dies, undo it or find what it loads.
`spike`: irregular, look at the input of the moment.

## When it is wrong
A status holds two ends of a container, so kills are counted low; where a young pod has been restarted
several times and its last end was such a kill, the earlier ones are taken for the same and the finding says
likely. Peaks are not measured here.
"""

from collections import defaultdict
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import PODS, WORKLOADS
from scanners.finding import Confidence, Evidence, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.ends import End, container_of, ends_of, newest
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import pods_spoken
from scanners.semantics.quantities import number, quantity
from scanners.semantics.quantities import spoken as amount
from scanners.semantics.standing import made_good, workload_of
from scanners.semantics.times import DAY, age, instant, spoken, within

KILLS = Threshold("kills", 2, unit="kills in the period")
PERIOD = Threshold("period_s", DAY, unit="s")
SAME_TIME = Threshold("same_time", 20, unit="% between the shortest and the longest run")

REVISION_LABELS = ("pod-template-hash", "controller-revision-hash")


class Pattern(NamedTuple):
    """The kills of one container of one owner, with all pods of that owner that could have been killed."""

    owner: Ref
    kills: list[End]
    pods: list[Pod]
    restarts: int

    @property
    def hit(self) -> list[Pod]:
        return list({kill.pod.uid: kill.pod for kill in self.kills}.values())


@scanner("OOM102", "OOM pattern", Severity.HIGH, needs=[PODS], sharpened_by=[*WORKLOADS])
def container_killed_again_and_again(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[tuple[Key, str], list[End]] = defaultdict(list)
    owners: dict[Key, Ref] = {}
    for pod in inventory.pods:
        if pod.state is None or pod.phase == "Succeeded":
            continue
        for kill in ends_of(pod):
            if kill.oom_killed and within(kill.ended.finished, inventory.now, inventory.limit(PERIOD)):
                owner = top_owner(inventory, pod)
                owners[key_of(owner)] = owner
                found[key_of(owner), kill.state.name].append(kill)
    patterns = {}
    for (owner_key, name), kills in found.items():
        restarts = sum(_restarts(inventory, kill) for kill in kills if kill.where == "lastState.terminated")
        if max(len(kills), restarts) >= inventory.limit(KILLS):
            patterns[owner_key, name] = (kills, restarts)
    siblings = _siblings(inventory, {owner_key for owner_key, _ in patterns})
    for (owner_key, _), (kills, restarts) in patterns.items():
        pods = siblings[owner_key]
        if not _raised_since(kills, pods):
            yield _told(inventory, Pattern(owners[owner_key], kills, pods, restarts))


def _restarts(inventory: Inventory, kill: End) -> int:
    """Restarts that lie in the period for sure, those of a pod that is younger than it."""
    started = kill.pod.state.started if kill.pod.state else ""
    return kill.state.restarts if within(started, inventory.now, inventory.limit(PERIOD)) else 0


def _siblings(inventory: Inventory, owners: set[Key]) -> dict[Key, list[Pod]]:
    """All pods of some top owners, oldest first."""
    found: dict[Key, list[Pod]] = defaultdict(list)
    for namespace in {owner.namespace for owner in owners}:
        for pod in inventory.index.pods_by_namespace.get(namespace, ()):
            owner = key_of(top_owner(inventory, pod))
            if owner in owners:
                found[owner].append(pod)
    for pods in found.values():
        pods.sort(key=lambda pod: (pod.created, pod.uid))
    return found


def _limit(pod: Pod, name: str) -> str:
    container = container_of(pod, name)
    return container.limits.get("memory", "") if container else ""


def _raised_since(kills: list[End], pods: list[Pod]) -> bool:
    """Whether the newest pod has a higher limit than any killed one, and was not killed itself."""
    name = kills[0].state.name
    killed = {kill.pod.uid for kill in kills}
    newest_pod = pods[-1] if pods else kills[0].pod
    had = [quantity(_limit(kill.pod, name)) for kill in kills]
    has = quantity(_limit(newest_pod, name))
    if newest_pod.uid in killed or has is None:
        return False
    return all(limit is not None and has > limit for limit in had)


def _class_of(inventory: Inventory, pattern: Pattern) -> str:
    kills, hit = pattern.kills, {pod.uid for pod in pattern.hit}
    if _only_newest_revision(pattern):
        return "after-rollout"
    finished = [pod for pod in pattern.pods if pod.finished]
    batch = kills[0].pod.template.restart_policy == "Never"
    if batch and len(hit) > 1 and all(pod.uid in hit for pod in finished):
        return "every-attempt"
    living = [pod for pod in pattern.pods if not pod.finished]
    if not batch and len(living) > 1 and all(pod.uid in hit for pod in living):
        return "all-replicas"
    if not batch and len(living) > 1 and len(hit) == 1:
        return "one-replica"
    runs = [kill.ran_seconds for kill in kills if kill.ran_seconds is not None]
    if len(runs) > 1 and (max(runs) - min(runs)) * 100 <= inventory.limit(SAME_TIME) * median(runs):
        return "constant-time"
    return "spike"


def _revision(pod: Pod) -> str:
    return next((pod.labels[label] for label in REVISION_LABELS if label in pod.labels), "")


def _only_newest_revision(pattern: Pattern) -> bool:
    """Whether only pods of the newest revision die while one of an older revision lives on."""
    living = [pod for pod in pattern.pods if not pod.finished]
    if not living or not _revision(living[-1]):
        return False
    latest = _revision(max(living, key=lambda pod: (instant(pod.created) or 0.0, pod.uid)))
    older = [pod for pod in living if _revision(pod) != latest]
    return any(pod.ready for pod in older) and all(_revision(pod) == latest for pod in pattern.hit)


def _told(inventory: Inventory, pattern: Pattern) -> Sighting:
    last = newest(pattern.kills)
    name = last.state.name
    class_ = _class_of(inventory, pattern)
    runs = [kill.ran_seconds for kill in pattern.kills if kill.ran_seconds is not None]
    workload = workload_of(inventory, pattern.owner)
    sure = len(pattern.kills) >= inventory.limit(KILLS)
    over = all(made_good(inventory, pod) for pod in pattern.hit)
    container = container_of(last.pod, name)
    return Sighting(
        subject=pattern.owner,
        kind=Kind.CONTAINER_OOM,
        confidence=Confidence.OBSERVED if sure else Confidence.LIKELY,
        cause_class=class_,
        severity=Severity.INFO if over else None,
        state=State.RECOVERED if over else State.ACTIVE,
        message=_message(inventory, pattern, class_) + ("; the Job has completed since" if over else ""),
        facts={
            "class": class_,
            "container": name,
            "kills_24h": len(pattern.kills),
            "pods_hit": len(pattern.hit),
            "replicas": workload.wanted if workload else None,
            "attempts": len(pattern.pods),
            "restart_count": max(kill.state.restarts for kill in pattern.kills),
            "limit_bytes": number(quantity(_limit(last.pod, name))),
            "request_bytes": number(quantity(container.requests.get("memory", ""))) if container else None,
            "peak_bytes": None,
            "median_ran_s": int(median(runs)) if runs else None,
            "node": last.pod.node or None,
        },
        evidence=list(_evidence(pattern)),
        discriminator=name,
        pods=pattern.hit,
        onset=min(kill.ended.finished for kill in pattern.kills),
        last_seen=last.ended.finished,
    )


_WORDS = {
    "after-rollout": "only pods of the newest revision die",
    "every-attempt": "every finished attempt died so",
    "all-replicas": "every replica was hit",
    "one-replica": "the other replicas are well",
    "constant-time": "each time after about the same run time",
    "spike": "no pattern in time is visible",
}


def _message(inventory: Inventory, pattern: Pattern, class_: str) -> str:
    last = newest(pattern.kills)
    limit = _limit(last.pod, last.state.name)
    bound = f"at its limit of {amount(quantity(limit), 'memory')}" if limit else "with no limit set"
    times = f"{len(pattern.kills)} times"
    if len(pattern.kills) < inventory.limit(KILLS):
        times = f"again and again ({pattern.restarts} restarts of a young pod)"
    ago = spoken(age(last.ended.finished, inventory.now))
    return (
        f"container {last.state.name} was OOM-killed {times} in {pods_spoken(len(pattern.hit))} "
        f"within {spoken(inventory.limit(PERIOD))} {bound}, last {ago} ago: {_WORDS[class_]}"
    )


def _evidence(pattern: Pattern) -> Iterator[Evidence]:
    for kill in sorted(pattern.kills, key=lambda end: (-end.finished, end.pod.uid, end.where))[:4]:
        yield Evidence(
            subject=kill.pod, path=kill.path("reason"), value=kill.ended.reason,
            observed_at=kill.ended.finished,
        )  # fmt: skip
    if pattern.restarts:
        last = newest(pattern.kills)
        yield Evidence(subject=last.pod, path=last.state.path("restartCount"), value=last.state.restarts)
