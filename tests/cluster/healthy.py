"""
A scanner that cries at a healthy cluster is switched off, so this is one: busy, tidy, full of look-alikes.

More than 200 pods on 14 nodes, and of every concern the state that only looks like a fault: a suspended
CronJob, a claim that waits for its first consumer, a quota at 60 %, full GPU nodes, a webhook that may fail,
a sidecar that was killed after its pod's work was done. A scan must find nothing of medium severity or above.
"""

import time

from .base import STORAGE, STORAGE_WHEN_USED, attach_volumes, lay_base
from .client import Client, Json, wait_until
from .controlplane import ControlPlane
from .kubelet import Kubelet
from .manifests import (
    GPU,
    claim,
    container,
    cron_job,
    daemon_set,
    deployment,
    isolated,
    job,
    mounted,
    pod_spec,
    quota,
    service,
    stateful_set,
    volume,
)
from .nodes import ZONES, add_nodes, gpu_node

TEAMS = ("ads", "fraud", "growth", "risk", "search", "vision")
TRAINING = "training"
MONITORING = "monitoring"
SYSTEM_DAEMONS = ("aws-node", "ebs-csi-node", "kube-proxy")
CPU_NODES, GPU_NODES = 10, 4
SERVICES, REPLICAS, SHARDS = 5, 4, 3
GPU_POOL = "a100-training"
EVERYWHERE = [{"operator": "Exists"}]


def lay_healthy(plane: ControlPlane, seconds: float = 90) -> float:
    """Lays the healthy cluster on an empty control plane; once all of it is well, the seconds taken."""
    started = time.monotonic()
    client = plane.client
    lay_base(client, CPU_NODES)
    add_nodes(client, [gpu_node(f"{GPU_POOL}-{index}", pool=GPU_POOL) for index in range(GPU_NODES)])
    for namespace in (*TEAMS, TRAINING, MONITORING):
        plane.create_namespace(namespace)
    client.apply_all(healthy_objects())
    kubelet = Kubelet(client, plane.logs)
    met: set[str] = set()

    def well() -> bool:
        plane.check()
        attach_volumes(client)
        _finish_scoring(client, kubelet, met)
        return not ailing(client)

    try:
        wait_until(well, "the healthy cluster is well", seconds, pause=0.5)
    except TimeoutError as error:
        raise TimeoutError(f"{error}; ailing: {', '.join(ailing(client)[:20])}") from None
    return time.monotonic() - started


def healthy_objects() -> list[Json]:
    """Everything but nodes and the base."""
    items = [
        policy for namespace in ("default", *TEAMS, TRAINING, MONITORING) for policy in isolated(namespace)
    ]
    for index, team in enumerate(TEAMS):
        items += _team(team, ZONES[index % 2])
    daemon = pod_spec(container(cpu="50m"), tolerations=EVERYWHERE)
    items += [daemon_set("kube-system", name, daemon) for name in SYSTEM_DAEMONS]
    items += [daemon_set(MONITORING, "node-exporter", daemon), *_training(), _lenient_webhook()]
    return items


def _team(team: str, zone: str) -> list[Json]:
    """A team's namespace: services, a sharded store, batch work done, due and paused, a quota at 60 %."""
    pods = SERVICES * REPLICAS + SHARDS
    items = [
        quota(team, "team", pods=str(round(pods / 0.6)), **{"requests.cpu": f"{round(pods * 100 / 0.6)}m"})
    ]
    for index in range(SERVICES):
        name = f"{team}-api-{index}"
        items += [deployment(team, name, replicas=REPLICAS), service(team, name), _budget(team, name)]
    claims = [claim("", "data", STORAGE)]
    store = mounted("data", pod_spec())
    del store["volumes"]
    items += [volume(f"{team}-{shard}", STORAGE, zone=zone) for shard in range(SHARDS)]
    items += [stateful_set(team, "store", store, replicas=SHARDS, claims=claims), service(team, "store")]
    items += [job(team, f"backfill-{index}") for index in range(2)]
    items += [cron_job(team, "nightly", "0 3 * * *"), cron_job(team, "paused", "*/5 * * * *", suspend=True)]
    items += [claim(team, "scratch", STORAGE_WHEN_USED), _scoring(team)]
    return items


def _training() -> list[Json]:
    """Runs that hold every GPU of the pool, under a quota that is not near its end."""
    held = GPU_NODES * 8
    spec = pod_spec(container("train", cpu="32", memory="512Gi", gpus=8), gpu_pool=GPU_POOL)
    runs = [job(TRAINING, f"pretrain-{index}", spec, kubelet="runs") for index in range(GPU_NODES)]
    return [quota(TRAINING, "gpus", **{f"requests.{GPU}": str(round(held / 0.6))}), *runs]


def _scoring(team: str) -> Json:
    """A Job's pod with a sidecar, which the kubelet kills once the work is done."""
    spec = pod_spec(container("score"), container("proxy"))
    return job(team, "scoring", spec, kubelet="played")


def _finish_scoring(client: Client, kubelet: Kubelet, met: set[str]) -> None:
    for pod in client.list("v1", "Pod", labelSelector="app.kubernetes.io/name=scoring"):
        if pod["spec"].get("nodeName") and pod["metadata"]["uid"] not in met:
            met.add(pod["metadata"]["uid"])
            kubelet.succeeds(pod, {"proxy": 137})


def _budget(namespace: str, name: str) -> Json:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": name}}},
    }


def _lenient_webhook() -> Json:
    """Nobody answers for it, and it may fail: nothing is blocked."""
    hook = {
        "name": "hints.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "timeoutSeconds": 1,
        "clientConfig": {"service": {"name": "hints", "namespace": MONITORING}},
        "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
        ],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "hints"},
        "webhooks": [hook],
    }


def ailing(client: Client) -> list[str]:
    """What is not yet as it should be, as kind/namespace/name; a claim without a consumer may wait."""
    found = []
    for kind, wanted, ready in (
        ("Deployment", "replicas", "availableReplicas"),
        ("StatefulSet", "replicas", "availableReplicas"),
        ("DaemonSet", "desiredNumberScheduled", "numberAvailable"),
    ):
        found += [item for item in client.list("apps/v1", kind) if not _complete(item, wanted, ready)]
    found += [item for item in client.list("v1", "Pod") if item["status"]["phase"] in ("Pending", "Failed")]
    found += [item for item in client.list("batch/v1", "Job") if not _done_or_running(item)]
    return [f"{item['kind']}/{item['metadata']['namespace']}/{item['metadata']['name']}" for item in found]


def _complete(item: Json, wanted: str, ready: str) -> bool:
    status = item.get("status", {})
    expected = status.get(wanted) or item["spec"].get(wanted, 1)
    observed = status.get("observedGeneration") == item["metadata"]["generation"]
    return bool(observed and status.get(ready, 0) >= expected)


def _done_or_running(item: Json) -> bool:
    status = item.get("status", {})
    return bool(status.get("succeeded") or status.get("ready"))
