"""
``deepscan history``, ``show`` and ``report``: what is remembered can be asked for by what people remember of it.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from tests.history.clusters import demo, later, mended, written
from tests.history.conftest import Place, new_place
from tests.swarm.cli.command import Ended, deepscan, steady

SCHEMA = json.loads((Path(reports.__file__).parent / "schema.json").read_text())
Nights = tuple[Place, dict[str, Any], dict[str, Any]]


@pytest.fixture(name="nights", scope="module", params=["sqlite", "postgresql"])
def _nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("nights")
    place = new_place(request, folder)
    one = place.scan(written(demo(), folder / "1"))
    return place, one, place.scan(written(mended(later(demo(), 1)), folder / "2"))


def refused(ended: Ended) -> str:
    assert ended.status == 2 and ended.out == ""
    return ended.err


def test_the_list_says_when_what_and_how_bad(nights: Nights) -> None:
    place, one, two = nights
    head, last, first, foot = place("history").out.splitlines()
    assert head.split()[:3] == ["scan", "as", "of"]
    for line, report, moment, changes in (
        (last, two, "2026-11-20", "0 5"),
        (first, one, "2026-11-19", "– –"),
    ):
        counts = " ".join(str(count) for count in report["summary"]["problems"].values())
        told = f"{report['scan']['id']} {moment} 02:00Z demo-gpu-eu {counts} 100 % {changes}"
        assert line.split() == told.split()
    assert foot == f"2 scans of {place.url}"
    listed = json.loads(place("history", "--limit", "1", "--format", "json=-").out)["scans"]
    assert [scan["id"] for scan in listed] == [two["scan"]["id"]]
    assert listed[0]["problems"] == two["summary"]["problems"] and listed[0]["resolved"] == 5


def test_a_stored_scan_is_the_report_that_was_written(nights: Nights) -> None:
    place, one, two = nights
    for name, report in (("last", two), (one["scan"]["id"], one), (one["scan"]["id"][:9], one)):
        ended = place("report", name, "--format", "json=-")
        assert ended.status == 0 and ended.report == report
    assert place("report", "last").out.splitlines()[0].split() == ["deepscan", "demo-gpu-eu"]


def test_every_format_can_be_had_again(nights: Nights, tmp_path: Path) -> None:
    place, _, two = nights
    assert place("report", "last", "--output-dir", tmp_path / "out").status == 0
    for name in ("deepscan.json", "deepscan.md", "deepscan.html"):
        assert two["problems"][0]["title"].split(":")[0] in (tmp_path / "out" / name).read_text()


def test_an_owner_gets_what_is_its_own(nights: Nights) -> None:
    place, one, _ = nights
    theirs = place("report", one["scan"]["id"], "--owner", "vision", "--format", "json=-").report
    jsonschema.Draft202012Validator(SCHEMA).validate(theirs)
    owned = [problem for problem in one["problems"] if problem["owner"] == "vision"]
    assert len(owned) == 2 and theirs["problems"] == owned
    named = {finding for problem in owned for finding in problem["findings"]}
    assert {finding["id"] for finding in theirs["findings"]} == named
    assert theirs["summary"]["problems"] == {"critical": 0, "high": 2, "medium": 0, "low": 0, "info": 0}
    assert theirs["coverage"] == one["coverage"]
    assert "did you mean vision?" in refused(place("report", "last", "--owner", "vison"))


def test_a_problem_is_shown_with_every_row_of_its_evidence(nights: Nights) -> None:
    place, one, _ = nights
    findings = {finding["id"]: finding for finding in one["findings"]}
    for problem in one["problems"][:3]:
        shown = place("show", problem["id"][:9], "--scan", one["scan"]["id"])
        assert shown.status == 0, shown.err
        text = " ".join(shown.out.split())
        for finding in problem["findings"]:
            assert finding in text
            for row in findings[finding]["evidence"]:
                assert row["path"] in text
                assert row["command"] is None or row["command"] in text
        for step in problem["remediation"]["steps"]:
            assert step["command"] is None or step["command"] in text


def test_a_finding_is_shown_with_its_facts(nights: Nights) -> None:
    place, one, _ = nights
    finding = next(finding for finding in one["findings"] if finding["code"] == "OOM102")
    shown = place("show", finding["id"], "--scan", one["scan"]["id"])
    assert finding["title"] in shown.out and finding["problem"] in shown.out
    assert all(f"{name} = " in shown.out for name in finding["facts"])
    assert json.loads(place("show", finding["id"], "--format", "json=-").out)["id"] == finding["id"]


def test_a_problem_for_a_program_brings_its_findings(nights: Nights) -> None:
    place, _, two = nights
    problem = two["problems"][0]
    shown = json.loads(place("show", problem["id"], "--format", "json=-").out)
    assert shown["problem"] == problem
    assert [finding["id"] for finding in shown["explains"]] == problem["findings"]


def test_what_is_not_there_is_answered_with_the_nearest(nights: Nights) -> None:
    place, one, two = nights
    problem = two["problems"][0]["id"]
    assert f"did you mean {problem}?" in refused(place("show", problem[:-1] + "z"))
    scan = one["scan"]["id"]
    assert f"did you mean {scan}?" in refused(place("report", scan[:-1] + "z"))
    assert "is the beginning of" in refused(place("show", "f-"))
    assert "this is not written as html" in refused(place("show", problem, "--format", "html=-"))


def test_a_json_report_needs_no_history(tmp_path: Path) -> None:
    file = tmp_path / "scan.json"
    assert deepscan("run", "--demo", "-q", "--format", f"json={file}").status == 0
    again = deepscan("report", file, "--format", "json=-", DEEPSCAN_HISTORY="none")
    assert again.status == 0 and steady(again.report) == steady(json.loads(file.read_text()))
    problem = again.report["problems"][0]["id"]
    assert problem in deepscan("show", problem, "--scan", file, DEEPSCAN_HISTORY="none").out
    assert "no scans are remembered" in refused(deepscan("report", "last", DEEPSCAN_HISTORY="none"))
    file.write_text("{}")
    assert "not a deepscan report" in refused(deepscan("report", file))


def test_an_empty_history_is_no_error_and_stays_unmade(tmp_path: Path) -> None:
    place = tmp_path / "never" / "history.db"
    ended = deepscan("history", "--history", place)
    assert ended.status == 0 and "no scan is remembered" in ended.out
    assert "no scan is stored yet" in refused(deepscan("report", "last", "--history", place))
    assert not place.parent.exists()


@pytest.mark.parametrize("command", ["history", "report", "show"])
def test_examples_of_the_help_are_real(command: str) -> None:
    text = deepscan(command, "--help").out
    assert f"deepscan {command}" in text.split("Examples:")[1]
