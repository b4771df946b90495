"""
A history is opened by many, killed at any moment and put on disks that are full; no scan in it is ever half there.
"""

import json
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from reports.load import load
from swarm.errors import HistoryUnavailable
from swarm.history.database import writing
from tests.history.clusters import demo, later, written
from tests.history.conftest import Place
from tests.history.postgresql import PASSWORD, Server
from tests.swarm.cli.command import deepscan, environment

KILLS = 20


def started(place: Place, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    """A scan of the demo on its way."""
    return subprocess.Popen(
        [sys.executable, "-m", "swarm", "run", "--demo", "-q", "--history", place.url, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**place.environment),
    )  # fmt: skip


def rows(place: Place) -> dict[str, int]:
    """How many rows each table has for each scan that is there, and whether any belong to none."""
    query = (
        "SELECT (SELECT count(*) FROM deepscan_scans) AS scans, (SELECT count(*) FROM deepscan_problems) AS problems, "
        "(SELECT count(*) FROM deepscan_findings) AS findings, (SELECT count(*) FROM deepscan_problems WHERE scan NOT "
        "IN (SELECT number FROM deepscan_scans)) AS orphans"
    )
    with writing(place.address) as connection:
        return dict(connection.execute(text(query)).one()._mapping)


def test_runs_that_are_killed_leave_whole_scans_and_whole_reports(place: Place, tmp_path: Path) -> None:
    generator, path = random.Random(20), tmp_path / "report.json"
    began = time.monotonic()
    place.scan(written(demo(), tmp_path / "1"))
    took = time.monotonic() - began
    whole = place.history.last()
    assert whole is not None
    stored, killed, finished = 1, 0, 0
    while killed < KILLS:
        child = started(place, "--format", f"json={path}")
        try:
            child.communicate(timeout=generator.uniform(0.4, 1.0) * took)
            finished, took = finished + 1, took * 0.9
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.communicate()
            killed, took = killed + 1, took * 1.05  # on a busy machine too, some are killed near their end
        scans = place.history.scans()
        assert stored <= len(scans) <= stored + 1
        stored = len(scans)
        last = place.history.last()
        assert last is not None and [p.id for p in last.problems] == [p.id for p in whole.problems]
        if path.exists():
            assert [f.id for f in load(path.read_bytes()).findings] == [f.id for f in whole.findings]
    assert stored >= 1 + finished
    expected = {
        "scans": stored,
        "problems": stored * len(whole.problems),
        "findings": stored * len(whole.findings),
    }
    assert rows(place) == expected | {"orphans": 0}
    late = stored - 1 - finished
    print(f"{killed} runs killed ({late} once stored), {finished} were quicker, {stored} scans, all whole")


def test_runs_at_once_are_all_stored(place: Place) -> None:
    """Four begin an empty history together: its tables are made once, its scans one after another."""
    children = [started(place, "--format", "json=-") for _ in range(4)]
    for child in children:
        out, err = child.communicate(timeout=120)
        assert (child.returncode, err) == (0, b"")
        assert json.loads(out)["warnings"] == []
    assert len(place.history.scans()) == 4
    assert rows(place)["findings"] == 4 * len(json.loads(out)["findings"])


def test_one_that_writes_waits_for_another(place: Place, tmp_path: Path) -> None:
    place.scan(written(demo(), tmp_path / "1"))
    with writing(place.address):
        waiting = started(place, "--format", "json=-")
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.communicate(timeout=5)
        assert len(place.history.scans()) == 1  # and readers need not wait
    assert waiting.communicate(timeout=60)[1] == b""
    assert len(place.history.scans()) == 2


def test_an_interrupted_wait_for_the_history_costs_no_report(postgresql: Server, tmp_path: Path) -> None:
    place = Place(postgresql.new_database(), {"PGPASSWORD": PASSWORD})
    place.scan(written(demo(), tmp_path / "1"))
    with writing(place.address):
        waiting = started(place, "--format", "json=-")
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.communicate(timeout=8)
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0 and b"warning: the history was interrupted" in err
    assert any("this scan is not remembered" in warning for warning in json.loads(out)["warnings"])
    assert len(place.history.scans()) == 1


def test_a_newer_schema_is_refused_and_the_report_still_written(place: Place, tmp_path: Path) -> None:
    place.scan(written(demo(), tmp_path / "1"))
    with writing(place.address) as connection:
        connection.execute(text("UPDATE deepscan_schema SET version = 7"))
    ended = place("history")
    assert (
        ended.status == 2
        and "newer deepscan: its schema is 7" in ended.err
        and "upgrade deepscan" in ended.err
    )
    scan = place("run", "--demo", "-q", "--format", "json=-")
    assert scan.status == 0 and "newer deepscan" in scan.err
    assert [warning.partition(":")[0] for warning in scan.report["warnings"]] == [
        "this report is compared with no earlier scan", "this scan is not remembered",
    ]  # fmt: skip
    with pytest.raises(HistoryUnavailable, match="newer deepscan"):
        place.history.scans()


def test_the_oldest_of_the_same_go_when_there_are_too_many(place: Place, tmp_path: Path) -> None:
    nights = [written(later(demo(), day), tmp_path / str(day)) for day in range(4)]
    other = place.scan(nights[0], "--concern", "jobs")
    first_seen = {p["id"]: p["first_seen"] for p in place.scan(nights[0])["problems"]}
    for night in nights[1:]:
        last = place.scan(night, DEEPSCAN_HISTORY_KEEP="2")
    kept = place.history.scans()
    assert [scan.now[:10] for scan in kept] == ["2026-11-22", "2026-11-21", "2026-11-19"]
    assert kept[-1].id == other["scan"]["id"]
    held = rows(place)
    assert held["scans"] == 3 and held["orphans"] == 0
    assert held["problems"] == 2 * len(last["problems"]) + len(other["problems"])
    known = {p["id"]: p["first_seen"] for p in last["problems"]}
    assert known == {id_: time or "2026-11-19T02:00:00Z" for id_, time in first_seen.items()}


def test_a_full_disk_costs_the_history_and_nothing_else(tmp_path: Path) -> None:
    """The file may not grow past what two scans need: SQLite is told so by the kernel, in the middle of a write."""
    place = Place(str(tmp_path / "history.db"))
    place.scan(written(demo(), tmp_path / "1"))
    limit = Path(place.url).stat().st_size + 8192

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ended = subprocess.run(
        [sys.executable, "-m", "swarm", "run", "--demo", "-q", "--format", "json=-", "--history", place.url],
        capture_output=True, env=environment(), preexec_fn=no_room, check=False,
    )  # fmt: skip
    report = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert b"warning: the history cannot be written" in ended.stderr
    assert any("this scan is not remembered" in warning for warning in report["warnings"])
    assert report["summary"]["persisting"] == 21
    assert len(place.history.scans()) == 1 and rows(place)["orphans"] == 0
    with sqlite3.connect(place.url) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("broken", ["no database", "a folder", "below a file"])
def test_a_history_that_cannot_be_opened_costs_nothing_else(broken: str, tmp_path: Path) -> None:
    place = tmp_path / "history.db"
    if broken == "no database":
        place.write_text("these are my notes, not a database\n" * 100)
    elif broken == "a folder":
        place.mkdir()
    else:
        (tmp_path / "file").write_text("")
        place = tmp_path / "file" / "history.db"
    written_to = tmp_path / "report.json"
    ended = deepscan(
        "run", "--demo", "-q", "--history", place, "--format", f"json={written_to}", "--fail-on", "high"
    )
    assert ended.status == 1
    assert f"  at {place}" in ended.err and "  help: look at the file" in ended.err
    warnings = json.loads(written_to.read_text())["warnings"]
    assert warnings and all(str(place) in warning for warning in warnings)
    if broken == "no database":
        assert place.read_text().startswith("these are my notes")


def test_the_file_is_for_nobody_but_the_user(tmp_path: Path) -> None:
    """The default place, through a scan that is live: its cluster cannot be reached, which is remembered too."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        json.dumps({
            "current-context": "away", "contexts": [{"name": "away", "context": {"cluster": "away", "user": "me"}}],
            "clusters": [{"name": "away", "cluster": {"server": "http://127.0.0.1:9"}}],
            "users": [{"name": "me", "user": {}}],
        })
    )  # fmt: skip
    more = {"XDG_DATA_HOME": str(tmp_path / "data"), "KUBECONFIG": str(kubeconfig), "DEEPSCAN_HISTORY": ""}
    ended = deepscan("run", "-q", "--format", "json=-", **more)
    assert ended.status == 3, ended.err
    file = tmp_path / "data" / "deepscan" / "history.db"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    listed = deepscan("history", "--format", "json=-", **more)
    (scan,) = json.loads(listed.out)["scans"]
    assert scan["id"] == ended.report["scan"]["id"] and scan["coverage_percent"] == 0.0
    forgotten = deepscan("run", "-q", "--format", "json=-", "--history", "none", **more)
    assert forgotten.status == 3
    assert len(json.loads(deepscan("history", "--format", "json=-", **more).out)["scans"]) == 1
