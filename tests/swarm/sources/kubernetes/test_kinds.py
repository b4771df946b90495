"""Every kind that is listed becomes the fact that the checks read."""

from typing import Any

import pytest

from scanners.facts import slices
from scanners.facts.fact import LabelSelector, SelectorTerm
from scanners.facts.network import Peer, PolicyPort, PolicyRule
from scanners.facts.slices import Slice
from scanners.facts.workload import ObjectReference
from swarm.sources.kubernetes.kinds import KINDS
from swarm.sources.kubernetes.objects import facts_of

TIME = "2026-03-04T10:12:00Z"
SPEC = {
    "template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
}


def fact(slice_: Slice, name: str = "x", version: str = "v1", **parts: Any) -> Any:
    group = f"{slice_.group}/{version}" if slice_.group else version
    metadata = {"name": name, "namespace": "ml", "uid": "u", **parts.pop("metadata", {})}
    found, skipped, broken = facts_of(
        [{"apiVersion": group, "kind": slice_.kind, "metadata": metadata, **parts}]
    )
    assert (skipped, broken) == (0, [])
    return found[slice_][0]


def test_every_listed_slice_has_a_row() -> None:
    assert set(KINDS) == {slice_ for slice_ in slices.KUBERNETES if slice_ != slices.POD_LOGS}


@pytest.mark.parametrize("slice_", KINDS, ids=lambda slice_: slice_.name)
@pytest.mark.parametrize("parts", [{}, {"spec": None, "status": None}, {"spec": {}, "status": {}}])
def test_empty_objects_are_facts(slice_: Slice, parts: dict[str, Any]) -> None:
    if slice_ == slices.EVENTS:
        parts = {**parts, "reason": "Failed"}
    read = fact(slice_, metadata={"labels": None, "annotations": None}, **parts)
    assert (read.name, read.namespace, read.uid, read.kind) == ("x", "ml", "u", slice_.kind)


def test_a_deployment_and_a_count_that_is_not_there() -> None:
    read = fact(
        slices.DEPLOYMENTS,
        spec={"replicas": 0, "paused": True, "selector": {"matchLabels": {"app": "x"}}, **SPEC},
        status={
            "replicas": 3,
            "observedGeneration": 4,
            "conditions": [{"type": "Progressing", "status": "True"}],
        },
        metadata={
            "generation": 5,
            "annotations": {"deployment.kubernetes.io/revision": "7", "note": "dropped"},
        },
    )
    assert (read.wanted, read.replicas, read.ready, read.available) == (0, 3, None, None)
    assert (read.generation, read.observed_generation, read.paused, read.revision) == (5, 4, True, "7")
    assert read.annotations == {"deployment.kubernetes.io/revision": "7"}
    assert read.selector == LabelSelector({"app": "x"})
    assert read.template.containers[0].image == "i"
    assert read.template_labels == {"app": "x"}
    assert read.has_status
    assert not fact(slices.DEPLOYMENTS, spec=SPEC).has_status


def test_a_stateful_set_and_a_daemon_set() -> None:
    stateful = fact(
        slices.STATEFULSETS,
        spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
        status={"readyReplicas": 1, "updateRevision": "b", "currentRevision": "a"},
    )
    assert (stateful.wanted, stateful.ready, stateful.claim_templates) == (1, 1, ("data",))
    assert (stateful.update_revision, stateful.current_revision) == ("b", "a")
    counts = {
        "desiredNumberScheduled": 5,
        "currentNumberScheduled": 4,
        "numberReady": 3,
        "updatedNumberScheduled": 2,
    }
    daemon = fact(slices.DAEMONSETS, status=counts)
    assert (daemon.wanted, daemon.replicas, daemon.ready, daemon.updated, daemon.available) == (
        5,
        4,
        3,
        2,
        None,
    )


def test_a_job_and_a_cron_job() -> None:
    policy = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}
    job = fact(
        slices.JOBS,
        spec={
            "parallelism": 2,
            "completions": 4,
            "backoffLimit": 0,
            "activeDeadlineSeconds": 60,
            "suspend": True,
            "completionMode": "Indexed",
            "podFailurePolicy": policy,
            "managedBy": "kueue",
            **SPEC,
        },
        status={"failed": 2, "failedIndexes": "1,3", "startTime": TIME},
    )
    assert (job.parallelism, job.completions, job.backoff_limit, job.deadline_seconds) == (2, 4, 0, 60)
    assert (job.suspended, job.indexed, job.ignores_disruption, job.managed_by) == (True, True, True, "kueue")
    assert (job.active, job.failed, job.failed_indexes, job.started) == (None, 2, "1,3", TIME)
    cron = fact(
        slices.CRONJOBS,
        spec={"schedule": "* * * * *", "timeZone": "UTC", "jobTemplate": {"spec": SPEC}},
        status={
            "active": [{"kind": "Job", "namespace": "ml", "name": "j", "uid": "u-j"}],
            "lastScheduleTime": TIME,
        },
    )
    assert cron.active == (ObjectReference("Job", "ml", "j", "u-j"),)
    assert (cron.schedule, cron.time_zone, cron.concurrency, cron.last_scheduled) == (
        "* * * * *",
        "UTC",
        "Allow",
        TIME,
    )
    assert cron.template is not None
    assert cron.template_labels == {"app": "x"}


def test_storage() -> None:
    claim = fact(
        slices.PERSISTENTVOLUMECLAIMS,
        spec={
            "storageClassName": "",
            "resources": {"requests": {"storage": "10Gi"}},
            "accessModes": ["ReadWriteOnce"],
        },
        status={"phase": "Pending"},
    )
    assert (claim.storage_class, claim.requested, claim.phase) == ("", "10Gi", "Pending")
    assert fact(slices.PERSISTENTVOLUMECLAIMS).storage_class is None
    terms = [
        {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}
    ]
    volume = fact(
        slices.PERSISTENTVOLUMES,
        spec={
            "csi": {
                "driver": "efs.csi.aws.com",
                "volumeHandle": "fs-1",
                "volumeAttributes": {"server": "10.0.0.9"},
            },
            "nodeAffinity": {"required": {"nodeSelectorTerms": terms}},
            "capacity": {"storage": 5},
        },
    )
    assert (volume.driver, volume.handle, volume.server, volume.capacity) == (
        "efs.csi.aws.com",
        "fs-1",
        "10.0.0.9",
        "5",
    )
    assert volume.required_nodes is not None
    assert volume.claim is None
    nfs = fact(slices.PERSISTENTVOLUMES, spec={"nfs": {"server": "files", "path": "/x"}})
    assert (nfs.driver, nfs.server, nfs.required_nodes) == ("nfs", "files", None)
    mark = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    assert fact(slices.STORAGECLASSES, provisioner="p", metadata=mark).default
    attached = fact(
        slices.VOLUMEATTACHMENTS,
        spec={"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "v"}},
        status={"attached": False, "attachError": {"message": "in use"}},
    )
    assert (attached.volume, attached.node, attached.attach_error) == ("v", "n", "in use")


def test_selectors_nil_and_empty_stay_apart() -> None:
    assert fact(slices.SERVICES).selector is None
    assert fact(slices.SERVICES, spec={"selector": {}}).selector == {}
    assert fact(slices.PODDISRUPTIONBUDGETS).selector is None
    assert fact(slices.PODDISRUPTIONBUDGETS, spec={"selector": {}}).selector == LabelSelector()
    budget = fact(slices.PODDISRUPTIONBUDGETS, spec={"minAvailable": "50%", "maxUnavailable": 1})
    assert (budget.min_available, budget.max_unavailable, budget.allowed) == ("50%", "1", None)


def test_network() -> None:
    policy = fact(
        slices.NETWORKPOLICIES,
        spec={
            "podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [
                        {"namespaceSelector": {}},
                        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}},
                    ],
                    "ports": [{"port": 53, "protocol": "UDP"}, {"port": "http"}, {"port": 1, "endPort": 9}],
                }
            ],
        },
    )
    assert policy.selector == LabelSelector({}, (SelectorTerm("a", "Exists"),))
    assert policy.types == ("Egress",)
    assert fact(slices.NETWORKPOLICIES).types is None
    peers = (Peer(None, LabelSelector()), Peer(None, None, "0.0.0.0/0", ("10.0.0.0/8",)))
    ports = (PolicyPort("UDP", 53), PolicyPort("TCP", None, "http"), PolicyPort("TCP", 1, "", 9))
    assert policy.egress == (PolicyRule(peers, ports),)
    endpoints = fact(
        slices.ENDPOINTSLICES,
        metadata={"labels": {"kubernetes.io/service-name": "web"}},
        endpoints=[
            {"addresses": ["1.2.3.4"], "conditions": {}, "targetRef": {"kind": "Pod", "name": "p"}},
            {"addresses": ["1.2.3.5"], "conditions": {"ready": False}},
        ],
    )
    assert [(each.ready, each.pod) for each in endpoints.endpoints] == [(True, "p"), (False, "")]
    assert endpoints.service == "web"
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    ingress = fact(
        slices.INGRESSES,
        spec={"defaultBackend": backend, "rules": [{"http": {"paths": [{"backend": backend}]}}, {}]},
    )
    assert ingress.services == ("web",)
    hook = fact(
        slices.MUTATING_WEBHOOKS,
        webhooks=[
            {"name": "a"},
            {
                "name": "b",
                "failurePolicy": "Ignore",
                "rules": [{"apiGroups": ["*"], "operations": ["CREATE"]}],
                "clientConfig": {"service": {"namespace": "s", "name": "n"}},
            },
        ],
    )
    assert [(w.name, w.index, w.failure_policy, w.service) for w in hook.webhooks] == [
        ("a", 0, "Fail", None),
        ("b", 1, "Ignore", ("s", "n", 443)),
    ]


def test_a_node_and_a_quota() -> None:
    node = fact(
        slices.NODES,
        spec={
            "unschedulable": True,
            "providerID": "aws:///i-1",
            "taints": [{"key": "k", "effect": "NoExecute", "timeAdded": TIME}],
        },
        status={
            "allocatable": {"cpu": "4", "pods": 110},
            "images": [{"names": ["x"]}],
            "conditions": [{"type": "Ready", "status": "Unknown", "lastTransitionTime": TIME}],
            "nodeInfo": {"kubeletVersion": "v1.35.4", "osImage": "Linux"},
        },
    )
    assert (node.unschedulable, node.provider_id, node.taints[0].added) == (True, "aws:///i-1", TIME)
    assert (node.allocatable, node.kubelet, node.ready) == ({"cpu": "4", "pods": "110"}, "v1.35.4", False)
    quota = fact(
        slices.RESOURCEQUOTAS,
        spec={
            "hard": {"pods": "3"},
            "scopeSelector": {
                "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]
            },
        },
        status={"hard": {"pods": "3"}, "used": {}},
    )
    assert (quota.hard, quota.used) == ({"pods": "3"}, {})
    assert quota.scope_selector == (SelectorTerm("PriorityClass", "In", ("high",)),)
