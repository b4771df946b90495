"""
What the command does to an API server, told by the server's own audit log and authorizer.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from scanners.facts.slices import KUBERNETES, POD_LOGS
from scanners.scanner import catalogue
from tests.swarm.cli.command import deepscan

from .build import Programs
from .controlplane import ControlPlane
from .healthy import TEAMS, lay_healthy
from .scanning import Scans, actionable, told
from .test_live_scan import _bind

pytestmark = pytest.mark.cluster

PAGE = 500


@dataclass(frozen=True)
class Healthy:
    """The healthy twin, and a report of it by the printed role alone."""

    plane: ControlPlane
    scans: Scans
    role: dict[str, Any]
    report: dict[str, Any]


@pytest.fixture(scope="module", name="healthy")
def _healthy(control_plane_programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    scans = Scans(tmp_path_factory.mktemp("healthy"))
    role = dict(yaml.safe_load(deepscan("permissions", "--kubernetes").out))
    with ControlPlane(control_plane_programs) as plane:
        lay_healthy(plane)
        _bind(plane, "auditor", role)
        report = scans.run("--kubeconfig", plane.kubeconfig_for("auditor"))
        yield Healthy(plane, scans, role, report)


def test_the_healthy_twin_stays_quiet(healthy: Healthy) -> None:
    assert healthy.report["scan"]["targets"][0]["pods"] >= 200
    assert [told(finding) for finding in actionable(healthy.report)] == []


def test_the_printed_role_is_enough(healthy: Healthy) -> None:
    measured = {
        code
        for code, check in catalogue().items()
        if any(slice_.origin in ("prometheus", "cloud") for slice_ in check.needs)
    }
    states = {row["code"]: row["state"] for row in healthy.report["checks"]}
    assert {code for code, state in states.items() if state not in ("ran", "not-applicable")} == measured
    assert {states[code] for code in measured} == {"not-configured"}
    assert {row["state"] for row in healthy.report["coverage"]} == {"complete"}


def test_only_reads_and_each_page_once(healthy: Healthy) -> None:
    seen = list(healthy.plane.audit_events(user="auditor"))
    requests = [event for event in seen if event["stage"] == "ResponseComplete"]
    assert {event["verb"] for event in requests} <= {"get", "list"}
    resources = {event.get("objectRef", {}).get("resource", "") for event in requests}
    assert resources & {"secrets", "configmaps"} == set()
    lists = [event for event in requests if event["verb"] == "list"]
    assert len({event["requestURI"] for event in lists}) == len(lists), "a page was read twice"
    objects = {row["slice"]: row["objects"] for row in healthy.report["coverage"]}
    pages = sum(
        max(1, math.ceil(objects[slice_.name] / PAGE))
        for slice_ in KUBERNETES
        if slice_ != POD_LOGS and slice_.name in objects
    )
    assert len(lists) == pages
    assert all(int(parse_qs(urlsplit(event["requestURI"]).query)["limit"][0]) <= PAGE for event in lists)
    others = Counter(_sort_of(event) for event in requests if event["verb"] == "get")
    assert set(others) <= {"discovery", "version", "kube-system", "log"}
    assert others["kube-system"] == others["version"] == 1


def _sort_of(event: dict[str, Any]) -> str:
    reference, path = event.get("objectRef", {}), urlsplit(event["requestURI"]).path
    if reference.get("subresource") == "log":
        return "log"
    if reference.get("resource") == "namespaces" and reference.get("name") == "kube-system":
        return "kube-system"
    if path == "/version":
        return "version"
    return (
        "discovery"
        if path in ("/api", "/apis") or (path.startswith(("/api/", "/apis/")) and not reference.get("name"))
        else path
    )


@pytest.mark.parametrize(
    "resource",
    sorted({s.plural for check in catalogue().values() for s in check.needs if s.origin == "kubernetes"}),
)
def test_one_rule_taken_away_blinds_exactly_its_checks(healthy: Healthy, resource: str) -> None:
    role = healthy.role | {
        "rules": [rule for rule in healthy.role["rules"] if resource not in rule["resources"]]
    }
    user = f"without-{resource}"
    _bind(healthy.plane, user, role)
    report = healthy.scans.run("--kubeconfig", healthy.plane.kubeconfig_for(user))
    blinded = {row["code"] for row in report["checks"] if row["state"] == "not-measured"}
    plain = {row["code"]: row["state"] for row in healthy.report["checks"]}
    needing = {
        code
        for code, check in catalogue().items()
        if resource in {slice_.plural for slice_ in check.needs} and plain[code] != "not-configured"
    }
    assert blinded == {code for code in needing if plain[code] != "not-applicable" or code in blinded}
    assert blinded >= {code for code in needing if plain[code] == "ran"}


def test_an_identity_of_one_namespace_is_served_there(healthy: Healthy) -> None:
    """Lists in its namespace alone; what is cluster-scoped or elsewhere is a gap, and no absence is claimed."""
    plane, namespace = healthy.plane, TEAMS[0]
    role = healthy.role | {"kind": "Role", "metadata": {"name": "tenant", "namespace": namespace}}
    plane.client.apply(role)
    plane.client.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "tenant", "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "tenant"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "tenant"}],
        }
    )  # fmt: skip
    config = plane.kubeconfig_for("tenant")
    report = healthy.scans.run("--kubeconfig", config, "--namespace", namespace)
    pods = [row for row in report["coverage"] if row["slice"] == "pods"]
    assert [(row["scope"], row["state"]) for row in pods] == [(f"namespace/{namespace}", "complete")]
    assert pods[0]["objects"] > 10
    assert {row["slice"]: row["state"] for row in report["coverage"]}["nodes"] == "denied"
    assert {check["code"]: check["state"] for check in report["checks"]}["WRK101"] == "ran"
    assert [told(finding) for finding in actionable(report)] == []
    narrowed = [row for row in report["checks"] if row["state"] == "not-measured"]
    for row in narrowed:
        check = catalogue()[row["code"]]
        assert check.complete or {slice_.name for slice_ in check.needs if not slice_.namespaced}, row
