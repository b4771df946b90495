"""``deepscan gpu`` as a user runs it."""

import json
from pathlib import Path

from tests.swarm.cli.command import deepscan

PARTS = (
    "lost", "filler", "idle_node", "stranded", "fragmented", "free", "allocated_idle", "ineffective", "effective",
    "not_measured",
)  # fmt: skip


def test_the_demo_has_a_ledger_and_a_sign_for_every_gpu() -> None:
    ended = deepscan("gpu", "--demo")
    assert ended.status == 0
    assert ended.out.startswith("GPU-hours 118")
    assert "h100-8x-04  x" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_the_ledger_of_a_scan_and_of_its_report_are_the_same(tmp_path: Path) -> None:
    report = tmp_path / "scan.json"
    assert deepscan("run", "--demo", "--format", f"json={report}").status == 0
    alone = deepscan("gpu", "--demo", "--format", "json=-").report
    assert alone == json.loads(report.read_text())["ledger"]
    assert alone == deepscan("gpu", report, "--format", "json=-").report
    assert deepscan("gpu", report).out == deepscan("gpu", "--demo").out
    for row in [alone, *alone["pools"]]:
        hours = row["gpu_hours"]
        assert sum(round(1000 * hours[part]) for part in PARTS) == round(1000 * hours["provisioned"])
    assert sum(len(pool["cells"]) for pool in alone["pools"]) == 118


def test_a_cluster_without_gpus_says_so(tmp_path: Path) -> None:
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "cpu"},
        "status": {"allocatable": {"cpu": "4"}},
    }
    (tmp_path / "node.json").write_text(json.dumps(node))
    ended = deepscan("gpu", "--from", tmp_path)
    assert (ended.status, ended.out) == (0, "There are no GPUs here.\n")
    assert deepscan("gpu", "--from", tmp_path, "--format", "json=-").out == "null\n"


def test_nodes_that_were_not_collected_are_not_no_gpus(tmp_path: Path) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {},
        "status": {},
    }
    (tmp_path / "pod.json").write_text(json.dumps(pod))
    ended = deepscan("gpu", "--from", tmp_path)
    assert ended.status == 3
    assert "the nodes were not read" in ended.out
    assert "gap: nodes (cluster): not-collected" in ended.err


def test_a_report_and_a_target_are_one_too_many(tmp_path: Path) -> None:
    ended = deepscan("gpu", tmp_path / "scan.json", "--demo")
    assert ended.status == 2
    assert "leave one of them out" in ended.err


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "x.json"
    broken.write_text("{}")
    assert deepscan("gpu", broken).status == 2
    assert deepscan("gpu", tmp_path / "absent.json").status == 2


def test_a_format_that_a_ledger_has_not_is_refused() -> None:
    ended = deepscan("gpu", "--demo", "--format", "html=-")
    assert ended.status == 2
    assert "terminal, json" in ended.err
