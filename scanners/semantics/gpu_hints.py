"""
Where no exporter measures a GPU, the pod that holds it may still show that nobody works there.

Signs in a pod's own status and spec that its accelerator is held in vain. Each is only a hint: a pod that is not
Ready may compute all the same.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import Container, ContainerState, Pod
from scanners.finding import Evidence
from scanners.semantics.accelerators import is_accelerator
from scanners.semantics.times import HOUR, instant, latest, spoken

UNREADY = HOUR
"""Seconds for which a pod must not have been Ready before it counts as a hint."""


class Hint(NamedTuple):
    """
    One sign. ``name``: ``zombie`` (the container with the GPU ended, another lives on), ``not-ready`` or ``sleeps``;
    ``said`` completes "its pod …"; ``since`` RFC 3339, ``""`` where unknown.
    """

    name: str
    said: str
    since: str
    pod: Pod
    evidence: tuple[Evidence, ...]


def hints_of(inventory: Inventory, pod: Pod) -> Iterator[Hint]:
    """Every sign that a pod which holds an accelerator does not use it, the surest first."""
    yield from _zombie(inventory, pod)
    yield from _sleeping(inventory, pod)
    yield from _unready(inventory, pod)


def computes(container: Container) -> bool:
    """Whether a container asks for an accelerator itself: units, or a claimed device."""
    named = {*container.requests, *container.limits}
    return bool(container.claims) or any(is_accelerator(name) for name in named)


def _zombie(inventory: Inventory, pod: Pod) -> Iterator[Hint]:
    ended = {
        state.name: state for state in pod.troubled if state.terminated and state.list == "containerStatuses"
    }
    computing = [one.name for one in pod.template.containers if computes(one)]
    alive = [one.name for one in pod.template.containers if one.name not in ended]
    if pod.phase != "Running" or not computing or not alive or any(name not in ended for name in computing):
        return
    ends = (state.terminated for name, state in ended.items() if name in computing)
    since = latest(*(end.finished for end in ends if end))
    if inventory.now - _moment(since) >= inventory.ages.waste:
        ago = spoken(inventory.now - _moment(since))
        said = f"ended {computing[0]} {ago} ago, and {alive[0]} keeps it alive"
        yield Hint("zombie", said, since, pod, (_ended(pod, ended[computing[0]]),))


def _sleeping(inventory: Inventory, pod: Pod) -> Iterator[Hint]:
    sleeping = [one.name for one in pod.template.containers if computes(one) and one.sleeps]
    if pod.phase == "Running" and sleeping and inventory.now - _moment(pod.created) >= inventory.ages.waste:
        formula = f"the command line of container {sleeping[0]} does nothing but sleep"
        evidence = Evidence(subject=pod, path=formula, value=True, source="derived")
        yield Hint("sleeps", f"runs {sleeping[0]}, whose command only sleeps", pod.created, pod, (evidence,))


def _unready(inventory: Inventory, pod: Pod) -> Iterator[Hint]:
    ready = pod.condition("Ready")
    if pod.phase != "Running" or ready is None or ready.status != "False" or not ready.since:
        return
    lasted = inventory.now - _moment(ready.since)
    if lasted >= UNREADY:
        evidence = Evidence(
            subject=pod, path=ready.path("status"), value=ready.status, observed_at=ready.since
        )
        yield Hint("not-ready", f"has not been Ready for {spoken(lasted)}", ready.since, pod, (evidence,))


def _ended(pod: Pod, state: ContainerState) -> Evidence:
    ended = state.terminated
    assert ended is not None
    path = state.path("state.terminated.exitCode")
    return Evidence(subject=pod, path=path, value=ended.exit_code, observed_at=ended.finished)


def _moment(text: str) -> float:
    return instant(text) or 0.0
