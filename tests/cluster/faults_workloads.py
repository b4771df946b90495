"""Planted faults of services: crash loops, images, missing references, no room, stuck rollouts."""

from .base import available
from .client import Json
from .containerstate import Ending
from .fault import Fault, Settled, Stage, Subject
from .kubelet import image_denied, image_not_found
from .manifests import container, deployment, pod_spec, service

MISSING_IMAGE = "registry.example.com/ml/serving:v9.9.9"
PRIVATE_IMAGE = "docker.io/example/private-llm:1.0"


def _crash_loop(stage: Stage) -> None:
    stage.client.apply(deployment(stage.namespace, "recommender", replicas=2, kubelet="played"))


def _crashes(stage: Stage, pod: Json) -> None:
    log = "connecting to redis:6379\npanic: dial tcp: lookup redis: no such host\n"
    stage.kubelet.crash_loops(pod, Ending(2, ran_seconds=3), log=log)


def _image_missing(stage: Stage) -> None:
    spec = pod_spec({**container("serving"), "image": MISSING_IMAGE})
    stage.client.apply(deployment(stage.namespace, "serving", spec, kubelet="played"))


def _is_not_found(stage: Stage, pod: Json) -> None:
    stage.kubelet.cannot_pull(pod, image_not_found(MISSING_IMAGE))


def _image_private(stage: Stage) -> None:
    spec = pod_spec({**container("llm"), "image": PRIVATE_IMAGE})
    stage.client.apply(deployment(stage.namespace, "llm", spec, kubelet="played"))


def _is_denied(stage: Stage, pod: Json) -> None:
    stage.kubelet.cannot_pull(pod, image_denied(PRIVATE_IMAGE))


def _secret_missing(stage: Stage) -> None:
    reference = {"secretKeyRef": {"name": "hf-token", "key": "token"}}
    spec = pod_spec(container("download", env=[{"name": "HF_TOKEN", "valueFrom": reference}]))
    stage.client.apply(deployment(stage.namespace, "model-cache", spec, kubelet="played"))


def _lacks_secret(stage: Stage, pod: Json) -> None:
    stage.kubelet.lacks_config(pod, 'secret "hf-token" not found')


def _waits_because(reason: str) -> Settled:
    """Settled once every pod of the namespace has a container that waits for this reason."""

    def settled(stage: Stage) -> bool:
        pods = stage.pods()
        return bool(pods) and all(
            any(
                status["state"].get("waiting", {}).get("reason") == reason
                for status in pod["status"].get("containerStatuses", [])
            )
            for pod in pods
        )

    return settled


def _no_room(stage: Stage) -> None:
    spec = pod_spec(container("spark", cpu="64", memory="16Gi"))
    stage.client.apply(deployment(stage.namespace, "spark-thrift", spec))


def _insufficient_cpu(stage: Stage) -> bool:
    return stage.heard("FailedScheduling", "Insufficient cpu")


def _rollout_stuck(stage: Stage) -> None:
    """A new revision whose pods never become Ready, past the deadline of its rollout."""
    probe = {"httpGet": {"path": "/ready", "port": 8080}}
    spec = pod_spec(container("gateway", readinessProbe=probe))
    fields = {"progressDeadlineSeconds": 3}
    stage.client.apply(deployment(stage.namespace, "gateway", spec, replicas=2, kubelet="played", **fields))
    stage.client.apply(service(stage.namespace, "gateway"))


def _runs_unready(stage: Stage, pod: Json) -> None:
    stage.kubelet.runs(pod, ready=False)
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    stage.kubelet.event(pod, "Unhealthy", message, container="gateway", count=12)


def _deadline_exceeded(stage: Stage) -> bool:
    progress = stage.condition("apps/v1", "Deployment", "gateway", "Progressing")
    return progress.get("reason") == "ProgressDeadlineExceeded"


def _account_missing(stage: Stage) -> None:
    spec = pod_spec(serviceAccountName="pipeline-runner")
    stage.client.apply(deployment(stage.namespace, "runner", spec))


def _account_told(stage: Stage) -> bool:
    refused = stage.condition("apps/v1", "Deployment", "runner", "ReplicaFailure")
    told = stage.heard("FailedCreate", 'serviceaccount "pipeline-runner" not found')
    return (
        refused.get("status") == "True" and told and available(stage.client, stage.namespace, "runner") == 0
    )


def _deployment(namespace: str, name: str) -> Subject:
    return Subject("apps", "Deployment", namespace, name)


WORKLOAD_FAULTS = (
    Fault(
        "crash-loop",
        "WRK101",
        _deployment("crash-loop", "recommender"),
        "2",
        _crash_loop,
        _waits_because("CrashLoopBackOff"),
        _crashes,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "image-missing",
        "WRK102",
        _deployment("image-missing", "serving"),
        "not-found",
        _image_missing,
        _waits_because("ImagePullBackOff"),
        _is_not_found,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "image-private",
        "WRK102",
        _deployment("image-private", "llm"),
        "denied",
        _image_private,
        _waits_because("ImagePullBackOff"),
        _is_denied,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "secret-missing",
        "WRK103",
        _deployment("secret-missing", "model-cache"),
        "hf-token",
        _secret_missing,
        _waits_because("CreateContainerConfigError"),
        _lacks_secret,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "no-room",
        "WRK104",
        _deployment("no-room", "spark-thrift"),
        "cpu",
        _no_room,
        _insufficient_cpu,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "rollout-stuck",
        "WRK106",
        _deployment("rollout-stuck", "gateway"),
        "ProgressDeadlineExceeded",
        _rollout_stuck,
        _deadline_exceeded,
        _runs_unready,
    ),
    Fault(
        "account-missing",
        "WRK114",
        _deployment("account-missing", "runner"),
        "service-account",
        _account_missing,
        _account_told,
        also=frozenset({"WRK106"}),
    ),
)
