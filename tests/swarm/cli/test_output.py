"""
Where a report goes is the user's choice, and no choice may cost the report, the status or the machine.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.swarm.cli.command import deepscan, environment

FORMATS = ("terminal", "json", "markdown", "html")


def into_a_closed_pipe(*arguments: str) -> tuple[int, str]:
    """The command, with a reader that leaves before the first byte."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stdout:
        ended = subprocess.run(
            [sys.executable, "-m", "swarm", *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True,
            env=environment(), timeout=120, check=False,
        )  # fmt: skip
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("format_", FORMATS)
def test_a_reader_that_leaves_early_changes_no_status(format_: str) -> None:
    calm = into_a_closed_pipe("run", "--demo", "-q", "--format", f"{format_}=-")
    gated = into_a_closed_pipe("run", "--demo", "-q", "--fail-on", "high", "--format", f"{format_}=-")
    assert calm == (0, "")
    assert gated[0] == 1 and gated[1].startswith("gate high:")


def test_a_catalogue_that_nobody_reads_is_no_gate() -> None:
    assert into_a_closed_pipe("checks") == (0, "")


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    ended = deepscan("run", "--demo", "-q", "--format", f"json={pipe}")
    reader.join(timeout=30)
    assert ended.status == 0, ended.err
    assert pipe.is_fifo()
    assert json.loads(read[0])["schema_version"] == "1"


def test_a_link_is_followed(tmp_path: Path) -> None:
    link, file = tmp_path / "latest.json", tmp_path / "tonight.json"
    link.symlink_to(file)
    assert deepscan("run", "--demo", "-q", "--format", f"json={link}").status == 0
    assert link.is_symlink() and json.loads(file.read_text())["schema_version"] == "1"


def test_a_face_that_cannot_be_written_costs_the_others_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    ended = deepscan(
        "run", "--demo", "-q", "--fail-on", "high", "--format", f"json={tmp_path}/taken",
        "--format", f"html={tmp_path}/report.html", "--format", "markdown=-",
    )  # fmt: skip
    assert ended.status == 2
    assert "cannot be written" in ended.err and "Traceback" not in ended.err
    assert ended.out.startswith("# deepscan") and (tmp_path / "report.html").stat().st_size > 1000


def test_a_folder_gets_every_format_and_a_report_that_is_read_again_gives_the_same(tmp_path: Path) -> None:
    assert deepscan("run", "--demo", "-q", "--output-dir", tmp_path).status == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "deepscan.json", "deepscan.md", "deepscan.html", "deepscan.prom", "deepscan.sarif", "deepscan.junit.xml",
        "deepscan.csv",
    }  # fmt: skip
    for format_, name in (
        ("sarif", "deepscan.sarif"),
        ("junit", "deepscan.junit.xml"),
        ("csv", "deepscan.csv"),
    ):
        again = tmp_path / "again"
        assert deepscan("report", tmp_path / "deepscan.json", "--format", f"{format_}={again}").status == 0
        assert again.read_bytes() == (tmp_path / name).read_bytes(), format_


def test_help_names_every_format() -> None:
    from reports.faces import FACES

    told = deepscan("run", "--help", COLUMNS="300").out
    (line,) = [
        line for line in told.splitlines() if "--format" in line and "FORMAT=PATH" in line and "html" in line
    ]
    assert [name for name in FACES if name not in line] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "swarm", "run", "--demo", "-q"], stdout=full, stderr=subprocess.PIPE, text=True,
            env=environment(), timeout=120, check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: the report cannot be written") and "Traceback" not in ended.stderr


def test_a_terminal_without_unicode_gets_its_report() -> None:
    ended = deepscan("run", "--demo", "-q", PYTHONIOENCODING="ascii")
    assert ended.status == 0, ended.err
    assert "Crash loop" in ended.out


def test_colours_that_are_forced_draw_nothing_into_a_pipe() -> None:
    ended = deepscan("run", "--demo", FORCE_COLOR="1", NO_COLOR="")
    assert "\x1b" not in ended.err and "agents ended" in ended.err


def test_a_log_level_that_does_not_exist_is_no_gate() -> None:
    assert deepscan("checks", DEEPSCAN_LOG="loud").status == 0


def test_a_gate_that_run_would_refuse_is_not_valid(tmp_path: Path) -> None:
    file = tmp_path / "deepscan.toml"
    file.write_text('fail_on = ["hgih"]\n')
    ended = deepscan("config", "validate", file)
    assert ended.status == 2 and "did you mean high?" in ended.err
