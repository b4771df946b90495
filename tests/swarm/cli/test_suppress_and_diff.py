"""``deepscan suppress`` and ``deepscan diff`` as they are typed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from reports.changes import DiffReport
from tests.swarm.cli.command import deepscan

ROOT = {"PYTHONPATH": str(Path(reports.__file__).parents[1])}
DEMO = ("run", "--demo", "--baseline", "none", "--quiet", "--format", "json=-")
SOON = (datetime.now(UTC) + timedelta(days=170)).date().isoformat()
FAR = (datetime.now(UTC) + timedelta(days=190)).date().isoformat()
PAST = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()


@pytest.fixture(scope="module", name="demo")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ended = deepscan(*DEMO, cwd=tmp_path_factory.mktemp("demo"), **ROOT)
    assert ended.status == 0, ended.err
    return ended.report


def test_a_suppressed_problem_leaves_the_ranking_and_the_gate_and_stays_in_the_report(
    demo: dict[str, Any], tmp_path: Path
) -> None:
    critical = next(p for p in demo["problems"] if p["severity"] == "critical")
    wrote = deepscan(
        "suppress", critical["id"], "--reason", "known", "--until", SOON, "--by", "ada", cwd=tmp_path, **ROOT
    )
    assert wrote.status == 0 and "deepscan-ignore.toml" in wrote.err
    ended = deepscan(*DEMO, "--fail-on", "critical", cwd=tmp_path, **ROOT)
    assert ended.status == 0, "the gate does not see it"
    told = ended.report
    assert [p["id"] for p in told["problems"]] == [p["id"] for p in demo["problems"] if p is not critical]
    assert [f["id"] for f in told["findings"]] == [f["id"] for f in demo["findings"]]
    row = told["suppressed"][0]
    assert (row["finding"], row["reason"], row["until"], row["by"], row["expired"]) == (
        critical["root"]["finding"], "known", SOON, "ada", False,
    )  # fmt: skip
    assert critical["id"] in deepscan("suppress", "--list", cwd=tmp_path, **ROOT).out
    assert deepscan("suppress", "--expired", cwd=tmp_path, **ROOT).out == ""


def test_an_ended_suppression_silences_nothing_and_is_listed(demo: dict[str, Any], tmp_path: Path) -> None:
    root = demo["problems"][0]["root"]["finding"]
    (tmp_path / "deepscan-ignore.toml").write_text(
        f'[[suppress]]\nid = "{root}"\nreason = "was known"\nuntil = 2026-11-01\n'
    )
    ended = deepscan(*DEMO, "--now", "2026-11-19T02:00:00Z", cwd=tmp_path, **ROOT)
    assert [p["id"] for p in ended.report["problems"]] == [p["id"] for p in demo["problems"]]
    assert [(row["finding"], row["expired"]) for row in ended.report["suppressed"]] == [(root, True)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["p-0123456789ab", "--until", SOON], "reason is missing"),
        (["p-0123456789ab", "--reason", "r"], "until is missing"),
        (["p-0123456789ab", "--reason", "r", "--until", FAR], "180 days"),
        (["p-0123456789ab", "--reason", "r", "--until", PAST], "is over"),
        (["p-0123456789ab", "--reason", "r", "--until", "soon"], "like 2026-12-01"),
        (["the first one", "--reason", "r", "--until", SOON], "no id of a problem"),
        ([], "there is no ID"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_typed_wrong_writes_nothing(arguments: list[str], said: str, tmp_path: Path) -> None:
    ended = deepscan("suppress", *arguments, cwd=tmp_path, **ROOT)
    assert ended.status == 2 and said in ended.err and "help:" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_in_the_file_ends_a_run_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "deepscan-ignore.toml").write_text('[[suppress]]\nid = "p-0123456789ab"\nresaon = "r"\n')
    ended = deepscan(*DEMO, cwd=tmp_path, **ROOT)
    assert ended.status == 2 and "did you mean reason?" in ended.err and ended.out == ""


@pytest.fixture(name="pair")
def _pair(demo: dict[str, Any], tmp_path: Path) -> tuple[Path, Path]:
    """The demo without its worst problem, and the demo."""
    worst = demo["problems"][0]
    without = demo | {
        "problems": demo["problems"][1:],
        "findings": [f for f in demo["findings"] if f["id"] not in worst["findings"]],
    }
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(without))
    new.write_text(json.dumps(demo))
    return old, new


def test_two_reports_are_compared_at_the_prompt(pair: tuple[Path, Path], demo: dict[str, Any]) -> None:
    worst = demo["problems"][0]
    there = deepscan("diff", *pair, "--format", "json=-")
    back = deepscan("diff", pair[1], pair[0], "--format", "json=-")
    assert there.status == back.status == 0, there.err
    jsonschema.Draft202012Validator(DiffReport.model_json_schema()).validate(there.report)
    assert there.report["summary"]["new"] == 1
    assert [p["id"] for p in there.report["problems"] if p["state"] == "new"] == [worst["id"]]
    assert back.report["summary"]["resolved"] == 1
    assert {row["finding"] for row in back.report["resolved"]} == set(worst["findings"])
    assert "New: 1 problem" in deepscan("diff", *pair).out


def test_a_gate_on_new_problems_makes_a_comparison_fail(pair: tuple[Path, Path]) -> None:
    assert deepscan("diff", *pair, "--fail-on", "new:critical").status == 1
    assert deepscan("diff", pair[1], pair[0], "--fail-on", "new:low").status == 0
    assert deepscan("diff", pair[0], pair[0], "--fail-on", "new:low").status == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--format", "html=-"], "no format html"),
        (["--fail-on", "new:hgh"], "did you mean high?"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_why(
    more: list[str], said: str, pair: tuple[Path, Path]
) -> None:
    ended = deepscan("diff", *pair, *more)
    assert ended.status == 2 and said in ended.err


def test_what_is_no_report_is_not_compared(pair: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{}")
    for name in ("nowhere.json", "broken.json"):
        ended = deepscan("diff", pair[0], tmp_path / name)
        assert ended.status == 2 and "help:" in ended.err and "Traceback" not in ended.err
