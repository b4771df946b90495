"""Events as kube-apiserver lists them: 1.2 KB each, at most an hour old, about objects that exist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from benchmarks.cluster.identity import (
    HOUR,
    ago,
    hexadecimal,
    node_name,
    pod_uid,
    pod_version,
    random_for,
    uid,
)
from benchmarks.cluster.managed_fields import managed
from benchmarks.cluster.pods import age_of, is_young, scheduler_message
from benchmarks.cluster.population import Population, Sizes, Workload, populate
from benchmarks.cluster.template import compact

START = ("scheduled", "pulled", "created", "started")
OF_FAULT = {
    "crash-loop": ("back-off", "pulled"),
    "memory-kill-loop": ("back-off", "pulled"),
    "memory-kill": ("started",),
    "image-pull": ("pull-failed", "pull-back-off"),
    "missing-secret": ("config-failed",),
    "unschedulable": ("failed-scheduling",),
    "not-ready": ("unhealthy",),
    "evicted": (),
    "lost-node": ("node-not-ready", "marked-for-deletion"),
}
EVENT_FIELDS = (
    "count",
    "firstTimestamp",
    "involvedObject",
    "lastTimestamp",
    "message",
    "reason",
    "reportingComponent",
    "reportingInstance",
    "type",
)


@dataclass(frozen=True)
class Word:
    """What one component says, and how often: `repeats` is the largest count."""

    reason: str
    message: str
    component: str = "kubelet"
    type: str = "Warning"
    repeats: int = 1


def event_text(population: Population, place: int) -> str:
    """The JSON text of the event at this place of the list."""
    pod, kind = _plan(population.sizes)[place]
    workload, draw = population.workload_of(pod), random_for(population.sizes.seed, "event", place)
    name, node = population.pod_name(pod), node_name(population.node_of(pod))
    word = _word(population, workload, kind, name, node)
    if kind in START and population.pod_faults.get(pod, "") == "":
        last = first = max(1, age_of(population, pod) - START.index(kind))
    else:
        last = draw.randint(5, HOUR - 60)
        first = last if word.repeats == 1 else last + draw.randint(600, 6 * HOUR)
    times = {"firstTimestamp": ago(first), "lastTimestamp": ago(last)}
    host = node if word.component == "kubelet" else ""
    return compact(
        {
            "metadata": {
                "name": f"{name}.{hexadecimal(draw, 16)}",
                "namespace": workload.namespace,
                "uid": uid(draw),
                "resourceVersion": str(980_000_000 + place),
                "creationTimestamp": ago(first),
                "managedFields": [_managed(word, ago(last))],
            },
            "involvedObject": _involved(population, pod, name, workload, kind),
            "reason": word.reason,
            "message": word.message,
            "source": {"component": word.component, "host": host} if host else {"component": word.component},
            **times,
            "count": draw.randint(2, word.repeats) if word.repeats > 1 else 1,
            "type": word.type,
            "eventTime": None,
            "reportingComponent": word.component,
            "reportingInstance": host,
        }
    )


@lru_cache(maxsize=4)
def _plan(sizes: Sizes) -> list[tuple[int, str]]:
    """(pod, what happened), in the order of the pods' keys.

    First what the ill pods make, then the starts of young pods, then failed probes of others: cut or filled
    to the number asked for.
    """
    population = populate(sizes)
    planned = [(pod, kind) for pod, fault in population.pod_faults.items() for kind in OF_FAULT[fault]]
    planned += [(pod, kind) for pod in range(sizes.pods) if is_young(population, pod) for kind in START]
    planned = planned[: sizes.events]
    others = random_for(sizes.seed, "probes", 0)
    planned += [(others.randrange(sizes.pods), "unhealthy") for _ in range(sizes.events - len(planned))]
    return sorted(planned)


def _word(population: Population, workload: Workload, kind: str, name: str, node: str) -> Word:
    image, place = workload.image, f"{workload.namespace}/{name}"
    words = {
        "scheduled": lambda: Word(
            "Scheduled", f"Successfully assigned {place} to {node}", "default-scheduler", "Normal"
        ),
        "pulled": lambda: Word(
            "Pulled", f'Container image "{image}" already present on machine', type="Normal"
        ),
        "created": lambda: Word("Created", f"Container created: {workload.name}", type="Normal"),
        "started": lambda: Word("Started", f"Container started: {workload.name}", type="Normal"),
        "back-off": lambda: Word("BackOff", _back_off(workload, name), repeats=4000),
        "pull-failed": lambda: Word("Failed", "Error: ErrImagePull", repeats=30),
        "pull-back-off": lambda: Word("BackOff", f'Back-off pulling image "{image}"', repeats=800),
        "config-failed": lambda: Word(
            "Failed", f'Error: secret "{workload.name}-secrets" not found', repeats=900
        ),
        "failed-scheduling": lambda: Word(
            "FailedScheduling", scheduler_message(population), "default-scheduler", repeats=40
        ),
        "unhealthy": lambda: Word(
            "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", repeats=700
        ),
        "node-not-ready": lambda: Word("NodeNotReady", "Node is not ready", "node-controller"),
        "marked-for-deletion": lambda: Word(
            "TaintManagerEviction", f"Marking for deletion Pod {place}", "taint-eviction-controller", "Normal"
        ),
    }
    return words[kind]()


def _back_off(workload: Workload, name: str) -> str:
    return f"Back-off restarting failed container {workload.name} in pod {name}_{workload.namespace}"


def _involved(population: Population, pod: int, name: str, workload: Workload, kind: str) -> dict[str, str]:
    container = f"spec.containers{{{workload.name}}}"
    of_pod = kind in ("scheduled", "failed-scheduling", "node-not-ready", "marked-for-deletion")
    return {
        "kind": "Pod",
        "namespace": workload.namespace,
        "name": name,
        "uid": pod_uid(population.sizes.seed, pod),
        "apiVersion": "v1",
        "resourceVersion": pod_version(pod),
        **({} if of_pod else {"fieldPath": container}),
    }


def _managed(word: Word, time: str) -> dict[str, object]:
    fields: dict[str, object] = {f"f:{name}": {} for name in EVENT_FIELDS}
    fields["f:source"] = (
        {"f:component": {}, "f:host": {}} if word.component == "kubelet" else {"f:component": {}}
    )
    return managed(word.component, time, dict(sorted(fields.items())))
