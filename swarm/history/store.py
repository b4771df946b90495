"""
Tonight's report answers what is wrong; only the nights before it answer what is new.

A history of whole scans at an address: add one, list them, take one out again, ask since when a problem is known.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select

from reports.load import ReportNotRead, load
from reports.report import Report
from swarm.errors import HistoryUnavailable
from swarm.history.address import Address
from swarm.history.database import exists, reading, writing
from swarm.history.tables import ROWS, findings, prepare, problems, scans, version

MANY = 500
"""Values in one IN; older SQLites take at most 999."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """
    One scan of the history. ``number`` counts up as they are stored; ``problems`` by severity; dollars are a month's,
    None where no price was known; ``new`` and ``resolved`` are None without a baseline.
    """

    number: int
    id: str
    now: str
    started_at: str
    finished_at: str
    targets: Sequence[Mapping[str, str]]
    scope: Mapping[str, Sequence[str]]
    problems: Mapping[str, int]
    coverage_percent: float
    waste_usd_per_month: float | None
    blocked_workloads: int
    new: int | None
    resolved: int | None


class History:
    """The scans at one address. Every method raises HistoryUnavailable where the database does not answer."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def add(self, report: Report, checks: Sequence[str] = (), keep: int | None = None) -> None:
        """
        Store a scan, wholly or not at all. ``checks`` are those that alone were asked for; of the scans of the same
        targets and scope the newest ``keep`` stay.
        """
        row = _row(report, checks)
        with writing(self.address) as connection:
            prepare(connection)
            key = connection.execute(scans.insert().values(row)).inserted_primary_key
            assert key is not None
            number = key[0]
            if report.problems:
                connection.execute(problems.insert(), list(_problems(report, number)))
            if report.findings:
                connection.execute(findings.insert(), list(_findings(report, number)))
            if keep is not None:
                _prune(connection, row["lineage"], keep)

    def scans(self, limit: int | None = None) -> list[Stored]:
        """The scans, those stored last first."""
        wanted = select(*(column for column in scans.c if column is not scans.c.report))
        return [_stored(row) for row in self._rows(wanted.order_by(scans.c.number.desc()).limit(limit))]

    def ids(self) -> list[str]:
        """The ids of the scans, each once, those stored last first."""
        rows = self._rows(select(scans.c.id).order_by(scans.c.number.desc()))
        return list(dict.fromkeys(row.id for row in rows))

    def last(self) -> Report | None:
        """The report that was stored last."""
        return self._report(select(scans.c.id, scans.c.report).order_by(scans.c.number.desc()))

    def report(self, scan: str) -> Report | None:
        """The report with this id; the one stored last where a recording was stored twice."""
        wanted = select(scans.c.id, scans.c.report).where(scans.c.id == scan)
        return self._report(wanted.order_by(scans.c.number.desc()))

    def before(self, report: Report, checks: Sequence[str] = ()) -> Report | None:
        """
        The newest stored scan of the same targets and scope that is not of a later moment, and that measured anything:
        a night on which nothing could be read tells nothing of what was there.
        """
        wanted = select(scans.c.id, scans.c.report).where(
            scans.c.lineage == lineage(report, checks),
            scans.c.now <= report.scan.now,
            scans.c.coverage_percent > 0,
        )
        return self._report(wanted.order_by(scans.c.now.desc(), scans.c.number.desc()))

    def first_seen(self, ids: Iterable[str], until: str) -> dict[str, str]:
        """Since when each of these problems is known, for those that a scan up to the moment ``until`` saw."""
        found: dict[str, str] = {}
        for some in _batches(ids):
            wanted = (
                select(problems.c.id, func.min(problems.c.first_seen).label("first_seen"))
                .join(scans, scans.c.number == problems.c.scan)
                .where(problems.c.id.in_(some), scans.c.now <= until)
                .group_by(problems.c.id)
            )
            found |= {row.id: row.first_seen for row in self._rows(wanted)}
        return found

    def _rows(self, wanted: Select[Any]) -> Sequence[Row[Any]]:
        if not exists(self.address):
            return []
        with reading(self.address) as connection:
            return connection.execute(wanted).all() if version(connection) else []

    def _report(self, wanted: Select[Any]) -> Report | None:
        rows = self._rows(wanted.limit(1))
        if not rows:
            return None
        try:
            return load(zlib.decompress(rows[0].report))
        except (zlib.error, ReportNotRead) as broken:
            raise HistoryUnavailable(
                f"the stored scan {rows[0].id} cannot be read",
                where=self.address.shown,
                cause=str(broken),
                mend="read it with the deepscan that stored it, or choose another scan",
            ) from None


def lineage(report: Report, checks: Sequence[str] = ()) -> str:
    """What makes two scans nights of the same: targets, scope and the checks that alone were asked for."""
    scope = {name: sorted(values) for name, values in report.scan.scope.model_dump().items()}
    basis = [sorted(target.id for target in report.scan.targets), scope, sorted(checks)]
    return hashlib.blake2b(json.dumps(basis, sort_keys=True).encode(), digest_size=16).hexdigest()


def _row(report: Report, checks: Sequence[str]) -> dict[str, Any]:
    scan, summary = report.scan, report.summary
    compressor = zlib.compressobj()
    pieces = [compressor.compress(piece.encode()) for piece in report.json_pieces()]
    return {
        "id": scan.id,
        "lineage": lineage(report, checks),
        "now": scan.now,
        "started_at": scan.started_at,
        "finished_at": scan.finished_at,
        "targets": json.dumps([{"id": target.id, "name": target.name} for target in scan.targets]),
        "scope": scan.scope.model_dump_json(),
        **summary.problems.model_dump(),
        "coverage_percent": summary.coverage_percent,
        "waste_usd_per_month": summary.waste_usd_per_month,
        "blocked_workloads": summary.blocked_workloads,
        "new": summary.new,
        "resolved": summary.resolved,
        "report": b"".join([*pieces, compressor.flush()]),
    }


def _problems(report: Report, scan: int) -> Iterable[dict[str, Any]]:
    for problem in report.problems:
        yield {
            "scan": scan,
            "id": problem.id,
            "code": problem.root.code,
            "severity": problem.severity.value,
            "title": problem.title,
            "owner": problem.owner,
            "first_seen": problem.first_seen or report.scan.now,
            "score": problem.score,
            "usd_per_month": problem.impact.usd_per_month,
        }


def _findings(report: Report, scan: int) -> Iterable[dict[str, Any]]:
    for finding in report.findings:
        yield {
            "scan": scan,
            "id": finding.id,
            "problem": finding.problem,
            "code": finding.code,
            "severity": finding.severity.value,
            "state": finding.state.value,
            "cluster": finding.subject.cluster,
            "kind": finding.subject.kind,
            "namespace": finding.subject.namespace,
            "name": finding.subject.name,
        }


def _prune(connection: Connection, lineage: str, keep: int) -> None:
    kept = select(scans.c.number).where(scans.c.lineage == lineage)
    kept = kept.order_by(scans.c.now.desc(), scans.c.number.desc()).limit(keep)
    old = [
        row.number
        for row in connection.execute(
            select(scans.c.number).where(scans.c.lineage == lineage, scans.c.number.not_in(kept))
        )
    ]
    for some in _batches(old):
        for table in ROWS:
            connection.execute(delete(table).where(table.c.scan.in_(some)))
        connection.execute(delete(scans).where(scans.c.number.in_(some)))


def _batches(values: Iterable[Any]) -> Iterable[Sequence[Any]]:
    left = list(values)
    return [left[start : start + MANY] for start in range(0, len(left), MANY)]


def _stored(row: Row[Any]) -> Stored:
    severities = ("critical", "high", "medium", "low", "info")
    return Stored(
        number=row.number,
        id=row.id,
        now=row.now,
        started_at=row.started_at,
        finished_at=row.finished_at,
        targets=json.loads(row.targets),
        scope=json.loads(row.scope),
        problems={severity: getattr(row, severity) for severity in severities},
        coverage_percent=row.coverage_percent,
        waste_usd_per_month=row.waste_usd_per_month,
        blocked_workloads=row.blocked_workloads,
        new=row.new,
        resolved=row.resolved,
    )
