"""What changed between two reports, and of what it may be said that it is gone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from correlate.problem import Impact, Problem
from reports.changes import diff_report
from reports.diff import compare, with_baseline
from reports.faces import FACES
from reports.faces.changes import text as told_in_text
from reports.load import load
from reports.report import CheckRow, CoverageRow, Report, Scope, SuppressedRow
from scanners.facts.gaps import SliceState
from scanners.finding import Finding, Severity, State
from scanners.scanner import CheckState
from swarm.cli.gates import tripped
from tests.reports.build import CLUSTER, problem
from tests.reports.sample import CLAIM, DNS, EVICTED, HOG, NAMES, QUOTA, sample

NIGHT_BEFORE = "2026-11-18T02:00:00Z"


def night(problems: list[Problem], findings: list[Finding]) -> Report:
    """A report of the sample cluster in which each check ran whole, and only these things were seen."""
    base = sample()
    codes = sorted({finding.code for finding in base.findings})
    return base.model_copy(
        update={
            "problems": problems,
            "findings": findings,
            "checks": [CheckRow(code=c, target=CLUSTER, revision="r1", state=CheckState.RAN) for c in codes],
            "coverage": [
                CoverageRow(
                    target=CLUSTER,
                    slice=name,
                    scope="cluster",
                    state=state,
                    objects=9,
                    checks=["STO101", "DNS101"],
                )
                for name, state in (("pods", SliceState.COMPLETE), ("pod-logs", SliceState.COMPLETE))
            ],
        }
    )


def before() -> Report:
    """Yesterday: a claim that waits, and a dead DNS with what it led to."""
    told = night([problem(DNS, NAMES), problem(CLAIM)], [DNS, NAMES, CLAIM])
    return told.model_copy(update={"scan": told.scan.model_copy(update={"id": "s-old", "now": NIGHT_BEFORE})})


def after(*without: Finding) -> Report:
    """Today: the same without some."""
    gone = {finding.id for finding in without}
    return night(
        [p for p in [problem(DNS, NAMES), problem(CLAIM)] if p.root.finding not in gone],
        [f for f in [DNS, NAMES, CLAIM] if f.id not in gone],
    )


def with_check(report: Report, **changed: object) -> Report:
    """The report with another row of the claim's check."""
    rows = [row.model_copy(update=changed) if row.code == "STO101" else row for row in report.checks]
    return report.model_copy(update={"checks": rows})


def with_slice(report: Report, name: str, **changed: object) -> Report:
    rows = [row.model_copy(update=changed) if row.slice == name else row for row in report.coverage]
    return report.model_copy(update={"coverage": rows})


def with_scan(report: Report, **changed: object) -> Report:
    return report.model_copy(update={"scan": report.scan.model_copy(update=changed)})


def test_what_the_same_check_no_longer_sees_is_resolved() -> None:
    told = with_baseline(after(CLAIM), before())
    assert [(row.finding, row.code, row.title) for row in told.resolved] == [
        (CLAIM.id, "STO101", CLAIM.title)
    ]
    assert told.incomparable == []
    assert (told.summary.new, told.summary.persisting) == (0, 1)
    assert (told.summary.resolved, told.summary.incomparable) == (1, 0)
    assert told.baseline is not None and told.baseline.scan == "s-old"


Change = Callable[[Report], Report]

INCOMPARABLE: dict[str, tuple[Change, str]] = {
    "measured in part": (lambda r: with_check(r, state=CheckState.PARTIAL), "in part"),
    "not measured": (
        lambda r: with_check(r, state=CheckState.NOT_MEASURED, why="pods: denied"),
        "pods: denied",
    ),
    "skipped": (lambda r: with_check(r, state=CheckState.SKIPPED), "left out"),
    "not configured": (lambda r: with_check(r, state=CheckState.NOT_CONFIGURED), "not configured"),
    "nothing of its kind": (lambda r: with_check(r, state=CheckState.NOT_APPLICABLE), "nothing of its kind"),
    "another revision": (lambda r: with_check(r, revision="r2"), "the check itself changed"),
    "other thresholds": (lambda r: with_check(r, thresholds={"kills": 3}), "thresholds"),
    "the check is gone": (lambda r: with_check(r, code="STO999"), "no such check"),
    "the id scheme": (lambda r: with_scan(r, id_scheme=2), "another way"),
    "only a namespace": (
        lambda r: with_scan(r, scope=Scope(namespaces=["ml"])),
        "namespaces (all) then, ml now",
    ),
    "only a concern": (lambda r: with_scan(r, scope=Scope(concerns=["jobs"])), "concerns"),
    "another check skipped": (lambda r: with_scan(r, scope=Scope(skipped=["OOM102"])), "skipped"),
    "another window": (lambda r: with_scan(r, window_hours=12.0), "window"),
    "the target is not there": (lambda r: with_scan(r, targets=[]), "not in this scan"),
    **{
        f"a slice {state.value}": (
            lambda r, state=state: with_slice(r, "pod-logs", state=state),
            f"pod-logs: {state}",
        )
        for state in SliceState
        if state is not SliceState.COMPLETE
    },
    "a slice of other namespaces": (lambda r: with_slice(r, "pods", scope="namespace/ml"), "same namespaces"),
}


@pytest.mark.parametrize("case", INCOMPARABLE)
def test_what_was_not_looked_for_in_the_same_way_is_incomparable_and_says_why(case: str) -> None:
    change, why = INCOMPARABLE[case]
    told = with_baseline(change(after(CLAIM)), before())
    assert told.resolved == []
    assert CLAIM.id in [row.finding for row in told.incomparable]
    assert all(why in row.why for row in told.incomparable)
    assert told.summary.resolved == 0
    assert (told.summary.incomparable or 0) >= 1


def test_a_slice_that_never_was_there_hides_nothing_that_was_seen_without_it() -> None:
    denied = {"state": SliceState.DENIED}
    told = with_baseline(
        with_slice(after(CLAIM), "pod-logs", **denied), with_slice(before(), "pod-logs", **denied)
    )
    assert [row.finding for row in told.resolved] == [CLAIM.id]


@pytest.mark.parametrize("state", [SliceState.TRUNCATED, SliceState.PARTIAL])
def test_a_slice_that_is_cut_short_both_times_may_be_cut_elsewhere(state: SliceState) -> None:
    told = with_baseline(
        with_slice(after(CLAIM), "pod-logs", state=state), with_slice(before(), "pod-logs", state=state)
    )
    assert told.resolved == [] and [row.finding for row in told.incomparable] == [CLAIM.id]


def test_a_slice_of_other_checks_does_not_matter() -> None:
    told = with_baseline(with_slice(after(CLAIM), "pod-logs", state="denied", checks=["DNS101"]), before())
    assert [row.finding for row in told.resolved] == [CLAIM.id]


def test_a_suppressed_finding_is_not_resolved() -> None:
    hidden = after(CLAIM)
    hidden = hidden.model_copy(
        update={
            "findings": [*hidden.findings, CLAIM],
            "suppressed": [SuppressedRow(finding=CLAIM.id, reason="known", until="2026-12-01", by="ada")],
        }
    )
    told = with_baseline(hidden, before())
    assert told.resolved == [] and told.incomparable == []
    assert (told.summary.resolved, told.summary.incomparable) == (0, 0)


def test_what_comes_back_from_a_suppression_is_not_new() -> None:
    hidden = before().model_copy(update={"problems": [problem(DNS, NAMES)]})
    assert {p.id: p.state for p in with_baseline(after(), hidden).problems} == {
        "p-0001": "persisting",
        "p-0012": "persisting",
    }


def test_what_recovered_is_no_resolved_finding_but_a_resolved_problem() -> None:
    healed = after(CLAIM)
    healed = healed.model_copy(update={"findings": [*healed.findings, replace(CLAIM, state=State.RECOVERED)]})
    told = with_baseline(healed, before())
    assert told.resolved == [] and told.summary.resolved == 1
    assert with_baseline(after(CLAIM), healed).resolved == [], "and its events may fade without news"


@pytest.mark.parametrize(
    ("then", "now", "state"),
    [
        (problem(CLAIM), problem(CLAIM), "persisting"),
        (problem(CLAIM), problem(CLAIM, severity=Severity.HIGH), "worse"),
        (problem(CLAIM), problem(CLAIM, severity=Severity.LOW), "better"),
        (problem(CLAIM, impact=Impact(workloads=4)), problem(CLAIM, impact=Impact(workloads=6)), "worse"),
        (problem(CLAIM, impact=Impact(workloads=6)), problem(CLAIM, impact=Impact(workloads=4)), "better"),
        (
            problem(CLAIM, impact=Impact(workloads=1)),
            problem(CLAIM, impact=Impact(workloads=2)),
            "persisting",
        ),
        (problem(CLAIM, impact=Impact(pods=40)), problem(CLAIM, impact=Impact(pods=45)), "persisting"),
        (problem(CLAIM, impact=Impact(gpus=8)), problem(CLAIM, impact=Impact(gpus=16, pods=1)), "worse"),
        (
            problem(CLAIM, impact=Impact(workloads=9)),
            problem(CLAIM, severity=Severity.HIGH, impact=Impact(workloads=1)),
            "worse",
        ),
    ],
)
def test_worse_and_better_go_by_severity_then_by_the_work_that_is_hit(
    then: Problem, now: Problem, state: str
) -> None:
    told = with_baseline(night([now], [CLAIM]), night([then], [CLAIM]))
    assert [p.state for p in told.problems] == [state]
    assert (told.summary.new, told.summary.persisting) == (0, 1)


def test_a_problem_that_the_baseline_had_not_is_new() -> None:
    told = with_baseline(
        night([problem(CLAIM), problem(QUOTA)], [CLAIM, QUOTA]), night([problem(CLAIM)], [CLAIM])
    )
    assert {p.root.code: p.state for p in told.problems} == {"STO101": "persisting", "QTA101": "new"}
    assert (told.summary.new, told.summary.persisting) == (1, 1)
    assert not [text for text in told.warnings if "older than the baseline" in text]


def test_what_is_new_only_because_nobody_looked_before_is_said_to_be_so() -> None:
    blind = with_check(night([], []), state=CheckState.NOT_MEASURED)
    told = with_baseline(night([problem(CLAIM)], [CLAIM]), blind)
    assert told.problems[0].state == "new"
    assert (
        "1 new problem may be older than the baseline, which has no result of STO101 there" in told.warnings
    )


def test_a_symptom_that_outlives_its_cause_persists_and_its_cause_is_resolved() -> None:
    then = night([problem(HOG, EVICTED)], [HOG, EVICTED])
    told = with_baseline(night([problem(EVICTED)], [EVICTED]), then)
    assert [p.state for p in told.problems] == ["persisting"]
    assert [row.finding for row in told.resolved] == [HOG.id]
    assert told.summary.resolved == 0, "the problem goes on under another root"


def test_what_the_baseline_saw_recovered_recurs() -> None:
    healed = night([], [replace(CLAIM, state=State.RECOVERED)])
    assert with_baseline(night([problem(CLAIM)], [CLAIM]), healed).problems[0].state == "recurring"


def test_what_the_history_saw_before_the_baseline_recurs_and_keeps_its_first_time() -> None:
    empty = with_scan(night([], []), now=NIGHT_BEFORE)
    today = night([problem(CLAIM)], [CLAIM])
    told = with_baseline(today, empty, {"p-0012": "2026-11-02T02:00:00Z"})
    assert (told.problems[0].state, told.problems[0].first_seen) == ("recurring", "2026-11-02T02:00:00Z")
    assert with_baseline(today, empty, {"p-0012": today.scan.now}).problems[0].state == "new"


def test_a_persisting_problem_is_known_since_the_older_of_the_two_reports() -> None:
    known = replace(problem(CLAIM), first_seen="2026-11-10T00:00:00Z")
    fresh = replace(problem(CLAIM), first_seen="2026-11-18T22:48:00Z")
    assert (
        with_baseline(night([fresh], [CLAIM]), night([known], [CLAIM])).problems[0].first_seen
        == known.first_seen
    )


def test_under_another_id_scheme_nothing_is_called_new() -> None:
    told = with_baseline(with_scan(after(), id_scheme=2), before())
    assert [p.state for p in told.problems] == [None, None]
    assert (told.summary.new, told.summary.persisting, told.summary.incomparable) == (None, None, 2)


def test_a_report_compared_with_itself_changes_in_nothing() -> None:
    told = with_baseline(sample(), sample())
    assert {p.state for p in told.problems} == {"persisting"}
    assert (told.summary.new, told.summary.resolved, told.summary.incomparable) == (0, 0, 0)
    assert told.resolved == [] and told.incomparable == [] and told.warnings == sample().warnings


def test_a_compared_report_is_read_back_as_it_was_written() -> None:
    told = with_baseline(with_check(after(CLAIM), revision="r2"), before())
    assert load(told.to_json()).to_json() == told.to_json()
    assert with_baseline(told, before()).to_json() == told.to_json()


def tonight() -> Report:
    """One problem new, one worse, one gone, one not looked for."""
    then = night([problem(CLAIM), problem(QUOTA), problem(HOG)], [CLAIM, QUOTA, HOG])
    now = night([problem(CLAIM, severity=Severity.HIGH), problem(DNS, NAMES)], [CLAIM, DNS, NAMES])
    rows = [row.model_copy(update={"revision": "r2"}) if row.code == "OOM104" else row for row in now.checks]
    return with_baseline(now.model_copy(update={"checks": rows}), with_scan(then, now=NIGHT_BEFORE))


@pytest.mark.parametrize("face", ["terminal", "markdown", "html"])
def test_a_face_tells_what_changed(face: str) -> None:
    text = " ".join(FACES[face](with_ranks(tonight())).split())
    for words in (
        "Changes since 2026-11-18 02:00Z",
        "Resolved: 1 problem, 1 finding",
        "QTA101 GPU quota is full: ResourceQuota team-b/team-b-gpus",
        "Incomparable: 1 problem, 1 finding",
        "the check itself changed",
        "1 new, 1 persisting, 1 resolved, 1 incomparable",
    ):
        assert words in text
    if face == "terminal":
        assert "Cluster DNS is down (new)" in text and "(worse)" in text
    else:
        assert "New: 1 problem" in text and "Worse: 1 problem" in text


@pytest.mark.parametrize("face", ["terminal", "markdown", "html"])
def test_without_a_baseline_a_face_speaks_of_no_change(face: str) -> None:
    text = FACES[face](sample())
    assert "Changes" not in text and "Suppressed" not in text and "persisting" not in text


def test_the_comparison_as_data_and_as_text_tell_the_same() -> None:
    then = night([problem(CLAIM), problem(QUOTA)], [CLAIM, QUOTA])
    now = night([problem(CLAIM, severity=Severity.LOW), problem(DNS, NAMES)], [CLAIM, DNS, NAMES])
    diff = compare(then, with_ranks(now))
    data = diff_report(diff)
    assert data.summary.model_dump() == {
        "new": 1, "recurring": 0, "worse": 0, "better": 1, "persisting": 0, "resolved": 1, "incomparable": 0,
    }  # fmt: skip
    assert [(p.code, p.state, p.severity_before) for p in data.problems] == [
        ("STO101", "better", Severity.MEDIUM),
        ("DNS101", "new", None),
        ("QTA101", "resolved", Severity.HIGH),
    ]
    said = told_in_text(diff)
    assert all(
        words in said for words in ("New: 1 problem", "Better: 1 problem", "Resolved: 1 problem, 1 finding")
    )


def with_ranks(report: Report) -> Report:
    problems = [replace(p, rank=rank) for rank, p in enumerate(report.problems, start=1)]
    return report.model_copy(update={"problems": problems})


@pytest.mark.parametrize(
    ("rule", "trips"), [("new:critical", True), ("new:high", True), ("critical", True), ("low", True)]
)
def test_a_gate_on_new_problems_trips_on_what_the_baseline_had_not(rule: str, trips: bool) -> None:
    assert tripped(tonight(), [rule]) is trips


def test_a_gate_on_new_problems_lets_what_persists_and_what_is_worse_pass() -> None:
    told = with_baseline(after(), before())
    assert tripped(told, ["high"]) and not tripped(told, ["new:low"])
    worse = with_baseline(night([problem(CLAIM, severity=Severity.HIGH)], [CLAIM]), before())
    assert worse.problems[0].state == "worse" and not tripped(worse, ["new:low"])


def test_a_gate_on_new_problems_trips_on_what_recurs() -> None:
    healed = night([], [replace(CLAIM, state=State.RECOVERED)])
    assert tripped(with_baseline(night([problem(CLAIM)], [CLAIM]), healed), ["new:medium"])


def test_neither_report_is_changed_by_a_comparison() -> None:
    old, new = before(), after(CLAIM)
    texts = old.to_json(), new.to_json()
    compare(old, new)
    with_baseline(new, old)
    assert (old.to_json(), new.to_json()) == texts
