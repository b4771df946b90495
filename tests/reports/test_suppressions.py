"""What is suppressed leaves the ranking, stays in the report, and comes back when its end has come."""

from datetime import date

import pytest
from pydantic import ValidationError

from correlate.identity import problem_id
from correlate.rank import score_of
from correlate.weights import Weights
from reports.changes import changes, silenced
from reports.faces import FACES
from reports.load import load
from reports.report import Report
from reports.suppressions import Suppression, suppressed
from scanners.finding import Severity
from tests.reports.build import link, problem
from tests.reports.sample import CLAIM, DNS, EVICTED, HOG, NAMES, OOM, POLICY, PRESSURE, STEP, sample
from tests.reports.test_diff import after, before, with_baseline

DAY = date(2026, 11, 30)
WHY = "the pool is drained on Friday"


def entry(until: date = DAY, **match: str) -> Suppression:
    return Suppression(**{"reason": WHY, "until": until, "by": "ada"} | match)


def by_object(code: str, **match: str) -> Report:
    return suppressed(sample(), [entry(code=code, **match)])


def roots(report: Report) -> list[str]:
    return [p.root.code for p in report.problems]


def hidden(report: Report) -> list[str]:
    return [row.finding for row in report.suppressed if not row.expired and not row.unused]


def test_a_problem_whose_root_is_suppressed_leaves_with_what_it_explains() -> None:
    told = by_object("DNS101", kind="Deployment", namespace="kube-*")
    assert "DNS101" not in roots(told)
    assert [p.rank for p in told.problems] == list(range(1, len(roots(sample()))))
    assert told.summary.problems.critical == 0
    assert len(told.findings) == len(sample().findings)
    assert {f.id: f.problem for f in told.findings}[NAMES.id] is None
    assert hidden(told) == [DNS.id]
    row = told.suppressed[0]
    assert (row.reason, row.until, row.by, row.entry) == (
        WHY,
        "2026-11-30",
        "ada",
        "DNS101 Deployment kube-*/*",
    )


def test_a_problem_that_loses_a_member_is_told_without_it() -> None:
    told = by_object("OOM105", name="preprocess")
    kept = next(p for p in told.problems if p.root.finding == HOG.id)
    assert kept.findings == [HOG.id, PRESSURE.id, STEP.id]
    assert [(hop.source, hop.target) for hop in kept.chain] == [(HOG.id, PRESSURE.id)]
    assert "preprocess" not in kept.cause
    assert len(told.problems) == len(sample().problems)


def test_the_worst_of_what_is_left_is_the_severity_of_a_problem() -> None:
    worse = problem(CLAIM, DNS, severity=Severity.CRITICAL, chain=[link(CLAIM, DNS, "same", "R-1")])
    report = after().model_copy(update={"problems": [worse], "findings": [CLAIM, DNS]})
    told = suppressed(report, [entry(code="DNS101", name="coredns")])
    assert [(p.severity, p.score_parts.severity) for p in told.problems] == [(Severity.MEDIUM, 0.4)]
    assert told.problems[0].score == score_of(told.problems[0].score_parts, Weights())


def test_findings_that_were_only_told_together_are_told_on_without_the_one() -> None:
    fold = problem(POLICY, CLAIM, OOM)
    fold.title = "Outside any policy: ml and 2 more"
    report = after().model_copy(update={"problems": [fold], "findings": [POLICY, CLAIM, OOM]})
    told = suppressed(report, [entry(code="NET101", name="ml")])
    assert [(p.id, p.root.finding, p.findings) for p in told.problems] == [
        (problem_id(CLAIM.id), CLAIM.id, [CLAIM.id, OOM.id])
    ]
    assert told.problems[0].title == "Claim waits for a class: ml/scratch and 1 more"
    assert told.problems[0].remediation.steps == []
    alone = suppressed(report, [entry(code="NET101", name="ml"), entry(code="OOM102", kind="*")])
    assert alone.problems[0].title.endswith("ml/scratch")


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"code": "STO101", "name": "scratch"}, True),
        ({"code": "STO101", "name": "scr*", "namespace": "m?", "kind": "Persistent*"}, True),
        ({"code": "STO101", "name": "Scratch"}, False),
        ({"code": "STO101", "namespace": "m"}, False),
        ({"code": "OOM102", "name": "scratch"}, False),
    ],
)
def test_an_object_is_matched_by_patterns_of_its_kind_namespace_and_name(
    match: dict[str, str], fits: bool
) -> None:
    assert entry(**match).fits(CLAIM) is fits


def test_an_id_may_be_of_a_finding_or_of_its_problem() -> None:
    finding = CLAIM.__class__(
        **{name: getattr(CLAIM, name) for name in CLAIM.__slots__} | {"id": "f-0123456789ab"}
    )
    assert entry(id="f-0123456789ab").fits(finding)
    assert entry(id=problem_id("f-0123456789ab")).fits(finding)
    assert not entry(id=problem_id("f-0123456789ab")).fits(CLAIM)


@pytest.mark.parametrize(
    ("until", "expired"), [("2026-11-19", False), ("2026-11-18", True), ("2026-12-24", False)]
)
def test_the_last_day_counts_to_its_end_at_the_moment_of_the_scan(until: str, expired: bool) -> None:
    told = suppressed(sample(), [entry(date.fromisoformat(until), code="STO101", name="scratch")])
    assert ("STO101" in roots(told)) is expired
    assert [(row.finding, row.expired) for row in told.suppressed] == [(CLAIM.id, expired)]


def test_entries_that_silence_nothing_are_listed() -> None:
    told = suppressed(
        sample(),
        [
            entry(id="p-0123456789ab"),
            entry(code="STO999", name="x"),
            entry(date(2026, 11, 1), code="STO101", name="scratch"),
            entry(code="STO101", name="scratch"),
        ],
    )
    rows = {(row.entry, row.expired): row for row in told.suppressed}
    assert hidden(told) == [CLAIM.id]
    assert rows["p-0123456789ab", False].unused and rows["p-0123456789ab", False].finding == "p-0123456789ab"
    assert rows["STO999 * x", False].unused
    assert rows["STO101 * scratch", True].unused, "another entry still silences it"
    assert len(told.suppressed) == 4


def test_the_entry_that_ends_last_is_the_one_that_is_told() -> None:
    later = entry(date(2026, 12, 24), code="STO101", kind="Persistent*")
    told = suppressed(sample(), [later, entry(code="STO101", name="scratch")])
    assert [(row.finding, row.until) for row in told.suppressed] == [(CLAIM.id, "2026-12-24")]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"id": "p-1"},
        {"code": "STO101"},
        {"code": "STO101", "id": "p-0123456789ab"},
        {"id": "p-0123456789ab", "name": "x"},
        {"id": "p-0123456789ab", "reason": " "},
        {"id": "p-0123456789ab", "color": "red"},
    ],
)
def test_an_entry_that_does_not_say_what_and_why_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        entry(**wrong)


def test_without_entries_a_report_is_as_it_was() -> None:
    assert suppressed(sample(), []).to_json() == sample().to_json()


def test_what_is_suppressed_now_is_neither_resolved_nor_new_and_neither_report_changes() -> None:
    report = after()
    text = report.to_json()
    told = with_baseline(suppressed(report, [entry(code="STO101", name="scratch")]), before())
    assert (told.summary.resolved, told.summary.incomparable, told.summary.new) == (0, 0, 0)
    assert report.to_json() == text
    assert load(told.to_json()).to_json() == told.to_json()


def test_an_ended_suppression_is_a_change_and_every_face_lists_what_is_suppressed() -> None:
    told = suppressed(
        sample(),
        [entry(date(2026, 11, 1), code="STO101", name="scratch"), entry(code="QTA101", namespace="team-b")],
    )
    assert [group.title for group in changes(told)] == ["Expired suppressions: 1 entry"]
    assert [(line.what.split(":")[0], line.note) for line in silenced(told)] == [
        ("QTA101 GPU quota is full", ""),
        ("STO101 Claim waits for a class", "expired"),
    ]
    for face in ("terminal", "markdown", "html"):
        text = FACES[face](told)
        assert "Suppressed" in text and WHY in " ".join(text.split()), face
        assert "Expired suppressions: 1 entry" in text, face


def test_the_member_that_leaves_is_not_counted_as_blocked_work() -> None:
    assert EVICTED.workload is not None
    told = by_object("OOM105", name="preprocess")
    assert told.summary.blocked_workloads == sample().summary.blocked_workloads - 1
