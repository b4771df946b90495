"""What the kubelet would have written: phase, conditions and container states that agree with one another.

A fault is two container states and what follows from them. Reasons and messages are the kubelet's own
(k8s.io/kubernetes/pkg/kubelet: kuberuntime, status and eviction managers).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.cluster.containers import PROXY_IMAGE, application, proxy
from benchmarks.cluster.identity import DAY, HOUR, NODE_LOST, ago, digest, hexadecimal
from benchmarks.cluster.population import Workload


@dataclass(frozen=True)
class Stamp:
    """The strings in which two healthy pods of a workload differ."""

    name: str
    uid: str
    version: str
    created: str
    started: str
    ready: str
    node: str
    host: str
    address: str
    access: str
    container: str
    sidecar: str


@dataclass(frozen=True)
class Case:
    """What is not a matter of strings: the fault, and whether the sidecar was restarted once."""

    fault: str = ""
    sidecar_restarted: bool = False
    scheduler_message: str = ""


@dataclass(frozen=True)
class Life:
    """How one container fares; `since` is when its readiness last changed, empty for the pod's own time."""

    state: dict[str, object]
    last: dict[str, object] = field(default_factory=dict)
    restarts: int = 0
    ready: bool = True
    started: bool = True
    pulled: bool = True
    phase: str = "Running"
    since: str = ""


def pod_status(workload: Workload, stamp: Stamp, case: Case, draw: random.Random) -> dict[str, object]:
    if case.fault == "unschedulable":
        return _unschedulable(stamp, case.scheduler_message)
    main = FAULTS[case.fault](workload, stamp, draw) if case.fault in FAULTS else _running(stamp)
    sidecar = _sidecar(stamp, case, draw)
    lives = {workload.name: main, "istio-proxy": sidecar}
    return {
        "observedGeneration": 1,
        "phase": main.phase,
        "conditions": _conditions(stamp, case, lives),
        **(_eviction(workload) if case.fault == "evicted" else {}),
        "hostIP": stamp.host,
        "hostIPs": [{"ip": stamp.host}],
        "podIP": stamp.address,
        "podIPs": [{"ip": stamp.address}],
        "startTime": stamp.created,
        "containerStatuses": [
            _container("istio-proxy", PROXY_IMAGE, proxy("")["resources"], sidecar, stamp.sidecar),
            _container(
                workload.name, workload.image, application(workload, "")["resources"], main, stamp.container
            ),
        ],
        "qosClass": "Burstable",
    }


def _container(name: str, image: str, resources: object, life: Life, identifier: str) -> dict[str, object]:
    repository = image.rsplit(":", 1)[0]
    return {
        "name": name,
        "state": life.state,
        "lastState": life.last,
        "ready": life.ready,
        "restartCount": life.restarts,
        "image": image,
        "imageID": f"{repository}@sha256:{digest(image)}" if life.pulled else "",
        **({"containerID": f"containerd://{identifier}"} if life.pulled else {}),
        "started": life.started,
        "resources": resources,
    }


def _condition(kind: str, good: bool, since: str, reason: str = "", message: str = "") -> dict[str, object]:
    why = {"reason": reason, "message": message} if message else {"reason": reason} if reason else {}
    return {
        "type": kind,
        "observedGeneration": 1,
        "status": "True" if good else "False",
        "lastProbeTime": None,
        "lastTransitionTime": since,
        **why,
    }


def _conditions(stamp: Stamp, case: Case, lives: dict[str, Life]) -> list[dict[str, object]]:
    unready = [name for name, life in lives.items() if not life.ready]
    since = next((life.since for life in lives.values() if life.since), stamp.ready)
    reason = "PodFailed" if case.fault == "evicted" else "ContainersNotReady" if unready else ""
    message = (
        f"containers with unready status: [{' '.join(unready)}]" if reason == "ContainersNotReady" else ""
    )
    disruption: list[dict[str, object]] = []
    if case.fault == "evicted":
        told = "The node was low on resource: memory."
        disruption = [_condition("DisruptionTarget", True, since, "TerminationByKubelet", told)]
    if case.fault == "lost-node":
        told = "Taint manager: deleting due to NoExecute taint"
        disruption = [
            _condition("DisruptionTarget", True, ago(NODE_LOST - 300), "DeletionByTaintManager", told)
        ]
    return [
        *disruption,
        _condition("PodReadyToStartContainers", case.fault != "evicted", stamp.started),
        _condition("Initialized", True, stamp.created),
        # The node controller turns Ready alone, without a reason, when a node is lost.
        _condition("Ready", not unready and case.fault != "lost-node", since, reason, message),
        _condition(
            "ContainersReady",
            not unready,
            stamp.ready if case.fault == "lost-node" else since,
            reason,
            message,
        ),
        _condition("PodScheduled", True, stamp.created),
    ]


def _unschedulable(stamp: Stamp, message: str) -> dict[str, object]:
    waiting = _condition("PodScheduled", False, stamp.created, "Unschedulable", message)
    return {"observedGeneration": 1, "phase": "Pending", "conditions": [waiting], "qosClass": "Burstable"}


def _eviction(workload: Workload) -> dict[str, object]:
    used = f"Container {workload.name} was using 943Mi, request is 512Mi, has larger consumption of memory. "
    low = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61440Ki. "
    return {"message": low + used, "reason": "Evicted"}


def _terminated(
    exit_code: int, reason: str, started: float, finished: float, identifier: str
) -> dict[str, object]:
    return {
        "terminated": {
            "exitCode": exit_code,
            "reason": reason,
            "startedAt": ago(started),
            "finishedAt": ago(finished),
            "containerID": f"containerd://{identifier}",
        }
    }


def _waiting(reason: str, message: str) -> dict[str, object]:
    return {"waiting": {"reason": reason, "message": message}}


def _running(stamp: Stamp) -> Life:
    return Life({"running": {"startedAt": stamp.started}})


def _sidecar(stamp: Stamp, case: Case, draw: random.Random) -> Life:
    if case.fault == "evicted":
        killed = _terminated(137, "Error", 9 * HOUR, 2 * HOUR, stamp.sidecar)
        return Life(killed, ready=False, started=False)
    if case.sidecar_restarted:
        last = _terminated(255, "Unknown", 2 * DAY, HOUR, hexadecimal(draw, 64))
        return Life({"running": {"startedAt": ago(HOUR - 2)}}, last, restarts=1)
    return _running(stamp)


def _back_off(workload: Workload, stamp: Stamp, exit_code: int, reason: str, draw: random.Random) -> Life:
    """Waiting at the cap of the back-off: five minutes, the last run of some seconds within them."""
    finished = draw.randint(10, 280)
    last = _terminated(exit_code, reason, finished + draw.randint(3, 60), finished, stamp.container)
    who = f"container={workload.name} pod={stamp.name}_{workload.namespace}({stamp.uid})"
    state = _waiting("CrashLoopBackOff", f"back-off 5m0s restarting failed {who}")
    return Life(state, last, draw.randint(12, 900), ready=False, started=False, since=ago(finished))


def _crash_loop(workload: Workload, stamp: Stamp, draw: random.Random) -> Life:
    return _back_off(workload, stamp, draw.choice((1, 1, 2)), "Error", draw)


def _memory_kill_loop(workload: Workload, stamp: Stamp, draw: random.Random) -> Life:
    return _back_off(workload, stamp, 137, "OOMKilled", draw)


def _memory_kill(_workload: Workload, _stamp: Stamp, draw: random.Random) -> Life:
    """Killed at its limit within the hour, and running again."""
    finished = draw.randint(900, 3300)
    last = _terminated(137, "OOMKilled", finished + draw.randint(600, 3600), finished, hexadecimal(draw, 64))
    restarted = ago(finished - 2)
    return Life({"running": {"startedAt": restarted}}, last, draw.randint(2, 6), since=ago(finished - 17))


def _not_ready(_workload: Workload, stamp: Stamp, draw: random.Random) -> Life:
    """Runs, but its readiness probe fails."""
    return Life({"running": {"startedAt": stamp.started}}, ready=False, since=ago(draw.randint(300, 7200)))


def _image_pull(workload: Workload, _stamp: Stamp, _draw: random.Random) -> Life:
    missing = f'failed to resolve reference "{workload.image}": {workload.image}: not found'
    error = f'rpc error: code = NotFound desc = failed to pull and unpack image "{workload.image}": {missing}'
    state = _waiting("ImagePullBackOff", f'Back-off pulling image "{workload.image}": ErrImagePull: {error}')
    return Life(state, ready=False, started=False, pulled=False, phase="Pending")


def _missing_secret(workload: Workload, _stamp: Stamp, _draw: random.Random) -> Life:
    state = _waiting("CreateContainerConfigError", f'secret "{workload.name}-secrets" not found')
    return Life(state, ready=False, started=False, pulled=False, phase="Pending")


def _evicted(_workload: Workload, stamp: Stamp, _draw: random.Random) -> Life:
    killed = _terminated(137, "Error", 9 * HOUR, 2 * HOUR, stamp.container)
    return Life(killed, ready=False, started=False, phase="Failed", since=ago(2 * HOUR))


def _lost_node(_workload: Workload, stamp: Stamp, _draw: random.Random) -> Life:
    """The last the kubelet said was that all is well."""
    return Life({"running": {"startedAt": stamp.started}}, since=ago(NODE_LOST))


FAULTS: dict[str, Callable[[Workload, Stamp, random.Random], Life]] = {
    "crash-loop": _crash_loop,
    "memory-kill-loop": _memory_kill_loop,
    "memory-kill": _memory_kill,
    "not-ready": _not_ready,
    "image-pull": _image_pull,
    "missing-secret": _missing_secret,
    "evicted": _evicted,
    "lost-node": _lost_node,
}
