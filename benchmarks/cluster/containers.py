"""The containers and volumes of a pod template: an application and its proxy."""

from __future__ import annotations

from benchmarks.cluster.population import Workload

PROXY_IMAGE = "docker.io/istio/proxyv2:1.24.2"


def application(workload: Workload, access: str) -> dict[str, object]:
    return {
        "name": workload.name,
        "image": workload.image,
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [
            *(_variable(workload, *pair) for pair in workload.environment),
            _password(workload),
            _pod_address(),
        ],
        "resources": _resources("1", "250m", "512Mi", workload.gpus),
        "volumeMounts": _mounts(access),
        "livenessProbe": _probe("/healthz"),
        "readinessProbe": _probe("/ready"),
        **_policies(),
        "securityContext": {
            "capabilities": {"drop": ["ALL"]},
            "runAsUser": 1337,
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
        },
    }


def proxy(access: str) -> dict[str, object]:
    return {
        "name": "istio-proxy",
        "image": PROXY_IMAGE,
        "args": ["proxy", "sidecar", "--proxyLogLevel=warning"],
        "ports": [{"name": "http-envoy-prom", "containerPort": 15090, "protocol": "TCP"}],
        "env": [_pod_address()],
        "resources": _resources("2", "100m", "128Mi", 0),
        "volumeMounts": _mounts(access),
        **_policies(),
    }


def volumes(workload: Workload, access: str) -> list[dict[str, object]]:
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    authority = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    sources: list[dict[str, object]] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": authority},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return [
        {"name": "config", "configMap": {"name": f"{workload.name}-config", "defaultMode": 420}},
        {"name": "tmp", "emptyDir": {}},
        {"name": f"kube-api-access-{access}", "projected": {"sources": sources, "defaultMode": 420}},
    ]


def _variable(workload: Workload, name: str, kind: str) -> dict[str, object]:
    key = name.lower()
    if kind == "literal":
        host = key.replace("_", "-")
        return {"name": name, "value": f"http://{host}.{workload.namespace}.svc.cluster.local:8080"}
    reference, holder = ("secretKeyRef", "secrets") if kind == "secret" else ("configMapKeyRef", "config")
    return {"name": name, "valueFrom": {reference: {"name": f"{workload.name}-{holder}", "key": key}}}


def _password(workload: Workload) -> dict[str, object]:
    return _variable(workload, "DATABASE_PASSWORD", "secret")


def _pod_address() -> dict[str, object]:
    return {"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}}


def _resources(cpu_limit: str, cpu: str, memory: str, gpus: int) -> dict[str, dict[str, str]]:
    accelerators = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    return {
        "limits": {"cpu": cpu_limit, "memory": "1Gi", **accelerators},
        "requests": {"cpu": cpu, "memory": memory, **accelerators},
    }


def _mounts(access: str) -> list[dict[str, object]]:
    token = "/var/run/secrets/kubernetes.io/serviceaccount"
    return [
        {"name": "config", "mountPath": "/etc/app"},
        {"name": f"kube-api-access-{access}", "readOnly": True, "mountPath": token},
    ]


def _probe(path: str) -> dict[str, object]:
    return {
        "httpGet": {"path": path, "port": 8080, "scheme": "HTTP"},
        "initialDelaySeconds": 10,
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }


def _policies() -> dict[str, object]:
    return {
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }
