"""
Planted faults of GPU allocation, each with A100 pools of its own so that no other fault's pods stray into it.
"""

from .base import available
from .client import Json
from .fault import Fault, Stage, Subject
from .manifests import GPU, GPU_TOLERATION, container, deployment, job, pod_spec
from .nodes import add_nodes, gpu_node

IDLE_POOL, MIXED_POOL, LOST_POOL = "a100-idle", "a100-mixed", "a100-lost"
PINNED_POOL, HALF_EMPTY_POOL = "a100-pinned", "a100-half-empty"
LOST_NODE = "a100-lost-0"


def _idle_nodes(stage: Stage) -> None:
    add_nodes(stage.client, [gpu_node(f"{IDLE_POOL}-{index}", pool=IDLE_POOL) for index in range(2)])


def _nothing_to_wait_for(stage: Stage) -> bool:
    return True


def _cpu_work_on_gpu_nodes(stage: Stage) -> None:
    add_nodes(stage.client, [gpu_node(f"{MIXED_POOL}-0", pool=MIXED_POOL)])
    busy = pod_spec(container("serve", cpu="8", memory="64Gi", gpus=6), gpu_pool=MIXED_POOL)
    parsing = pod_spec(container("parse", cpu="40", memory="256Gi"), gpu_pool=MIXED_POOL)
    stage.client.apply(deployment(stage.namespace, "llm-server", busy))
    stage.client.apply(deployment(stage.namespace, "pdf-parser", parsing, replicas=2))


def _both_run(stage: Stage) -> bool:
    counts = [available(stage.client, stage.namespace, name) for name in ("llm-server", "pdf-parser")]
    return counts == [1, 2]


def _larger_than_any_node(stage: Stage) -> None:
    spec = pod_spec(container("train", cpu="8", memory="64Gi", gpus=16), tolerations=[GPU_TOLERATION])
    stage.client.apply(job(stage.namespace, "finetune-70b", spec))


def _no_toleration(stage: Stage) -> None:
    spec = pod_spec(container("embed", gpus=1))
    stage.client.apply(deployment(stage.namespace, "embedder", spec))


def _is_unschedulable(stage: Stage) -> bool:
    return stage.heard("FailedScheduling", f"Insufficient {GPU}") or stage.heard("FailedScheduling", "taint")


def _devices_lost(stage: Stage) -> None:
    add_nodes(stage.client, [gpu_node(LOST_NODE, pool=LOST_POOL, allocatable_gpus=6)])
    spec = pod_spec(container("infer", cpu="8", memory="64Gi", gpus=6), gpu_pool=LOST_POOL)
    stage.client.apply(deployment(stage.namespace, "infer", spec))


def _infer_runs(stage: Stage) -> bool:
    return available(stage.client, stage.namespace, "infer") == 1


def _reclaim_blocked(stage: Stage) -> None:
    add_nodes(stage.client, [gpu_node(f"{PINNED_POOL}-0", pool=PINNED_POOL)])
    spec = pod_spec(container("exporter"), gpu_pool=PINNED_POOL)
    stage.client.apply(deployment(stage.namespace, "label-cache", spec))
    stage.client.apply(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "label-cache", "namespace": stage.namespace},
            "spec": {
                "maxUnavailable": 0,
                "selector": {"matchLabels": {"app.kubernetes.io/name": "label-cache"}},
            },
        }
    )


def _no_disruption_allowed(stage: Stage) -> bool:
    status: Json = stage.get("policy/v1", "PodDisruptionBudget", "label-cache").get("status", {})
    counted = status.get("expectedPods") == 1 and status.get("currentHealthy") == 1
    return counted and status.get("disruptionsAllowed") == 0


def _half_empty_pool(stage: Stage) -> None:
    nodes = [gpu_node(f"{HALF_EMPTY_POOL}-{index}", pool=HALF_EMPTY_POOL) for index in range(2)]
    add_nodes(stage.client, nodes)
    anti = {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "topologyKey": "kubernetes.io/hostname",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "rerank"}},
            }
        ]
    }
    spec = pod_spec(
        container("rerank", cpu="8", memory="64Gi", gpus=2),
        gpu_pool=HALF_EMPTY_POOL,
        affinity={"podAntiAffinity": anti},
    )
    stage.client.apply(deployment(stage.namespace, "rerank", spec, replicas=2))


def _rerank_runs(stage: Stage) -> bool:
    return available(stage.client, stage.namespace, "rerank") == 2


def _pool(name: str) -> Subject:
    return Subject("", "NodePool", "", name)


GPU_FAULTS = (
    Fault(
        "gpu-nodes-idle",
        "GPU101",
        _pool(IDLE_POOL),
        "A100",
        _idle_nodes,
        _nothing_to_wait_for,
        also=frozenset({"GPU120", "CST101"}),
    ),
    Fault(
        "cpu-work-on-gpus",
        "GPU109",
        Subject("apps", "Deployment", "cpu-work-on-gpus", "pdf-parser"),
        "A100",
        _cpu_work_on_gpu_nodes,
        _both_run,
    ),
    Fault(
        "gpu-pod-too-large",
        "GPU111",
        Subject("batch", "Job", "gpu-pod-too-large", "finetune-70b"),
        "larger-than-any-node",
        _larger_than_any_node,
        _is_unschedulable,
        also=frozenset({"JOB104", "GPU120"}),
    ),
    Fault(
        "gpu-pod-repelled",
        "GPU111",
        Subject("apps", "Deployment", "gpu-pod-repelled", "embedder"),
        "taint",
        _no_toleration,
        _is_unschedulable,
        also=frozenset({"WRK106", "GPU120"}),
    ),
    Fault(
        "gpu-lost",
        "GPU114",
        Subject("", "Node", "", LOST_NODE),
        "6",
        _devices_lost,
        _infer_runs,
        also=frozenset({"CST101", "GPU120"}),
    ),
    Fault(
        "reclaim-blocked",
        "GPU119",
        Subject("policy", "PodDisruptionBudget", "reclaim-blocked", "label-cache"),
        f"{PINNED_POOL}-0",
        _reclaim_blocked,
        _no_disruption_allowed,
        also=frozenset({"GPU101", "GPU109", "GPU120", "CST101"}),
    ),
    Fault(
        "pool-half-empty",
        "GPU120",
        _pool(HALF_EMPTY_POOL),
        "low",
        _half_empty_pool,
        _rerank_runs,
        also=frozenset({"CST101"}),
    ),
)
