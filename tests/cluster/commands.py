"""
The arguments of each server: what makes a control plane quick to start, small, and honest all the same.

Admission, RBAC, events, controllers and the scheduler are as they come; only intervals are shorter, so that a
state which takes minutes on a real cluster (a silent node, a claim without a volume) takes seconds here.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from .build import Programs
from .pki import KeyPair

SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.244.0.0/16"
# never contacted: it is only what the endpoints of the Service default/kubernetes say (RFC 5737)
ADVERTISED_ADDRESS = "192.0.2.1"
MANAGED_NODE = "deepscan.test/kwok"
PLAYED = "deepscan.test/kubelet"  # on pods and nodes: `played` by the test, or `runs` without an end


@dataclass(frozen=True)
class Ports:
    """Free ports of the loopback."""

    etcd: int
    etcd_peer: int
    api_server: int
    kwok: int
    kubelet: int


@dataclass(frozen=True)
class Identity:
    """The files by which the API server shows itself and knows others."""

    authority: Path
    serving: KeyPair
    kubelet_client: KeyPair
    service_accounts: KeyPair


def etcd(programs: Programs, folder: Path, ports: Ports) -> list[str]:
    client, peer = (f"http://127.0.0.1:{port}" for port in (ports.etcd, ports.etcd_peer))
    return [
        str(programs["etcd"]),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server(
    programs: Programs, folder: Path, ports: Ports, identity: Identity, audit_log: Path
) -> list[str]:
    return [
        str(programs["kube-apiserver"]),
        f"--etcd-servers=http://127.0.0.1:{ports.etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.api_server}",
        f"--advertise-address={ADVERTISED_ADDRESS}",
        f"--tls-cert-file={identity.serving.certificate}",
        f"--tls-private-key-file={identity.serving.key}",
        f"--client-ca-file={identity.authority}",
        "--authorization-mode=RBAC",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={identity.service_accounts.certificate}",
        f"--service-account-signing-key-file={identity.service_accounts.key}",
        f"--audit-policy-file={_audit_policy(folder)}",
        f"--audit-log-path={audit_log}",
        "--audit-log-mode=blocking",
        "--event-ttl=24h",
        # webhooks are reached by their endpoints: without any the API server says so, and nothing leaves us
        "--enable-aggregator-routing=true",
        f"--kubelet-certificate-authority={identity.authority}",
        f"--kubelet-client-certificate={identity.kubelet_client.certificate}",
        f"--kubelet-client-key={identity.kubelet_client.key}",
        "--kubelet-preferred-address-types=InternalDNS",
        "--profiling=false",
    ]


def controller_manager(
    programs: Programs, kubeconfig: Path, identity: Identity, node_grace_seconds: int
) -> list[str]:
    return [
        str(programs["kube-controller-manager"]),
        f"--kubeconfig={kubeconfig}",
        "--secure-port=0",
        "--leader-elect=false",
        f"--root-ca-file={identity.authority}",
        f"--service-account-private-key-file={identity.service_accounts.key}",
        f"--node-monitor-grace-period={node_grace_seconds}s",
        "--node-monitor-period=2s",
        "--pvclaimbinder-sync-period=2s",
        "--attach-detach-reconcile-sync-period=2s",
        "--horizontal-pod-autoscaler-sync-period=5s",
        "--kube-api-qps=300",
        "--kube-api-burst=500",
        "--profiling=false",
    ]


def scheduler(programs: Programs, folder: Path, kubeconfig: Path) -> list[str]:
    configuration = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig), "qps": 300, "burst": 500},
        "leaderElection": {"leaderElect": False},
        "podMaxBackoffSeconds": 2,
    }
    path = folder / "scheduler.yaml"
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return [str(programs["kube-scheduler"]), f"--config={path}", "--secure-port=0", "--profiling=false"]


def kwok(
    programs: Programs, folder: Path, ports: Ports, kubeconfig: Path, node_grace_seconds: int
) -> list[str]:
    return [
        str(programs["kwok"]),
        f"--kubeconfig={kubeconfig}",
        "--manage-all-nodes=false",
        f"--manage-nodes-with-label-selector={MANAGED_NODE}",
        # kwok renews a lease after a quarter of its time: four chances before a node counts as silent
        f"--node-lease-duration-seconds={node_grace_seconds}",
        f"--node-port={ports.kubelet}",
        f"--cidr={POD_RANGE}",
        f"--config={_stages(programs, folder)}",
        # its own server is not used; without an address it would take the port above on every interface
        f"--server-address=127.0.0.1:{ports.kwok}",
    ]


def _audit_policy(folder: Path) -> Path:
    path = folder / "audit-policy.json"
    policy = {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "Metadata"}],
    }
    path.write_text(json.dumps(policy), encoding="utf-8")
    return path


def _stages(programs: Programs, folder: Path) -> Path:
    """
    kwok's default stages with one more condition each: they leave alone what the test plays itself, and they
    do not end a Job's pod that is labelled to run on. Deletion stays kwok's, or namespaces would never empty.
    """
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in programs.stages]
    for stage in documents:
        left_alone = {"pod-delete": [], "node-initialize": [], "pod-complete": ["played", "runs"]}
        values = left_alone.get(stage["metadata"]["name"], ["played"])
        if values:
            condition = {"key": f'.metadata.labels["{PLAYED}"]', "operator": "NotIn", "values": values}
            stage["spec"]["selector"]["matchExpressions"].append(condition)
    path = folder / "stages.yaml"
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    return path
