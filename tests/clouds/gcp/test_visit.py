"""
A project from the command line to the report: clusters found, entered and scanned, and what stands beside them joined.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio

from tests.clouds.api_server import READER, ApiServer
from tests.clouds.gcp.objects import PROJECT
from tests.clouds.gcp.world import furnish
from tests.cluster.build import Programs

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google

Json = dict[str, Any]


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


async def run(google: "Google", folder: Path, *flags: str) -> Run:
    """`deepscan run --gcp` in a process of its own."""
    config, out = folder / "deepscan.toml", folder / "report.json"
    config.write_text(f'[gcp]\nendpoint = "{google.url}"\n')
    words = ("run", "--gcp", PROJECT, "--config", str(config), "--format", f"json={out}", "--quiet", *flags)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "swarm", *words, "--history", "none", "--no-llm",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, "DEEPSCAN_LOG": "ERROR"},
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
    print(json.dumps(done.report.get("findings"), indent=1)[:20000], done.said)
    assert done.status == 0
    assert done.cloud() == {
        ("CLD101", "NodePool/l4"),
        ("CLD102", "NodePool/a100"),
        ("CLD106", "Cluster/train"),
        ("CLD108", "Instance/gke-train-a100-9"),
        ("CLD111", "Disk/pvc-left"),
        ("CLD112", "Address/web-ip"),
        ("CLD112", "ForwardingRule/front"),
    }
