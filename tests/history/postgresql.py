"""
A PostgreSQL of the test's own: real, on a free port, in a folder that is thrown away, never as root.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.cluster.process import free_ports

USER, PASSWORD = "deepscan", "p@ss/wörd:4"
PR_SET_PDEATHSIG = 1  # prctl(2): the signal a child gets when its parent ends
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class NotInstalled(Exception):
    """PostgreSQL's programs are not on this machine."""


@dataclass(frozen=True)
class Server:
    """A running server. Its user has a password."""

    port: int

    def new_database(self) -> str:
        """A database of the caller's own; its URL has no password."""
        name = f"history_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user={USER} password={PASSWORD} dbname={database}"


@contextmanager
def running() -> Iterator[Server]:
    """The server, until the block ends. NotInstalled where there is none to start."""
    programs = _programs()
    account = {} if os.geteuid() else {"user": "nobody", "group": "nogroup", "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="history-postgresql-"))
    try:
        if account:
            shutil.chown(folder, "nobody", "nogroup")
        (secret := folder / "password").write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync",
             "--auth=scram-sha-256", f"--pwfile={secret}"],
            check=True, capture_output=True, cwd=folder, env={"PATH": os.defpath}, **account,
        )  # fmt: skip
        (port,) = free_ports(1)
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-k", folder, "-p", str(port), "-c", "fsync=off",
                 "-c", "listen_addresses=127.0.0.1"],
                cwd=folder, stdout=log, stderr=log, env={"PATH": os.defpath}, **account,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 -- one system call, no lock is taken
            )  # fmt: skip
        try:
            server = Server(port)
            _wait(server, child, folder / "log")
            yield server
        finally:
            child.send_signal(signal.SIGQUIT)
            child.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    if not found:
        raise NotInstalled("initdb is missing; install the Debian package postgresql")
    return found[-1]


def _wait(server: Server, child: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(server.dsn("postgres")).close()
            return
        except psycopg.OperationalError:
            if child.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.1)


def _end_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
