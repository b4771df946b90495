"""Planted faults of memory: one kill, kills that repeat over replicas, eviction from a node that ran out."""

from .client import Json
from .containerstate import Ending
from .fault import Fault, Stage, Subject
from .manifests import IMAGE, POOL_LABEL, container, deployment, job, pod_spec
from .nodes import add_nodes, cpu_node

NOTEBOOK_POOL = "notebooks"
NOTEBOOK_NODE = "notebooks-0"


def _killed_once(stage: Stage) -> None:
    spec = pod_spec(container("ranker", memory="2Gi"))
    stage.client.apply(deployment(stage.namespace, "ranker", spec, kubelet="played"))


def _was_killed(stage: Stage, pod: Json) -> None:
    stage.kubelet.runs(pod, restarts=1, last=Ending(137, "OOMKilled", 903), ready=False)


def _last_state_is_oom(stage: Stage) -> bool:
    return any(
        status["lastState"].get("terminated", {}).get("reason") == "OOMKilled"
        for pod in stage.pods()
        for status in pod["status"].get("containerStatuses", [])
    )


def _killed_again_and_again(stage: Stage) -> None:
    spec = pod_spec(container("tokenize", memory="4Gi"))
    sizes = {"parallelism": 3, "completions": 3, "backoffLimit": 12}
    stage.client.apply(job(stage.namespace, "tokenize", spec, kubelet="played", **sizes))


def _is_killed(stage: Stage, pod: Json) -> None:
    killed = stage.get("batch/v1", "Job", "tokenize").get("status", {}).get("failed", 0)
    if killed < 3:
        stage.kubelet.is_oom_killed(pod)
    else:
        stage.kubelet.runs(pod)


def _three_killed(stage: Stage) -> bool:
    """Three attempts were killed and the controller's back-off is over: three more are running."""
    status = stage.get("batch/v1", "Job", "tokenize").get("status", {})
    return bool(status.get("failed", 0) >= 3 and status.get("ready") == 3)


def _evicted(stage: Stage) -> None:
    add_nodes(stage.client, [cpu_node(NOTEBOOK_NODE, pool=NOTEBOOK_POOL, played=True)])
    notebook = {"name": "nb", "image": IMAGE}  # no request at all: the first to go
    spec = pod_spec(notebook, nodeSelector={POOL_LABEL: NOTEBOOK_POOL})
    stage.client.apply(deployment(stage.namespace, "notebook", spec, kubelet="played"))


def _is_evicted(stage: Stage, pod: Json) -> None:
    stage.kubelet.lacks_memory(pod["spec"]["nodeName"])
    stage.kubelet.evicts(pod, "121Gi")


def _evicted_and_short(stage: Stage) -> bool:
    pods = stage.pods()
    gone = any(pod["status"].get("reason") == "Evicted" for pod in pods)
    return (
        gone and any(pod["status"]["phase"] == "Pending" for pod in pods) and stage.heard("FailedScheduling")
    )


MEMORY_FAULTS = (
    Fault(
        "oom-once",
        "OOM101",
        Subject("apps", "Deployment", "oom-once", "ranker"),
        "OOMKilled",
        _killed_once,
        _last_state_is_oom,
        _was_killed,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "oom-pattern",
        "OOM102",
        Subject("batch", "Job", "oom-pattern", "tokenize"),
        "killed",
        _killed_again_and_again,
        _three_killed,
        _is_killed,
        also=frozenset({"OOM101", "JOB102"}),
    ),
    Fault(
        "pod-evicted",
        "OOM105",
        Subject("apps", "Deployment", "pod-evicted", "notebook"),
        NOTEBOOK_NODE,
        _evicted,
        _evicted_and_short,
        _is_evicted,
        also=frozenset({"NOD102", "WRK104", "WRK106"}),
    ),
)
