"""Which kinds the fake API server says it serves: those a cluster has before anyone installs anything."""

from __future__ import annotations

from dataclasses import dataclass

READ_WRITE = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CREATE_ONLY = ("create",)


@dataclass(frozen=True)
class Kind:
    """One resource of one group and version; `group` is empty for the core."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = READ_WRITE

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        return f"/apis/{self.api_version}/{self.plural}" if self.group else f"/api/v1/{self.plural}"


def _group(group: str, version: str, *rows: tuple[str, str, str, str]) -> list[Kind]:
    """Rows of (plural, kind, short names, subresources); a C before the short names means cluster scope."""
    return [
        Kind(
            group,
            version,
            plural,
            kind,
            namespaced=not short.startswith("C"),
            short_names=tuple(short.removeprefix("C").split()),
            subresources=tuple(subresources.split()),
        )
        for plural, kind, short, subresources in rows
    ]


def _reviews(*kinds: str) -> list[Kind]:
    group, version = "authorization.k8s.io", "v1"
    return [
        Kind(group, version, f"{kind.lower()}s", kind, namespaced=False, verbs=CREATE_ONLY) for kind in kinds
    ]


KINDS = [
    *_group(
        "",
        "v1",
        ("configmaps", "ConfigMap", "cm", ""),
        ("endpoints", "Endpoints", "ep", ""),
        ("events", "Event", "ev", ""),
        ("limitranges", "LimitRange", "limits", ""),
        ("namespaces", "Namespace", "Cns", "finalize status"),
        ("nodes", "Node", "Cno", "proxy status"),
        ("persistentvolumeclaims", "PersistentVolumeClaim", "pvc", "status"),
        ("persistentvolumes", "PersistentVolume", "Cpv", "status"),
        (
            "pods",
            "Pod",
            "po",
            "attach binding ephemeralcontainers eviction exec log portforward proxy status",
        ),
        ("podtemplates", "PodTemplate", "", ""),
        ("replicationcontrollers", "ReplicationController", "rc", "scale status"),
        ("resourcequotas", "ResourceQuota", "quota", "status"),
        ("secrets", "Secret", "", ""),
        ("serviceaccounts", "ServiceAccount", "sa", "token"),
        ("services", "Service", "svc", "proxy status"),
    ),
    *_group(
        "apps",
        "v1",
        ("controllerrevisions", "ControllerRevision", "", ""),
        ("daemonsets", "DaemonSet", "ds", "status"),
        ("deployments", "Deployment", "deploy", "scale status"),
        ("replicasets", "ReplicaSet", "rs", "scale status"),
        ("statefulsets", "StatefulSet", "sts", "scale status"),
    ),
    *_group("batch", "v1", ("cronjobs", "CronJob", "cj", "status"), ("jobs", "Job", "", "status")),
    *_group("autoscaling", "v2", ("horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "status")),
    *_group("autoscaling", "v1", ("horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "status")),
    *_group(
        "networking.k8s.io",
        "v1",
        ("ingressclasses", "IngressClass", "C", ""),
        ("ingresses", "Ingress", "ing", "status"),
        ("networkpolicies", "NetworkPolicy", "netpol", ""),
    ),
    *_group(
        "storage.k8s.io",
        "v1",
        ("csidrivers", "CSIDriver", "C", ""),
        ("csinodes", "CSINode", "C", ""),
        ("csistoragecapacities", "CSIStorageCapacity", "", ""),
        ("storageclasses", "StorageClass", "Csc", ""),
        ("volumeattachments", "VolumeAttachment", "C", "status"),
    ),
    *_group("policy", "v1", ("poddisruptionbudgets", "PodDisruptionBudget", "pdb", "status")),
    *_group("discovery.k8s.io", "v1", ("endpointslices", "EndpointSlice", "", "")),
    *_group(
        "admissionregistration.k8s.io",
        "v1",
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "C", ""),
        ("validatingadmissionpolicies", "ValidatingAdmissionPolicy", "C", "status"),
        ("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", "C", ""),
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "C", ""),
    ),
    *_group("scheduling.k8s.io", "v1", ("priorityclasses", "PriorityClass", "Cpc", "")),
    *_group("coordination.k8s.io", "v1", ("leases", "Lease", "", "")),
    *_reviews("SelfSubjectAccessReview", "SelfSubjectRulesReview"),
]
