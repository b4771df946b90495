"""
An agent names a scan by its id; it must reach the scans that it was given, and no other file of the machine.

The finished reports that are served: those of files that were named at the start, then those of a history.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.report import Report, SeverityCounts
from swarm.cli.stored import the_one
from swarm.errors import ConfigurationError
from swarm.history.nights import LAST, report_in
from swarm.history.store import History

KEPT = 4
"""Reports of the history that are kept in memory."""


@dataclass(frozen=True, slots=True)
class Known:
    """One scan that may be asked for; ``source`` is ``history`` or the file's name."""

    id: str
    now: str
    source: str
    targets: Sequence[str]
    problems: SeverityCounts
    coverage_percent: float
    waste_usd_per_month: float | None
    blocked_workloads: int


class Library:
    """The finished reports. Files are read once, at the start: ConfigurationError where one is no report."""

    def __init__(self, files: Sequence[Path], history: History | None) -> None:
        named = [(path.name, report_in(path, "--from")) for path in files]
        named.sort(key=lambda entry: entry[1].scan.now, reverse=True)
        self._files = {report.scan.id: (name, report) for name, report in reversed(named)}
        self._history = history
        self._recent: OrderedDict[str, Report] = OrderedDict()

    def scans(self) -> list[Known]:
        """Every scan: of the files the latest first, then of the history those stored last first; each id once."""
        found = {scan.id: scan for scan in (*self._stored(), *self._filed())}
        return list(reversed(found.values()))

    def report(self, scan: str) -> Report:
        """
        The report with this id, or with the one that begins so; ``last`` is the first of :meth:`scans`.

        ConfigurationError names the nearest id; HistoryUnavailable where the history cannot be read.
        """
        ids = list(self._ids())
        if not ids:
            raise ConfigurationError("no scan is stored yet", mend="scan with `deepscan run`")
        known = dict.fromkeys(ids)
        id_ = ids[0] if scan == LAST else the_one(scan, known, "stored scan", "list_scans")
        return self._files[id_][1] if id_ in self._files else self._from_history(id_)

    def _ids(self) -> Iterator[str]:
        yield from reversed(self._files)
        if self._history is not None:
            yield from self._history.ids()

    def _from_history(self, id_: str) -> Report:
        if id_ not in self._recent:
            report = self._history.report(id_) if self._history else None
            if report is None:  # it was pruned a moment ago
                raise ConfigurationError(f"the scan {id_} is no longer stored", mend="ask list_scans again")
            self._recent[id_] = report
        self._recent.move_to_end(id_)
        while len(self._recent) > KEPT:
            self._recent.popitem(last=False)
        return self._recent[id_]

    def _filed(self) -> Iterator[Known]:
        for name, report in self._files.values():
            yield Known(
                id=report.scan.id,
                now=report.scan.now,
                source=name,
                targets=[target.name for target in report.scan.targets],
                problems=report.summary.problems,
                coverage_percent=report.summary.coverage_percent,
                waste_usd_per_month=report.summary.waste_usd_per_month,
                blocked_workloads=report.summary.blocked_workloads,
            )

    def _stored(self) -> Iterator[Known]:
        """Those stored first come first."""
        for row in reversed(self._history.scans() if self._history else []):
            yield Known(
                id=row.id,
                now=row.now,
                source="history",
                targets=[target["name"] for target in row.targets],
                problems=SeverityCounts(**row.problems),
                coverage_percent=row.coverage_percent,
                waste_usd_per_month=row.waste_usd_per_month,
                blocked_workloads=row.blocked_workloads,
            )
