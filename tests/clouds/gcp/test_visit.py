"""
A project from the command line to the report: clusters found, entered and scanned, and what stands beside them joined.
"""

import asyncio
import json
import math
import os
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest_asyncio

from swarm.sources.gcp.calls import CALLS
from tests.clouds.api_server import READER, ApiServer
from tests.clouds.gcp.front import Front, Proxy
from tests.clouds.gcp.objects import PROJECT
from tests.clouds.gcp.world import furnish
from tests.cluster.build import Programs
from tests.cluster.pki import Authority

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google

Json = dict[str, Any]

FAULTS = {
    ("CLD101", "NodePool/l4"),
    ("CLD102", "NodePool/a100"),
    ("CLD106", "Cluster/train"),
    ("CLD108", "Instance/gke-train-a100-9"),
    ("CLD111", "Disk/pvc-left"),
    ("CLD112", "Address/web-ip"),
    ("CLD112", "ForwardingRule/front"),
}


class Run(NamedTuple):
    """How a run ended: its status, its report, what it said on stderr."""

    status: int
    report: Json
    said: str

    def findings(self, code: str) -> list[Json]:
        return [finding for finding in self.report["findings"] if finding["code"] == code]

    def cloud(self) -> set[tuple[str, str]]:
        found = (one for one in self.report["findings"] if one["code"].startswith("CLD"))
        return {(one["code"], f"{one['subject']['kind']}/{one['subject']['name']}") for one in found}


async def run(google: "Google", folder: Path, *flags: str, endpoint: str = "", **environment: str) -> Run:
    """`deepscan run --gcp` in a process of its own."""
    config, out = folder / "deepscan.toml", folder / "report.json"
    config.write_text(f'[gcp]\nendpoint = "{endpoint or google.url}"\n')
    words = ("run", "--gcp", PROJECT, "--config", str(config), "--format", f"json={out}", "--quiet", *flags)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "swarm", *words, "--history", "none", "--no-llm",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip
    stdout, stderr = await asyncio.wait_for(process.communicate(), 120)
    report = json.loads(out.read_text()) if out.exists() else {}
    return Run(process.returncode or 0, report, stdout.decode() + stderr.decode())


@pytest_asyncio.fixture
async def server(google: "Google", api_server_programs: Programs) -> AsyncIterator[ApiServer]:
    made = ApiServer(api_server_programs, lambda token: READER if google.accepts(token) else None)
    await asyncio.to_thread(made.__enter__)
    yield made
    await asyncio.to_thread(made.stop)


async def test_six_faults_of_a_project_are_found_and_joined_to_what_they_mean(
    google: "Google", server: ApiServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(furnish, google, server, faulty=True)
    done = await run(google, tmp_path)
    assert (done.status, len(done.said.splitlines())) == (0, 1)
    assert done.cloud() == FAULTS
    (full,) = done.findings("CLD102")
    (waits,) = done.findings("GPU111")
    (problem,) = [problem for problem in done.report["problems"] if problem["root"]["finding"] == full["id"]]
    assert set(problem["findings"]) == {full["id"], waits["id"]}
    assert waits["subject"]["name"] == "train-next" and problem["impact"]["pods"] == 1
    (left,) = done.findings("CLD111")
    assert (left["facts"]["last_claim"], left["confidence"]) == ("ml/data", "derived")
    (machine,) = done.findings("CLD108")
    assert machine["facts"]["pool"] == "a100" and machine["facts"]["usd_per_month"] > 10_000
    rule = next(one for one in done.findings("CLD112") if one["subject"]["kind"] == "ForwardingRule")
    assert rule["facts"]["last_service"] == "web/front"
    assert {row["state"] for row in done.report["coverage"]} <= {"complete", "not-collected"}
    _only_reads(google, server)


async def test_the_healthy_twin_is_silent(google: "Google", server: ApiServer, tmp_path: Path) -> None:
    await asyncio.to_thread(furnish, google, server, faulty=False)
    done = await run(google, tmp_path)
    assert (done.status, done.cloud()) == (0, set())
    ran = {row["code"] for row in done.report["checks"] if row["state"] == "ran"}
    assert {"CLD101", "CLD102", "CLD106", "CLD108", "CLD111", "CLD112"} <= ran
    assert {target["name"] for target in done.report["scan"]["targets"]} == {f"gcp {PROJECT}", "train"}
    _only_reads(google, server)


async def test_tokens_revoked_in_the_middle_cost_one_refresh_and_no_finding(
    google: "Google", server: ApiServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(furnish, google, server, faulty=True)
    assert (await run(google, tmp_path)).cloud() == FAULTS
    before = len(google.minted)
    google.revoke_at = len(google.seen) + 4
    done = await run(google, tmp_path, DEEPSCAN_LOG="DEBUG")
    assert (done.status, done.cloud()) == (0, FAULTS)
    assert len(google.minted) - before == before + 1
    assert google.revoke_at == math.inf
    assert [token for token in google.minted if token in done.said] == []
    print(f"tokens minted: {before} in a run, {before + 1} in one in which all were revoked")


async def test_a_private_cluster_is_unreachable_from_here_and_its_project_is_told_all_the_same(
    google: "Google", server: ApiServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(furnish, google, server, faulty=True)
    google.clusters[0] |= {"endpoint": "127.0.0.1:1", "privateClusterConfig": {"enablePrivateEndpoint": True}}
    done = await run(google, tmp_path)
    assert done.status == 0
    assert {
        ("CLD101", "NodePool/l4"),
        ("CLD106", "Cluster/train"),
        ("CLD111", "Disk/pvc-left"),
    } <= done.cloud()
    assert {finding["confidence"] for finding in done.findings("CLD111")} == {"possible"}
    gaps = [row for row in done.report["coverage"] if row["slice"] == "pods"]
    assert gaps and {row["state"] for row in gaps} == {"failed"}


async def test_without_the_extra_the_run_works_and_names_the_gap(google: "Google", tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['google.auth'] = None\n")
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "pod.json").write_text(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": "p", "namespace": "n", "uid": "1", "creationTimestamp": "2026-11-20T00:00:00Z"}, "spec": {
        "containers": []}, "status": {"phase": "Running"}}))  # fmt: skip
    flags = ("--from", str(tmp_path / "objects"), "--now", "2026-11-21T00:00:00Z")
    done = await run(google, tmp_path, *flags, PYTHONPATH=str(tmp_path))
    assert done.status == 3
    assert len(done.report["scan"]["targets"]) == 2
    gaps = [row for row in done.report["coverage"] if row["slice"] == "disks"]
    assert [(row["state"], row["mend"]) for row in gaps] == [("failed", "pip install 'deepscan-swarm[gcp]'")]
    assert google.seen == [] and google.minted == []


async def test_a_gateway_with_tls_behind_a_companys_proxy_serves_both_protocols(
    google: "Google", server: ApiServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(furnish, google, server, faulty=True)
    authority = Authority(tmp_path / "pki")
    pair = authority.server("gateway")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pair.certificate, pair.key)
    gateway, trusted = Front(*google.ports), str(authority.certificate)
    await gateway.start(tls)
    proxy = Proxy(gateway.port)
    await proxy.start()
    done = await run(
        google, tmp_path, endpoint="https://kubernetes.default:8443", HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}",
        SSL_CERT_FILE=trusted, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=trusted,
    )  # fmt: skip
    await proxy.stop()
    await gateway.stop()
    assert (done.status, done.cloud()) == (0, FAULTS)
    assert set(proxy.asked) == {"kubernetes.default:8443"} and len(proxy.asked) >= 2


def _only_reads(google: "Google", server: ApiServer) -> None:
    """Google and the API server were asked for what is listed and nothing else; says how often."""
    listed = {call.operation for calls in CALLS.values() for call in calls}
    asked = google.asked()
    assert {what.removeprefix("GET ") for what in asked} == listed
    verbs = {verb for verb, _ in server.requests_of(READER.name)}
    assert verbs <= {"get", "list"}
    assert server.webhook.refused == []
    print(
        f"seen: {len(asked)} requests at Google, {len(server.requests_of(READER.name))} at the API server, all reads"
    )
