"""Pods as kube-apiserver lists them: about 10 KB each, two containers, owned by a ReplicaSet."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import asdict, fields
from functools import lru_cache

from benchmarks.cluster.containers import application, proxy, volumes
from benchmarks.cluster.identity import (
    DAY,
    HOUR,
    NODE_LOST,
    ago,
    digest,
    hexadecimal,
    node_address,
    node_name,
    pod_address,
    pod_uid,
    pod_version,
    random_for,
)
from benchmarks.cluster.managed_fields import field_set, managed
from benchmarks.cluster.pod_status import Case, Stamp, pod_status
from benchmarks.cluster.population import Population, Workload
from benchmarks.cluster.template import Template, compact, marker

MARKERS = Stamp(**{item.name: marker(item.name) for item in fields(Stamp)})
OWNED_SPEC = (
    "affinity", "containers", "dnsPolicy", "enableServiceLinks", "restartPolicy", "schedulerName",
    "securityContext", "serviceAccount", "serviceAccountName", "terminationGracePeriodSeconds", "volumes",
)  # fmt: skip


def pod_text(population: Population, pod: int) -> str:
    """The JSON text of one pod; ill ones are rendered whole, the rest from their workload's template."""
    workload, fault = population.workload_of(pod), population.pod_faults.get(pod, "")
    draw = random_for(population.sizes.seed, "pod-times", pod)
    stamp = _stamp(population, pod, draw)
    if fault:
        case = Case(fault, scheduler_message=scheduler_message(population))
        return compact(pod_object(workload, stamp, case, draw))
    restarted = pod % 17 == 0 and not is_young(population, pod)
    return _template(workload, restarted).fill(asdict(stamp))


def is_young(population: Population, pod: int) -> bool:
    """One healthy pod in twelve was started within the last hour: the events of its start are still kept."""
    return pod % 12 == 5 and pod not in population.pod_faults


def age_of(population: Population, pod: int) -> int:
    """Seconds since the pod was made."""
    draw = random_for(population.sizes.seed, "pod-age", pod)
    if is_young(population, pod):
        return draw.randint(120, HOUR - 300)
    return draw.randint(2 * HOUR, population.workload_of(pod).age - DAY)


def _stamp(population: Population, pod: int, draw: random.Random) -> Stamp:
    age, node = age_of(population, pod), population.node_of(pod)
    return Stamp(
        name=population.pod_name(pod),
        uid=pod_uid(population.sizes.seed, pod),
        version=pod_version(pod),
        created=ago(age),
        started=ago(age - 4),
        ready=ago(age - 19),
        node=node_name(node),
        host=node_address(node),
        address=pod_address(pod),
        access="".join(draw.choices("bcdfghjklmnpqrstvwxz2456789", k=5)),
        container=hexadecimal(draw, 64),
        sidecar=hexadecimal(draw, 64),
    )


@lru_cache(maxsize=32)
def _template(workload: Workload, sidecar_restarted: bool) -> Template:
    case = Case(sidecar_restarted=sidecar_restarted)
    draw = random.Random(workload.index)
    return Template(compact(pod_object(workload, MARKERS, case, draw)))


def scheduler_message(population: Population) -> str:
    """Why nobody takes a pod that asks for a node pool which is gone, as kube-scheduler words it."""
    total, faults = population.sizes.nodes, Counter(population.node_faults.values())
    reasons = {
        "node(s) had untolerated taint {nvidia.com/gpu: present}": len(population.gpu_nodes),
        "node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }": faults["disk-pressure"],
        "node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }": faults["memory-pressure"],
        "node(s) had untolerated taint {node.kubernetes.io/unreachable: }": faults["lost"],
        "node(s) were unschedulable": faults["cordoned"],
    }
    reasons["node(s) didn't match Pod's node affinity/selector"] = total - sum(reasons.values())
    parts = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items() if count))
    preemption = f"0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
    return f"0/{total} nodes are available: {parts}. preemption: {preemption}"


def pod_object(workload: Workload, stamp: Stamp, case: Case, draw: random.Random) -> dict[str, object]:
    spec = _spec(workload, stamp, scheduled=case.fault != "unschedulable")
    status = pod_status(workload, stamp, case, draw)
    return {"metadata": _metadata(workload, stamp, case, spec, status), "spec": spec, "status": status}


def template_labels(workload: Workload) -> dict[str, str]:
    """The labels of the ReplicaSet's pod template; the Deployment's has all but the hash."""
    return {
        "app": workload.name,
        "app.kubernetes.io/name": workload.name,
        "app.kubernetes.io/part-of": workload.namespace,
        "app.kubernetes.io/version": workload.image.rsplit(":", 1)[-1],
        "pod-template-hash": workload.template_hash,
        "team": workload.team,
    }


def template_annotations(workload: Workload) -> dict[str, str]:
    return {
        "checksum/config": digest(workload.name),
        "kubectl.kubernetes.io/restartedAt": ago(workload.age - HOUR),
        "prometheus.io/port": "8080",
        "prometheus.io/scrape": "true",
        "sidecar.istio.io/status": '{"initContainers":["istio-init"],"containers":["istio-proxy"]}',
    }


def _metadata(
    workload: Workload,
    stamp: Stamp,
    case: Case,
    spec: dict[str, object],
    status: dict[str, object],
) -> dict[str, object]:
    labels, annotations = template_labels(workload), template_annotations(workload)
    deletion: dict[str, object] = {}
    if case.fault == "lost-node":
        # Deleted when the taint's 300 s ran out; the node's kubelet is not there to finish it.
        deletion = {"deletionTimestamp": ago(NODE_LOST - 330), "deletionGracePeriodSeconds": 30}
    return {
        "name": stamp.name,
        "generateName": f"{workload.replica_set}-",
        "namespace": workload.namespace,
        "uid": stamp.uid,
        "resourceVersion": stamp.version,
        "generation": 2 if deletion else 1,
        "creationTimestamp": stamp.created,
        **deletion,
        "labels": labels,
        "annotations": annotations,
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": workload.replica_set,
                "uid": workload.replica_set_uid,
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
        "managedFields": [
            managed(
                "kube-controller-manager",
                stamp.created,
                _owned_by_controller(workload, labels, annotations, spec),
            ),
            _status_manager(stamp, case, status),
        ],
    }


def _owned_by_controller(
    workload: Workload, labels: dict[str, str], annotations: dict[str, str], spec: dict[str, object]
) -> dict[str, object]:
    return {
        "f:metadata": {
            "f:annotations": {".": {}, **field_set(annotations)},
            "f:generateName": {},
            "f:labels": {".": {}, **field_set(labels)},
            "f:ownerReferences": {".": {}, f'k:{{"uid":"{workload.replica_set_uid}"}}': {}},
        },
        "f:spec": field_set({key: spec[key] for key in OWNED_SPEC}),
    }


def _status_manager(stamp: Stamp, case: Case, status: dict[str, object]) -> dict[str, object]:
    conditions = {"f:conditions": {".": {}, **field_set(status["conditions"])}}
    if case.fault == "unschedulable":
        return managed("kube-scheduler", stamp.created, {"f:status": conditions}, subresource="status")
    address: dict[str, object] = {".": {}, f'k:{{"ip":"{stamp.address}"}}': {".": {}, "f:ip": {}}}
    kubelet = {
        **conditions,
        "f:containerStatuses": {},
        "f:hostIP": {},
        "f:hostIPs": {},
        "f:phase": {},
        "f:podIP": {},
        "f:podIPs": address,
        "f:startTime": {},
    }
    return managed("kubelet", stamp.ready, {"f:status": kubelet}, subresource="status")


def _spec(workload: Workload, stamp: Stamp, *, scheduled: bool) -> dict[str, object]:
    return {
        "volumes": volumes(workload, stamp.access),
        "containers": [application(workload, stamp.access), proxy(stamp.access)],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        **({"nodeSelector": {"pool": workload.node_selector}} if workload.node_selector else {}),
        "serviceAccountName": workload.name,
        "serviceAccount": workload.name,
        **({"nodeName": stamp.node} if scheduled else {}),
        "securityContext": {"fsGroup": 1337},
        "affinity": spread(workload),
        "schedulerName": "default-scheduler",
        "tolerations": _tolerations(workload),
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }


def spread(workload: Workload) -> dict[str, object]:
    term = {"labelSelector": {"matchLabels": {"app": workload.name}}, "topologyKey": "kubernetes.io/hostname"}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def accelerator_tolerations(workload: Workload) -> list[dict[str, object]]:
    return [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}] if workload.gpus else []


def _tolerations(workload: Workload) -> list[dict[str, object]]:
    """The template's own, and the two that admission adds to every pod."""
    return accelerator_tolerations(workload) + [
        {
            "key": f"node.kubernetes.io/{fault}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 300,
        }
        for fault in ("not-ready", "unreachable")
    ]
