"""What was not seen is never "none": slices denied, checks that are not there, windows and places that were not
scanned."""

import pytest

from reports.query.asking import ask
from reports.query.query import Query, View
from reports.report import CoverageRow, Report
from scanners.facts.gaps import SliceState
from swarm.cli.targets import demo_path
from swarm.settings import Settings
from tests.reports.query.worlds import answer, demo, demo_without, healthy, report_of, rows, the_table


@pytest.mark.parametrize(
    ("question", "plural"),
    [
        ("pods OOM-killed in the last 24 h", "pods"),
        ("GPU allocation ratio per pool", "nodes"),
        ("pods stuck in Pending", "pods"),
        ("stale PVC mounts", "persistentvolumeclaims"),
        ("network policy gaps", "networkpolicies"),
        ("runs that failed because of a node", "nodes"),
        ("namespaces near a quota", "resourcequotas"),
        ("nodes under pressure", "nodes"),
        ("failing CronJobs", "cronjobs"),
    ],
)
def test_a_slice_that_was_denied_is_told_with_its_mend_and_never_as_none(question: str, plural: str) -> None:
    table = the_table(question, demo_without(plural))
    assert (table.seen, table.rows) == ("cannot-tell", [])
    assert table.sentence.startswith("cannot tell: ")
    assert f"`{plural}` denied" in table.sentence
    assert "mend: " in table.sentence


def test_a_link_to_nodes_that_could_not_be_tested_says_so() -> None:
    table = the_table("failed runs tied to node events", demo_without("nodes"))
    assert table.sentence.startswith("cannot tell: no link could be tested: `nodes` denied")


def test_what_was_partly_seen_is_rows_and_a_line_per_gap() -> None:
    table = the_table("pods stuck in Pending", demo_without("events", "persistentvolumeclaims"))
    assert rows(table, "object") == [
        ("PyTorchJob team-vision/depth-finetune",),
        ("Deployment ml-research/tuner",),
        ("Deployment ml-platform/policy-webhook",),
    ]
    assert {gap.what for gap in table.missing if gap.state == "denied"} == {
        "events",
        "persistentvolumeclaims",
    }


def test_the_overview_of_a_cluster_that_was_not_read_whole_begins_with_its_gaps() -> None:
    tables = answer("what is my cluster doing?", demo_without("nodes")).tables
    assert rows(tables[0], "slices", "state") == [(("nodes",), "denied")]
    assert (tables[3].seen, tables[3].sentence) == ("cannot-tell", "cannot tell: `nodes` was not read whole")


def _with_row(report: Report, row: CoverageRow) -> Report:
    return report.model_copy(update={"coverage": [*report.coverage, row]})


def test_a_gap_in_another_namespace_than_the_one_asked_for_does_not_matter() -> None:
    report = healthy("network/workload_without_policy")
    row = CoverageRow(
        target=report.scan.targets[0].id, slice="pod-logs", scope="namespace/ml", state=SliceState.DENIED, objects=0,
        detail="pods/log is forbidden", mend="grant get on pods/log in ml", checks=["NET102"],
    )  # fmt: skip
    inside = the_table("network policy gaps in ml", _with_row(report, row))
    assert inside.sentence == (
        "cannot tell: `pod-logs` denied in ns/ml (pods/log is forbidden); mend: grant get on pods/log in ml"
    )
    assert the_table("network policy gaps in serving", _with_row(report, row)).seen == "none"


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("failed Airflow KubernetesExecutor pods of the last 2 h with error logs", ["PIP101"]),
        ("Argo steps that failed this week, with exit codes", ["PIP101"]),
        ("failed Argo runs this week, errors summed up", ["PIP101"]),
        ("do instance types fit the GPU work?", ["GPU112", "CLD102", "CLD103", "CLD114"]),
        ("workflows > 50 % over their expected duration", ["PIP103"]),
        ("success rate, step durations, failure reasons", ["PIP101"]),
        ("retry loops without a back-off ceiling", ["PIP108"]),
    ],
)
def test_a_question_for_a_check_that_is_not_there_names_the_check(question: str, codes: list[str]) -> None:
    table = the_table(question, _without_checks(demo(), codes))
    assert (table.seen, table.rows) == ("not-in-scan", [])
    assert table.sentence.startswith(f"not in this scan: needs check{'s' * (len(codes) > 1)} {codes[0]} (")
    assert [gap.what[:6] for gap in table.missing if gap.state == "not in this version"] == codes


def _without_checks(report: Report, codes: list[str]) -> Report:
    """The report of a version that has not these checks."""
    kept = [row for row in report.checks if row.code not in codes]
    found = [one for one in report.findings if one.code not in codes]
    return report.model_copy(update={"checks": kept, "findings": found})


def test_what_is_near_is_offered_by_name() -> None:
    table = the_table("Argo steps that failed this week", _without_checks(demo(), ["PIP101"]))
    assert "near it, of argo-workflows: OOM101 Workflow argo/tokenize-7kq2m" in table.sentence


@pytest.mark.parametrize(
    ("question", "view"),
    [
        ("which upstream task made bad data?", View.BAD_DATA),
        ("is there schema drift inside dbt", View.SCHEMA_DRIFT),
        ("show the query text of the slow query in the database", View.QUERY_TEXT),
    ],
)
def test_what_no_scan_holds_is_said_and_something_near_is_offered(question: str, view: View) -> None:
    table = the_table(question, demo())
    assert (table.view, table.seen) == (view, "not-in-scan")
    assert table.sentence.startswith("not in this scan, because ")
    assert "PIP101" in table.sentence and "PVC106" in table.sentence


def test_a_check_that_nobody_configured_is_no_none_when_it_is_asked_for_alone() -> None:
    table = the_table("which volumes are full?", healthy("storage/claim_not_provisioned"))
    assert table.seen == "cannot-tell"
    assert table.sentence.startswith("cannot tell: `PVC106 (volumes that fill)` not configured")


def test_a_window_that_is_longer_than_the_scan_saw_is_answered_for_the_part_seen() -> None:
    told = answer("OOM kills of this week", demo())
    assert told.notes == [
        "asked for 7 d, the scan saw 24 h: answered for 2026-11-18T02:00:00Z to 2026-11-19T02:00:00Z"
    ]
    assert (told.since, told.until) == ("2026-11-18T02:00:00Z", "2026-11-19T02:00:00Z")
    assert len(told.tables[0].rows) == 4


def test_a_shorter_window_leaves_out_what_happened_before_it() -> None:
    told = answer("OOM kills of the last 60 minutes", demo())
    assert rows(told.tables[0], "killed") == [
        ("2026-11-19T01:31:00Z",), ("2026-11-19T01:18:00Z",), ("2026-11-19T01:06:00Z",),
    ]  # fmt: skip
    assert "from 2026-11-19T01:00:00Z to 2026-11-19T02:00:00Z (60 min)" in told.headline
    assert the_table("OOM kills of the last 10 minutes", demo()).seen == "none"


def test_a_namespace_outside_the_scan_cannot_be_spoken_of() -> None:
    report = report_of(demo_path(), Settings(namespace=["serving"]))
    table = the_table("pods OOM-killed in airflow namespace", report)
    assert table.sentence.startswith(
        "cannot tell: `namespace airflow` not in this scan (it looked at serving only)"
    )
    assert "--namespace airflow" in table.sentence


def test_a_namespace_that_nothing_of_the_scan_lies_in_is_doubted() -> None:
    told = answer("OOM kills in namespace data-pipeline", demo())
    assert told.tables[0].seen == "none"
    (note,) = told.notes
    assert note.startswith(
        "no finding of this scan lies in a namespace data-pipeline (nearest: data-pipelines)"
    )


def test_a_name_that_nothing_of_the_scan_bears_is_doubted() -> None:
    told = answer("cronjob nightly-exprot", demo())
    assert told.tables[0].seen == "none"
    assert told.notes[0].startswith("nothing in this scan's findings is named nightly-exprot;")
    assert not answer("cronjob nightly-export", demo()).notes


def test_an_engine_that_this_version_cannot_attribute_is_not_none() -> None:
    table = ask(demo(), Query(views=(View.OOM_KILLS,), systems=("kubeflow-pipelines",))).tables[0]
    assert table.seen == "cannot-tell"
    assert "`kubeflow-pipelines` not attributed" in table.sentence


def test_a_scan_that_was_cut_short_has_no_none() -> None:
    report = healthy("memory/container_killed_for_memory")
    cut = report.model_copy(update={"scan": report.scan.model_copy(update={"partial": True})})
    assert the_table("OOM kills", cut).sentence.startswith("cannot tell: `the scan` cut short")


def test_logs_that_were_left_out_on_purpose_were_not_seen_either() -> None:
    table = the_table("network policy gaps in gitlab", report_of(demo_path(), Settings(logs=False)))
    assert table.sentence.startswith("cannot tell: `pod-logs` skipped")


def test_a_check_that_was_left_out_is_not_none() -> None:
    table = the_table("failing CronJobs", report_of(demo_path(), Settings(skip=["JOB111", "JOB112"])))
    assert table.seen == "cannot-tell"
    assert "`JOB111 (CronJobs whose newest runs fail)` skipped" in table.sentence
