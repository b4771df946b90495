"""The ReplicaSets and Deployments that own the pods, and their namespaces, so that owners resolve."""

from __future__ import annotations

from collections import Counter

from benchmarks.cluster.containers import application, proxy, volumes
from benchmarks.cluster.identity import DAY, HOUR, ago, random_for, uid
from benchmarks.cluster.managed_fields import field_set, managed
from benchmarks.cluster.pods import accelerator_tolerations, spread, template_annotations, template_labels
from benchmarks.cluster.population import SYSTEM_NAMESPACES, Population, Workload
from benchmarks.cluster.template import compact

GONE = ("evicted", "lost-node")  # a ReplicaSet no longer counts pods that failed or are being deleted
UNREADY = ("crash-loop", "memory-kill-loop", "image-pull", "missing-secret", "unschedulable", "not-ready")


def namespace_text(population: Population, place: int) -> str:
    """The JSON text of the namespace at this place of the list."""
    name = population.namespaces[place]
    team = {} if name in SYSTEM_NAMESPACES else {"team": name.split("-")[1]}
    metadata = {
        "name": name,
        "uid": uid(random_for(population.sizes.seed, f"namespace-{name}", 0)),
        "resourceVersion": str(1000 + place),
        "creationTimestamp": ago(200 * DAY),
        "labels": {"kubernetes.io/metadata.name": name, **team},
    }
    return compact(
        {"metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    )


def replica_set_text(population: Population, place: int) -> str:
    """The JSON text of the live ReplicaSet of the workload at this place."""
    workload = population.workloads[place]
    wanted, ready = replica_counts(population, workload)
    template = _pod_template(workload, template_labels(workload))
    selector = {"app": workload.name, "pod-template-hash": workload.template_hash}
    metadata = {
        "name": workload.replica_set,
        "namespace": workload.namespace,
        "uid": workload.replica_set_uid,
        "resourceVersion": str(800_000_000 + place),
        "generation": 1,
        "creationTimestamp": ago(workload.age - HOUR),
        "labels": template_labels(workload),
        "annotations": {
            "deployment.kubernetes.io/desired-replicas": str(wanted),
            "deployment.kubernetes.io/max-replicas": str(wanted + -(-wanted // 4)),
            "deployment.kubernetes.io/revision": "7",
        },
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": workload.name,
                "uid": workload.deployment_uid,
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
        "managedFields": [_managed(workload, template)],
    }
    spec = {"replicas": wanted, "selector": {"matchLabels": selector}, "template": template}
    status = {
        "replicas": wanted,
        "fullyLabeledReplicas": wanted,
        **_when_any("readyReplicas", ready),
        **_when_any("availableReplicas", ready),
        "observedGeneration": 1,
    }
    return compact({"metadata": metadata, "spec": spec, "status": status})


def deployment_text(population: Population, place: int) -> str:
    """The JSON text of the Deployment of the workload at this place."""
    workload = population.workloads[place]
    labels = {key: value for key, value in template_labels(workload).items() if key != "pod-template-hash"}
    template = _pod_template(workload, labels)
    wanted, ready = replica_counts(population, workload)
    metadata = {
        "name": workload.name,
        "namespace": workload.namespace,
        "uid": workload.deployment_uid,
        "resourceVersion": str(850_000_000 + place),
        "generation": 7,
        "creationTimestamp": ago(workload.age),
        "labels": labels,
        "annotations": {"deployment.kubernetes.io/revision": "7"},
        "managedFields": [_managed(workload, template)],
    }
    rolling = {"maxUnavailable": "25%", "maxSurge": "25%"}
    spec = {
        "replicas": wanted,
        "selector": {"matchLabels": {"app": workload.name}},
        "template": template,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    return compact(
        {"metadata": metadata, "spec": spec, "status": _deployment_status(workload, wanted, ready)}
    )


def replica_counts(population: Population, workload: Workload) -> tuple[int, int]:
    """Replicas wanted and replicas ready."""
    faults = population.faults_of_workloads.get(workload.index, Counter())
    wanted = workload.replicas - sum(faults[fault] for fault in GONE)
    return wanted, wanted - sum(faults[fault] for fault in UNREADY)


def _deployment_status(workload: Workload, wanted: int, ready: int) -> dict[str, object]:
    available = ready >= wanted - wanted // 4  # maxUnavailable is rounded down
    minimum = "MinimumReplicasAvailable" if available else "MinimumReplicasUnavailable"
    has = "has" if available else "does not have"
    progressed = f'ReplicaSet "{workload.replica_set}" has successfully progressed.'
    return {
        "observedGeneration": 7,
        "replicas": wanted,
        "updatedReplicas": wanted,
        **_when_any("readyReplicas", ready),
        **_when_any("availableReplicas", ready),
        **_when_any("unavailableReplicas", wanted - ready),
        "conditions": [
            _condition("Progressing", True, workload.age, "NewReplicaSetAvailable", progressed),
            _condition("Available", available, 2 * HOUR, minimum, f"Deployment {has} minimum availability."),
        ],
    }


def _condition(kind: str, good: bool, since: int, reason: str, message: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": "True" if good else "False",
        "lastUpdateTime": ago(since),
        "lastTransitionTime": ago(since),
        "reason": reason,
        "message": message,
    }


def _when_any(name: str, count: int) -> dict[str, int]:
    """Go leaves a zero out (omitempty)."""
    return {name: count} if count else {}


def _pod_template(workload: Workload, labels: dict[str, str]) -> dict[str, object]:
    """The template has no token volume: admission adds that to each pod."""
    containers = [application(workload, ""), proxy("")]
    for container in containers:
        container["volumeMounts"] = [{"name": "config", "mountPath": "/etc/app"}]
    tolerations = accelerator_tolerations(workload)
    selector = {"nodeSelector": {"pool": workload.node_selector}} if workload.node_selector else {}
    return {
        "metadata": {"labels": labels, "annotations": template_annotations(workload)},
        "spec": {
            "volumes": volumes(workload, "")[:2],
            "containers": containers,
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            **selector,
            "serviceAccountName": workload.name,
            "serviceAccount": workload.name,
            "securityContext": {"fsGroup": 1337},
            "affinity": spread(workload),
            "schedulerName": "default-scheduler",
            **({"tolerations": tolerations} if tolerations else {}),
        },
    }


def _managed(workload: Workload, template: dict[str, object]) -> dict[str, object]:
    fields = {"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": field_set(template)}}
    return managed("kube-controller-manager", ago(workload.age), fields, api_version="apps/v1")
