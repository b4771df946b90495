"""
Several targets in one run: each costs only itself, whatever becomes of it and whoever scans it.
"""

import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cluster.population import Sizes
from benchmarks.generate import folder_of, generate
from benchmarks.harness import Server
from scanners.scanner import CONCERNS, catalogue
from swarm.cli.scan import plan_for
from swarm.cli.targets import demo_path
from swarm.settings import Settings
from swarm.spec import TargetSpec
from tests.swarm.cli.command import deepscan, steady
from tests.swarm.cli.test_trouble import closed_port
from tests.swarm.fleets import address, all_gone, begun, kubeconfig, served, under_way, workers

SIZES = Sizes(pods=600, nodes=20, events=120, page=100)
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


@pytest.fixture(scope="module", name="data")
def _data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(SIZES, folder_of(SIZES, tmp_path_factory.mktemp("data")))


@pytest.fixture(name="servers")
def _servers(data: Path) -> Iterator[list[Server]]:
    with served(data, 2) as servers:
        yield servers


@pytest.fixture(name="slow")
def _slow(data: Path) -> Iterator[list[Server]]:
    """Two clusters whose pods take six seconds."""
    with served(data, 2, "--think", "1000") as servers:
        yield servers


@pytest.fixture(name="config")
def _config(servers: list[Server], tmp_path: Path) -> Path:
    gone = f"https://127.0.0.1:{closed_port()}"
    east, west = map(address, servers)
    return kubeconfig(tmp_path / "config", east=east, west=west, gone=gone)


def read(report: dict[str, Any]) -> dict[str, int | None]:
    return {target["name"]: target["pods"] for target in report["scan"]["targets"]}


def run(config: Path, *more: str | Path, processes: int = 2) -> Any:
    arguments = ["run", "--kubeconfig", config, "--no-logs", "--format", "json=-", *more]
    return deepscan(*arguments, DEEPSCAN_PROCESSES=str(processes))


def test_one_unreachable_of_four_targets_is_a_gap_and_the_others_are_whole(config: Path) -> None:
    contexts = ("--context", "east", "--context", "gone", "--context", "west", "--from", demo_path())
    ended = run(config, *contexts)
    assert ended.status == 3, ended.err
    assert read(ended.report) == {"demo": 405, "east": 600, "gone": None, "west": 600}
    gaps = {row["target"] for row in ended.report["coverage"] if row["state"] == "failed"}
    assert gaps == {"gone"}
    blind = {row["target"] for row in ended.report["checks"] if row["state"] == "not-measured"}
    assert "gone" in blind
    assert ended.err.count("error:") == 1 and "gone: not read" in ended.err
    for name in ("demo", "east", "west"):
        assert f"{name}: {len(CONCERNS)} agents ended" in ended.err


def test_the_number_of_processes_changes_no_byte(config: Path) -> None:
    contexts = ("--context", "all", "--from", demo_path(), "--now", "2026-06-15T12:00:00Z")
    one, two, three = (json.dumps(steady(run(config, *contexts, processes=n).report)) for n in (1, 2, 3))
    assert one == two == three
    assert len(json.loads(one)["findings"]) > 50


@linux
def test_a_process_that_is_killed_costs_its_own_target(slow: list[Server], tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", east=address(slow[0]), west=address(slow[1]))
    scan = begun(
        "run", "--kubeconfig", config, "--context", "all", "--no-logs", "--format", "json=-",
        DEEPSCAN_PROCESSES="2",
    )  # fmt: skip
    with scan:
        pids = workers(scan.pid, 2)
        under_way(slow, 5)
        os.kill(pids[0], signal.SIGKILL)
        out, err = scan.communicate(timeout=60)
    assert scan.returncode == 3, err
    report = json.loads(out)
    assert sorted(pods or 0 for pods in read(report).values()) == [0, 600]
    assert "was killed by SIGKILL" in err and "want of memory" in err and "help:" in err
    assert "Traceback" not in err
    assert any("was killed" in row["detail"] for row in report["coverage"])


@linux
def test_what_died_beside_others_is_tried_again_alone(slow: list[Server], tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", **{f"c{n}": address(slow[n % 2]) for n in range(4)})
    scan = begun(
        "run", "--kubeconfig", config, "--context", "all", "--no-logs", "--format", "json=-",
        DEEPSCAN_PROCESSES="2", DEEPSCAN_LOG="INFO",
    )  # fmt: skip
    with scan:
        pids = workers(scan.pid, 2)
        under_way(slow, 16)
        os.kill(pids[0], signal.SIGKILL)
        out, err = scan.communicate(timeout=90)
    assert scan.returncode == 0, err
    assert err.count("its process was killed by SIGKILL") == 2
    assert list(read(json.loads(out)).values()) == [600, 600]


@linux
def test_an_interrupt_ends_the_reading_of_every_process(slow: list[Server], tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", east=address(slow[0]), west=address(slow[1]))
    scan = begun(
        "run", "--kubeconfig", config, "--context", "all", "--no-logs", "--format", "json=-",
        DEEPSCAN_PROCESSES="2",
    )  # fmt: skip
    with scan:
        pids = workers(scan.pid, 2)
        under_way(slow, 5)
        for pid in (scan.pid, *pids):  # as a terminal does
            os.kill(pid, signal.SIGINT)
        out, err = scan.communicate(timeout=30)
    assert scan.returncode == 130, err
    assert "Traceback" not in err
    report = json.loads(out)
    assert report["scan"]["partial"] is True
    cut = {row["target"] for row in report["coverage"] if "interrupted" in row["detail"]}
    assert len(cut) == 2
    assert all_gone(pids)


@linux
@pytest.mark.parametrize("ends", [(signal.SIGINT, signal.SIGINT), (signal.SIGKILL,)], ids=["twice", "killed"])
def test_no_process_outlives_the_command(
    ends: tuple[signal.Signals, ...], slow: list[Server], tmp_path: Path
) -> None:
    config = kubeconfig(tmp_path / "k", east=address(slow[0]), west=address(slow[1]))
    scan = begun("run", "--kubeconfig", config, "--context", "all", "--no-logs", DEEPSCAN_PROCESSES="2")
    with scan:
        pids = workers(scan.pid, 2)
        under_way(slow, 5)
        for signal_ in ends:
            scan.send_signal(signal_)
            time.sleep(0.05)
        scan.communicate(timeout=20)
    assert scan.returncode == (130 if signal.SIGINT in ends else -signal.SIGKILL)
    assert len(pids) == 2 and all_gone(pids)


def test_a_cluster_that_two_contexts_reach_is_told_once(servers: list[Server], tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", admin=address(servers[0]), viewer=address(servers[0]))
    ended = run(config, "--context", "all")
    assert ended.status == 0, ended.err
    assert list(read(ended.report)) == ["admin"]
    assert any("viewer is the same cluster" in warning for warning in ended.report["warnings"])
    ids = [finding["id"] for finding in ended.report["findings"]]
    assert ids and len(ids) == len(set(ids))


def test_of_every_context_one_that_cannot_be_used_is_a_gap(servers: list[Server], tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", east=address(servers[0]))
    text = config.read_text().replace(
        "contexts:", "contexts:\n- {name: torn, context: {cluster: none, user: u}}"
    )
    config.write_text(text)
    ended = run(config, "--context", "all")
    assert ended.status == 3, ended.err
    assert read(ended.report) == {"east": 600, "torn": None}
    assert run(config, "--context", "torn").status == 2


def test_a_spec_carries_no_secret_and_no_socket(tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "k", east="https://127.0.0.1:1")
    spec = TargetSpec(
        name="east", provider="kubernetes", settings=Settings(), kubeconfig=config, context="east"
    )
    spec.connection()
    packed = pickle.dumps(spec)
    assert b"benchmark" not in packed and len(packed) < 4000
    assert pickle.loads(packed) == spec


def test_a_plan_finds_its_checks_in_another_process() -> None:
    plan = plan_for(Settings(skip=["OOM101"]))
    again = pickle.loads(pickle.dumps(plan))
    assert [check.code for check in again.checks] == [check.code for check in plan.checks]
    assert all(check is catalogue()[check.code] for check in (*again.checks, *again.skipped))
