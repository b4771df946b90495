"""
What the doctor says of an identity is held against what a scan by the same identity then says.
"""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanners.facts.slices import KUBERNETES
from tests.swarm.cli.command import Ended, deepscan

from .controlplane import ControlPlane
from .scanning import Scans
from .test_live_scan import _bind

pytestmark = pytest.mark.cluster

ASKED = "selfsubjectaccessreviews"


@dataclass(frozen=True)
class Clinic:
    """A cluster with something in it, and the role that the command prints."""

    plane: ControlPlane
    scans: Scans
    role: dict[str, Any]
    namespace: str

    def identity(self, user: str, *without: str) -> Path:
        """A user with the printed role, but for the rules of some resources."""
        rules = [rule for rule in self.role["rules"] if not set(rule["resources"]) & set(without)]
        _bind(self.plane, user, self.role | {"rules": rules})
        return self.plane.kubeconfig_for(user)


@pytest.fixture(scope="module", name="clinic")
def _clinic(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    role = dict(yaml.safe_load(deepscan("permissions", "--kubernetes").out))
    control_plane.create_namespace("clinic")
    yield Clinic(control_plane, Scans(tmp_path_factory.mktemp("clinic")), role, "clinic")


def doctor(*arguments: str | Path, status: int = 0) -> dict[str, Any]:
    ended = deepscan("doctor", *arguments, "--format", "json=-")
    assert ended.status == status, ended.err
    return dict(json.loads(ended.out))


def states(checkup: dict[str, Any]) -> dict[str, str]:
    return {row["code"]: row["state"] for row in checkup["checks"]}


def agree(told: dict[str, str], ran: dict[str, str]) -> None:
    """The doctor knows no more than counts, so what has nothing of its kind in detail is told as able to run."""
    assert told.keys() == ran.keys()
    differing = {code: (told[code], ran[code]) for code in told if told[code] != ran[code]}
    assert set(differing.values()) <= {("ran", "not-applicable"), ("partial", "not-applicable")}


def test_the_printed_role_covers_everything_and_earns_no_warning(clinic: Clinic) -> None:
    config = clinic.identity("doctor-full")
    checkup = doctor("--kubeconfig", config)
    (target,) = checkup["targets"]
    assert (checkup["coverage_percent"], target["reached"], target["gaps"]) == (100.0, True, [])
    assert (target["excess"], target["warnings"], target["clock_skew_seconds"]) == ([], [], 0.0)
    assert target["version"].startswith("v1.")
    assert 0 < target["latency_ms"] < 5000
    assert {row["state"] for row in target["coverage"]} == {"complete"}
    nodes = [row["objects"] for row in target["coverage"] if row["slice"] == "nodes"]
    assert nodes == [len(clinic.plane.client.list("v1", "Node"))]
    agree(states(target), states(clinic.scans.run("--kubeconfig", config)))


def test_it_asks_and_changes_nothing(clinic: Clinic) -> None:
    """By the server's own audit log: reads of one object a kind, and questions about itself."""
    config = clinic.identity("doctor-watched")
    doctor("--kubeconfig", config)
    events = [e for e in clinic.plane.audit_events("doctor-watched") if e["stage"] == "ResponseComplete"]
    wrote = {(e["verb"], e["objectRef"]["resource"]) for e in events if e["verb"] not in ("get", "list")}
    assert wrote == {("create", ASKED)}
    assert not {e["objectRef"]["resource"] for e in events if "objectRef" in e} & {"secrets", "configmaps"}
    lists = [e for e in events if e["verb"] == "list"]
    assert len(lists) <= len(KUBERNETES) + 1
    assert all("limit=1" in e["requestURI"] or "limit=20" in e["requestURI"] for e in lists)


@pytest.mark.parametrize("resource", ["nodes", "pods", "jobs", "pods/log"])
def test_a_missing_rule_is_told_as_the_scan_will_tell_it_and_its_line_mends_it(
    clinic: Clinic, resource: str
) -> None:
    user = f"doctor-without-{resource.replace('/', '-')}"
    config = clinic.identity(user, resource)
    checkup = doctor("--kubeconfig", config)
    (target,) = checkup["targets"]
    report = clinic.scans.run("--kubeconfig", config)
    (gap,) = target["gaps"]
    assert gap["slice"] == ("pod-logs" if resource == "pods/log" else resource)
    assert gap["state"] == "denied"
    if resource != "pods/log":  # nothing failed here, so a scan asks for no log
        agree(states(target), states(report))
        blind = {code for code, state in states(target).items() if state == "not-measured"}
        assert blind == set(gap["blinds"]) != set()
        assert target["coverage_percent"] < 100
    rule = yaml.safe_load(re.search(r"add to its ClusterRole: (\{.*?\});", gap["mend"])[1])  # type: ignore[index]
    role = clinic.plane.client.get("rbac.authorization.k8s.io/v1", "ClusterRole", f"deepscan-{user}")
    mended = {key: role[key] for key in ("apiVersion", "kind")} | {"rules": [*role["rules"], rule]}
    _bind(clinic.plane, user, mended)
    assert doctor("--kubeconfig", config)["targets"][0]["gaps"] == []


def test_an_identity_of_one_namespace_is_told_namespace_by_namespace(clinic: Clinic) -> None:
    plane, namespace = clinic.plane, clinic.namespace
    role = {"kind": "Role", "metadata": {"name": "patient", "namespace": namespace}}
    plane.client.apply(clinic.role | role)
    plane.client.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "patient", "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "patient"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "patient"}],
        }
    )  # fmt: skip
    config = plane.kubeconfig_for("patient")
    (target,) = doctor("--kubeconfig", config, "--namespace", namespace)["targets"]
    read = {(row["slice"], row["scope"]): row["state"] for row in target["coverage"]}
    assert read["pods", f"namespace/{namespace}"] == "complete"
    assert read["nodes", "cluster"] == "denied"
    agree(states(target), states(clinic.scans.run("--kubeconfig", config, "--namespace", namespace)))
    mends = {gap["slice"]: gap["mend"] for gap in target["gaps"]}
    assert mends["nodes"].startswith("add to its ClusterRole")
    assert "leave out --namespace" in mends.values()
    (elsewhere,) = doctor("--kubeconfig", config, "--namespace", "default")["targets"]
    assert {row["state"] for row in elsewhere["coverage"] if row["slice"] != "prices"} == {"denied"}
    assert any(gap["mend"].startswith("add to its Role") for gap in elsewhere["gaps"])


def test_an_identity_that_may_do_everything_is_warned_of(clinic: Clinic) -> None:
    ended = deepscan("doctor", "--kubeconfig", clinic.plane.admin_kubeconfig)
    assert ended.status == 0, ended.err
    assert "stronger than a scan needs, it may do everything in the whole cluster" in ended.out
    assert "deepscan permissions --kubernetes" in ended.out


def test_one_right_too_many_is_named(clinic: Clinic) -> None:
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}
    _bind(clinic.plane, "doctor-strong", clinic.role | {"rules": [*clinic.role["rules"], rule]})
    config = clinic.plane.kubeconfig_for("doctor-strong")
    assert doctor("--kubeconfig", config)["targets"][0]["excess"] == ["list secrets"]


def test_a_target_out_of_reach_costs_the_others_nothing(clinic: Clinic, tmp_path: Path) -> None:
    config = yaml.safe_load(clinic.identity("doctor-two").read_text())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"https://127.0.0.1:{taken.getsockname()[1]}"
        config["clusters"].append({"name": "gone", "cluster": {"server": nowhere}})
        user = config["contexts"][0]["context"]["user"]
        config["contexts"].append({"name": "gone", "context": {"cluster": "gone", "user": user}})
        path = tmp_path / "two"
        path.write_text(yaml.safe_dump(config))
        ended: Ended = deepscan("doctor", "--kubeconfig", path, "--context", "all")
    assert ended.status == 3
    assert "gone: not reached" in ended.out
    assert "error: the API server cannot be reached" in ended.err
    assert "would cover 100 %" in ended.out
