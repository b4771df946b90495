"""Planted faults below the workloads: a silent node, one under pressure, a dead webhook, DNS down."""

from .client import Json
from .fault import Fault, Stage, Subject
from .manifests import POOL_LABEL, deployment, pod_spec, service
from .nodes import add_nodes, cpu_node, ready_status, silence

SILENT_NODE, PRESSED_NODE = "silent-0", "pressed-0"
WEBHOOK = "policy-guard"


def _node_falls_silent(stage: Stage) -> None:
    add_nodes(stage.client, [cpu_node(SILENT_NODE, pool="silent")])
    stage.client.apply(deployment(stage.namespace, "cache", pod_spec(nodeSelector={POOL_LABEL: "silent"})))
    silence(stage.client, SILENT_NODE)


def _is_unknown(stage: Stage) -> bool:
    node = stage.client.get("v1", "Node", SILENT_NODE)
    tainted = any(
        taint["key"] == "node.kubernetes.io/unreachable" for taint in node["spec"].get("taints", [])
    )
    return ready_status(node) == "Unknown" and tainted


def _node_under_pressure(stage: Stage) -> None:
    add_nodes(stage.client, [cpu_node(PRESSED_NODE, pool="pressed", played=True)])
    stage.kubelet.lacks_memory(PRESSED_NODE)


def _is_tainted(stage: Stage) -> bool:
    taints = stage.client.get("v1", "Node", PRESSED_NODE)["spec"].get("taints", [])
    return any(taint["key"] == "node.kubernetes.io/memory-pressure" for taint in taints)


def _webhook_dead(stage: Stage) -> None:
    """The webhook's Service has no pod behind it; it looks at pods of its own namespace alone."""
    stage.client.apply(service(stage.namespace, "guard", port=443))
    hook = {
        "name": "guard.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "clientConfig": {"service": {"name": "guard", "namespace": stage.namespace, "path": "/validate"}},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": stage.namespace}},
        "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
        ],
    }
    stage.client.apply(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": WEBHOOK},
            "webhooks": [hook],
        }
    )
    stage.client.apply(deployment(stage.namespace, "etl"))


def _call_failed(stage: Stage) -> bool:
    return stage.heard("FailedCreate", "failed calling webhook")


def _dns_down(stage: Stage) -> None:
    """A bad rollout of CoreDNS: the old pods are gone, the new ones crash."""
    pods: Json = {"labels": {"deepscan.test/kubelet": "played"}}
    item = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system"},
    }
    change = {
        "spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}, "template": {"metadata": pods}}
    }
    stage.client.patch(item, change)


def _dns_crashes(stage: Stage, pod: Json) -> None:
    stage.kubelet.crash_loops(pod, log="plugin/forward: no nameservers found in /etc/resolv.conf\n")


def _dns_has_no_endpoint(stage: Stage) -> bool:
    slices = stage.client.list(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "kube-system",
        labelSelector="kubernetes.io/service-name=kube-dns",
    )
    endpoints = [entry for item in slices for entry in item.get("endpoints") or []]
    return bool(endpoints) and not any(entry["conditions"].get("ready") for entry in endpoints)


CLUSTER_FAULTS = (
    Fault(
        "node-silent",
        "NOD101",
        Subject("", "Node", "", SILENT_NODE),
        "NodeStatusUnknown",
        _node_falls_silent,
        _is_unknown,
        also=frozenset({"WRK106"}),
    ),
    Fault(
        "node-pressed",
        "NOD102",
        Subject("", "Node", "", PRESSED_NODE),
        "MemoryPressure",
        _node_under_pressure,
        _is_tainted,
    ),
    Fault(
        "webhook-dead",
        "CTL101",
        Subject("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", WEBHOOK),
        "guard",
        _webhook_dead,
        _call_failed,
        also=frozenset({"WRK114", "WRK106"}),
    ),
    Fault(
        "dns-down",
        "CTL104",
        Subject("", "Service", "kube-system", "kube-dns"),
        "0",
        _dns_down,
        _dns_has_no_endpoint,
        _dns_crashes,
        also=frozenset({"WRK101", "WRK106"}),
        cluster_wide=True,
        pods_in="kube-system",
    ),
)
