"""
The promise of ``tests/model/test_words.py``, kept by way of litellm: other words at most, and never another report.
"""

from pathlib import Path

import pytest

from tests.model.endpoints import BAD, GOOD, SECONDS, bare, words
from tests.model.runs import GATE, run
from tests.required import absent
from tests.swarm.cli.command import Ended

WAITS: dict[str, float] = {}
START = 20.0
"""Seconds that the child may take to start on a busy machine; the run's deadline counts them, a call's does not."""


@pytest.mark.parametrize("name", GOOD)
def test_a_model_that_does_its_work_words_the_report_and_changes_nothing_else(
    name: str, plain: Ended, plain_seconds: float, tmp_path: Path
) -> None:
    done = run(
        GOOD[name], "litellm", tmp_path, *GATE, DEEPSCAN_LLM_TIMEOUT="20s", DEEPSCAN_LLM_DEADLINE="60s"
    )
    assert done.ended.status == plain.status == 1
    report = done.ended.report
    assert bare(report) == bare(plain.report)
    told = [problem for problem in report["problems"] if problem["told_by"] == "model"]
    assert told, report["warnings"]
    assert report["scan"]["model"]["calls"] == done.calls <= 3


@pytest.mark.parametrize("name", BAD)
def test_a_model_that_misbehaves_costs_its_words_and_a_warning(
    name: str, plain: Ended, plain_seconds: float, tmp_path: Path
) -> None:
    most = f"{2 * SECONDS + START}s"
    done = run(BAD[name], "litellm", tmp_path, *GATE, DEEPSCAN_LLM_DEADLINE=most)
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
    if len(WAITS) < len(BAD):
        absent("the endpoints above ran in another process, or not at all")
    slowest = max(WAITS, key=lambda name: WAITS[name])
    print(f"\nlongest extra wait, litellm: {WAITS[slowest]:.1f} s ({slowest}); a call may take {SECONDS:g} s")
    assert WAITS[slowest] < 2 * SECONDS + START + 3 * plain_seconds + 3
