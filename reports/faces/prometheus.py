"""
A report is read once; whether things got worse over a month, and whether last night's scan ran at all, is a
graph's and an alert's question.

A text file in Prometheus' exposition format, for the node exporter's textfile collector or any other scraper. Few
series, no object names as labels. A figure that is not known has no series, and neither has a count of nothing: a
missing ``deepscan_problems`` is no claim of health, so read it beside the coverage.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from reports.arithmetic import coverage
from reports.report import Report
from reports.text import one_line
from scanners.facts.gaps import HAS_SOMETHING
from scanners.semantics.times import instant

NO_BASELINE = "no-baseline"
"""The label ``state`` of a problem where nothing was compared with."""


def text(report: Report) -> str:
    """The exposition as text; values of several targets are summed."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(report))
    return generate_latest(registry).decode()


class _Families:
    """The report as the library asks for it."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every family, in a fixed order; unknown ones without samples."""
        report = self._report
        ledger = report.model_dump(include={"ledger"})["ledger"]
        waste = report.summary.waste_by_saving.model_dump().items()
        finished = _last_success(report)
        yield _family(
            "deepscan_problems",
            "Problems of the last scan; no series where there are none",
            ("severity", "concern", "state"),
            _problems(report),
        )
        yield _family(
            "deepscan_gpu_hours",
            "GPU-hours in the window of the last scan, by pool and by the step of the ledger at which they were lost",
            ("pool", "step"),
            gpu_hours(ledger),
        )
        yield _family(
            "deepscan_waste_usd_month",
            "Recoverable US dollars a month, by kind of saving; no series where unknown",
            ("saving",),
            {(saving,): amount for saving, amount in waste if amount is not None},
        )
        yield _family(
            "deepscan_coverage_ratio",
            "Share of the checks asked for that were measured, 0 to 1; a partial one counts half",
            (),
            {(): coverage(report.checks) / 100},
        )
        yield _family(
            "deepscan_last_success_timestamp_seconds",
            "When the last scan ended, in epoch seconds; no series if it was cut short or a target could not be read",
            (),
            {} if finished is None else {(): finished},
        )


def gpu_hours(ledger: Mapping[str, Any] | None) -> dict[tuple[str, ...], float]:
    """
    GPU-hours by (pool, step) from the report's ``ledger`` as it stands in the JSON; pools of the same name in
    several targets are summed, unknown parts are left out.
    """
    hours: Counter[tuple[str, ...]] = Counter()
    for pool in (ledger or {}).get("pools") or ():
        for step, value in pool["gpu_hours"].items():
            if value is not None:
                hours[one_line(str(pool["pool"])), step] += value
    return dict(hours)


def _family(
    name: str, meaning: str, labels: tuple[str, ...], samples: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for values in sorted(samples):
        family.add_metric(list(values), samples[values])
    return family


def _problems(report: Report) -> Mapping[tuple[str, ...], float]:
    return Counter(
        (problem.severity.value, one_line(problem.root.concern), problem.state or NO_BASELINE)
        for problem in report.problems
    )


def _last_success(report: Report) -> float | None:
    """When it ended, if it read something of every target and was not cut short."""
    read = {row.target for row in report.coverage if row.state in HAS_SOMETHING}
    if report.scan.partial or any(target.id not in read for target in report.scan.targets):
        return None
    return instant(report.scan.finished_at)
