"""
What a run over a project would see is known before it runs: the account, each cluster in it, and what is missing.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clouds.api_server import ApiServer
from tests.clouds.gcp.objects import PROJECT
from tests.clouds.gcp.test_visit import server
from tests.clouds.gcp.world import furnish

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google

__all__ = ["server"]


async def examined(google: "Google", folder: Path) -> tuple[int, dict[str, Any]]:
    config = folder / "deepscan.toml"
    config.write_text(f'[gcp]\nendpoint = "{google.url}"\n')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "swarm", "doctor", "--gcp", PROJECT, "--config", str(config), "--format", "json=-",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    stdout, stderr = await asyncio.wait_for(process.communicate(), 120)
    assert stdout, stderr.decode()
    return process.returncode or 0, json.loads(stdout)


async def test_the_account_and_its_cluster_are_examined_and_a_missing_right_is_named(
    google: "Google", server: ApiServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(furnish, google, server, faulty=True)
    google.refused["aggregated/disks"] = (
        403,
        "PERMISSION_DENIED",
        "Required 'compute.disks.list' permission",
    )
    status, checkup = await examined(google, tmp_path)
    account, cluster = checkup["targets"]
    assert (status, account["provider"], account["reached"]) == (0, "gcp", True)
    (gap,) = account["gaps"]
    assert (gap["slice"], gap["state"], gap["blinds"]) == ("disks", "denied", ["CLD111"])
    assert "compute.disks.list" in gap["mend"]
    assert (cluster["name"], cluster["reached"], cluster["version"][:2]) == ("train", True, "v1")
    states = {row["code"]: row["state"] for row in cluster["checks"]}
    assert {states[code] for code in ("CLD101", "CLD102", "CLD106", "CLD108")} == {"ran"}
    assert "CLD111" not in states
    assert [probe["name"] for probe in checkup["probes"] if probe["name"] == "cloud"] == []


async def test_a_project_that_cannot_be_read_is_out_of_reach(google: "Google", tmp_path: Path) -> None:
    google.refuses_logins = True
    status, checkup = await examined(google, tmp_path)
    (account,) = checkup["targets"]
    assert (status, account["reached"], account["coverage_percent"]) == (3, False, 0.0)
    assert account["error"]["mend"]
