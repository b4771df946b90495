"""
With a model, without one and with every bad one, the report is the same report: only its sentences may differ.

Here each endpoint is spoken to directly; ``tests/model/by_litellm`` does the same by way of litellm.
"""

from pathlib import Path

import jsonschema
import pytest

from tests.model.endpoints import BAD, GOOD, SECONDS, bare, words
from tests.model.runs import GATE, run
from tests.swarm.cli.command import Ended, deepscan
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


def test_the_longest_extra_wait_is_the_cap() -> None:
    """Printed as testing.md asks; runs after the endpoints above, in the same process."""
    if len(WAITS) < len(GOOD) + len(BAD):
        pytest.skip("the endpoints above ran in another process, or not at all")
    slowest = max(WAITS, key=lambda name: WAITS[name])
    print(f"\nlongest extra wait, direct: {WAITS[slowest]:.1f} s ({slowest}); a call may take {SECONDS:g} s")
    assert WAITS[slowest] < 2 * SECONDS + 3


def test_no_llm_wins_over_a_configured_model(plain: Ended, tmp_path: Path) -> None:
    done = run(GOOD["truthful"], "direct", tmp_path, *GATE, "--no-llm")
    assert done.calls == 0
    assert done.ended.report["scan"]["model"] is None
    assert words(done.ended.report) == words(plain.report)


def test_without_a_model_there_is_no_row_of_one(plain: Ended) -> None:
    assert plain.report["scan"]["model"] is None


def test_the_same_question_is_not_paid_twice(tmp_path: Path) -> None:
    first = run(GOOD["truthful"], "direct", tmp_path)
    assert first.calls > 0
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == first.calls
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in kept} == {0o700}
    # the same address must answer: the address is part of what is asked
    with_other_address = run(GOOD["truthful"], "direct", tmp_path)
    assert with_other_address.calls == first.calls


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
