"""
The doctor before servers that refuse, lie about the time, or serve less: a gap is told with its line, never as health.
"""

import asyncio
import json
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest_asyncio
from aiohttp import web

from scanners.scanner import catalogue
from swarm.cli.targets import demo_path
from tests.cluster.pki import Authority
from tests.swarm.cli.command import Ended, deepscan
from tests.swarm.sources.kubernetes.server import REVIEW, FakeApi, item, kubeconfig


@pytest_asyncio.fixture(name="api")
async def _api(tmp_path: Path) -> Any:
    served = FakeApi(Authority(tmp_path / "pki"))
    await served.start()
    yield served
    await served.stop()


async def doctor(api: FakeApi, folder: Path, *arguments: str) -> Ended:
    config = kubeconfig(folder, api)
    return await asyncio.to_thread(deepscan, "doctor", "--kubeconfig", config, *arguments)


async def checkup(api: FakeApi, folder: Path, *arguments: str) -> dict[str, Any]:
    ended = await doctor(api, folder, *arguments, "--format", "json=-")
    assert ended.status == 0, ended.err
    (target,) = json.loads(ended.out)["targets"]
    return dict(target)


async def test_what_is_not_served_is_no_gap_and_its_checks_are_not_applicable(
    api: FakeApi, tmp_path: Path
) -> None:
    target = await checkup(api, tmp_path)
    read = {row["slice"]: row["state"] for row in target["coverage"]}
    assert (read["networkpolicies"], read["pods"]) == ("absent", "complete")
    states = {row["code"]: row["state"] for row in target["checks"]}
    assert states["NET101"] == "not-applicable"
    assert target["gaps"] == []


async def test_a_kind_of_which_there_is_nothing_leaves_the_count(api: FakeApi, tmp_path: Path) -> None:
    api.objects["jobs"] = [item("a", "ml"), item("b", "ml"), item("c", "ml")]
    target = await checkup(api, tmp_path)
    counts = {row["slice"]: row["objects"] for row in target["coverage"]}
    assert (counts["jobs"], counts["cronjobs"]) == (3, 0), "counted without being read"
    states = {row["code"]: row["state"] for row in target["checks"]}
    assert (states["JOB101"], states["JOB112"]) == ("ran", "not-applicable")
    lists = [r for r in api.requests if r.path == "/apis/batch/v1/jobs"]
    assert [r.query["limit"] for r in lists] == ["1"]


async def test_a_refusal_names_the_checks_it_blinds_and_the_rule_that_ends_it(
    api: FakeApi, tmp_path: Path
) -> None:
    api.objects["pods"] = [item("a", "ml", spec={}, status={})]
    api.denied = {"pods", "pods@ml", "pods@kube-system"}
    ended = await doctor(api, tmp_path)
    assert ended.status == 0
    assert "pods denied: the identity may not list pods in the whole cluster (no rule for jane)" in ended.out
    assert (
        'help: add to its ClusterRole: {apiGroups: [""], resources: ["pods"], verbs: ["get", "list"]}'
        in ended.out
    )
    assert " not measured" in ended.out
    short = await doctor(api, tmp_path, "--min-coverage", "99")
    assert short.status == 3


async def test_where_the_whole_cluster_is_refused_its_namespaces_are_asked_about(
    api: FakeApi, tmp_path: Path
) -> None:
    api.objects["namespaces"].append(item("ml"))
    api.objects["pods"] = [item("a", "ml", spec={}, status={})]
    api.denied = {"pods@", "pods@kube-system"}
    target = await checkup(api, tmp_path)
    read = {
        row["scope"]: (row["state"], row["objects"]) for row in target["coverage"] if row["slice"] == "pods"
    }
    assert read == {
        "cluster": ("denied", 0),
        "namespace/kube-system": ("denied", 0),
        "namespace/ml": ("complete", 1),
    }
    assert [gap["state"] for gap in target["gaps"] if gap["slice"] == "pods"] == ["partial"]
    assert {row["state"] for row in target["checks"] if row["code"] == "WRK101"} == {"partial"}


async def test_a_server_that_does_not_say_what_one_may_do_is_an_error(api: FakeApi, tmp_path: Path) -> None:
    api.denied = {"reviews"}
    ended = await doctor(api, tmp_path)
    assert ended.status == 3
    assert "selfsubjectaccessreviews is forbidden" in ended.err
    assert "help: bind the identity to the ClusterRole system:basic-user" in ended.err


async def test_an_allowed_list_that_fails_all_the_same_is_a_gap(api: FakeApi, tmp_path: Path) -> None:
    broken = web.json_response({"message": "etcd is away"}, status=500)
    api.before = lambda r: broken if r.path == "/api/v1/nodes" and r.method == "GET" else None
    target = await checkup(api, tmp_path)
    (gap,) = target["gaps"]
    assert (gap["slice"], gap["state"]) == ("nodes", "failed")
    assert "etcd is away" in gap["detail"]
    assert gap["blinds"]


async def test_rights_that_no_scan_needs_are_named(api: FakeApi, tmp_path: Path) -> None:
    api.powers = {"delete pods", "list secrets"}
    ended = await doctor(api, tmp_path)
    assert "stronger than a scan needs, it may list secrets and delete pods" in ended.out
    assert ended.status == 0


async def test_a_right_in_a_named_namespace_is_named_with_it(api: FakeApi, tmp_path: Path) -> None:
    api.powers = {"create pods@ml"}
    assert (await checkup(api, tmp_path, "--namespace", "ml"))["excess"] == ["create pods in namespace ml"]
    assert (await checkup(api, tmp_path))["excess"] == []


async def test_a_namespace_that_is_not_there_is_told(api: FakeApi, tmp_path: Path) -> None:
    api.objects["namespaces"].append(item("ml"))
    target = await checkup(api, tmp_path, "--namespace", "ml", "--namespace", "mll")
    assert target["warnings"] == ["there is no namespace mll"]


async def test_where_much_is_denied_the_whole_role_is_offered(api: FakeApi, tmp_path: Path) -> None:
    api.denied = {"nodes", "events", "persistentvolumes"}
    assert "help for all" not in (await doctor(api, tmp_path)).out
    api.denied = {"nodes", "events", "persistentvolumes", "services"}
    assert (
        "help for all that is denied: deepscan permissions --kubernetes" in (await doctor(api, tmp_path)).out
    )


async def test_a_clock_that_is_off_is_told(api: FakeApi, tmp_path: Path) -> None:
    def late(request: web.Request) -> web.StreamResponse | None:
        if request.path != "/version":
            return None
        hour = formatdate(time.time() + 3600, usegmt=True)
        return web.json_response({"gitVersion": "v1.35.4"}, headers={"Date": hour})

    api.before = late
    target = await checkup(api, tmp_path)
    assert 3595 <= target["clock_skew_seconds"] <= 3605
    assert any("behind the server's" in warning for warning in target["warnings"])


async def test_only_questions_about_itself_are_posted(api: FakeApi, tmp_path: Path) -> None:
    await doctor(api, tmp_path)
    assert {r.path for r in api.requests if r.method != "GET"} == {REVIEW}
    assert {r.method for r in api.requests} == {"GET", "POST"}


def test_a_recording_is_told_by_what_it_holds() -> None:
    ended = deepscan("doctor", "--demo", "--format", "json=-")
    assert ended.status == 0, ended.err
    (target,) = json.loads(ended.out)["targets"]
    report = deepscan("run", "--demo", "--format", "json=-", "--quiet").report
    assert target["as_of"] == report["scan"]["now"]
    assert target["coverage_percent"] == report["summary"]["coverage_percent"]
    assert {c["code"]: c["state"] for c in target["checks"]} == {
        c["code"]: c["state"] for c in report["checks"]
    }
    assert (target["latency_ms"], target["server"]) == (None, None)


def test_what_a_recording_lacks_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "node.json").write_text((demo_path() / "cluster-resources" / "node.json").read_text())
    ended = deepscan("doctor", "--from", tmp_path)
    assert ended.status == 0, ended.err
    assert "pods not-collected" in ended.out
    assert "a run would cover 100 %" not in ended.out


def test_the_checks_can_be_chosen() -> None:
    ended = deepscan("doctor", "--demo", "--check", "OOM101", "--format", "json=-")
    (target,) = json.loads(ended.out)["targets"]
    ran = [row["code"] for row in target["checks"] if row["state"] != "skipped"]
    assert ran == ["OOM101"]
    assert len(target["checks"]) == len(catalogue())


def test_a_checkup_has_two_formats() -> None:
    ended = deepscan("doctor", "--demo", "--format", "html=-")
    assert ended.status == 2
    assert "help: known are terminal and json" in ended.err


def test_a_context_that_is_not_there_is_a_mistake_in_the_command(tmp_path: Path) -> None:
    ended = deepscan("doctor", "--kubeconfig", tmp_path / "none")
    assert ended.status == 2
