"""Graphs and alerts are built on these series: what is not known must be absent from them, never zero."""

import shutil
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from correlate.problem import Impact
from reports.assemble import assemble
from reports.faces import FACES
from reports.faces.prometheus import gpu_hours
from reports.report import Report, SavingSplit
from scanners.facts.gaps import Reading, SliceState
from scanners.semantics.times import instant
from tests.reports.sample import CATALOGUE, RUN, result, sample
from tests.required import absent

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def series(report: Report) -> Series:
    """The face as Prometheus' own client reads it; a series twice is an error."""
    found: Series = {}
    for family in text_string_to_metric_families(FACES["prometheus"](report)):
        assert family.type == "gauge"
        assert family.documentation
        for one in family.samples:
            key = (one.name, frozenset(one.labels.items()))
            assert key not in found
            found[key] = one.value
    return found


def of(found: Series, name: str) -> dict[frozenset[tuple[str, str]], float]:
    return {labels: value for (called, labels), value in found.items() if called == name}


def test_every_problem_is_counted_once_by_severity_concern_and_state() -> None:
    counts = of(series(sample()), "deepscan_problems")
    assert sum(counts.values()) == len(sample().problems) > 3
    assert {frozenset(name for name, _ in labels) for labels in counts} == {
        frozenset({"severity", "concern", "state"})
    }
    for severity, count in sample().summary.problems.model_dump().items():
        assert sum(v for labels, v in counts.items() if ("severity", severity) in labels) == count


def test_the_state_is_the_baselines_or_says_that_there_was_none() -> None:
    report = sample()
    first, *rest = [replace(problem, state=None) for problem in report.problems]
    told = report.model_copy(update={"problems": [replace(first, state="worse"), *rest]})
    states = [dict(labels)["state"] for labels in of(series(told), "deepscan_problems")]
    assert states.count("worse") == 1
    assert set(states) == {"worse", "no-baseline"}


def test_waste_is_told_by_saving_and_absent_where_unknown() -> None:
    report = sample()
    split = SavingSplit(cash=12900.5, capacity=0.0)
    told = report.model_copy(update={"summary": report.summary.model_copy(update={"waste_by_saving": split})})
    assert of(series(told), "deepscan_waste_usd_month") == {
        frozenset({("saving", "cash")}): 12900.5, frozenset({("saving", "capacity")}): 0.0,
    }  # fmt: skip
    unpriced = [replace(p, impact=Impact()) for p in report.problems]
    silent = assemble(RUN, [replace(result(), problems=unpriced)], CATALOGUE)
    assert of(series(silent), "deepscan_waste_usd_month") == {}


def test_coverage_is_a_share_of_one_and_not_rounded() -> None:
    report = sample()
    (share,) = of(series(report), "deepscan_coverage_ratio").values()
    assert 0 < share < 1
    assert report.summary.coverage_percent <= 100 * share < report.summary.coverage_percent + 0.1


def test_the_last_success_is_when_the_scan_ended() -> None:
    (ended,) = of(series(sample()), "deepscan_last_success_timestamp_seconds").values()
    assert ended == instant(RUN.finished_at)


@pytest.mark.parametrize(
    "brought",
    [
        replace(result(), partial=True),
        replace(result(), readings=[Reading("pods", SliceState.FAILED)], findings=[], problems=[]),
    ],
    ids=["cut short", "unreadable"],
)
def test_a_scan_that_did_not_succeed_has_no_last_success(brought: object) -> None:
    found = series(assemble(RUN, [brought], CATALOGUE))  # type: ignore[list-item]
    assert of(found, "deepscan_last_success_timestamp_seconds") == {}
    assert of(found, "deepscan_coverage_ratio")


def test_gpu_hours_are_told_by_pool_and_step() -> None:
    """Shaped as the contract's ledger; unknown parts are left out, pools of one name are summed."""
    pool = {
        "target": "a",
        "pool": "a100",
        "gpu_hours": {"provisioned": 100.0, "idle_node": 12.5, "free": None},
    }
    ledger = {"gpu_hours": {}, "pools": [pool, {**pool, "target": "b"}], "prices": None}
    assert gpu_hours(ledger) == {("a100", "provisioned"): 200.0, ("a100", "idle_node"): 25.0}
    assert gpu_hours(None) == {}


def test_no_object_of_the_cluster_is_named() -> None:
    text = FACES["prometheus"](sample())
    for finding in sample().findings:
        assert f'"{finding.subject.name}"' not in text
        assert f'"{finding.subject.namespace}"' not in text or not finding.subject.namespace


def test_promtool_has_nothing_to_object_to() -> None:
    if shutil.which("promtool") is None:
        absent("promtool (Debian package prometheus) is missing")
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=FACES["prometheus"](sample()), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
