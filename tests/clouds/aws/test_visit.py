"""
The whole way, as a user goes it: two profiles, two accounts, a cluster in each, one report.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from swarm.sources.aws.calls import CALLS, LOGIN
from tests.clouds.api_server import READER, ApiServer
from tests.cluster.build import Programs
from tests.swarm.cli.command import Ended, deepscan

from . import account as made
from .conftest import environment
from .front import AwsFront
from .scene import SICK, WELL, Entrance, Planted, lay_sick, lay_well, show, write_profiles

SETTINGS = """
[ages]
fatal = "1s"
wait = "1s"
controller = "1s"
waste = "1s"
[checks.CLD111]
unattached_days = 0
[checks.CLD112]
balancer_idle_days = 0
"""
READS = {"get", "list"}
QUESTIONS = "/apis/authorization.k8s.io/v1/selfsubject"


@dataclass(frozen=True)
class Visited:
    """One visit of both accounts: how it ended, its report, what was planted, and who saw what."""

    ended: Ended
    report: dict[str, Any]
    planted: Planted
    calls: list[str]
    servers: dict[str, ApiServer]
    entrances: dict[str, Entrance]


@pytest.fixture(scope="module", name="visited")
def _visited(
    front_of_the_run: AwsFront, api_server_programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visited]:
    folder: Path = tmp_path_factory.mktemp("visit")
    front = front_of_the_run
    front.forget()
    entrances = {name: Entrance(front, name) for name in ("train", "calm")}
    with (
        pytest.MonkeyPatch.context() as patch,
        ApiServer(api_server_programs, entrances["train"]) as train,
        ApiServer(api_server_programs, entrances["calm"]) as calm,
    ):
        around = environment(front, folder)
        for name, value in around.items():
            patch.setenv(name, value)
        servers = {"train": train, "calm": calm}
        planted = lay_sick(train)
        lay_well(calm)
        show(front, servers)
        write_profiles(folder)
        front.calls.clear()
        (folder / "deepscan.toml").write_text(SETTINGS)
        patch.delenv("AWS_ACCESS_KEY_ID")
        patch.delenv("AWS_SECRET_ACCESS_KEY")
        ended = deepscan(
            "run", "--aws", "sick", "--aws", "well", "--config", folder / "deepscan.toml", "--format", "json=-",
            "--baseline", "none", "--no-llm",
        )  # fmt: skip
        calls = [call.permission for call in front.calls]
        front.patches = {}
        assert ended.status == 0, ended.err
        yield Visited(ended, ended.report, planted, calls, servers, entrances)


def found(visited: Visited, code: str) -> list[dict[str, Any]]:
    return [finding for finding in visited.report["findings"] if finding["code"] == code]


def test_accounts_and_the_clusters_in_them_are_targets(visited: Visited) -> None:
    targets = {target["name"]: target for target in visited.report["scan"]["targets"]}
    by_id = {target["id"]: target["provider"] for target in targets.values()}
    assert by_id == {
        SICK: "aws",
        WELL: "aws",
        visited.servers["train"].uid(): "kubernetes",
        visited.servers["calm"].uid(): "kubernetes",
    }
    assert all(entrance.minted for entrance in visited.entrances.values())


def test_a_group_that_eks_calls_degraded_is_told_with_its_issue(visited: Visited) -> None:
    (finding,) = found(visited, "CLD101")
    assert (finding["subject"]["name"], finding["facts"]["issue_code"]) == (
        "broken",
        "AsgInstanceLaunchFailures",
    )
    values = {row["path"]: row["value"] for row in finding["evidence"]}
    assert values["health.issues[0].code"] == "AsgInstanceLaunchFailures"


def test_a_group_at_its_maximum_is_the_cause_of_the_pod_that_waits(visited: Visited) -> None:
    (finding,) = found(visited, "CLD102")
    assert (finding["subject"]["name"], finding["facts"]["max"], finding["facts"]["waiting_pods"]) == (
        "gpu",
        1,
        1,
    )
    (problem,) = [each for each in visited.report["problems"] if each["root"]["finding"] == finding["id"]]
    explained = [each for each in visited.report["findings"] if each["id"] in problem["findings"]]
    assert any("trainer-1" in str(each["subject"]) for each in explained), [e["code"] for e in explained]


def test_a_version_past_all_support_is_told(visited: Visited) -> None:
    (finding,) = found(visited, "CLD106")
    assert (finding["subject"]["name"], finding["facts"]["version"], finding["severity"]) == (
        "train",
        "1.29",
        "high",
    )


def test_a_machine_that_never_became_a_node_is_told_with_its_gpus(visited: Visited) -> None:
    (finding,) = found(visited, "CLD108")
    assert finding["subject"]["name"] == visited.planted.stray
    assert (finding["facts"]["pool"], finding["facts"]["gpus"]) == ("gpu", 8.0)


def test_a_disk_that_a_deleted_claim_left_is_told_with_the_claim(visited: Visited) -> None:
    (finding,) = found(visited, "CLD111")
    assert (finding["subject"]["name"], finding["facts"]["last_claim"]) == (
        visited.planted.disk,
        "ml/checkpoints",
    )
    assert finding["confidence"] == "derived"


def test_an_address_and_a_balancer_that_nobody_means_are_told(visited: Visited) -> None:
    names = {finding["subject"]["name"] for finding in found(visited, "CLD112")}
    assert names == {visited.planted.address, "left-behind"}


def test_the_healthy_account_and_its_cluster_are_silent(visited: Visited) -> None:
    well = {WELL, visited.servers["calm"].uid()}
    told = [finding for finding in visited.report["findings"] if finding["subject"]["cluster"] in well]
    assert told == []
    rows = [
        row for row in visited.report["checks"] if row["target"] in well and row["code"].startswith("CLD")
    ]
    assert {row["code"] for row in rows if row["state"] == "ran"} == {
        "CLD101", "CLD102", "CLD106", "CLD108", "CLD111", "CLD112"
    }  # fmt: skip


def test_only_what_is_on_the_list_was_asked_for(visited: Visited) -> None:
    listed = {call.permission for calls in CALLS.values() for call in calls}
    listed |= {f"{call.service}:{call.operation}" for call in LOGIN}
    assert set(visited.calls) <= listed
    assert len(visited.calls) > 50
    print(
        f"\n{len(visited.calls)} calls of {len(set(visited.calls))} operations reached AWS, all on the list"
    )


def test_the_clusters_saw_only_reads(visited: Visited) -> None:
    for server in visited.servers.values():
        asked = server.requests_of(READER.name)
        assert asked
        assert [each for each in asked if each[0] not in READS and not each[1].startswith(QUESTIONS)] == []


def test_without_the_extra_the_run_works_and_names_the_gap(aws: AwsFront, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "aiobotocore"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('No module named aiobotocore')")
    ended = deepscan(
        "run", "--aws", "--demo", "--format", "json=-", "--baseline", "none", "--no-llm",
        PYTHONPATH=f"{hidden.parent}:{Path.cwd()}",
    )  # fmt: skip
    assert ended.status == 3, ended.err
    gaps = [
        row for row in ended.report["coverage"] if row["slice"] == "clusters" and row["state"] == "failed"
    ]
    assert [gap["mend"] for gap in gaps] == ["pip install 'deepscan-swarm[aws]'"]
    assert "pip install 'deepscan-swarm[aws]'" in ended.err
    assert len(ended.report["problems"]) > 3


def test_two_profiles_of_one_account_tell_it_once(
    aws: AwsFront, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = made.disk(100, {})
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    (tmp_path / "config").write_text("".join(
        f"[profile {name}]\nrole_arn = arn:aws:iam::123456789012:role/{name}\nsource_profile = base\n"
        f"region = us-east-1\n" for name in ("one", "two")
    ))  # fmt: skip
    (tmp_path / "deepscan.toml").write_text(SETTINGS)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    ended = deepscan(
        "run", "--aws", "one", "--aws", "two", "--config", tmp_path / "deepscan.toml", "--format", "json=-",
        "--baseline", "none", "--no-llm",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    assert [finding["subject"]["name"] for finding in ended.report["findings"]] == [disk]
    assert [target["id"] for target in ended.report["scan"]["targets"]] == ["123456789012"]
    assert any("is the same account" in warning for warning in ended.report["warnings"])
