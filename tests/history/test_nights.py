"""
What is new tonight, what is still there and what is really gone, from scans that were remembered.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.history.clusters import (
    MENDED,
    PLANTED,
    Files,
    demo,
    later,
    mended,
    objects,
    planted,
    rolled_out,
    without_nodes,
    written,
)
from tests.history.conftest import Place
from tests.swarm.cli.command import deepscan, steady


def first() -> Files:
    return demo()


def second() -> Files:
    return planted(mended(rolled_out(later(demo(), 1), seed=1)))


def named(subject: dict[str, Any]) -> str:
    return f"{subject['kind']} {'/'.join(filter(None, (subject['namespace'], subject['name'])))}"


def by_state(report: dict[str, Any], state: str | None) -> dict[str, dict[str, Any]]:
    return {problem["id"]: problem for problem in report["problems"] if problem["state"] == state}


def test_the_second_night_is_another_set_of_pods() -> None:
    """Else the tests below would prove nothing about identity."""
    before, after = objects(first(), "pod"), objects(rolled_out(later(demo(), 1), seed=1), "pod")
    made = ("ReplicaSet", "DaemonSet", "Job")

    def names(pods: list[dict[str, Any]]) -> set[str]:
        return {
            pod["metadata"]["name"] for pod in pods
            if any(owner["kind"] in made for owner in pod["metadata"].get("ownerReferences", []))
        }  # fmt: skip

    assert len(before) == len(after) and len(names(before)) > 200
    assert names(before) & names(after) == set()
    assert {pod["metadata"]["uid"] for pod in before} & {pod["metadata"]["uid"] for pod in after} == set()


def test_five_are_resolved_three_are_new_and_the_rest_keeps_its_ids(place: Place, tmp_path: Path) -> None:
    one = place.scan(written(first(), tmp_path / "1"))
    two = place.scan(written(second(), tmp_path / "2"))
    assert one["summary"]["new"] is None and set(by_state(one, None)) == {p["id"] for p in one["problems"]}
    assert {named(row["subject"]) for row in two["resolved"]} == set(MENDED)
    assert {named(p["root"]["subject"]) for p in by_state(two, "new").values()} == set(PLANTED)
    kept = by_state(two, "persisting")
    assert set(kept) == {p["id"] for p in one["problems"] if named(p["root"]["subject"]) not in MENDED}
    assert len(kept) == len(one["problems"]) - 5 == 16
    summary = {name: two["summary"][name] for name in ("new", "persisting", "resolved", "incomparable")}
    assert summary == {"new": 3, "persisting": 16, "resolved": 5, "incomparable": 0}
    assert all(problem["first_seen"] <= one["scan"]["now"] for problem in kept.values())


def test_what_no_longer_may_be_read_is_incomparable_and_not_resolved(place: Place, tmp_path: Path) -> None:
    one = place.scan(written(first(), tmp_path / "1"))
    two = place.scan(written(without_nodes(later(first(), 1)), tmp_path / "2"))
    on_nodes = {f["id"] for f in one["findings"] if f["subject"]["kind"] in ("Node", "NodePool")}
    assert len(on_nodes) >= 4
    assert on_nodes.isdisjoint(finding["id"] for finding in two["findings"])
    assert on_nodes.isdisjoint(row["finding"] for row in two["resolved"])
    assert on_nodes <= {row["finding"] for row in two["incomparable"]}
    assert two["summary"]["resolved"] == 0 and two["summary"]["incomparable"] >= 3


def test_what_another_threshold_hides_is_incomparable_and_not_resolved(place: Place, tmp_path: Path) -> None:
    one = place.scan(written(first(), tmp_path / "1"))
    two = place.scan(written(later(first(), 1), tmp_path / "2"), DEEPSCAN_CHECKS__OOM102__KILLS="99")
    killed = [finding["id"] for finding in one["findings"] if finding["code"] == "OOM102"]
    assert len(killed) == 1
    assert [row["finding"] for row in two["incomparable"]] == killed
    assert two["resolved"] == [] and two["summary"]["resolved"] == 0 and two["summary"]["incomparable"] == 1


def test_what_comes_back_is_recurring_since_the_first_night(place: Place, tmp_path: Path) -> None:
    one = place.scan(written(first(), tmp_path / "1"))
    place.scan(written(mended(rolled_out(later(first(), 1), seed=1)), tmp_path / "2"))
    three = place.scan(written(rolled_out(later(first(), 2), seed=2), tmp_path / "3"))
    back = by_state(three, "recurring")
    assert {named(problem["root"]["subject"]) for problem in back.values()} == set(MENDED)
    since = {problem["id"]: problem["first_seen"] for problem in three["problems"]}
    assert all(
        since[problem["id"]] == (problem["first_seen"] or one["scan"]["now"]) for problem in one["problems"]
    )
    assert by_state(three, "new") == {}


def test_a_night_on_which_nothing_could_be_read_is_no_baseline(file_place: Place, tmp_path: Path) -> None:
    one = file_place.scan(written(first(), tmp_path / "1"))
    dark = file_place.history.last()
    assert dark is not None and dark.scan.id == one["scan"]["id"]
    later_scan = dark.scan.model_copy(update={"now": "2026-11-19T14:00:00Z", "id": "s-dark"})
    nothing = dark.summary.model_copy(update={"coverage_percent": 0.0})
    file_place.history.add(
        dark.model_copy(update={"scan": later_scan, "summary": nothing, "problems": [], "findings": []})
    )
    two = file_place.scan(written(later(first(), 1), tmp_path / "2"))
    assert two["baseline"]["scan"] == one["scan"]["id"]
    assert set(by_state(two, "persisting")) == {problem["id"] for problem in one["problems"]}


@pytest.mark.parametrize("flags", [("--concern", "jobs"), ("--namespace", "serving"), ("--check", "OOM102")])
def test_a_scan_of_another_scope_is_no_baseline(
    file_place: Place, tmp_path: Path, flags: tuple[str, str]
) -> None:
    recording = written(first(), tmp_path / "1")
    file_place.scan(recording, *flags)
    whole = file_place.scan(recording)
    assert "baseline" not in whole or whole["baseline"] is None
    again = file_place.scan(recording, *flags)
    assert again["problems"] and set(by_state(again, "persisting")) == {p["id"] for p in again["problems"]}


def test_the_gate_of_new_problems_trips_on_the_new_ones_only(file_place: Place, tmp_path: Path) -> None:
    one, same, two = (
        written(files, tmp_path / name)
        for name, files in (("1", first()), ("same", later(first(), 1)), ("2", later(second(), 1)))
    )
    file_place.scan(one)
    assert file_place("run", "--from", same, "-q", "--fail-on", "new:high").status == 0
    ended = file_place("run", "--from", two, "-q", "--fail-on", "new:high")
    assert ended.status == 1 and "gate new:high: 3 problems" in ended.err


def test_without_a_baseline_a_remembered_scan_is_the_same_bytes(file_place: Place, tmp_path: Path) -> None:
    recording = written(first(), tmp_path / "1")
    file_place.scan(recording)
    remembered = file_place.scan(recording, "--baseline", "none")
    forgotten = deepscan("run", "--from", recording, "-q", "--format", "json=-", "--baseline", "none").report
    assert steady(remembered) == steady(forgotten)


def test_a_recording_is_no_night_unless_asked(file_place: Place, tmp_path: Path) -> None:
    recording = written(first(), tmp_path / "1")
    more = {"XDG_DATA_HOME": str(tmp_path / "data"), "DEEPSCAN_HISTORY": ""}
    for _ in range(2):
        ended = deepscan("run", "--from", recording, "-q", "--format", "json=-", **more)
        assert ended.status == 0 and ended.report["summary"]["new"] is None
    assert not (tmp_path / "data").exists()
    file_place.scan(recording)
    asked = file_place("run", "--demo", "-q", "--format", "json=-")
    assert asked.report["summary"]["persisting"] == 21
    assert len(file_place.history.scans()) == 2


def test_a_report_of_last_week_is_a_baseline_too(tmp_path: Path) -> None:
    kept = tmp_path / "week.json"
    ended = deepscan("run", "--from", written(first(), tmp_path / "1"), "-q", "--format", f"json={kept}")
    assert ended.status == 0
    now = deepscan(
        "run",
        "--from",
        written(second(), tmp_path / "2"),
        "-q",
        "--format",
        "json=-",
        "--baseline",
        str(kept),
    )
    assert {named(row["subject"]) for row in now.report["resolved"]} == set(MENDED)
    broken = deepscan("run", "--demo", "--baseline", tmp_path / "none.json")
    assert broken.status == 2 and "there is no report to read" in broken.err
