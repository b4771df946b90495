"""
No cluster is empty: DNS answers, a general pool has room in two zones, and volumes have a class.

Faults and the healthy twin are both planted on this.
"""

from .client import Client, Json, wait_until
from .manifests import DISK_DRIVER, container, deployment, pod_spec, service, storage_class
from .nodes import ZONES, add_nodes, cpu_node

DNS_LABELS = {"k8s-app": "kube-dns"}
DNS_ADDRESS = "10.96.0.10"
STORAGE = "gp3"
STORAGE_WHEN_USED = "gp3-when-used"


def lay_base(client: Client, cpu_nodes: int = 4) -> None:
    """Adds a general pool over both zones, CoreDNS behind the kube-dns Service, and storage classes."""
    add_nodes(client, [cpu_node(f"general-{index}", zone=ZONES[index % 2]) for index in range(cpu_nodes)])
    client.apply_all([storage_class(STORAGE), storage_class(STORAGE_WHEN_USED, "WaitForFirstConsumer")])
    client.apply_all([_disk_driver(), *dns()])
    wait_until(lambda: available(client, "kube-system", "coredns") == 2, "CoreDNS is available")


def dns() -> list[Json]:
    """CoreDNS as installers lay it down: two replicas, the Service kube-dns at its well-known address."""
    tolerations = [{"key": "CriticalAddonsOnly", "operator": "Exists"}]
    spec = pod_spec(
        container("coredns"), tolerations=tolerations, priorityClassName="system-cluster-critical"
    )
    workload = deployment("kube-system", "coredns", spec, replicas=2)
    workload["spec"]["selector"]["matchLabels"] = DNS_LABELS
    workload["spec"]["template"]["metadata"]["labels"].update(DNS_LABELS)
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
    ]
    front = service("kube-system", "kube-dns", selector=DNS_LABELS, clusterIP=DNS_ADDRESS, ports=ports)
    front["metadata"]["labels"] = {**DNS_LABELS, "kubernetes.io/cluster-service": "true"}
    return [workload, front]


def available(client: Client, namespace: str, name: str) -> int:
    """Replicas of a Deployment that its controller counts as available."""
    found = client.get("apps/v1", "Deployment", name, namespace)
    return int(found.get("status", {}).get("availableReplicas", 0))


def attach_volumes(client: Client) -> set[str]:
    """Plays the CSI attacher: what the attach-detach controller asks for is done; the volumes attached."""
    attached = set()
    for item in client.list("storage.k8s.io/v1", "VolumeAttachment"):
        if not item.get("status", {}).get("attached"):
            client.patch_status(item, {"attached": True})
        attached.add(item["spec"]["source"]["persistentVolumeName"])
    return attached


def _disk_driver() -> Json:
    spec = {"attachRequired": True, "podInfoOnMount": False}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSIDriver",
        "metadata": {"name": DISK_DRIVER},
        "spec": spec,
    }
