"""
A container is killed because it used more memory than it may have.

## Why it matters
The kernel kills without a word in the program's log. A step that is retried with the same input and the
same limit dies at the same place; a server drops what it was doing. With no restart the pod simply stands
there as Failed.

## What to do
Raise the limit to at least 1.25 times the one at the kill, or give it less to do at once (smaller batches,
fewer workers). Where no limit is set the node itself ran out: set a request, and look for what else ate
that node.

## When it is wrong
Exit code 137 alone is not this: drains, probes and deletions give it too. Only the reason OOMKilled is
taken as seen; a 137 with the reason Error is told as possible, and only where the status shows nobody who
could have sent it and no liveness probe is set. A child process that is killed while the main one lives on
leaves no trace here. Earlier kills of the same container are overwritten.
"""

from collections import defaultdict
from collections.abc import Iterator

from scanners.facts.inventory import Inventory
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import PODS, WORKLOADS
from scanners.finding import Confidence, Evidence, JsonValue, Severity, Sighting, State
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.ends import SIGKILLED, End, cleaned_up, container_of, ends_of, newest, told_to_stop
from scanners.semantics.owners import top_owner
from scanners.semantics.quantities import number, quantity
from scanners.semantics.quantities import spoken as amount
from scanners.semantics.standing import made_good, replaced
from scanners.semantics.times import DAY, age, spoken, within

HEADROOM = Threshold("headroom", 1.25, unit="times the limit at the kill")
KEPT = 50
"""Kills that are listed by pod; how many there were is counted apart."""


@scanner("OOM101", "Container OOM-killed", Severity.HIGH, needs=[PODS], sharpened_by=[*WORKLOADS])
def container_killed_for_memory(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[tuple[Key, str], list[End]] = defaultdict(list)
    owners: dict[Key, Ref] = {}
    for pod in inventory.pods:
        if pod.state is None or pod.phase == "Succeeded":
            continue
        for end in ends_of(pod):
            if (end.oom_killed or _perhaps(end)) and within(
                end.ended.finished, inventory.now, inventory.window
            ):
                owner = top_owner(inventory, pod)
                owners[key_of(owner)] = owner
                found[key_of(owner), end.state.name].append(end)
    for (owner_key, _), kills in found.items():
        yield _told(inventory, owners[owner_key], [kill for kill in kills if kill.oom_killed] or kills)


def _perhaps(end: End) -> bool:
    """
    Exit 137 that nobody in the status asked for: no stop sign, no probe that kills, no sidecar at the end
    of its pod.
    """
    if (
        end.ended.exit_code != SIGKILLED
        or end.ended.reason != "Error"
        or told_to_stop(end.pod)
        or cleaned_up(end)
    ):
        return False
    container = container_of(end.pod, end.state.name)
    return container is not None and not (
        container.has_liveness_probe or container.has_startup_probe or container.sidecar
    )


def _hurts(inventory: Inventory, end: End) -> bool:
    """Whether the killed pod is still down and nothing took its place."""
    return not end.pod.ready and not replaced(inventory, end.pod)


def _told(inventory: Inventory, owner: Ref, kills: list[End]) -> Sighting:
    last = newest(kills)
    sure = last.oom_killed
    container = container_of(last.pod, last.state.name)
    limit = quantity(container.limits.get("memory", "")) if container else None
    request = quantity(container.requests.get("memory", "")) if container else None
    recent = [kill for kill in kills if within(kill.ended.finished, inventory.now, DAY)]
    over = all(made_good(inventory, kill.pod) for kill in kills)
    hurts = sure and any(_hurts(inventory, kill) for kill in kills)
    return Sighting(
        subject=owner,
        kind=Kind.CONTAINER_OOM,
        severity=Severity.INFO if over else Severity.HIGH if hurts else Severity.MEDIUM,
        state=State.RECOVERED if over else State.ACTIVE,
        confidence=Confidence.OBSERVED if sure else Confidence.POSSIBLE,
        message=_message(inventory, kills) + ("; the Job has completed since" if over else ""),
        facts={
            "container": last.state.name,
            "limit_bytes": number(limit),
            "request_bytes": number(request),
            "suggested_limit_bytes": _suggested(
                inventory, container.limits.get("memory", "") if container else ""
            ),
            "kills_24h": len(recent) if sure else None,
            "exit_code": last.ended.exit_code,
            "finished_at": last.ended.finished or None,
            "ran_s": last.ran_seconds,
            "node": last.pod.node or None,
            "restart_count": max(kill.state.restarts for kill in kills),
            "killed_pods": [_one(kill) for kill in _in_order(kills)[:KEPT]],
        },
        evidence=list(_evidence(kills)),
        discriminator=last.state.name,
        pods=list({kill.pod.uid: kill.pod for kill in kills}.values()),
        onset=min((kill.ended.finished for kill in kills), default=""),
        last_seen=last.ended.finished,
    )


def _one(kill: End) -> dict[str, JsonValue]:
    return {
        "pod": kill.pod.name,
        "node": kill.pod.node or None,
        "killed_at": kill.ended.finished or None,
        "exit_code": kill.ended.exit_code,
        "restart_count": kill.state.restarts,
    }


def _in_order(kills: list[End]) -> list[End]:
    return sorted(kills, key=lambda end: (-end.finished, end.pod.uid, end.where))


def _suggested(inventory: Inventory, limit: str) -> int | None:
    known = quantity(limit)
    return None if known is None else int(float(known) * inventory.limit(HEADROOM))


def _message(inventory: Inventory, kills: list[End]) -> str:
    last = newest(kills)
    container = container_of(last.pod, last.state.name)
    limit = container.limits.get("memory", "") if container else ""
    pods = len({kill.pod.uid for kill in kills})
    who = f"container {last.state.name}" + (f" of {pods} pods" if pods > 1 else "")
    ago = spoken(age(last.ended.finished, inventory.now))
    ran = f" after it ran {spoken(last.ran_seconds)}" if last.ran_seconds is not None else ""
    if not last.oom_killed:
        return f"{who} was killed {ago} ago{ran} (exit code 137, reason Error), perhaps for memory"
    bound = f"at its limit of {amount(quantity(limit), 'memory')}" if limit else "with no limit set"
    restarts = max(kill.state.restarts for kill in kills)
    again = f"; {len(kills)} kills still visible" if len(kills) > 1 else ""
    again += f"; {restarts} restarts" if restarts > 1 else ""
    where = last.pod.node or "an unknown node"
    return f"{who} was OOM-killed {bound}, last {ago} ago{ran} on {where}{again}"


def _evidence(kills: list[End]) -> Iterator[Evidence]:
    for kill in _in_order(kills)[:3]:
        word, value = ("reason", kill.ended.reason) if kill.oom_killed else ("exitCode", kill.ended.exit_code)
        yield Evidence(subject=kill.pod, path=kill.path(word), value=value, observed_at=kill.ended.finished)
