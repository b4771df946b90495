"""
A server in trouble, seen from the command line: what could be had is reported, what could not is a named
gap, the status says so.
"""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.cluster.population import Sizes
from benchmarks.generate import folder_of, generate
from benchmarks.harness import serving
from tests.swarm.cli.command import deepscan, environment

SIZES = Sizes(pods=3000, nodes=100, events=600, page=500)


@pytest.fixture(scope="module", name="data")
def _data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(SIZES, folder_of(SIZES, tmp_path_factory.mktemp("data")))


def coverage(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["slice"]: row for row in report["coverage"]}


@pytest.fixture(scope="module", name="calm")
def _calm(data: Path) -> Iterator[dict[str, Any]]:
    with serving(data, "--life", "60") as server:
        yield deepscan("run", "--kubeconfig", server.kubeconfig, "--no-logs", "--format", "json=-").report


@pytest.mark.parametrize("fault", ["410@4", "429@0.2", "reset@pods:2", "truncate@pods:3"])
def test_what_passes_by_itself_costs_nothing(fault: str, data: Path, calm: dict[str, Any]) -> None:
    with serving(data, "--life", "60", "--inject", fault) as server:
        ended = deepscan("run", "--kubeconfig", server.kubeconfig, "--no-logs", "--format", "json=-")
    assert ended.status == 0, ended.err
    gaps = {row["slice"] for row in ended.report["coverage"] if row["state"] not in ("complete", "absent")}
    assert gaps == {"pod-logs"}
    assert {f["id"] for f in ended.report["findings"]} == {f["id"] for f in calm["findings"]}
    if fault.startswith("410"):
        assert any("mixed snapshot" in row["detail"] for row in ended.report["coverage"])


def test_a_list_that_stays_cut_is_truncated(data: Path, calm: dict[str, Any]) -> None:
    with serving(data, "--life", "60", "--inject", "truncate@pods:3x9") as server:
        ended = deepscan(
            "run",
            "--kubeconfig",
            server.kubeconfig,
            "--no-logs",
            "--format",
            "json=-",
            "--min-coverage",
            "99",
        )
    assert ended.status == 3
    pods = coverage(ended.report)["pods"]
    assert pods["state"] == "truncated" and 1000 <= pods["objects"] < 1500
    assert pods["mend"] and "JOB104" in pods["checks"]
    assert {f["id"] for f in ended.report["findings"]} <= {f["id"] for f in calm["findings"]}


def test_the_deadline_ends_the_reading(data: Path) -> None:
    with serving(data, "--life", "60", "--think", "700") as server:
        began = time.monotonic()
        ended = deepscan(
            "run", "--kubeconfig", server.kubeconfig, "--no-logs", "--format", "json=-", "--deadline", "3s"
        )
    assert time.monotonic() - began < 15
    late = [row for row in ended.report["coverage"] if row["state"] == "timed-out"]
    assert late and all("--deadline" in row["mend"] for row in late)
    assert "timed-out" in {row["state"] for row in ended.report["agents"]}
    assert ended.report["summary"]["coverage_percent"] < 100


def test_an_interrupt_reports_what_there_is(data: Path) -> None:
    with serving(data, "--life", "60", "--think", "500") as server:
        command = [
            sys.executable,
            "-m",
            "swarm",
            "run",
            "--kubeconfig",
            str(server.kubeconfig),
            "--no-logs",
            "--format",
            "json=-",
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
        ) as running:
            time.sleep(3.5)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=20)
    assert running.returncode == 130, err
    report = json.loads(out)
    assert report["scan"]["partial"] is True
    assert any("interrupted" in row["detail"] for row in report["coverage"])
    assert "Traceback" not in err


def kubeconfig(path: Path, server: str, **user: object) -> Path:
    content = {
        "apiVersion": "v1", "kind": "Config", "current-context": "prod-gpu",
        "contexts": [{"name": "prod-gpu", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}], "users": [{"name": "u", "user": user}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content))
    return path


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_unreachable_server_is_an_unread_target(tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", f"https://127.0.0.1:{closed_port()}", token="t")
    ended = deepscan("run", "--kubeconfig", config, "--format", "json=-")
    assert ended.status == 3
    assert ended.err.count("error:") == 1 and "help:" in ended.err and "Traceback" not in ended.err
    assert {row["state"] for row in ended.report["checks"]} == {"not-measured"}


def test_a_certificate_of_a_stranger_is_refused(data: Path, tmp_path: Path) -> None:
    with serving(data, "--life", "30") as server:
        config = kubeconfig(tmp_path / "k", f"https://127.0.0.1:{server.port}", token="benchmark")
        ended = deepscan("run", "--kubeconfig", config)
    assert ended.status == 3
    assert "certificate" in ended.err


def test_an_expired_token_is_told(data: Path, tmp_path: Path) -> None:
    with serving(data, "--life", "30") as server:
        content = yaml.safe_load(Path(server.kubeconfig).read_text())
        content["users"][0]["user"]["token"] = "expired"
        (tmp_path / "k").write_text(yaml.safe_dump(content))
        ended = deepscan("run", "--kubeconfig", tmp_path / "k")
    assert ended.status == 3
    assert "401" in ended.err or "not accepted" in ended.err


@pytest.mark.parametrize(
    ("user", "context", "said"),
    [
        ({"token": "t", "as": "admin"}, "prod-gpu", "impersonat"),
        ({"token": "t"}, "prod-gup", "did you mean prod-gpu?"),
        (
            {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}},
            "prod-gpu",
            "no-such-plugin",
        ),
    ],
    ids=["impersonation", "unknown context", "missing plugin"],
)
def test_a_kubeconfig_that_cannot_be_followed(
    user: dict[str, object], context: str, said: str, tmp_path: Path
) -> None:
    config = kubeconfig(tmp_path / "k", f"https://127.0.0.1:{closed_port()}", **user)
    ended = deepscan("run", "--kubeconfig", config, "--context", context)
    assert ended.status in (2, 3)
    assert said in ended.err and "help:" in ended.err and "Traceback" not in ended.err
