"""
The planted faults, seen by the command itself over the wire: on the right object, with the right cause, and nothing
invented where the identity may not look.

The faults are settled once; then everything is scanned right away, since nobody plays the kubelet afterwards.
"""

import json
import shutil
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanners.facts.slices import ALL
from scanners.scanner import catalogue
from tests.swarm.cli.command import deepscan

from .base import lay_base
from .build import Programs
from .controlplane import ControlPlane
from .faults import FAULTS, apply_faults, settle
from .scanning import Scans, actionable, found_for, identities, names_the_cause, told

pytestmark = pytest.mark.cluster

DENIED = ("jobs", "nodes", "events")


@dataclass(frozen=True)
class Scanned:
    """What was scanned of the faulty cluster, one after another within seconds."""

    plane: ControlPlane
    scans: Scans
    live: dict[str, Any]
    captured: dict[str, Any]
    without_events: dict[str, Any]
    restricted: dict[str, Any]
    archive: Path


@pytest.fixture(scope="module", name="scanned")
def _scanned(control_plane_programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanned]:
    folder = tmp_path_factory.mktemp("live")
    scans, archive = Scans(folder), folder / "capture.tar.gz"
    with ControlPlane(control_plane_programs) as plane:
        lay_base(plane.client)
        _bind(plane, "restricted", _role(without=DENIED))
        restricted_config = plane.kubeconfig_for("restricted")
        settle(apply_faults(plane, FAULTS), FAULTS)
        live = scans.run("--kubeconfig", plane.admin_kubeconfig)
        taken = scans.ended("capture", "-o", archive, "--kubeconfig", plane.admin_kubeconfig)
        assert taken.status == 0, taken.err
        captured = scans.run("--from", archive)
        restricted = scans.run("--kubeconfig", restricted_config, "--min-coverage", "90", status=3)
        _forget_events(plane)
        without_events = scans.run("--kubeconfig", plane.admin_kubeconfig)
        scanned = Scanned(plane, scans, live, captured, without_events, restricted, archive)
        for name in ("live", "captured", "without_events", "restricted"):
            scans.keep(f"{name}.json", getattr(scanned, name))
        yield scanned


def _forget_events(plane: ControlPlane) -> None:
    for event in plane.client.list("v1", "Event"):
        plane.client.delete({"apiVersion": "v1", "kind": "Event", "metadata": event["metadata"]})


def _role(*, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The role that the command prints, without the rules for some resources."""
    printed = deepscan("permissions", "--kubernetes")
    assert printed.status == 0, printed.err
    role = dict(yaml.safe_load(printed.out))
    role["rules"] = [rule for rule in role["rules"] if not set(rule["resources"]) & set(without)]
    return role


def _bind(plane: ControlPlane, user: str, role: dict[str, Any]) -> None:
    role = role | {"metadata": {"name": f"deepscan-{user}"}}
    plane.client.apply(role)
    plane.client.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"deepscan-{user}"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": f"deepscan-{user}",
            },
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}],
        }
    )


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_the_fault_is_found_on_the_right_object_with_its_cause(scanned: Scanned, fault: Any) -> None:
    found = found_for(scanned.live, fault)
    near = [
        told(f)
        for f in scanned.live["findings"]
        if f["subject"]["namespace"] == fault.subject.namespace or f["code"] == fault.code
    ]
    assert found, f"{fault.code} on {fault.subject} was not seen; near it: {near}"
    assert any(names_the_cause(finding, fault.cause) for finding in found), [
        told(finding) for finding in found
    ]


def test_nothing_else_is_alarmed(scanned: Scanned) -> None:
    """Every finding of medium and above belongs to a planted fault: its code, or one that may stand beside it there."""
    expected = {
        (code, namespace) for fault in FAULTS for code in (fault.code, *fault.also)
        for namespace in (fault.id, fault.subject.namespace)
    }  # fmt: skip
    anywhere = {fault.code for fault in FAULTS if fault.cluster_wide or not fault.subject.namespace}
    stray = [
        told(finding) for finding in actionable(scanned.live)
        if (finding["code"], finding["subject"]["namespace"]) not in expected and finding["code"] not in anywhere
    ]  # fmt: skip
    assert stray == []


def test_every_concern_is_there(scanned: Scanned) -> None:
    seen = Counter(fault.code[:3] for fault in FAULTS if found_for(scanned.live, fault))
    assert {prefix for prefix, count in seen.items() if count >= 2} >= {
        "JOB",
        "OOM",
        "GPU",
        "PVC",
        "QTA",
        "NET",
    }
    assert {"WRK101", "WRK102", "WRK103", "NOD101"} <= {f["code"] for f in scanned.live["findings"]}


def test_a_capture_gives_the_same_findings(scanned: Scanned) -> None:
    assert identities(scanned.captured) == identities(scanned.live)
    assert [p["id"] for p in scanned.captured["problems"]] == [p["id"] for p in scanned.live["problems"]]


def test_a_capture_holds_no_secret_and_no_managed_fields(scanned: Scanned) -> None:
    with tarfile.open(scanned.archive) as archive:
        names = archive.getnames()
        content = b"".join(archive.extractfile(name).read() for name in names)  # type: ignore[union-attr]
    assert not [name for name in names if name.split("/")[1:2] in (["secrets"], ["configmaps"])]
    assert b"managedFields" not in content
    assert "cluster-resources/nodes.json" in names and "deepscan.json" in names


def test_without_events_the_same_problems(scanned: Scanned) -> None:
    before = {p["root"]["code"] + str(p["root"]["subject"]) for p in scanned.live["problems"]}
    after = {p["root"]["code"] + str(p["root"]["subject"]) for p in scanned.without_events["problems"]}
    assert before - after == set()


def test_what_may_not_be_read_is_a_gap_with_its_mend(scanned: Scanned) -> None:
    gaps = {row["slice"]: row for row in scanned.restricted["coverage"] if row["state"] == "denied"}
    assert set(gaps) == set(DENIED)
    for row in gaps.values():
        assert row["slice"] in row["mend"]
        assert "forbidden" in row["detail"]
    states = {row["code"]: row["state"] for row in scanned.restricted["checks"]}
    for code, check in catalogue().items():
        blind = {slice_.name for slice_ in check.needs} & set(DENIED)
        configured = all(slice_.origin == "kubernetes" for slice_ in check.needs)
        assert not blind or states[code] == ("not-measured" if configured else "not-configured"), code
    assert scanned.restricted["summary"]["coverage_percent"] < 90
    invented = identities(scanned.restricted) - identities(scanned.live)
    assert not [
        told(f)
        for f in scanned.restricted["findings"]
        if f["id"] in invented and f["confidence"] == "observed"
    ]


def test_a_gap_is_never_called_healthy(scanned: Scanned, tmp_path: Path) -> None:
    scans = Scans(tmp_path)
    ended = scans.ended(
        "run", "--kubeconfig", scanned.plane.kubeconfig_for("restricted"), "--format", "markdown=-"
    )
    blind = [code for code, check in catalogue().items() if {s.name for s in check.needs} & set(DENIED)]
    passed = ended.out.split("Passed checks")[-1].split("## ")[0] if "Passed checks" in ended.out else ""
    assert blind and not [code for code in blind if code in passed]
    for word in ("healthy", "all clear", "no problems found"):
        assert word not in ended.out.lower()


def test_half_a_recording_claims_no_absence(scanned: Scanned, tmp_path: Path) -> None:
    """Each list cut to half, with the continue token that a cut list carries: nobody new may be accused."""
    accused = {_accused(finding) for finding in scanned.captured["findings"]}
    with tarfile.open(scanned.archive) as archive:
        archive.extractall(tmp_path / "whole", filter="data")
    plurals = sorted(
        {
            p.relative_to(tmp_path / "whole/cluster-resources").parts[0].removesuffix(".json")
            for p in (tmp_path / "whole/cluster-resources").rglob("*.json")
        }
    )
    scans = Scans(tmp_path)
    for plural in plurals:
        if plural in {slice_.plural for slice_ in ALL}:
            halved = scans.run("--from", _halved(tmp_path, plural), status=None)
            invented = [told(f) for f in halved["findings"] if _accused(f) not in accused]
            assert invented == [], plural


def _accused(finding: dict[str, Any]) -> tuple[str, ...]:
    return tuple(finding["subject"][part] for part in ("group", "kind", "namespace", "name"))


def _halved(tmp_path: Path, plural: str) -> Path:
    folder = tmp_path / "halved"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tmp_path / "whole", folder)
    manifest = json.loads((folder / "deepscan.json").read_text())
    for row in manifest["readings"]:
        if row["slice"] == plural:
            row["state"] = "truncated"
    (folder / "deepscan.json").write_text(json.dumps(manifest))
    for path in [
        *folder.glob(f"cluster-resources/{plural}.json"),
        *folder.glob(f"cluster-resources/{plural}/*.json"),
    ]:
        content = json.loads(path.read_text())
        content["items"] = content["items"][: len(content["items"]) // 2]
        content["metadata"] = {"continue": "cut"}
        path.write_text(json.dumps(content))
    return folder
