"""``deepscan ask``: over the demo, a report, a recording, a remembered scan; with a model and without; how it ends."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from reports.query.query import Query
from tests.model.server import ModelServer, disconnects, refuses, says
from tests.reports.query.worlds import bundle_without
from tests.swarm.cli.command import Ended, deepscan

QUESTIONS = {
    "Which pods in the airflow namespace were OOM-killed in the last 24 hours?": {
        "views": ["oom-kills"], "namespaces": ["airflow"], "window_s": 86400,
    },
    "node capacity and GPU allocation ratios": {"views": ["gpu-pools"]},
    "pods stuck in Pending for more than 2 hours": {"views": ["pending"], "lasting_s": 7200},
    "stale PVC mounts; binding and fill of PVCs": {"views": ["claims"]},
    "network policy gaps between namespaces behind timeouts": {"views": ["network-policies"]},
    "namespaces near a quota; node pressure that may evict": {"views": ["quotas", "node-pressure"]},
    "failed CronJobs and their last runs": {"views": ["cronjobs"]},
    "what is my cluster doing?": {"views": ["summary"]},
}  # fmt: skip
"""The eight questions, and what a model that knows how would say of each."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "report.json"
    assert deepscan("run", "--demo", "--quiet", "--format", f"json={path}").status == 0
    return path


def _asked(question: str, *arguments: str | Path, **more: str) -> tuple[Ended, dict[str, Any]]:
    ended = deepscan("ask", question, *arguments, "--quiet", "--format", "json=-", **more)
    return ended, json.loads(ended.out) if ended.out else {}


def _said(answer: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    return [(table["view"], [row["cells"] for row in table["rows"]]) for table in answer["tables"]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_without_a_model_is_the_same_over_a_report_and_over_a_scan_of_what_it_needs(
    question: str, report: Path
) -> None:
    over_report, told = _asked(question, "--from", report)
    over_scan, fresh = _asked(question, "--demo")
    assert (over_report.status, over_scan.status) == (0, 0)
    assert told["told_by"] == fresh["told_by"] == "grammar"
    assert (
        told["query"] == fresh["query"] == Query.model_validate(QUESTIONS[question]).model_dump(mode="json")
    )
    if told["query"]["views"] != ["summary"]:
        assert _said(told) == _said(fresh)
    assert any(table["rows"] for table in told["tables"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_only_translates_to_the_same_query_and_the_rows_are_the_same(
    question: str, report: Path
) -> None:
    _, plain = _asked(question, "--from", report)
    with ModelServer([says(json.dumps(QUESTIONS[question]))]) as server:
        ended, told = _asked(
            question,
            "--from",
            report,
            "--model",
            "scripted",
            "--model-url",
            server.url,
            DEEPSCAN_LLM_CACHE="false",
        )
        assert ended.status == 0 and len(server.calls) == 1
        sent = json.dumps(server.calls[0].body)
    assert told["told_by"] == "model"
    assert {**told, "told_by": ""} == {**plain, "told_by": ""}
    assert server.calls[0].user.endswith(question) or question in server.calls[0].user
    names = {str(name) for _, rows in _said(plain) for cells in rows for name in cells if "-" in str(name)}
    assert not any(name in sent for name in names if name not in question and len(name) > 12)


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (says("I cannot help with that"), "holds no JSON object"),
        (
            says('{"views": ["oom-kills"], "namespaces": ["made-up"]}'),
            "`made-up` does not stand in the question",
        ),
        (says('{"views": ["oom-kills"], "sql": "drop table"}'), "sql"),
        (refuses(500), ""),
        (disconnects, ""),
    ],
    ids=["refusal", "made-up name", "unknown field", "500", "disconnect"],
)
def test_a_model_that_fails_leaves_the_question_to_the_grammar(
    behaviour: Any, why: str, report: Path
) -> None:
    question = "OOM kills in namespace airflow"
    _, plain = _asked(question, "--from", report)
    with ModelServer([behaviour]) as server:
        ended, told = _asked(
            question,
            "--from",
            report,
            "--model",
            "scripted",
            "--model-url",
            server.url,
            DEEPSCAN_LLM_CACHE="false",
        )
    assert (ended.status, told) == (0, plain)
    assert "warning: " in ended.err and why in ended.err


def test_what_a_model_would_be_sent_can_be_read_first_and_nothing_is_sent() -> None:
    with ModelServer([refuses(500)]) as server:
        ended = deepscan(
            "ask", "OOM kills", "--show-prompt", "--model", "scripted", "--model-url", server.url
        )
        assert not server.asked
    assert ended.status == 0 and '"OOM kills"' in ended.out


def test_a_bundle_whose_collector_was_refused_cannot_tell(tmp_path: Path) -> None:
    bundle = bundle_without(tmp_path / "bundle", "pods", "cronjobs")
    for question in ("pods OOM-killed today", "pods stuck in Pending", "failing CronJobs"):
        ended = deepscan("ask", question, "--from", bundle, "--quiet")
        assert ended.status == 0
        assert "cannot tell: " in ended.out and "denied" in " ".join(ended.out.split())
        assert ": none" not in ended.out


def test_only_what_the_question_needs_is_read(tmp_path: Path) -> None:
    _, told = _asked("failing CronJobs", "--demo")
    assert {row["code"] for row in told["tables"][0]["rows"]} == {"JOB111", "JOB112"}
    verbose = deepscan("ask", "failing CronJobs", "--demo")
    assert verbose.err.startswith("demo: 1 agents ended, 2 sightings")


def test_a_question_that_is_not_understood_ends_with_two_and_says_what_would_be() -> None:
    ended = deepscan("ask", "frobnicate the quotta", "--demo")
    assert (ended.status, ended.out) == (2, "")
    assert "error: the question was not understood" in ended.err
    assert "quotta (did you mean quota?)" in ended.err
    assert 'deepscan ask "what is my cluster doing?"' in ended.err


def test_a_question_is_understood_before_a_target_is_looked_for() -> None:
    ended = deepscan("ask", "what is the weather", "--context", "nowhere")
    assert ended.status == 2 and "not understood" in ended.err


def test_a_target_that_cannot_be_read_ends_with_three(tmp_path: Path) -> None:
    broken = tmp_path / "bundle.tar.gz"
    broken.write_bytes(b"\x1f\x8b not really")
    ended = deepscan("ask", "OOM kills", "--from", broken, "--quiet")
    assert ended.status == 3
    assert "cannot tell" in ended.out and ": none" not in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--scan", "last"), ("--demo", "--scan", "last"), ("--from", "/nonexistent"), ("--format", "html=-", "--demo"),
        ("--format", "jsn=-", "--demo"),
    ],
    ids=["no history", "scan and target", "nothing there", "no such face", "a slip"],
)  # fmt: skip
def test_what_cannot_be_followed_ends_with_two(arguments: tuple[str, ...]) -> None:
    ended = deepscan("ask", "OOM kills", *arguments)
    assert ended.status == 2 and ended.err.startswith("error: ")


def test_a_report_and_another_target_are_not_mixed(report: Path) -> None:
    assert deepscan("ask", "OOM kills", "--from", report, "--demo").status == 2


def test_the_last_scan_is_asked_where_nothing_is_named(tmp_path: Path) -> None:
    history = f"sqlite:///{tmp_path}/scans.db"
    assert (
        deepscan("run", "--demo", "--quiet", "--history", history, "--format", "json=/dev/null").status == 0
    )
    ended = deepscan("ask", "OOM", "kills", "in", "namespace", "airflow", "--history", history)
    assert ended.status == 0
    assert "airflow/features-daily-build-features-lk8tkffb" in ended.out
    assert ended.out.startswith(
        "Containers killed for memory: namespace airflow; from 2026-11-18T02:00:00Z to"
    )


def test_every_face_can_be_written(tmp_path: Path, report: Path) -> None:
    faces = [f"{name}={tmp_path / name}" for name in ("json", "markdown", "csv", "terminal")]
    arguments = [part for face in faces for part in ("--format", face)]
    assert deepscan("ask", "failing CronJobs", "--from", report, *arguments).status == 0
    assert json.loads((tmp_path / "json").read_text())["query"]["views"] == ["cronjobs"]
    assert (tmp_path / "markdown").read_text().startswith("**CronJobs that fail")
    sheet = list(csv.DictReader(io.StringIO((tmp_path / "csv").read_text())))
    assert [row["cronjob"] for row in sheet] == [
        "data-pipelines/nightly-export",
        "monitoring/synthetic-probe",
    ]
    assert "data-pipelines/nightly-export" in (tmp_path / "terminal").read_text()


def test_a_fresh_scan_looks_back_as_far_as_the_question() -> None:
    _, told = _asked("OOM kills of this week", "--demo")
    assert (told["since"], told["until"]) == ("2026-11-12T02:00:00Z", "2026-11-19T02:00:00Z")
    assert not told["notes"]


def test_the_same_question_gives_the_same_bytes(report: Path) -> None:
    first, second = (
        deepscan("ask", "pending pods", "--from", report, "--format", "json=-").out for _ in range(2)
    )
    assert first == second


def test_the_help_has_examples() -> None:
    assert "which pods were OOM-killed" in " ".join(deepscan("ask", "--help").out.split())
