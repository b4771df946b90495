"""
For every rule a world in which it must fire, and one that looks alike in which it must not.
"""

from collections.abc import Sequence
from typing import Any

from scanners.facts import slices
from scanners.facts.inventory import Inventory
from scanners.facts.network import MutatingWebhookConfiguration, Service, Webhook, WebhookRule
from scanners.facts.pod import Container, PodTemplate
from scanners.facts.quota import Namespace, ResourceQuota
from scanners.facts.ref import Ref
from scanners.finding import nobody
from scanners.kinds import Kind
from tests.correlate.worlds import (
    Sighted,
    attachment,
    bound_to,
    claim,
    cronjob,
    deployment,
    inventory,
    job,
    node,
    pod_of,
    pool,
    registry,
    seen,
    volume,
)  # fmt: skip

World = tuple[Inventory, Sighted]

ONE, TWO = node("gpu-01", labels={"karpenter.sh/nodepool": "gpu"}), node("gpu-02")
APP, OTHER = deployment("app"), deployment("other")
TRAIN, NIGHTLY = job("train"), cronjob("nightly")
DATA = claim("data", volume="pv-data", access_modes=("ReadWriteOnce",))
DISK = volume("pv-data", claim=bound_to(DATA), server="10.0.0.9")
QUOTA = ResourceQuota(name="team", namespace="ml", uid="q")
DNS = Service(name="kube-dns", namespace="kube-system", uid="s-dns", selector={"k8s-app": "kube-dns"})
COREDNS = deployment("coredns", "kube-system", template_labels={"k8s-app": "kube-dns"})
FRONT = Service(name="front", namespace="ml", uid="s-front", selector={"app": "app"})
ON_PODS = WebhookRule(groups=("",), resources=("pods",), operations=("CREATE",))
GUARD = MutatingWebhookConfiguration(
    name="guard", uid="w", webhooks=(Webhook("v.guard", service=("ml", "front", 443), rules=(ON_PODS,)),)
)
PLUGIN = deployment("device-plugin", "gpu-operator")
RANK = PodTemplate(containers=(Container(name="main"),), restart_policy="Never")


def world(*sighted: Any) -> World:
    objects = {
        slices.NODES: [ONE, TWO], slices.DEPLOYMENTS: [APP, OTHER, COREDNS], slices.JOBS: [TRAIN],
        slices.CRONJOBS: [NIGHTLY], slices.PERSISTENTVOLUMECLAIMS: [DATA], slices.PERSISTENTVOLUMES: [DISK],
        slices.VOLUMEATTACHMENTS: [attachment("pv-data", "gpu-01")], slices.RESOURCEQUOTAS: [QUOTA],
        slices.SERVICES: [DNS, FRONT], slices.MUTATING_WEBHOOKS: [GUARD], slices.NAMESPACES: [Namespace(name="ml")],
    }  # fmt: skip
    return inventory(objects), list(sighted)


def on(subject: Any, where: str, **words: Any) -> dict[str, Any]:
    return {"subject": subject, "pods": [pod_of(subject, on=where)], **words}


def pair(cause: tuple[Kind, dict[str, Any]], effect: tuple[Kind, dict[str, Any]]) -> World:
    (one, first), (other, second) = cause, effect
    first, second = {"since": 12, **first}, {"since": 10, **second}
    return world(
        seen(one, first.pop("subject"), code="C1", **first),
        seen(other, second.pop("subject"), code="E1", **second),
    )


def unplaced(cause: str, claims: Sequence[str] = (), **facts: Any) -> tuple[Kind, dict[str, Any]]:
    pods = [pod_of(APP, claims=claims)]
    return Kind.POD_UNSCHEDULABLE, {"subject": APP, "pods": pods, "facts": {"cause": cause, **facts}}


def kept_off(node: str, gpus: int) -> tuple[Kind, dict[str, Any]]:
    kind, words = unplaced("taint", gpus=gpus)
    return kind, {**words, "touches": [Ref("", "Node", "", node)]}


def idle(*nodes: str) -> tuple[Kind, dict[str, Any]]:
    facts = {"nodes": [{"node": node} for node in nodes], "gpus": 8 * len(nodes)}
    return Kind.GPU_NODE_IDLE, {"subject": pool("gpu"), "facts": facts, "count": len(nodes)}


def unpulled(why: str, **facts: Any) -> tuple[Kind, dict[str, Any]]:
    return Kind.IMAGE_PULL_FAILED, {"subject": APP, "cause_class": why, "facts": facts}


ASKED = {"facts": {"address": "10.96.0.10"}}
MEMORY = {"facts": {"condition": "MemoryPressure"}}
HOG = {"facts": {"usage_bytes": 900, "request_bytes": 0, "allocatable_bytes": 1000}}
SMALL = {"facts": {"usage_bytes": 100, "request_bytes": 0, "allocatable_bytes": 1000}}
ENOSPC = {"last_log_lines": ["saving step 4", "OSError: [Errno 28] No space left on device"]}
FULL_QUOTA = {"resource": "requests.nvidia.com/gpu", "used": 32, "hard": 32, "requested": 8}
LOST = {"gpus_expected": 8, "gpus_allocatable": 6}

WORLDS: dict[str, tuple[World, World]] = {
    "R-101": (
        pair((Kind.MEMORY_HOG, on(APP, "gpu-01", **HOG)), (Kind.NODE_PRESSURE, {"subject": ONE})),
        pair((Kind.MEMORY_HOG, on(APP, "gpu-01", **SMALL)), (Kind.NODE_PRESSURE, {"subject": ONE})),
    ),
    "R-102": (
        pair((Kind.NODE_PRESSURE, {"subject": ONE, **MEMORY}), (Kind.POD_EVICTED, on(APP, "gpu-01"))),
        pair((Kind.NODE_PRESSURE, {"subject": ONE, **MEMORY}), (Kind.POD_EVICTED, on(APP, "gpu-02"))),
    ),
    "R-103": (
        pair((Kind.NODE_NOT_READY, {"subject": ONE}), (Kind.POD_UNREACHABLE, on(APP, "gpu-01"))),
        pair((Kind.NODE_NOT_READY, {"subject": ONE}), (Kind.POD_UNREACHABLE, on(APP, "gpu-02"))),
    ),
    "R-104": (
        pair((Kind.NODE_NOT_READY, {"subject": ONE}), (Kind.ATTACH_CONFLICT, {"subject": DATA})),
        pair((Kind.NODE_NOT_READY, {"subject": TWO}), (Kind.ATTACH_CONFLICT, {"subject": DATA})),
    ),
    "R-105": (
        pair(
            (Kind.CRASH_LOOP, {"subject": PLUGIN}),
            (Kind.GPU_NOT_ALLOCATABLE, {"subject": ONE, "touches": [PLUGIN]}),
        ),
        pair((Kind.CRASH_LOOP, {"subject": PLUGIN}), (Kind.GPU_NOT_ALLOCATABLE, {"subject": ONE})),
    ),
    "R-108": (
        pair(
            (Kind.GPU_NOT_ALLOCATABLE, {"subject": ONE, "facts": LOST}),
            unplaced("short", gpus=2, blocked_by=["Node/gpu-01"]),
        ),
        pair(  # as short, but in a pool to which that node does not belong
            (Kind.GPU_NOT_ALLOCATABLE, {"subject": ONE, "facts": LOST}),
            unplaced("short", gpus=2, blocked_by=["Node/other-07"]),
        ),
    ),
    "R-109": (
        pair(
            (Kind.NODE_NOT_READY, {"subject": ONE}),
            unplaced("taint", blocked_by=["Node/gpu-01"]),
        ),
        pair(
            (Kind.NODE_NOT_READY, {"subject": ONE}),
            unplaced("taint", blocked_by=["Node/gpu-011"]),
        ),
    ),
    "R-112": (
        pair((Kind.NODE_PRESSURE, {"subject": ONE}), (Kind.NODE_NOT_READY, {"subject": ONE})),
        pair((Kind.NODE_PRESSURE, {"subject": ONE}), (Kind.NODE_NOT_READY, {"subject": TWO})),
    ),
    "R-113": (
        pair((Kind.NODE_PRESSURE, {"subject": ONE}), (Kind.CONTAINER_OOM, on(APP, "gpu-01"))),
        pair(
            (Kind.NODE_PRESSURE, {"subject": ONE}),
            (Kind.CONTAINER_OOM, on(APP, "gpu-01", facts={"limit_bytes": 100})),
        ),
    ),
    "R-114": (
        pair((Kind.CRASH_LOOP, {"subject": PLUGIN}), (Kind.NODE_NOT_READY, {"subject": ONE, "touches": [PLUGIN]})),
        pair((Kind.CRASH_LOOP, on(OTHER, "gpu-01")), (Kind.NODE_NOT_READY, {"subject": ONE})),
    ),
    "R-201": (
        pair(
            (Kind.QUOTA_EXHAUSTED, {"subject": QUOTA, "facts": {"refused_owners": ["Job ml/train"]}}),
            (Kind.PODS_NOT_CREATED, {"subject": TRAIN}),
        ),
        pair(
            (Kind.QUOTA_EXHAUSTED, {"subject": QUOTA, "facts": {"refused_owners": ["Job ml/train-2"]}}),
            (Kind.PODS_NOT_CREATED, {"subject": TRAIN}),
        ),
    ),
    "R-202": (
        pair(
            (Kind.IDLE_HOLDER, {"subject": APP}),
            (
                Kind.QUOTA_EXHAUSTED,
                {"subject": QUOTA, "facts": {**FULL_QUOTA, "holders": [{"owner": "Deployment/ml/app", "amount": 8}]}},
            ),
        ),
        pair(  # it holds less than is missing
            (Kind.IDLE_HOLDER, {"subject": APP}),
            (
                Kind.QUOTA_EXHAUSTED,
                {"subject": QUOTA, "facts": {**FULL_QUOTA, "holders": [{"owner": "Deployment/ml/app", "amount": 4}]}},
            ),
        ),
    ),
    "R-203": (
        pair((Kind.PODS_NOT_CREATED, {"subject": TRAIN}), (Kind.JOB_NOT_STARTED, {"subject": TRAIN})),
        pair((Kind.PODS_NOT_CREATED, {"subject": APP}), (Kind.JOB_NOT_STARTED, {"subject": TRAIN})),
    ),
    "R-208": (
        pair((Kind.POOL_FULL, {"subject": pool("gpu")}), unplaced("short", blocked_by=["NodePool/gpu"])),
        pair((Kind.POOL_FULL, {"subject": pool("gpu")}), unplaced("short", blocked_by=["NodePool/gpu2"])),
    ),
    "R-217": (
        pair((Kind.POOL_AT_MAX, {"subject": pool("gpu")}), (Kind.POOL_FULL, {"subject": pool("gpu")})),
        pair((Kind.POOL_AT_MAX, {"subject": pool("gpu")}), (Kind.POOL_FULL, {"subject": pool("cpu")})),
    ),
    "R-210": (
        pair(
            (Kind.CPU_ON_GPU_NODE, on(OTHER, "gpu-01")),
            (Kind.POD_UNSCHEDULABLE, {"subject": APP, "facts": {"cause": "slots"}, "touches": [OTHER]}),
        ),
        pair(
            (Kind.CPU_ON_GPU_NODE, on(OTHER, "gpu-01")),
            (Kind.POD_UNSCHEDULABLE, {"subject": APP, "facts": {"cause": "short"}, "touches": [OTHER]}),
        ),
    ),
    "R-212": (
        pair((Kind.VOLUME_ZONE_CONFLICT, {"subject": DATA}), unplaced("zone", claims=["data"])),
        pair((Kind.VOLUME_ZONE_CONFLICT, {"subject": DATA}), unplaced("zone", claims=["more"])),
    ),
    "R-216": (
        pair((Kind.IMAGE_PULL_FAILED, {"subject": TRAIN}), (Kind.JOB_NOT_STARTED, {"subject": TRAIN})),
        pair((Kind.IMAGE_PULL_FAILED, {"subject": APP}), (Kind.JOB_NOT_STARTED, {"subject": TRAIN})),
    ),
    "R-218": (
        pair((Kind.POD_EVICTED, {"subject": TRAIN}), (Kind.JOB_FAILED, {"subject": TRAIN})),
        pair(
            (Kind.POD_EVICTED, {"subject": TRAIN, "since": 60, "until": 50}),
            (Kind.JOB_FAILED, {"subject": TRAIN}),
        ),
    ),
    "R-219": (
        pair(
            (Kind.CRASH_LOOP, {"subject": APP}),
            (Kind.IDLE_HOLDER, {"subject": APP, "facts": {"hint": "not-ready"}}),
        ),
        pair(
            (Kind.CRASH_LOOP, {"subject": APP}),
            (Kind.IDLE_HOLDER, {"subject": APP, "facts": {"hint": "sleeps"}}),
        ),
    ),
    "R-303": (
        pair(
            (Kind.REGISTRY_FAILING, {"subject": registry("r.io"), "cause_class": "rate"}),
            unpulled("rate", registry_host="r.io"),
        ),
        pair(
            (Kind.REGISTRY_FAILING, {"subject": registry("r.io"), "cause_class": "rate"}),
            unpulled("not-found", registry_host="r.io"),
        ),
    ),
    "R-304": (
        pair((Kind.DNS_DOWN, {"subject": DNS, **ASKED}), unpulled("dns", resolver="10.96.0.10")),
        pair((Kind.DNS_DOWN, {"subject": DNS, **ASKED}), unpulled("dns", resolver="10.0.0.2")),
    ),
    "R-306": (
        pair(
            (Kind.WEBHOOK_NO_ENDPOINTS, {"subject": GUARD, "facts": {"webhook": "v.guard"}}),
            (Kind.PODS_NOT_CREATED, {"subject": APP, "facts": {"message": 'webhook "v.guard" failed'}}),
        ),
        pair(
            (Kind.WEBHOOK_NO_ENDPOINTS, {"subject": GUARD, "facts": {"webhook": "v.guard"}}),
            (Kind.PODS_NOT_CREATED, {"subject": APP, "facts": {"message": "exceeded quota: team"}}),
        ),
    ),
    "R-307": (
        pair(
            (Kind.WEBHOOK_NO_ENDPOINTS, {"subject": GUARD, "cause_class": "no-endpoints"}),
            (Kind.PODS_NOT_CREATED, {"subject": TRAIN}),
        ),
        pair(  # it was short of pods before the webhook fell silent
            (Kind.WEBHOOK_NO_ENDPOINTS, {"subject": GUARD, "cause_class": "no-endpoints"}),
            (Kind.PODS_NOT_CREATED, {"subject": TRAIN, "since": 30}),
        ),
    ),
    "R-308": (
        pair((Kind.CRASH_LOOP, {"subject": APP}), (Kind.WORKLOAD_UNAVAILABLE, {"subject": APP})),
        pair((Kind.CRASH_LOOP, {"subject": OTHER}), (Kind.WORKLOAD_UNAVAILABLE, {"subject": APP})),
    ),
    "R-402": (
        pair(
            (Kind.CLAIM_PENDING, {"subject": DATA}),
            (Kind.POD_UNSCHEDULABLE, {"subject": APP, "pods": [pod_of(APP, claims=["data"])]}),
        ),
        pair((Kind.CLAIM_PENDING, {"subject": DATA}), (Kind.POD_UNSCHEDULABLE, on(APP, ""))),
    ),
    "R-403": (
        pair(
            (Kind.VOLUME_FULL, {"subject": DATA, "facts": {"used_ratio": 0.94}}),
            (Kind.JOB_FAILED, {"subject": TRAIN, "pods": [pod_of(TRAIN, claims=["data"])], "facts": ENOSPC}),
        ),
        pair(  # full, but it fails of something else
            (Kind.VOLUME_FULL, {"subject": DATA, "facts": {"used_ratio": 0.94}}),
            (Kind.JOB_FAILED, {"subject": TRAIN, "pods": [pod_of(TRAIN, claims=["data"])]}),
        ),
    ),
    "R-404": (
        pair(
            (Kind.ATTACH_CONFLICT, {"subject": DATA}),
            (Kind.WORKLOAD_UNAVAILABLE, {"subject": APP, "pods": [pod_of(APP, claims=["data"])]}),
        ),
        pair((Kind.ATTACH_CONFLICT, {"subject": DATA}), (Kind.WORKLOAD_UNAVAILABLE, on(APP, "gpu-01"))),
    ),
    "R-405": (
        pair(
            (Kind.CRASH_LOOP, on(APP, "gpu-01")),
            (Kind.CLAIM_PENDING, {"subject": DATA, "touches": [pod_of(APP)]}),
        ),
        pair(
            (Kind.CRASH_LOOP, on(OTHER, "gpu-01")),
            (Kind.CLAIM_PENDING, {"subject": DATA, "touches": [pod_of(APP)]}),
        ),
    ),
    "R-406": (
        pair(
            (Kind.FILE_SERVER_DOWN, {"subject": nobody("FileServer", "10.0.0.9")}),
            (Kind.ATTACH_CONFLICT, {"subject": DATA}),
        ),
        pair(
            (Kind.FILE_SERVER_DOWN, {"subject": nobody("FileServer", "10.0.0.8")}),
            (Kind.ATTACH_CONFLICT, {"subject": DATA}),
        ),
    ),
    "R-501": (
        pair(
            (Kind.CONTAINER_OOM, {"subject": TRAIN, "facts": {"container": "main"}}),
            (Kind.JOB_FAILED, {"subject": TRAIN, "facts": {"container": "main"}}),
        ),
        pair(
            (Kind.CONTAINER_OOM, {"subject": TRAIN, "facts": {"container": "sidecar"}}),
            (Kind.JOB_FAILED, {"subject": TRAIN, "facts": {"container": "main"}}),
        ),
    ),
    "R-503": (
        pair((Kind.CRASH_LOOP, {"subject": TRAIN}), (Kind.JOB_FAILING, {"subject": TRAIN})),
        pair(
            (Kind.CRASH_LOOP, {"subject": TRAIN, "since": 5}),
            (Kind.JOB_FAILED, {"subject": TRAIN, "until": 10})
        ),
    ),
    "R-504": (
        pair(
            (Kind.POD_UNREACHABLE, {"subject": TRAIN, "since": 40}),
            (Kind.CRASH_LOOP, {"subject": TRAIN, "pods": [pod_of(TRAIN, template=RANK)]}),
        ),
        pair(
            (Kind.POD_UNREACHABLE, {"subject": APP, "since": 40}),
            (Kind.CRASH_LOOP, {"subject": APP, "pods": [pod_of(APP)]}),
        ),
    ),
    "R-508": (
        pair((Kind.WORKLOAD_UNAVAILABLE, {"subject": APP}), (Kind.SERVICE_NO_ENDPOINTS, {"subject": FRONT})),
        pair(
            (Kind.WORKLOAD_UNAVAILABLE, {"subject": OTHER}),
            (Kind.SERVICE_NO_ENDPOINTS, {"subject": FRONT})
        ),
    ),
    "R-511": (
        pair(
            (Kind.SERVICE_NO_ENDPOINTS, {"subject": FRONT}),
            (Kind.WEBHOOK_NO_ENDPOINTS, {"subject": GUARD})
        ),
        pair((Kind.SERVICE_NO_ENDPOINTS, {"subject": DNS}), (Kind.WEBHOOK_NO_ENDPOINTS, {"subject": GUARD})),
    ),
    "R-512": (
        pair((Kind.CRASH_LOOP, {"subject": COREDNS}), (Kind.DNS_DOWN, {"subject": DNS})),
        pair((Kind.CRASH_LOOP, {"subject": APP}), (Kind.DNS_DOWN, {"subject": DNS})),
    ),
    "R-601": (
        pair((Kind.JOB_FAILED, {"subject": NIGHTLY}), (Kind.RUNS_FAILING, {"subject": NIGHTLY})),
        pair((Kind.JOB_FAILED, {"subject": TRAIN}), (Kind.RUNS_FAILING, {"subject": NIGHTLY})),
    ),
    "R-701": (
        pair((Kind.DNS_DOWN, {"subject": DNS}), (Kind.NAME_RESOLUTION_FAILED, {"subject": APP})),
        pair((Kind.DNS_DOWN, {"subject": DNS}), (Kind.NAME_RESOLUTION_FAILED, {"subject": APP, "since": 90})),
    ),
    "R-704": (
        pair(
            (Kind.DNS_BLOCKED, {"subject": APP}),
            (Kind.CRASH_LOOP, {"subject": APP, "facts": {"reason": "no such host"}}),
        ),
        pair(
            (Kind.DNS_BLOCKED, {"subject": APP}),
            (Kind.CRASH_LOOP, {"subject": APP, "facts": {"reason": "KeyError"}}),
        ),
    ),
    "R-801": (
        pair(
            (Kind.GPU_NODE_IDLE, {"subject": pool("gpu"), "facts": {"nodes": ["gpu-01"]}}),
            (Kind.CPU_ON_GPU_NODE, on(APP, "gpu-01")),
        ),
        pair(
            (Kind.GPU_NODE_IDLE, {"subject": pool("gpu"), "facts": {"nodes": ["gpu-01"]}}),
            (Kind.CPU_ON_GPU_NODE, on(APP, "gpu-02")),
        ),
    ),
    "R-802": (
        pair(kept_off("gpu-01", gpus=4), idle("gpu-01")),
        pair(kept_off("gpu-01", gpus=8), idle("gpu-01", "gpu-02")),
    ),
}  # fmt: skip
