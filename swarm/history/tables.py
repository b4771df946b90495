"""
A history outlives the deepscan that began it: each database says which schema it holds.

Three tables: scans with their numbers and the whole report, compressed; problems and findings as rows for questions
over time. One transaction brings an older schema up to date; a newer one is refused.
"""

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
)

from swarm.errors import HistoryUnavailable

VERSION = 1
"""Of the schema. Raise it with a step in :func:`prepare` that changes what a database of the version before holds."""

_metadata = MetaData()

schema = Table("deepscan_schema", _metadata, Column("version", Integer, nullable=False))

scans = Table(
    "deepscan_scans",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, index=True),
    Column(
        "lineage", String, nullable=False
    ),  # hash of targets and scope: which scans are nights of the same
    Column("now", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("finished_at", String, nullable=False),
    Column("targets", String, nullable=False),  # JSON: a list of {id, name}
    Column("scope", String, nullable=False),  # JSON, as in the report
    *(
        Column(severity, Integer, nullable=False)
        for severity in ("critical", "high", "medium", "low", "info")
    ),
    Column("coverage_percent", Float, nullable=False),
    Column("waste_usd_per_month", Float),
    Column("blocked_workloads", Integer, nullable=False),
    Column("new", Integer),
    Column("resolved", Integer),
    Column("report", LargeBinary, nullable=False),  # the JSON report, zlib
    Index("deepscan_scans_lineage", "lineage", "now", "number"),
    sqlite_autoincrement=True,
)


def _scan() -> Column[int]:
    return Column("scan", ForeignKey(scans.c.number), primary_key=True)


problems = Table(
    "deepscan_problems",
    _metadata,
    _scan(),
    Column("id", String, primary_key=True, index=True),
    Column("code", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("title", String, nullable=False),
    Column("owner", String),
    Column("first_seen", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("usd_per_month", Float),
)

findings = Table(
    "deepscan_findings",
    _metadata,
    _scan(),
    Column("id", String, primary_key=True, index=True),
    Column("problem", String),
    Column("code", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("state", String, nullable=False),
    Column("cluster", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
)

ROWS = (problems, findings)
"""What hangs on a scan and goes with it."""


def version(connection: Connection) -> int | None:
    """
    The version of the schema that lies there, None where there is none yet.

    HistoryUnavailable for a version that this deepscan does not know.
    """
    if not inspect(connection).has_table(schema.name):
        return None
    found = connection.execute(select(schema.c.version)).scalar()
    if found is not None and found > VERSION:
        raise HistoryUnavailable(
            f"the history was written by a newer deepscan: its schema is {found}, this one knows up to {VERSION}",
            mend="upgrade deepscan, or name another place with --history",
        )
    return found


def prepare(connection: Connection) -> None:
    """Bring the schema up to date in the caller's transaction, which keeps others out. Raises as :func:`version`."""
    if version(connection) is None:
        _metadata.create_all(connection)
        connection.execute(schema.insert().values(version=VERSION))
