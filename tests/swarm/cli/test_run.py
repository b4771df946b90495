"""
``deepscan run`` on recordings: what comes out where, and with which exit status.
"""

import json
import os
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from swarm.cli.targets import demo_path
from tests.scanners.paths import resolve
from tests.swarm.cli.command import deepscan, steady

SCHEMA = json.loads((Path(reports.__file__).parent / "schema.json").read_text())


class Subject:
    """A reference of the report, as something that can be looked up."""

    def __init__(self, ref: dict[str, Any]) -> None:
        self.group, self.kind, self.namespace, self.name, self.uid = (
            ref["group"], ref["kind"], ref["namespace"], ref["name"], ref["uid"] or "",
        )  # fmt: skip


@pytest.fixture(scope="session", name="report")
def _report() -> dict[str, Any]:
    ended = deepscan("run", "--demo", "--format", "json=-", "--baseline", "none", "--no-llm")
    assert ended.status == 0, ended.err
    return ended.report


def test_the_first_report_needs_nothing() -> None:
    ended = deepscan("run", "--demo")
    assert ended.status == 0
    assert "Crash loop" in ended.out
    assert "\x1b" not in ended.out
    assert "agents ended" in ended.err


def test_the_report_is_what_the_schema_says(report: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_demo_shows_what_the_product_is_for(report: dict[str, Any]) -> None:
    roots = {problem["root"]["code"] for problem in report["problems"]}
    concerns = {problem["root"]["concern"] for problem in report["problems"]}
    assert 15 <= len(report["problems"]) <= 30
    assert {"jobs", "memory", "gpu", "storage", "quota", "network", "nodes", "workloads"} <= concerns
    assert {"GPU101", "GPU111", "QTA101", "NOD101", "WRK101", "WRK102", "WRK103", "PVC101"} <= roots
    assert {"CTL101", "JOB111", "GPU119", "WRK114"} <= {finding["code"] for finding in report["findings"]}


def test_every_row_of_evidence_resolves_in_the_recording(report: dict[str, Any]) -> None:
    objects = [
        item for path in sorted((demo_path() / "cluster-resources").glob("*.json"))
        for item in json.loads(path.read_text()).get("items", [])
    ]  # fmt: skip
    followed = 0
    for finding in report["findings"]:
        assert finding["evidence"], finding["title"]
        for row in finding["evidence"]:
            if row["source"] in ("api", "event"):
                assert resolve(objects, Subject(row["ref"]), row["path"]) == row["value"], (
                    finding["code"],
                    row,
                )
                followed += 1
    assert followed > 40


def test_every_id_that_is_named_exists(report: dict[str, Any]) -> None:
    findings = {finding["id"]: finding for finding in report["findings"]}
    problems = {problem["id"] for problem in report["problems"]}
    assert len(findings) == len(report["findings"]) and len(problems) == len(report["problems"])
    for problem in report["problems"]:
        assert problem["findings"][0] == problem["root"]["finding"]
        assert set(problem["findings"]) <= set(findings)
        assert {link[end] for link in problem["chain"] for end in ("from", "to")} <= set(problem["findings"])
    assert {finding["problem"] for finding in report["findings"]} <= problems | {None}
    assert [problem["rank"] for problem in report["problems"]] == list(range(1, len(report["problems"]) + 1))


def shuffled(folder: Path, to: Path, seed: int) -> Path:
    """The same recording with its objects in another order."""
    shuffler = random.Random(seed)
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        target = to / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = json.loads(path.read_text()) if path.suffix == ".json" else None
        if isinstance(content, dict) and content.get("items"):
            shuffler.shuffle(content["items"])
            target.write_text(json.dumps(content))
        else:
            target.write_bytes(path.read_bytes())
    return to


def test_same_input_same_bytes(tmp_path: Path) -> None:
    told = set()
    for seed in range(5):
        folder = shuffled(demo_path(), tmp_path / str(seed) / "demo", seed)
        zone = ("UTC", "Asia/Kathmandu")[seed % 2]
        ended = deepscan(
            "run",
            "--from",
            folder,
            "--format",
            "json=-",
            "--baseline",
            "none",
            PYTHONHASHSEED=str(seed),
            TZ=zone,
        )
        assert ended.status == 0, ended.err
        told.add(json.dumps(steady(ended.report)))
    assert len(told) == 1


def test_results_go_to_stdout_and_the_rest_to_stderr(tmp_path: Path) -> None:
    ended = deepscan(
        "run",
        "--demo",
        "--format",
        "json=-",
        "--format",
        f"html={tmp_path / 'r.html'}",
        "--format",
        f"markdown={tmp_path / 'r.md'}",
    )
    assert json.loads(ended.out)["schema_version"] == "1"
    assert "wrote" in ended.err
    assert (tmp_path / "r.html").read_text().lower().startswith("<!doctype html>")
    assert (tmp_path / "r.md").read_text().startswith("# ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.md"]


def test_a_folder_takes_every_format(tmp_path: Path) -> None:
    assert deepscan("run", "--demo", "--quiet", "--output-dir", tmp_path / "out").status == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == [
        "deepscan.csv", "deepscan.html", "deepscan.json", "deepscan.junit.xml", "deepscan.md", "deepscan.prom",
        "deepscan.sarif",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["run", "--demo", "--fail-on", "high"], 1, "gate high:"),
        (["run", "--demo", "--fail-on", "new:critical", "--fail-on", "high"], 1, "gate high:"),
        (["run", "--demo", "--fail-on", "hgh"], 2, "did you mean high?"),
        (["run", "--demo", "--format", "jason=-"], 2, "did you mean json?"),
        (["run", "--demo", "--format", "json=-", "--format", "markdown=-"], 2, "two formats go to stdout"),
        (["run", "--demo", "--check", "WRK11"], 2, "did you mean WRK1"),
        (["run", "--demo", "--concern", "gpus"], 2, "did you mean gpu?"),
        (["run", "--demo", "--now", "yesterday"], 2, "is no time"),
        (["run", "--demo", "--since", "2 fortnights"], 2, "a duration looks like"),
        (["run", "--contxt", "x"], 2, "--context"),
        (["run", "--demo", "--deadline", "0s"], 2, "at --deadline"),
        (["run", "--from", "nowhere"], 2, "nothing to read"),
        (["run", "--from", os.devnull], 2, "neither a file nor a folder"),
        (["run"], 2, "--demo"),
        (["explain", "WRK10"], 2, "did you mean WRK10"),
        (["permissions"], 2, "--kubernetes"),
        (["rum"], 2, "run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_status_and_help_line(arguments: list[str], status: int, said: str, tmp_path: Path) -> None:
    ended = deepscan(*arguments, cwd=tmp_path, PYTHONPATH=str(Path(reports.__file__).parents[1]))
    assert ended.status == status, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_an_empty_folder_is_an_unread_target(tmp_path: Path) -> None:
    ended = deepscan("run", "--from", tmp_path, "--format", "json=-")
    assert ended.status == 3
    assert "no Kubernetes object" in ended.err and "help:" in ended.err
    assert {row["state"] for row in ended.report["checks"]} == {"not-measured"}
    assert ended.report["summary"]["coverage_percent"] == 0.0


def test_a_recording_without_any_time_is_told_to_have_none(tmp_path: Path) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "ml"}, "spec": {}}
    (tmp_path / "pod.json").write_text(json.dumps(pod))
    timeless = deepscan("run", "--from", tmp_path, "--format", "json=-").report["warnings"]
    assert sum("--now" in told for told in timeless) == 1
    named = deepscan("run", "--from", tmp_path, "--now", "2026-03-04T10:12:00Z", "--format", "json=-")
    assert not any("--now" in told for told in named.report["warnings"])


def test_one_unreadable_target_costs_the_other_nothing(tmp_path: Path, report: dict[str, Any]) -> None:
    ended = deepscan("run", "--demo", "--from", tmp_path, "--format", "json=-")
    assert ended.status == 3
    assert [p["id"] for p in ended.report["problems"]] == [p["id"] for p in report["problems"]]


def test_a_missing_slice_is_not_health(tmp_path: Path) -> None:
    folder = shuffled(demo_path(), tmp_path / "demo", 0)
    for kind in ("node", "job", "event"):
        (folder / "cluster-resources" / f"{kind}.json").unlink()
    ended = deepscan("run", "--from", folder, "--format", "json=-", "--min-coverage", "95")
    assert ended.status == 3
    blinded = {row["code"] for row in ended.report["checks"] if row["state"] == "not-measured"}
    assert {"NOD101", "JOB101", "GPU101"} <= blinded
    missing = {row["slice"] for row in ended.report["coverage"] if row["state"] == "not-collected"}
    assert {"nodes", "jobs", "events"} <= missing


def test_only_what_was_asked_for(report: dict[str, Any]) -> None:
    ended = deepscan("run", "--demo", "--concern", "memory", "--skip", "OOM102", "--format", "json=-")
    states = {row["code"]: row["state"] for row in ended.report["checks"]}
    assert {code for code, state in states.items() if state != "skipped"} == {"OOM101", "OOM105"}
    assert ended.report["scan"]["scope"] == {"namespaces": [], "concerns": ["memory"], "skipped": ["OOM102"]}


def test_a_threshold_changes_the_revision(tmp_path: Path, report: dict[str, Any]) -> None:
    (tmp_path / "deepscan.toml").write_text("[checks.QTA102]\nnearly = 0.99\n")
    ended = deepscan(
        "run", "--demo", "--format", "json=-", cwd=tmp_path, PYTHONPATH=str(Path(reports.__file__).parents[1])
    )
    assert ended.status == 0, ended.err
    changed = {row["code"]: row["revision"] for row in ended.report["checks"]}
    plain = {row["code"]: row["revision"] for row in report["checks"]}
    assert {code for code in plain if plain[code] != changed[code]} == {"QTA102"}


def test_a_namespace_that_does_not_exist_is_told() -> None:
    ended = deepscan("run", "--demo", "--namespace", "servng", "--format", "json=-")
    assert any("there is no namespace servng: did you mean serving?" in w for w in ended.report["warnings"])


def test_a_time_beyond_reckoning_is_refused() -> None:
    assert deepscan("run", "--demo", "--now", "9999-12-31T00:00:00Z").status == 2
