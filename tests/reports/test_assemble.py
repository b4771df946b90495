"""Several targets become one report, and its numbers add up."""

import random
from dataclasses import replace

import pytest

from reports.arithmetic import blocked_workloads, coverage, printed_coverage, waste
from reports.assemble import assemble
from reports.report import Report
from scanners.finding import Severity, State
from scanners.scanner import CheckState
from tests.reports.build import problem, row
from tests.reports.sample import (
    CATALOGUE,
    CHECKS,
    DNS,
    FINDINGS,
    HOG,
    IDLE,
    NOT_CREATED,
    PROBLEMS,
    QUOTA,
    RUN,
    result,
    sample,
)


def test_problems_are_ranked_by_severity_then_stopped_work_then_score() -> None:
    ranked = [(found.rank, found.root.code) for found in sample().problems]
    assert ranked == [
        (1, "DNS101"), (2, "OOM104"), (3, "QTA101"), (4, "OOM102"), (5, "GPU101"), (6, "STO101"),
        (7, "NET101"),
    ]  # fmt: skip


def test_waste_ranks_behind_stopped_work_of_the_same_severity_whatever_its_score() -> None:
    costly = problem(IDLE, score=99.0)
    report = assemble(
        RUN, [replace(result(), problems=[costly, problem(QUOTA, NOT_CREATED, score=1.0)])], CATALOGUE
    )
    assert [found.root.code for found in report.problems] == ["QTA101", "GPU101"]


@pytest.mark.parametrize(
    ("ran", "partial", "missing", "share"),
    [(0, 0, 0, 100.0), (4, 0, 0, 100.0), (4, 1, 2, 100 * 4.5 / 7), (0, 0, 3, 0.0), (0, 2, 0, 50.0)],
)
def test_coverage_is_of_what_was_asked_for(ran: int, partial: int, missing: int, share: float) -> None:
    asked = (
        [row("A")] * ran
        + [row("B", CheckState.PARTIAL)] * partial
        + [row("C", CheckState.NOT_MEASURED)] * missing
    )
    outside = [
        row("D", state)
        for state in (CheckState.NOT_APPLICABLE, CheckState.NOT_CONFIGURED, CheckState.SKIPPED)
    ]
    assert coverage(asked + outside) == pytest.approx(share)


def test_coverage_is_never_rounded_up() -> None:
    assert printed_coverage(99.99) == 99.9
    assert printed_coverage(94.1) == 94.1
    assert printed_coverage(100.0) == 100.0


def test_blocked_work_is_counted_once_and_only_while_it_waits_or_fails() -> None:
    recovered = replace(DNS, state=State.RECOVERED)
    mild = replace(DNS, severity=Severity.MEDIUM)
    assert blocked_workloads([DNS, replace(DNS, id="f-other", code="DNS102")]) == 1
    assert blocked_workloads([recovered, mild, IDLE, QUOTA, HOG]) == 0
    elsewhere = replace(DNS, workload=replace(DNS.subject, cluster="other"))
    assert blocked_workloads([DNS, elsewhere]) == 2


def test_an_unknown_price_is_null_and_never_zero() -> None:
    assert waste([problem(DNS)])[0] is None
    total, split = waste(PROBLEMS)
    assert (total, split.cash, split.capacity) == (12900.0, 12900.0, None)


def test_a_gap_names_the_checks_that_need_or_use_its_slice() -> None:
    rows = {(row.slice, row.scope): row.checks for row in sample().coverage}
    assert rows["pod-logs", "cluster"] == ["JOB101", "NET110", "OOM102"]
    assert rows["resourcequotas", "namespace/vault"] == ["QTA101"]
    assert rows["pytorchjobs.kubeflow.org", "cluster"] == []


def test_a_skipped_check_is_blinded_by_nothing() -> None:
    skipped = [r.model_copy(update={"state": CheckState.SKIPPED}) for r in CHECKS]
    report = assemble(RUN, [replace(result(), checks=skipped)], CATALOGUE)
    assert all(row.checks == [] for row in report.coverage)


def test_the_summary_counts_what_is_in_the_report() -> None:
    summary = sample().summary
    assert summary.problems.model_dump() == {"critical": 1, "high": 4, "medium": 1, "low": 1, "info": 0}
    assert sum(summary.findings.model_dump().values()) == len(FINDINGS)
    assert summary.coverage_percent == 64.2
    assert summary.blocked_workloads == 6
    assert summary.new is None


def test_same_input_same_bytes_in_any_order() -> None:
    whole = result()
    other = replace(
        whole, target=whole.target.model_copy(update={"id": "b", "name": "another"}), findings=[], problems=[]
    )
    expected = assemble(RUN, [whole, other], CATALOGUE).to_json()
    for seed in range(5):
        shuffle = random.Random(seed)
        mixed = replace(
            whole,
            findings=shuffle.sample(FINDINGS, len(FINDINGS)),
            problems=shuffle.sample(PROBLEMS, len(PROBLEMS)),
            checks=shuffle.sample(CHECKS, len(CHECKS)),
            readings=shuffle.sample(list(whole.readings), len(whole.readings)),
            agents=shuffle.sample(list(whole.agents), len(whole.agents)),
        )
        targets = shuffle.sample([mixed, other], 2)
        assert assemble(RUN, targets, CATALOGUE).to_json() == expected


def test_the_scan_is_known_by_scope_moment_and_findings_not_by_the_clock() -> None:
    def id_of(report: Report) -> str:
        return report.scan.id

    later = assemble(replace(RUN, started_at="2027-01-01T00:00:00Z"), [result()], CATALOGUE)
    fewer = assemble(RUN, [replace(result(), findings=FINDINGS[:-1])], CATALOGUE)
    assert id_of(later) == id_of(sample())
    assert id_of(fewer) != id_of(sample())


def test_warnings_of_several_targets_say_whose_they_are() -> None:
    other = replace(
        result(), target=result().target.model_copy(update={"id": "b", "name": "b"}), findings=[], problems=[]
    )
    report = assemble(replace(RUN, warnings=["prices are old"]), [result(), other], CATALOGUE)
    assert [text.split(":")[0] for text in report.warnings] == ["prices are old", "b", "prod-gpu-eu"]


def test_a_target_that_was_cut_short_makes_the_scan_partial() -> None:
    assert assemble(RUN, [replace(result(), partial=True)], CATALOGUE).scan.partial
