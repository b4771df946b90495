"""
A container starts, fails, and is started again, with ever longer pauses.

## Why it matters
The pause between two attempts grows to five minutes, so the pod is down nearly all the time while its phase
still reads Running. A batch step burns its retries the same way. At a glance the container may just happen
to be up.

## What to do
Read the log of the run that died (`kubectl logs POD -c CONTAINER --previous`). The class says where to look
first: `app` the program, `exits-zero` a command that ends well where it should keep serving, `command` and
`permission` the entry point, `exec-format` an image built for another processor, `bare-pod` a pod that
nothing will start again.

## When it is wrong
Only the last two ends of a container are still visible; earlier ones are inferred from restarts of a pod
that is younger than the hour, or from a pause that only the back-off explains. Kills for memory are told by
OOM101, evictions and drains not here.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import ContainerState, Pod, Terminated
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import POD_LOGS, PODS, WORKLOADS
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import Threshold, scanner
from scanners.semantics.coverage import whole_in
from scanners.semantics.ends import End, cleaned_up, container_of, ends_of, told_to_stop
from scanners.semantics.log_lines import last_line, last_lines, log_of
from scanners.semantics.owners import top_owner
from scanners.semantics.pipelines import pipeline_of
from scanners.semantics.standing import enough_ready, ready_replicas, replaced, workload_of
from scanners.semantics.times import age, instant, spoken, within

ENDS = Threshold("ends", 3, unit="failing ends in the period")
PERIOD = Threshold("period_s", 3600, unit="s")
HEALED = Threshold("healed_s", 600, unit="s ready")
PAUSE = Threshold("pause_s", 40, unit="s between an end and the next start, at the fourth failure in a row")

LOOPING = frozenset({"CrashLoopBackOff", "RunContainerError", "PostStartHookError"})
"""Waiting reasons of a container that was started and failed (the last two turn into the first)."""

MISSING_COMMAND = ("executable file not found", "no such file or directory")


class Crash(NamedTuple):
    """
    A container that fails: its newest end (None where the status lost it) and how many failing ends are
    proven.
    """

    owner: Ref
    pod: Pod
    state: ContainerState
    end: End | None
    ends: int
    looping: bool
    bare: bool

    @property
    def when(self) -> float:
        return self.end.finished if self.end else 0.0


@scanner("WRK101", "Crash loop", Severity.HIGH, needs=[PODS], sharpened_by=[*WORKLOADS, POD_LOGS])
def container_keeps_crashing(inventory: Inventory) -> Iterator[Sighting]:
    found: dict[tuple[Key, str], list[Crash]] = defaultdict(list)
    for pod in inventory.pods:
        if pod.state is None or pod.phase == "Succeeded" or told_to_stop(pod) or _healed(inventory, pod):
            continue
        for crash in _crashes(inventory, pod):
            found[key_of(crash.owner), crash.state.name].append(crash)
    for crashes in found.values():
        crashes.sort(key=lambda crash: (not crash.looping, -crash.when, crash.pod.uid))
        enough = sum(crash.ends for crash in crashes) >= inventory.limit(ENDS)
        if enough or any(crash.looping or crash.bare for crash in crashes):
            yield _told(inventory, crashes)


def _healed(inventory: Inventory, pod: Pod) -> bool:
    ready = pod.condition("Ready")
    return pod.ready and ready is not None and not within(ready.since, inventory.now, inventory.limit(HEALED))


def _crashes(inventory: Inventory, pod: Pod) -> Iterator[Crash]:
    owner = top_owner(inventory, pod)
    bare = pod.phase == "Failed" and not pod.owners and pipeline_of(pod) is None
    for state in pod.troubled:
        ends = [end for end in ends_of(pod) if end.state is state]
        end = ends[-1] if ends else None
        looping = state.waiting is not None and state.waiting.reason in LOOPING
        if end and (end.oom_killed or cleaned_up(end) or (not looping and end.ended.exit_code == 0)):
            continue
        if pod.phase == "Failed" and _is_sidecar(pod, state):
            continue
        recent = bare and end is not None and within(end.ended.finished, inventory.now, inventory.window)
        count = _failing_ends(inventory, pod, state, ends)
        if looping or recent or count:
            yield Crash(owner, pod, state, end, count, looping, recent)


def _is_sidecar(pod: Pod, state: ContainerState) -> bool:
    container = container_of(pod, state.name)
    return container is not None and container.sidecar


def _failing_ends(inventory: Inventory, pod: Pod, state: ContainerState, ends: list[End]) -> int:
    """Failing ends inside the period that the status proves."""
    now, period = inventory.now, inventory.limit(PERIOD)
    seen = sum(1 for end in ends if end.ended.exit_code and within(end.ended.finished, now, period))
    if not seen:
        return 0
    if pod.phase == "Failed":
        healed = replaced(inventory, pod, settled=inventory.limit(HEALED))
        return seen if whole_in(inventory, PODS, pod.namespace) and not healed else 0
    started = pod.state.started if pod.state else ""
    if within(started, now, period):
        return max(seen, state.restarts)
    return max(seen, int(inventory.limit(ENDS))) if _backed_off(inventory, state) else seen


def _backed_off(inventory: Inventory, state: ContainerState) -> bool:
    """
    Whether the container waited so long for its present run that failures in a row must have come before
    it.
    """
    ended, started = instant(state.last.finished if state.last else ""), instant(state.running_since)
    waited = started - ended if started and ended else 0.0
    return waited >= inventory.limit(PAUSE) and state.restarts >= inventory.limit(ENDS)


def _told(inventory: Inventory, crashes: list[Crash]) -> Sighting:
    first = crashes[0]
    log = log_of(inventory, first.pod, first.state.name)
    lines = last_lines(log)
    replicas = workload_of(inventory, first.owner)
    mild = first.bare or not first.pod.owners or enough_ready(inventory, first.owner)
    ended = first.end.ended if first.end else None
    ready = first.pod.condition("Ready")
    return Sighting(
        subject=first.owner,
        kind=Kind.CRASH_LOOP,
        severity=Severity.MEDIUM if mild else Severity.HIGH,
        confidence=Confidence.OBSERVED if first.looping or first.bare else Confidence.DERIVED,
        cause_class=_class_of(first, lines),
        message=_message(inventory, crashes),
        facts={
            "class": _class_of(first, lines),
            "container": first.state.name,
            "init": first.state.list == "initContainerStatuses",
            "restart_count": max(crash.state.restarts for crash in crashes),
            "exit_code": ended.exit_code if ended else None,
            "reason": ended.reason if ended else None,
            "start_error": (_start_error(ended) or None) if ended else None,
            "ready_replicas": ready_replicas(inventory, first.owner),
            "wanted_replicas": replicas.wanted if replicas else None,
            "last_log_lines": lines,
        },
        evidence=[*_evidence(crashes), *([last_line(log)] if log else [])],
        discriminator=first.state.name,
        pods=[crash.pod for crash in crashes],
        onset=ready.since if ready and not first.pod.ready else "",
        last_seen=ended.finished if ended else "",
    )


def _class_of(crash: Crash, lines: list[str] | None) -> str:
    if crash.bare:
        return "bare-pod"
    if crash.end is None:
        return "app"
    ended = crash.end.ended
    message = _start_error(ended).lower()
    if ended.exit_code == 0:
        return "exits-zero"
    if "exec format error" in " ".join([message, *(lines or [])]).lower():
        return "exec-format"
    if ended.exit_code == 126 or "permission denied" in message:
        return "permission"
    if ended.exit_code == 127 or any(word in message for word in MISSING_COMMAND):
        return "command"
    return "app"


def _start_error(ended: Terminated) -> str:
    """
    What the runtime says of an entry point that could not be started; the program's own words are left
    alone.
    """
    if ended.reason not in ("StartError", "ContainerCannotRun"):
        return ""
    return ended.message.partition("exec: ")[2]


def _code(ended: Terminated | None) -> str:
    if ended is None:
        return "no exit code left"
    words = ", ".join(filter(None, [ended.reason, _start_error(ended)]))
    return f"exit code {ended.exit_code}" + (f" ({words})" if words else "")


def _message(inventory: Inventory, crashes: list[Crash]) -> str:
    first = crashes[0]
    ended = first.end.ended if first.end else None
    code = _code(ended)
    since = age(ended.finished, inventory.now) if ended else None
    ago = f"last end {spoken(since)} ago" if since is not None else "time of the last end unknown"
    init = "init container" if first.state.list == "initContainerStatuses" else "container"
    if first.bare:
        return f"bare pod failed and nothing starts it again: {init} {first.state.name}, {code}, {ago}"
    pods = len({crash.pod.uid for crash in crashes})
    who = f"{init} {first.state.name}" + (f" of {pods} pods" if pods > 1 else "")
    if first.looping:
        restarts = max(crash.state.restarts for crash in crashes)
        how = f"{restarts} restarts, {ago}"
    else:
        period = spoken(inventory.limit(PERIOD))
        how = f"at least {sum(crash.ends for crash in crashes)} failing ends in {period}, {ago}"
    workload = workload_of(inventory, first.owner)
    ready = (
        f"; {ready_replicas(inventory, first.owner) or 0} of {workload.wanted} replicas ready"
        if workload
        else ""
    )
    return f"{who} keeps crashing with {code}: {how}{ready}"


def _evidence(crashes: list[Crash]) -> Iterator[Evidence]:
    first = crashes[0]
    if first.looping and first.state.waiting:
        yield Evidence(
            subject=first.pod, path=first.state.path("state.waiting.reason"), value=first.state.waiting.reason
        )
        yield Evidence(subject=first.pod, path=first.state.path("restartCount"), value=first.state.restarts)
    for crash in crashes[:2]:
        if crash.end:
            ended = crash.end.ended
            yield Evidence(
                subject=crash.pod, path=crash.end.path("exitCode"), value=ended.exit_code,
                observed_at=ended.finished,
            )  # fmt: skip
