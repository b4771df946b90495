"""
A night's scan is in the history wholly or not at all, whoever else writes and whatever dies meanwhile.

Opens the database of an address, one transaction at a time: SQLite with a write-ahead log, the write lock taken at
the start and mode 0600; PostgreSQL with time limits. The database's errors become one sentence with its mend.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from swarm.errors import HistoryUnavailable
from swarm.history.address import Address, Server

PATIENCE = 30
"""Seconds to wait for another writer, and for a server to answer."""
_LOCK = 7_313_367_222
"""The advisory lock of PostgreSQL under which deepscan writes: any number that others do not use."""


@contextmanager
def reading(address: Address) -> Iterator[Connection]:
    """A transaction that only reads. HistoryUnavailable where the database cannot be read."""
    with _transaction(address, "BEGIN", "read") as connection:
        yield connection


@contextmanager
def writing(address: Address) -> Iterator[Connection]:
    """
    The one transaction that writes now; another waits for its end. Nothing is kept if the block raises.

    HistoryUnavailable where the database cannot be opened or written.
    """
    with _transaction(address, "BEGIN IMMEDIATE", "written") as connection:
        if address.file is None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


def exists(address: Address) -> bool:
    """Whether there may be a history; a file that is not there is an empty one, and looking does not make it."""
    return address.file is None or address.file.exists()


@contextmanager
def _transaction(address: Address, begin: str, doing: str) -> Iterator[Connection]:
    try:
        engine = _sqlite(address.file, begin) if address.file else _postgresql(address.server)
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise _unavailable(
            address, doing, str(getattr(error, "orig", None) or type(error).__name__)
        ) from None
    except OSError as error:
        raise _unavailable(address, doing, error.strerror or type(error).__name__) from None
    except HistoryUnavailable as error:
        error.where = error.where or address.shown
        raise


def _sqlite(file: Path, begin: str) -> Engine:
    if begin != "BEGIN":
        _make(file)
    engine = create_engine("sqlite://", creator=lambda: _connected(file), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connected(file: Path) -> Any:
    import sqlite3

    connection = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _write_ahead(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: Any) -> None:
    """
    Readers and one writer side by side. Where two make the file at once, SQLite does not wait by itself but says that
    it is locked; a file system that has no shared memory keeps the rollback journal, which is as safe.
    """
    import sqlite3

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _make(file: Path) -> None:
    """The file and its folder for nobody but the user; SQLite gives its log the file's own mode."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return


def _postgresql(server: Server | None) -> Engine:
    assert server is not None
    url = URL.create("postgresql+psycopg", **asdict(server))
    limits = {"connect_timeout": PATIENCE // 3}
    engine = create_engine(url, poolclass=NullPool, connect_args=limits, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _limited(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{2 * PATIENCE}s'")

    return engine


def _unavailable(address: Address, doing: str, cause: str) -> HistoryUnavailable:
    lines = [line.strip() for line in address.clean(cause).splitlines() if line.strip()]
    return HistoryUnavailable(
        f"the history cannot be {doing}",
        where=address.shown,
        cause=lines[0] if lines else "no reason given",
        mend=_mend(address, cause),
    )


def _mend(address: Address, cause: str) -> str:
    if "full" in cause or "No space left" in cause:
        return "free the disk, or name another place with --history"
    if address.file is not None:
        return (
            "look at the file and its folder, or name another place with --history (none = remember nothing)"
        )
    return "look at the server, the user's rights and the password (PGPASSWORD, PGPASSFILE, DEEPSCAN_HISTORY)"
