"""
A test run that is killed must leave no server behind, and a server that will not start must say why.

So every child dies with its parent (Linux), writes into a log file of its own, and its last lines are in the
error that reports its end.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2): the signal a child gets when its parent ends
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ProcessEnded(Exception):
    """A server ended by itself; the text has the last lines of its log."""


class Process:
    """One server of the control plane."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "HOME": str(log.parent)},  # no proxy of the machine's, no kubeconfig
                preexec_fn=_die_with_parent,  # noqa: PLW1509 -- one system call, no lock is taken
                start_new_session=True,
            )

    def check(self) -> None:
        """Raises ProcessEnded if the server is no longer there."""
        code = self._child.poll()
        if code is not None:
            raise ProcessEnded(f"{self.name} ended with status {code}:\n{self.tail()}")

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def kill(self) -> None:
        """Ends the server at once: its data is thrown away, so a graceful end only costs seconds."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait(timeout=10)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on; all are held until the last is known."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [int(opened.getsockname()[1]) for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
