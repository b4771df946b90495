"""
The manifests of the nightly scan, taken by a real API server, and a scan with nothing but their identity.
"""

import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from scanners.scanner import catalogue
from tests.swarm.cli.command import deepscan

from .client import APPLY_PATCH, FIELD_MANAGER, Client, wait_until
from .controlplane import ControlPlane

pytestmark = pytest.mark.cluster

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
HOME = "/var/lib/deepscan"
NAMESPACE = NAME = "deepscan"
REVIEWS = "/apis/authorization.k8s.io/v1"
DENIED = [
    ("list", "", "secrets", ""), ("get", "", "secrets", ""), ("list", "", "configmaps", ""),
    ("watch", "", "pods", ""), ("create", "", "pods", ""), ("delete", "", "pods", ""),
    ("create", "", "pods", "exec"), ("create", "", "pods", "portforward"), ("patch", "", "nodes", ""),
    ("get", "", "nodes", "proxy"), ("create", "", "serviceaccounts", "token"), ("impersonate", "", "users", ""),
    ("create", "batch", "jobs", ""), ("patch", "apps", "deployments", ""), ("delete", "", "events", ""),
    ("escalate", "rbac.authorization.k8s.io", "clusterroles", ""), ("*", "*", "*", ""),
]  # fmt: skip


@dataclass(frozen=True)
class Nightly:
    """The manifests applied, and a client that is nobody but their service account."""

    plane: ControlPlane
    kubeconfig: Path
    client: Client
    cron_job: dict[str, Any]

    def may(self, verb: str, group: str, resource: str, subresource: str = "") -> bool:
        asked = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
        review = {
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        }  # fmt: skip
        answer = self.client.request("POST", f"{REVIEWS}/selfsubjectaccessreviews", review)
        return bool(json.loads(answer)["status"]["allowed"])


@pytest.fixture(scope="module", name="nightly")
def _nightly(control_plane: ControlPlane) -> Iterator[Nightly]:
    plane, cron_job = control_plane, {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for item in yaml.safe_load_all(path.read_text()):
            _apply_strictly(plane.client, item)
            cron_job = item if item["kind"] == "CronJob" else cron_job
    kubeconfig = plane.service_account_kubeconfig(NAMESPACE, NAME)
    token = yaml.safe_load(kubeconfig.read_text())["users"][0]["user"]["token"]
    client = Client(plane.url, ssl.create_default_context(cafile=str(plane.ca)), token)
    yield Nightly(plane, kubeconfig, client, cron_job)


def _apply_strictly(client: Client, item: dict[str, Any]) -> None:
    """Server-side apply with the server's strict validation: an unknown or doubled field is an error."""
    metadata = item["metadata"]
    path = client.path(item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"])
    query = {"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"}
    client.request("PATCH", path, item, query, APPLY_PATCH)


def test_a_scan_with_that_identity_alone_measures_everything(nightly: Nightly, tmp_path: Path) -> None:
    """The CronJob's own arguments, with the token's kubeconfig for the pod's service account."""
    (container,) = nightly.cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    arguments = [argument.replace(HOME, str(tmp_path)) for argument in container["args"]]
    assert arguments.count("--in-cluster") == 1
    where = arguments.index("--in-cluster")
    arguments[where : where + 1] = ["--kubeconfig", str(nightly.kubeconfig)]
    settings = {row["name"]: row["value"] for row in container["env"]}
    ended = deepscan(*arguments, **settings | {"HOME": str(tmp_path)})
    assert ended.status == 0, ended.err
    report = json.loads((tmp_path / "latest.json").read_text())
    told = {row["code"]: (row["state"], row["why"]) for row in report["checks"]}
    local = {
        code for code, check in catalogue().items()
        if all(slice_.origin == "kubernetes" for slice_ in check.needs)
    }  # fmt: skip
    assert local
    assert {code: told[code] for code in local if told[code][0] not in ("ran", "not-applicable")} == {}
    assert "not-measured" not in {state for state, _ in told.values()}
    families = text_string_to_metric_families((tmp_path / "deepscan.prom").read_text())
    figures = {s.name: s.value for family in families for s in family.samples if not s.labels}
    assert figures["deepscan_coverage_ratio"] == 1.0
    assert abs(figures["deepscan_last_success_timestamp_seconds"] - time.time()) < 600
    assert "deepscan" in ended.out


def test_the_doctor_has_nothing_to_say_of_it(nightly: Nightly) -> None:
    ended = deepscan(
        "doctor", "--kubeconfig", nightly.kubeconfig, "--min-coverage", "100", "--format", "json=-"
    )
    assert ended.status == 0, ended.err
    (target,) = json.loads(ended.out)["targets"]
    assert (target["gaps"], target["excess"], target["warnings"]) == ([], [], [])


@pytest.mark.parametrize("asked", DENIED, ids=[" ".join(filter(None, asked)) for asked in DENIED])
def test_the_identity_may_do_nothing_else(nightly: Nightly, asked: tuple[str, str, str, str]) -> None:
    assert nightly.may("list", "", "pods"), "the question itself would be broken"
    assert not nightly.may(*asked)


def test_its_rules_are_the_role_and_what_everybody_has(nightly: Nightly) -> None:
    """All that the authorizer counts up for it, in its own namespace, where it might have more."""
    question = {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": NAMESPACE},
    }  # fmt: skip
    status = json.loads(nightly.client.request("POST", f"{REVIEWS}/selfsubjectrulesreviews", question))[
        "status"
    ]
    assert not status["incomplete"]
    held = {
        (group, resource, verb)
        for rule in status["resourceRules"]
        for group in rule.get("apiGroups", [])
        for resource in rule.get("resources", [])
        for verb in rule["verbs"]
    }
    role = yaml.safe_load((FOLDER / "20-clusterrole.yaml").read_text())
    given = {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert given <= held
    assert {resource for _, resource, _ in held - given} <= {
        "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews",
    }  # fmt: skip


def test_the_pod_is_admitted_where_nothing_privileged_is(nightly: Nightly) -> None:
    """A Job as `kubectl create job --from=cronjob/deepscan` makes it, in a namespace that enforces `restricted`."""
    template = nightly.cron_job["spec"]["jobTemplate"]
    job = {
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "first-look", "namespace": NAMESPACE}, "spec": template["spec"],
    }  # fmt: skip
    client = nightly.plane.client
    _apply_strictly(client, job)
    try:
        selector = "batch.kubernetes.io/job-name=first-look"
        wait_until(
            lambda: bool(client.list("v1", "Pod", NAMESPACE, labelSelector=selector)),
            "the scan's pod is admitted",
        )
        namespace = client.get("v1", "Namespace", NAMESPACE)
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    finally:
        client.delete(job)
