"""
A subscription is visited by the command as a user runs it: found by the SDK's client, entered with tokens of Entra ID
that real API servers ask about, scanned, and joined to what stands around the clusters.
"""

import asyncio
import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scanners.facts.gaps import SliceState
from scanners.facts.slices import CLUSTERS, NAMESPACES, NODES, PODS
from swarm.sources.azure.source import account
from swarm.sources.kubernetes.source import KubernetesSource
from tests.clouds.api_server import READER, REMEMBERED_SECONDS, ApiServer, User
from tests.clouds.azure.estate import TRAIN, TWIN, settle
from tests.clouds.azure.fake import AKS_SCOPE, ARM_SCOPE, FakeAzure
from tests.clouds.azure.items import SUBSCRIPTION, changed
from tests.clouds.azure.test_source import place
from tests.clouds.azure.worlds import EXEC
from tests.cluster.build import Programs
from tests.cluster.faults import QUICK_AGES
from tests.swarm.cli.command import Ended, deepscan

Servers = dict[str, ApiServer]

PLANTED = {
    "CLD101": "node pool infer is Failed at azure: SubnetIsFull",
    "CLD102": "node pool gpu has 1 of at most 1 nodes",
    "CLD106": "cluster train runs 1.30.9: its support ended on 2025-08-22",
    "CLD108": "instance aks-gpu-train-vmss_1 (Standard_ND96asr_v4 with 8 GPUs) of node pool gpu has run for",
    "CLD111": "disk pvc-train of 1,024 GiB (Premium_LRS)",
    "CLD112": "address train-ip in eastus is attached to nothing; it was made for Service ml/gateway",
}


ABSENT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("azure", "msal"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
"""As if the extra had never been installed."""


class Trust:
    """Whom API servers take a token for: a reader, if the Entra ID of the moment has minted it for them."""

    azure: FakeAzure | None = None

    def __call__(self, token: str) -> User | None:
        return READER if self.azure is not None and self.azure.knows(token, AKS_SCOPE) else None


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust()


@pytest.fixture(scope="module")
def servers(api_server_programs: Programs, trust: Trust) -> Iterator[Servers]:
    """A real API server for each cluster, with its objects."""
    with ExitStack() as stack:
        made = {}
        for site in (TRAIN, TWIN):
            made[site.name] = stack.enter_context(ApiServer(api_server_programs, trust))
            made[site.name].apply_all(site.objects())
        yield made


@pytest.fixture
def visited(azure: FakeAzure, servers: Servers, trust: Trust) -> FakeAzure:
    """The subscription with both clusters, whose ways in lead to the API servers."""
    trust.azure = azure
    settle(azure, TRAIN, TWIN)
    for site in (TRAIN, TWIN):
        azure.enter(site.id, servers[site.name].url, servers[site.name].authority, EXEC)
    return azure


def scan(azure: FakeAzure, folder: Path, *arguments: str) -> Ended:
    settings = folder / "deepscan.toml"
    settings.write_text(
        f'{QUICK_AGES}[azure]\nresource_manager = "{azure.resource_manager}"\nauthority = "{azure.authority}"\n'
    )
    return deepscan(
        "run", "--azure", SUBSCRIPTION, *arguments, "--config", settings, "--format", "json=-", "--no-llm",
        "--baseline", "none", **azure.environment(),
    )  # fmt: skip


def findings(report: dict[str, Any], prefix: str = "CLD") -> dict[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = {}
    for finding in report["findings"]:
        if finding["code"].startswith(prefix):
            told.setdefault(finding["code"], []).append(finding)
    return told


def test_six_faults_of_a_subscription_are_found_and_its_healthy_twin_is_silent(
    visited: FakeAzure, servers: Servers, tmp_path: Path
) -> None:
    ended = scan(visited, tmp_path)
    assert ended.status == 0, ended.err
    report = ended.report
    told = findings(report)
    assert {code: len(found) for code, found in told.items()} == dict.fromkeys(PLANTED, 1), ended.err
    for code, message in PLANTED.items():
        assert told[code][0]["message"].startswith(message), told[code][0]["message"]
    assert {target["provider"] for target in report["scan"]["targets"]} == {"kubernetes", "azure"}
    assert {target["name"] for target in report["scan"]["targets"]} >= {"train", "twin"}
    assert not [
        each for each in report["coverage"] if each["state"] not in ("complete", "absent", "not-collected")
    ]
    for server in servers.values():
        assert {verb for verb, _ in server.requests_of(READER.name)} <= {"get", "list", "create"}
        assert len(server.requests_of(READER.name)) > 10
    assert visited.not_reads() == []
    print(f"\n{len(visited.requests)} requests to Azure, all of them reads")


def test_what_is_found_is_joined_to_the_pod_the_claim_and_the_pool_that_it_concerns(
    visited: FakeAzure, tmp_path: Path
) -> None:
    report = scan(visited, tmp_path).report
    told = findings(report)
    pool, disk, address = told["CLD102"][0], told["CLD111"][0], told["CLD112"][0]
    assert pool["facts"]["waiting_pods"] == 1 and pool["facts"]["gpus_needed"] == 8
    assert disk["facts"]["last_claim"] == "ml/checkpoints"
    assert address["facts"]["last_service"] == "ml/gateway"
    problem = next(each for each in report["problems"] if each["root"]["code"] == "CLD102")
    pod = next(each for each in report["findings"] if each["subject"]["name"] == "waits")
    assert pod["id"] in problem["findings"]
    assert problem["impact"]["pods"] >= 1


def test_a_subscription_that_is_well_gives_no_finding(
    visited: FakeAzure, servers: Servers, tmp_path: Path
) -> None:
    settle(visited, TWIN)
    ended = scan(visited, tmp_path)
    assert ended.status == 0, ended.err
    assert findings(ended.report) == {}
    ran = {row["code"]: row["state"] for row in ended.report["checks"] if row["code"] in PLANTED}
    assert set(ran) == set(PLANTED)
    assert "not-measured" not in ran.values()
    assert visited.not_reads() == []


def test_a_token_for_azure_that_is_revoked_in_the_middle_is_made_anew_once_and_nothing_is_lost(
    visited: FakeAzure, servers: Servers, tmp_path: Path
) -> None:
    spent: list[str] = []

    def delay(path: str) -> float:
        if path.lower().endswith("/disks") and not spent:
            spent.append(path)
            visited.revoke_all()
        return 0.05

    visited.delay = delay
    ended = scan(visited, tmp_path)
    assert ended.status == 0, ended.err
    assert {code: len(found) for code, found in findings(ended.report).items()} == dict.fromkeys(PLANTED, 1)
    assert spent
    assert visited.token_requests.count(ARM_SCOPE) == 2
    assert visited.token_requests.count(AKS_SCOPE) == 2, "one for each cluster"


async def test_a_token_for_a_cluster_that_is_revoked_in_the_middle_is_made_anew_once_and_nothing_is_lost(
    visited: FakeAzure, servers: Servers
) -> None:
    account_ = account(place(visited), patience=20)
    await account_.open()
    clusters = (await account_.read(CLUSTERS, {})).objects
    entries = {cluster.name: account_.entry(cluster) for cluster in clusters}
    await account_.close()
    entry = entries["train"]
    assert entry is not None
    cluster = KubernetesSource(entry.connection())
    target = await cluster.open()
    assert target.cluster_uid == servers["train"].uid()
    before = await cluster.read(PODS, {})
    visited.revoke_all()
    await asyncio.sleep(REMEMBERED_SECONDS + 1)
    reads = await asyncio.gather(*(cluster.read(slice_, {}) for slice_ in (PODS, NODES, NAMESPACES)))
    await cluster.close()
    assert all(reading.state is SliceState.COMPLETE for read in reads for reading in read.readings)
    assert (
        [pod.name for pod in reads[0].objects] == [pod.name for pod in before.objects] == ["trainer", "waits"]
    )
    assert visited.token_requests.count(AKS_SCOPE) == 2, "one to enter, one in place of the revoked one"
    assert servers["train"].webhook.refused


def test_a_cluster_without_entra_is_entered_with_its_certificate_and_the_report_warns_of_it(
    visited: FakeAzure, servers: Servers, tmp_path: Path
) -> None:
    server = servers["train"]
    pair = server._pki.client("masterclient", ("system:masters",))
    user = {
        "client-certificate-data": base64.b64encode(pair.certificate.read_bytes()).decode(),
        "client-key-data": base64.b64encode(pair.key.read_bytes()).decode(),
    }
    settle(visited, TRAIN)
    visited.put(
        "providers/Microsoft.ContainerService/managedClusters",
        changed(TRAIN.cluster, properties__aadProfile=None),
    )
    visited.enter(TRAIN.id, server.url, server.authority, user)
    ended = scan(visited, tmp_path)
    assert ended.status == 0, ended.err
    assert set(findings(ended.report)) == set(PLANTED)
    assert any(
        "cluster train (eastus) is entered with the client certificate" in each
        for each in ended.report["warnings"]
    )
    assert {verb for verb, _ in server.requests_of("masterclient")} <= {"get", "list", "create"}
    assert AKS_SCOPE not in visited.token_requests


def test_a_stopped_cluster_is_told_and_is_no_failure(visited: FakeAzure, tmp_path: Path) -> None:
    settle(visited, TWIN)
    stopped = changed(TWIN.cluster, properties__powerState={"code": "Stopped"})
    visited.put("providers/Microsoft.ContainerService/managedClusters", stopped)
    ended = scan(visited, tmp_path)
    assert ended.status == 0, ended.err
    assert [target["provider"] for target in ended.report["scan"]["targets"]] == ["azure"]
    row = next(row for row in ended.report["coverage"] if row["scope"] == "cluster/twin")
    assert "the cluster is stopped" in row["detail"]


def test_a_private_cluster_is_unreachable_from_here_and_still_judged_by_what_azure_told_of_it(
    visited: FakeAzure, tmp_path: Path
) -> None:
    settle(visited, TRAIN)
    private = changed(TRAIN.cluster, properties__apiServerAccessProfile={"enablePrivateCluster": True})
    visited.put("providers/Microsoft.ContainerService/managedClusters", private)
    visited.enter(TRAIN.id, "https://127.0.0.1:1", "", EXEC)
    ended = scan(visited, tmp_path)
    assert ended.status == 0, ended.err
    assert {"CLD101", "CLD106"} <= set(findings(ended.report))
    gaps = [row for row in ended.report["coverage"] if row["slice"] == "pods"]
    assert gaps and all("its endpoint is private: unreachable from here" in row["detail"] for row in gaps)
    assert findings(ended.report)["CLD111"][0]["confidence"] == "possible", "its volumes are not known"


def test_without_the_extra_the_run_works_and_names_the_gap(
    visited: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = tmp_path / "absent"
    absent.mkdir()
    (absent / "sitecustomize.py").write_text(ABSENT)
    monkeypatch.setenv("PYTHONPATH", str(absent))
    recording = Path(__file__).resolve().parents[3] / "fixtures" / "demo"
    ended = scan(visited, tmp_path, "--from", str(recording))
    assert ended.status == 3, ended.err
    report = ended.report
    gaps = [row for row in report["coverage"] if row["slice"] == "clusters"]
    assert [row["state"] for row in gaps] == ["failed"]
    assert gaps[0]["mend"] == "pip install 'deepscan-swarm[azure]'"
    assert "the extra for Azure is not installed" in gaps[0]["detail"]
    assert len(report["problems"]) > 3, "what else was asked for is scanned"
    assert visited.requests == []
