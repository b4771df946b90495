"""
The demo cluster and its night before are what their seed makes.
"""

import json

from fixtures.make_demo.__main__ import FOLDER, NIGHT_BEFORE, files, files_of_night_before, night_before
from reports.load import load
from tests.swarm.cli.command import deepscan


def test_the_kept_demo_is_the_made_one() -> None:
    kept = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*") if path.is_file()}
    assert kept == files()


def test_the_kept_night_before_is_the_made_one() -> None:
    kept = load(NIGHT_BEFORE.read_text())
    made = load(night_before())
    assert [(row.code, row.revision) for row in kept.checks] == [
        (row.code, row.revision) for row in made.checks
    ], "a check changed: make the demo anew with `nox -s demo`"
    assert kept.to_json() == made.to_json()


def test_the_demo_is_compared_with_its_night_before() -> None:
    told = deepscan("run", "--demo", "--quiet", "--format", "json=-").report
    states = {problem["root"]["subject"]["name"]: problem["state"] for problem in told["problems"]}
    assert told["baseline"]["now"] == "2026-11-18T02:00:00Z"
    assert states["feature-store"] == "new" and states["nightly-export"] == "persisting"
    assert {row["subject"]["name"] for row in told["resolved"]} == {"price-store", "eval-cache"}
    assert told["summary"]["new"] + told["summary"]["persisting"] == len(told["problems"])
    assert (told["summary"]["resolved"], told["summary"]["incomparable"]) == (2, 0)
    assert told["warnings"] == []


def test_the_demo_is_compared_with_nothing_where_that_is_asked_for() -> None:
    told = deepscan("run", "--demo", "--quiet", "--format", "json=-", "--baseline", "none").report
    assert told["baseline"] is None and {problem["state"] for problem in told["problems"]} == {None}
    other = deepscan("run", "--from", FOLDER, "--quiet", "--format", "json=-").report
    assert other["baseline"] is None


def test_what_persists_is_found_again_though_its_pods_have_other_names() -> None:
    def pods(recording: dict[str, str]) -> set[str]:
        items = json.loads(recording["cluster-resources/pod.json"])["items"]
        return {
            item["metadata"]["name"]
            for item in items
            if item["metadata"]["name"].startswith("nightly-export")
        }

    tonight, then = pods(files()), pods(files_of_night_before())
    assert tonight and then and tonight.isdisjoint(then)
    told = deepscan("run", "--demo", "--quiet", "--format", "json=-").report
    export = next(p for p in told["problems"] if p["root"]["subject"]["name"] == "nightly-export")
    assert export["state"] == "persisting"


def test_a_gate_on_new_problems_goes_by_the_night_before() -> None:
    assert deepscan("run", "--demo", "--quiet", "--fail-on", "new:critical").status == 1
    assert deepscan("run", "--demo", "--quiet", "--fail-on", "new:low", "--check", "GPU101").status == 0
