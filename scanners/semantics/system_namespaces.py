"""
What a cluster is made of is judged by other measures than what runs on it.
"""

NAMES = frozenset(
    {
        "gpu-operator", "nvidia-gpu-operator", "nvidia-network-operator", "network-operator",
        "node-feature-discovery", "calico-system", "calico-apiserver", "tigera-operator", "cilium",
        "cilium-secrets", "local-path-storage", "gatekeeper-system", "karpenter", "metallb-system",
        "rook-ceph",
    }
)  # fmt: skip
PREFIXES = ("kube-", "openshift-", "gke-", "aks-", "amazon-", "cattle-")
"""Namespaces of the cluster's own parts: of Kubernetes, of its distributors, of drivers and networks."""


def is_system(namespace: str) -> bool:
    """Whether a namespace holds parts of the cluster, by its name."""
    return namespace in NAMES or namespace.startswith(PREFIXES)
