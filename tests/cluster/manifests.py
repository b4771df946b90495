"""Objects as people write them, with only what a test means to say left open."""

from typing import Any

from .client import Json
from .commands import PLAYED

IMAGE = "registry.example.com/ml/worker:2.4.1"
GPU = "nvidia.com/gpu"
GPU_TOLERATION: Json = {"key": GPU, "operator": "Exists", "effect": "NoSchedule"}
DISK_DRIVER = "ebs.csi.aws.com"
POOL_LABEL = "eks.amazonaws.com/nodegroup"
APP_LABEL = "app.kubernetes.io/name"


def container(
    name: str = "main",
    *,
    cpu: str = "100m",
    memory: str = "128Mi",
    memory_limit: str = "",
    gpus: int = 0,
    **fields: Any,
) -> Json:
    """A container with requests; memory's limit is its request unless given."""
    requests = {"cpu": cpu, "memory": memory}
    limits = {"memory": memory_limit or memory}
    if gpus:
        requests[GPU] = limits[GPU] = str(gpus)
    resources = {"requests": requests, "limits": limits}
    return {"name": name, "image": IMAGE, "resources": resources, **fields}


def pod_spec(*containers: Json, gpu_pool: str = "", **fields: Any) -> Json:
    """A pod's spec; with `gpu_pool` it selects that pool and tolerates the GPU taint."""
    spec: Json = {"terminationGracePeriodSeconds": 0, "containers": list(containers) or [container()]}
    if gpu_pool:
        spec["nodeSelector"] = {POOL_LABEL: gpu_pool}
        spec["tolerations"] = [GPU_TOLERATION]
    return {**spec, **fields}


def template(app: str, spec: Json, kubelet: str = "", annotations: Json | None = None) -> Json:
    """A pod template; `kubelet` says who brings its pods to life: kwok, or the test (`played`)."""
    labels = {APP_LABEL: app}
    if kubelet:
        labels[PLAYED] = kubelet
    return {"metadata": {"labels": labels, "annotations": annotations or {}}, "spec": spec}


def deployment(
    namespace: str,
    name: str,
    spec: Json | None = None,
    *,
    replicas: int = 1,
    kubelet: str = "",
    **fields: Any,
) -> Json:
    body = {"replicas": replicas, **_selected(name, spec, kubelet), **fields}
    return _object("apps/v1", "Deployment", namespace, name, body)


def stateful_set(
    namespace: str,
    name: str,
    spec: Json | None = None,
    *,
    replicas: int = 1,
    claims: list[Json] | None = None,
) -> Json:
    body = {
        "replicas": replicas,
        "serviceName": name,
        "podManagementPolicy": "Parallel",
        "volumeClaimTemplates": claims or [],
        **_selected(name, spec, ""),
    }
    return _object("apps/v1", "StatefulSet", namespace, name, body)


def daemon_set(namespace: str, name: str, spec: Json | None = None) -> Json:
    return _object("apps/v1", "DaemonSet", namespace, name, _selected(name, spec, ""))


def job(namespace: str, name: str, spec: Json | None = None, *, kubelet: str = "", **fields: Any) -> Json:
    return _object("batch/v1", "Job", namespace, name, _job_spec(name, spec, kubelet, fields))


def cron_job(
    namespace: str, name: str, schedule: str, spec: Json | None = None, *, kubelet: str = "", **fields: Any
) -> Json:
    job_template = {"spec": _job_spec(name, spec, kubelet, {"backoffLimit": 0})}
    body = {"schedule": schedule, "jobTemplate": job_template, **fields}
    return _object("batch/v1", "CronJob", namespace, name, body)


def service(namespace: str, name: str, app: str = "", port: int = 80, **fields: Any) -> Json:
    ports = [{"name": "main", "port": port, "targetPort": port}]
    body = {"selector": {APP_LABEL: app or name}, "ports": ports, **fields}
    return _object("v1", "Service", namespace, name, body)


def claim(namespace: str, name: str, storage_class: str, size: str = "10Gi", **fields: Any) -> Json:
    body = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
        "storageClassName": storage_class,
        **fields,
    }
    return _object("v1", "PersistentVolumeClaim", namespace, name, body)


def volume(name: str, storage_class: str, size: str = "10Gi", zone: str = "", **fields: Any) -> Json:
    """A volume of a network disk, as a CSI provisioner leaves it."""
    body: Json = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": storage_class,
        "csi": {"driver": DISK_DRIVER, "volumeHandle": f"vol-{name}", "fsType": "ext4"},
        **fields,
    }
    if zone:
        term = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
        body["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [term]}]}}
    return _object("v1", "PersistentVolume", "", name, body)


def storage_class(name: str, binding: str = "Immediate") -> Json:
    body = {"provisioner": DISK_DRIVER, "volumeBindingMode": binding}
    return {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, **body}


def mounted(claim_name: str, spec: Json, path: str = "/data") -> Json:
    """The pod spec with a claim mounted in its first container."""
    first, *rest = spec["containers"]
    first = {**first, "volumeMounts": [{"name": "data", "mountPath": path}]}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}]
    return {**spec, "containers": [first, *rest], "volumes": volumes}


def quota(namespace: str, name: str, **hard: str) -> Json:
    """A ResourceQuota; the resources go by their own names: `**{"requests.cpu": "8"}`."""
    return _object("v1", "ResourceQuota", namespace, name, {"hard": hard})


def network_policy(namespace: str, name: str, selector: Json | None = None, **fields: Any) -> Json:
    types = [word.capitalize() for word in ("ingress", "egress") if word in fields] or ["Ingress", "Egress"]
    body = {"podSelector": selector or {}, "policyTypes": types, **fields}
    return _object("networking.k8s.io/v1", "NetworkPolicy", namespace, name, body)


def dns_egress(namespace: str) -> Json:
    """Lets every pod of a namespace ask the cluster's DNS, by UDP and TCP."""
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return network_policy(namespace, "allow-dns", egress=[{"to": [peer], "ports": ports}])


def isolated(namespace: str) -> list[Json]:
    """Policies of a tidy namespace: default deny, DNS, and peers of the same namespace."""
    peers: list[Json] = [{"podSelector": {}}]
    return [
        network_policy(namespace, "default-deny"),
        dns_egress(namespace),
        network_policy(namespace, "allow-peers", ingress=[{"from": peers}], egress=[{"to": peers}]),
    ]


def _selected(app: str, spec: Json | None, kubelet: str) -> Json:
    pods = template(app, spec or pod_spec(), kubelet)
    return {"selector": {"matchLabels": {APP_LABEL: app}}, "template": pods}


def _job_spec(name: str, spec: Json | None, kubelet: str, fields: Json) -> Json:
    pods = template(name, {"restartPolicy": "Never", **(spec or pod_spec())}, kubelet)
    return {"template": pods, **fields}


def _object(api_version: str, kind: str, namespace: str, name: str, spec: Json) -> Json:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
