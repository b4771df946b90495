"""The parts of a pod's status, as a kubelet on containerd writes them."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .client import Json


@dataclass(frozen=True)
class Ending:
    """How a run of a container ended, in seconds before now."""

    exit_code: int
    reason: str = "Error"
    ran_seconds: int = 41
    ended_ago: int = 20
    message: str = ""


ERROR = Ending(1)
OOM = Ending(137, "OOMKilled")


def moment(seconds_ago: float = 0) -> str:
    """A time as the API writes it: whole seconds, UTC."""
    return (datetime.now(UTC) - timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def waiting(reason: str, message: str = "") -> Json:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(seconds: int = 5) -> Json:
    return {"running": {"startedAt": moment(seconds)}}


def terminated(ending: Ending, container_id: str) -> Json:
    state = {
        "exitCode": ending.exit_code,
        "reason": ending.reason,
        "startedAt": moment(ending.ended_ago + ending.ran_seconds),
        "finishedAt": moment(ending.ended_ago),
        "containerID": container_id,
    }
    return {"terminated": {**state, **({"message": ending.message} if ending.message else {})}}


def node_address(name: str) -> str:
    return _address("10.0", name)


def addresses(pod: Json) -> Json:
    """The addresses of a pod that has a sandbox, and of its node."""
    host, own = node_address(pod["spec"]["nodeName"]), _address("10.244", pod["metadata"]["uid"])
    return {"hostIP": host, "hostIPs": [{"ip": host}], "podIP": own, "podIPs": [{"ip": own}]}


def _address(network: str, of: str) -> str:
    digest = hashlib.sha256(of.encode()).digest()
    return f"{network}.{digest[0]}.{1 + digest[1] % 254}"


def has_sandbox(statuses: list[Json]) -> bool:
    """A pod whose containers all still wait in ContainerCreating has no network yet."""
    return any(status["state"].get("waiting", {}).get("reason") != "ContainerCreating" for status in statuses)


def container_id(pod: Json, name: str, run: int) -> str:
    return "containerd://" + hashlib.sha256(f"{pod['metadata']['uid']}/{name}/{run}".encode()).hexdigest()


def container_status(
    pod: Json,
    container: Json,
    state: Json,
    *,
    last: Ending | None = None,
    restarts: int = 0,
    ready: bool = False,
    pulled: bool = True,
) -> Json:
    """One entry of `status.containerStatuses`."""
    name = container["name"]
    digest = hashlib.sha256(container["image"].encode()).hexdigest()
    # a container that waits shows the run that ended last; one that runs has an identity of its own
    ended_run = restarts - 1 if "running" in state else restarts
    last_state = terminated(last, container_id(pod, name, ended_run)) if last else {}
    return {
        "name": name,
        "image": container["image"],
        "imageID": f"{container['image'].rsplit(':', 1)[0]}@sha256:{digest}" if pulled else "",
        "containerID": container_id(pod, name, restarts) if pulled else "",
        "restartCount": restarts,
        "ready": ready,
        "started": "running" in state,
        "state": state,
        "lastState": last_state,
    }


def pod_conditions(pod: Json, statuses: list[Json], phase: str) -> list[Json]:
    """Initialized, Ready, ContainersReady and PodReadyToStartContainers, with the kubelet's reasons."""
    unready = [status["name"] for status in statuses if not status["ready"]]
    alive = phase in ("Pending", "Running") and has_sandbox(statuses)
    ready: Json = {"status": "True"}
    if phase in ("Failed", "Succeeded"):
        ready = {"status": "False", "reason": "PodFailed" if phase == "Failed" else "PodCompleted"}
    elif unready:
        message = f"containers with unready status: [{' '.join(unready)}]"
        ready = {"status": "False", "reason": "ContainersNotReady", "message": message}
    initialized = {"status": "True", **({"reason": "PodCompleted"} if phase == "Succeeded" else {})}
    values = {
        "PodReadyToStartContainers": {"status": "True" if alive else "False"},
        "Initialized": initialized,
        "Ready": ready,
        "ContainersReady": ready,
    }
    generation = pod["metadata"].get("generation", 1)
    return [
        {"type": kind, "observedGeneration": generation, "lastTransitionTime": moment(), **value}
        for kind, value in values.items()
    ]
