"""
With a model, without one and with every bad one, the report is the same report: only its sentences may differ.

Here each endpoint is spoken to directly; ``tests/model/by_litellm`` does the same by way of litellm.
"""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from swarm.model.endpoint import OLLAMA_PORT
from tests.model.endpoints import BAD, GOOD, SECONDS, bare, words
from tests.model.narrators import narrates, wrong_number
from tests.model.runs import DEMO, GATE, run
from tests.model.server import ModelServer
from tests.required import absent
from tests.swarm.cli.command import Ended, deepscan, environment
from tests.swarm.cli.test_run import SCHEMA

WAITS: dict[str, float] = {}


@pytest.mark.parametrize("name", GOOD)
def test_a_model_that_does_its_work_words_the_report_and_changes_nothing_else(
    name: str, plain: Ended, plain_seconds: float, tmp_path: Path
) -> None:
    done = run(GOOD[name], "direct", tmp_path, *GATE)
    WAITS[name] = done.seconds - plain_seconds
    assert done.ended.status == plain.status == 1
    report = done.ended.report
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert bare(report) == bare(plain.report)
    told = [problem for problem in report["problems"] if problem["told_by"] == "model"]
    assert told and report["scan"]["model"]["fallbacks"] == len(report["problems"]) - len(told)
    assert report["scan"]["model"]["name"] == "openai/scripted"
    assert report["scan"]["model"]["calls"] == done.calls <= 3
    assert report["scan"]["model"]["tokens_in"] > 0


@pytest.mark.parametrize("name", BAD)
def test_a_model_that_misbehaves_costs_its_words_and_a_warning(
    name: str, plain: Ended, plain_seconds: float, tmp_path: Path
) -> None:
    done = run(BAD[name], "direct", tmp_path, *GATE)
    WAITS[name] = done.seconds - plain_seconds
    assert done.ended.status == plain.status == 1, done.ended.err
    report = done.ended.report
    assert bare(report) == bare(plain.report)
    assert words(report) == words(plain.report)
    assert report["scan"]["model"]["fallbacks"] == len(report["problems"])
    assert 1 <= done.calls <= 3
    assert any(text.startswith("model openai/scripted: ") for text in report["warnings"])
    assert "Traceback" not in done.ended.err


def test_the_longest_extra_wait_is_the_cap(plain_seconds: float) -> None:
    """Printed as testing.md asks; runs after the endpoints above, in the same process."""
    if len(WAITS) < len(GOOD) + len(BAD):
        absent("the endpoints above ran in another process, or not at all")
    slowest = max(WAITS, key=lambda name: WAITS[name])
    print(f"\nlongest extra wait, direct: {WAITS[slowest]:.1f} s ({slowest}); a call may take {SECONDS:g} s")
    assert WAITS[slowest] < 2 * SECONDS + 3 * plain_seconds + 3


def test_no_llm_wins_over_a_configured_model(plain: Ended, tmp_path: Path) -> None:
    done = run(GOOD["truthful"], "direct", tmp_path, *GATE, "--no-llm")
    assert done.calls == 0
    assert done.ended.report["scan"]["model"] is None
    assert words(done.ended.report) == words(plain.report)


def test_without_a_model_there_is_no_row_of_one(plain: Ended) -> None:
    assert plain.report["scan"]["model"] is None


def test_no_name_of_the_cluster_is_in_any_question(plain: Ended, tmp_path: Path) -> None:
    """Not in the first, not in its repair, not in the one for the summary, in no spelling."""
    with ModelServer([narrates(wrong_number), narrates()]) as server:
        deepscan(*DEMO, "--model", "scripted", "--model-url", server.url, XDG_CACHE_HOME=str(tmp_path))
        asked = [asked.user.casefold() for asked in server.calls]
    assert len(asked) == 3
    subjects = [finding["subject"] for finding in plain.report["findings"]]
    names = {ref["name"] for ref in subjects} | {ref["namespace"] for ref in subjects}
    telling = {name for name in names if "-" in name and not name.startswith("kube-")}
    assert len(telling) > 20
    found = [
        name
        for name in telling
        for user in asked
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", user)
    ]
    assert found == []


def test_a_model_that_is_configured_is_used(tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        file = tmp_path / "deepscan.toml"
        file.write_text(f'model = "scripted"\nmodel_url = "{server.url}"\n')
        ended = deepscan(*DEMO, "--config", file, XDG_CACHE_HOME=str(tmp_path))
        assert ended.report["scan"]["model"]["calls"] == len(server.calls) > 0


def test_an_ollama_of_this_machine_is_asked_by_its_name_alone(tmp_path: Path) -> None:
    try:
        server = ModelServer(GOOD["truthful"], port=OLLAMA_PORT).__enter__()
    except OSError:
        absent(f"port {OLLAMA_PORT} is taken: an Ollama runs here")
    ended = deepscan(*DEMO, "--model", "ollama/scripted:8b", XDG_CACHE_HOME=str(tmp_path))
    server.__exit__()
    assert ended.report["scan"]["model"]["calls"] == len(server.calls) > 0
    assert {asked.body["model"] for asked in server.calls} == {"scripted:8b"}
    assert {asked.path for asked in server.calls} == {"/api/chat"}


def test_no_more_is_asked_than_the_caps_allow(plain: Ended, tmp_path: Path) -> None:
    """Small questions: two hold what they hold, the third is for the summary, and the rest is listed."""
    done = run(GOOD["truthful"], "direct", tmp_path, DEEPSCAN_LLM_TOKENS_PER_CALL="3000")
    report = done.ended.report
    assert done.calls == report["scan"]["model"]["calls"] == 3
    told = [problem["id"] for problem in report["problems"] if problem["told_by"] == "model"]
    untold = [problem["id"] for problem in report["problems"] if problem["told_by"] == "template"]
    assert told and len(untold) > len(told)
    assert any(all(id_ in text for id_ in untold) for text in report["warnings"])
    assert bare(report) == bare(plain.report)


def test_only_the_first_problems_are_worded_where_the_settings_say_so(tmp_path: Path) -> None:
    report = run(GOOD["truthful"], "direct", tmp_path, DEEPSCAN_LLM_TOP="4").ended.report
    assert {problem["told_by"] for problem in report["problems"][4:]} == {"template"}
    assert "model" in {problem["told_by"] for problem in report["problems"][:4]}


def test_a_wait_is_announced_unless_quiet_was_asked_for(tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        named = ("--model", "scripted", "--model-url", server.url)
        aloud = deepscan("run", "--demo", *named, XDG_CACHE_HOME=str(tmp_path))
        still = deepscan("run", "--demo", "--quiet", *named, XDG_CACHE_HOME=str(tmp_path))
    assert "asking scripted for words: at most 3 calls and 120 s" in aloud.err
    assert still.err == ""


def test_the_same_question_is_not_paid_twice(tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        told = [
            deepscan(*DEMO, "--model", "scripted", "--model-url", server.url, XDG_CACHE_HOME=str(tmp_path))
            for _ in range(2)
        ]
        calls = len(server.calls)
    first, second = (ended.report for ended in told)
    assert first["scan"]["model"]["calls"] == calls > 0
    assert second["scan"]["model"]["calls"] == 0
    assert second["scan"]["model"]["usd"] == 0
    assert words(second) == words(first)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == calls
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in kept} == {0o700}


def test_a_bad_answer_is_not_kept(tmp_path: Path) -> None:
    assert run(BAD["clipped prompt"], "direct", tmp_path).calls > 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_cache_that_is_not_wanted_is_not_written(tmp_path: Path) -> None:
    assert run(GOOD["truthful"], "direct", tmp_path, DEEPSCAN_LLM_CACHE="false").calls > 0
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_words_are_made_keeps_the_report(plain: Ended, tmp_path: Path) -> None:
    with ModelServer(BAD["stall"]) as server:
        command = subprocess.Popen(
            [sys.executable, "-m", "swarm", *DEMO, *GATE, "--model", "scripted", "--model-url", server.url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(XDG_CACHE_HOME=str(tmp_path)), text=True,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not server.calls and time.monotonic() < deadline:
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=20)
    assert command.returncode == plain.status, err
    report = json.loads(out)
    assert bare(report) == bare(plain.report)
    assert "model scripted: interrupted before all was worded" in report["warnings"]


def test_the_prompt_is_shown_and_nothing_is_sent(tmp_path: Path) -> None:
    history = tmp_path / "history.sqlite"
    done = run(GOOD["truthful"], "direct", tmp_path, "--show-prompt", "--history", str(history))
    assert done.calls == 0
    assert done.ended.status == 0
    assert '"response_format"' in done.ended.out
    assert not history.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_for_nobody_is_refused() -> None:
    ended = deepscan("run", "--demo", "--show-prompt")
    assert ended.status == 2
    assert "--model NAME" in ended.err
