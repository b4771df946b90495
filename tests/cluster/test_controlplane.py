"""The harness is what the other tests believe, so it is proven first, one statement a test."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .base import available
from .build import Programs
from .client import ApiError, Client, Json, wait_until
from .controlplane import ControlPlane
from .fault import Stage
from .manifests import container, deployment, job, pod_spec, quota
from .nodes import add_nodes, cpu_node, ready_status, silence

pytestmark = pytest.mark.cluster


def client_of(kubeconfig: Path) -> Client:
    """A client with nothing but what a kubeconfig says."""
    document = yaml.safe_load(kubeconfig.read_text())
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    context = ssl.create_default_context(cafile=cluster["certificate-authority"])
    if "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    return Client(cluster["server"], context, user.get("token"))


def only_pod(stage: Stage, ready: Callable[[Json], bool]) -> Json:
    """The one pod of the namespace, as soon as it is as asked."""
    found: list[Json] = []

    def seen() -> bool:
        found[:] = [pod for pod in stage.pods() if ready(pod)]
        return bool(found)

    wait_until(seen, "the pod")
    return found[0]


def test_starts_in_seconds_and_leaves_nothing(control_plane_programs: Programs) -> None:
    started = time.monotonic()
    with ControlPlane(control_plane_programs) as plane:
        assert time.monotonic() - started < 30  # about 4 s on an idle machine
        assert '"gitVersion": "v1.' in plane.client.text("/version")
        folder = plane.folder
    assert not folder.exists()
    with pytest.raises(OSError):
        plane.client.text("/readyz")


def test_the_real_scheduler_places_a_pod_and_kwok_runs_it(stage: Stage) -> None:
    stage.client.apply(deployment(stage.namespace, "web", replicas=2))
    wait_until(lambda: available(stage.client, stage.namespace, "web") == 2, "both replicas are available")
    scheduled = stage.events("Scheduled")
    assert {event["reportingComponent"] for event in scheduled} == {"default-scheduler"}
    assert all(pod["status"]["podIP"].startswith("10.244.") for pod in stage.pods())


def test_quota_refuses_in_the_words_of_the_api_server(stage: Stage) -> None:
    stage.client.apply(quota(stage.namespace, "small", pods="1"))
    stage.client.apply(deployment(stage.namespace, "web", replicas=2))
    refusal = "is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1"
    wait_until(lambda: stage.heard("FailedCreate", refusal), "the refusal")
    condition = stage.condition("apps/v1", "Deployment", "web", "ReplicaFailure")
    assert (condition["status"], condition["reason"]) == ("True", "FailedCreate")


def test_the_real_controller_writes_backoff_limit_exceeded(stage: Stage) -> None:
    stage.client.apply(job(stage.namespace, "train", kubelet="played", backoffLimit=0))
    pod = only_pod(stage, lambda pod: "nodeName" in pod["spec"])
    assert pod["status"]["phase"] == "Pending"  # kwok leaves it to us
    stage.kubelet.fails(pod)
    wait_until(lambda: bool(stage.condition("batch/v1", "Job", "train", "Failed")), "the Job has failed")
    failed = stage.condition("batch/v1", "Job", "train", "Failed")
    assert (failed["status"], failed["reason"]) == ("True", "BackoffLimitExceeded")


def test_a_job_that_kwok_runs_completes_and_one_that_runs_on_does_not(stage: Stage) -> None:
    stage.client.apply(job(stage.namespace, "short"))
    stage.client.apply(job(stage.namespace, "long", kubelet="runs"))
    wait_until(lambda: bool(stage.condition("batch/v1", "Job", "short", "Complete")), "it is complete")
    status = stage.get("batch/v1", "Job", "long")["status"]
    assert status["ready"] == 1
    assert "succeeded" not in status


def test_a_node_whose_lease_stops_becomes_unknown(control_plane: ControlPlane) -> None:
    client = control_plane.client
    item = cpu_node("lease-stops", pool="lease-stops")
    add_nodes(client, [item])
    silence(client, "lease-stops")

    def unknown() -> bool:
        return ready_status(client.get("v1", "Node", "lease-stops")) == "Unknown"

    wait_until(unknown, "the node is Unknown", seconds=45)
    others = [node for node in client.list("v1", "Node") if node["metadata"]["name"].startswith("general-")]
    assert {ready_status(node) for node in others} == {"True"}
    client.delete(item)


def test_logs_are_served_for_this_run_and_the_one_before(stage: Stage) -> None:
    stage.client.apply(deployment(stage.namespace, "web", pod_spec(container("app")), kubelet="played"))
    pod = only_pod(stage, lambda pod: "nodeName" in pod["spec"])
    stage.kubelet.crash_loops(pod)
    name = pod["metadata"]["name"]
    stage.plane.logs.set(stage.namespace, name, "app", "2026-01-02T03:04:05Z one\n2026-01-02T03:04:06Z two\n")
    stage.plane.logs.set(stage.namespace, name, "app", "panic: before\n", previous=True)
    path = stage.client.path("v1", "Pod", stage.namespace, name) + "/log"
    assert stage.client.text(path, container="app") == "one\ntwo\n"
    assert stage.client.text(path, container="app", tailLines="1") == "two\n"
    timed = stage.client.text(path, container="app", tailLines="1", timestamps="true")
    assert timed == "2026-01-02T03:04:06Z two\n"
    assert stage.client.text(path, container="app", previous="true") == "panic: before\n"


def test_the_audit_log_shows_who_read_what(control_plane: ControlPlane, stage: Stage) -> None:
    reader = client_of(control_plane.kubeconfig_for("auditee", ("system:masters",)))
    reader.list("v1", "Pod", stage.namespace)
    seen = [
        (event["verb"], event["objectRef"]["resource"], event["objectRef"]["namespace"])
        for event in control_plane.audit_events("auditee")
        if "namespace" in event.get("objectRef", {})
    ]
    assert seen == [("list", "pods", stage.namespace)]


def test_a_user_without_rights_is_refused(control_plane: ControlPlane) -> None:
    stranger = client_of(control_plane.kubeconfig_for("stranger"))
    with pytest.raises(ApiError) as refused:
        stranger.request("GET", "/api/v1/pods")
    assert refused.value.status == 403
    assert 'User "stranger" cannot list resource "pods"' in refused.value.message


def test_a_service_account_has_the_rights_that_are_bound_to_it(
    control_plane: ControlPlane, stage: Stage
) -> None:
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": stage.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    metadata = {"name": "view", "namespace": stage.namespace}
    binding = {"kind": "RoleBinding", "metadata": metadata, "subjects": [subject], "roleRef": role}
    stage.client.apply({"apiVersion": "rbac.authorization.k8s.io/v1", **binding})
    account = client_of(control_plane.service_account_kubeconfig(stage.namespace, "default"))
    assert account.list("v1", "Pod", stage.namespace) == []
    with pytest.raises(ApiError) as refused:
        account.list("v1", "Secret", stage.namespace)
    assert refused.value.status == 403


def test_stopped_servers_are_told_with_their_last_words(control_plane_programs: Programs) -> None:
    plane = ControlPlane(control_plane_programs)
    try:
        plane.start()
        next(process for process in plane._processes if process.name == "etcd").kill()
        with pytest.raises(Exception, match="etcd ended with status"):
            plane.check()
    finally:
        plane.stop()
