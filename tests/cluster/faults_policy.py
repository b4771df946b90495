"""Planted faults of quota and network policy: work refused, little room, a gap in cover, DNS shut off."""

from .base import available
from .client import wait_until
from .fault import Fault, Stage, Subject
from .manifests import GPU, container, deployment, network_policy, pod_spec, quota
from .nodes import add_nodes, gpu_node

BUDGET_POOL = "a100-budget"


def _quota_full(stage: Stage) -> None:
    stage.client.apply(quota(stage.namespace, "team-ml", pods="3", **{"requests.cpu": "8"}))
    stage.client.apply(deployment(stage.namespace, "scorer", replicas=5))


def _refused(stage: Stage) -> bool:
    refusal = stage.condition("apps/v1", "Deployment", "scorer", "ReplicaFailure")
    return "exceeded quota: team-ml" in refusal.get("message", "") and stage.heard(
        "FailedCreate", "exceeded quota"
    )


def _gpu_quota_full(stage: Stage) -> None:
    """A notebook holds a team's whole budget; its training is refused by name of the resource."""
    add_nodes(stage.client, [gpu_node(f"{BUDGET_POOL}-0", pool=BUDGET_POOL)])
    stage.client.apply(quota(stage.namespace, "gpu-budget", **{f"requests.{GPU}": "8"}))
    holder = pod_spec(container("hold", gpus=8), gpu_pool=BUDGET_POOL)
    stage.client.apply(deployment(stage.namespace, "idle-notebook", holder))
    wait_until(lambda: available(stage.client, stage.namespace, "idle-notebook") == 1, "the notebook runs")
    wanted = pod_spec(container("train", gpus=8), gpu_pool=BUDGET_POOL)
    stage.client.apply(deployment(stage.namespace, "pretrain", wanted))


def _gpu_refused(stage: Stage) -> bool:
    return stage.heard("FailedCreate", "exceeded quota: gpu-budget, requested: requests.nvidia.com/gpu=8")


def _quota_nearly_full(stage: Stage) -> None:
    stage.client.apply(quota(stage.namespace, "team-data", pods="20", **{"requests.memory": "10Gi"}))
    spec = pod_spec(container(memory="960Mi"))
    stage.client.apply(deployment(stage.namespace, "ingest", spec, replicas=10))


def _memory_counted(stage: Stage) -> bool:
    used = stage.get("v1", "ResourceQuota", "team-data").get("status", {}).get("used", {})
    return (
        used.get("requests.memory") == "9600Mi" and available(stage.client, stage.namespace, "ingest") == 10
    )


def _gap_in_cover(stage: Stage) -> None:
    covered = {"matchLabels": {"app.kubernetes.io/name": "api"}}
    stage.client.apply(network_policy(stage.namespace, "api-cover", covered, ingress=[{}], egress=[{}]))
    for name in ("api", "jupyter"):
        stage.client.apply(deployment(stage.namespace, name))


def _gap_runs(stage: Stage) -> bool:
    return all(available(stage.client, stage.namespace, name) == 1 for name in ("api", "jupyter"))


def _dns_forgotten(stage: Stage) -> None:
    https = [{"ports": [{"protocol": "TCP", "port": 443}]}]
    stage.client.apply(network_policy(stage.namespace, "lock-egress", egress=https))
    stage.client.apply(deployment(stage.namespace, "fetcher"))


def _fetcher_runs(stage: Stage) -> bool:
    return available(stage.client, stage.namespace, "fetcher") == 1


POLICY_FAULTS = (
    Fault(
        "quota-refuses",
        "QTA101",
        Subject("", "ResourceQuota", "quota-refuses", "team-ml"),
        "pods",
        _quota_full,
        _refused,
        also=frozenset({"WRK114", "WRK106"}),
    ),
    Fault(
        "gpu-quota-refuses",
        "QTA101",
        Subject("", "ResourceQuota", "gpu-quota-refuses", "gpu-budget"),
        "requests.nvidia.com/gpu",
        _gpu_quota_full,
        _gpu_refused,
        also=frozenset({"WRK114", "WRK106", "GPU111"}),
    ),
    Fault(
        "quota-nearly-full",
        "QTA102",
        Subject("", "ResourceQuota", "quota-nearly-full", "team-data"),
        "requests.memory",
        _quota_nearly_full,
        _memory_counted,
    ),
    Fault(
        "policy-gap",
        "NET101",
        Subject("apps", "Deployment", "policy-gap", "jupyter"),
        "egress",
        _gap_in_cover,
        _gap_runs,
    ),
    Fault(
        "dns-forgotten",
        "NET102",
        Subject("apps", "Deployment", "dns-forgotten", "fetcher"),
        "kube-dns",
        _dns_forgotten,
        _fetcher_runs,
    ),
)
