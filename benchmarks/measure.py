"""What a program costs is what the kernel says of its own fresh process: nothing of the harness is in it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes on macOS, KB elsewhere


@dataclass(frozen=True)
class Cost:
    """One finished process: seconds of CPU (user and system) and of wall, peak resident bytes, its output."""

    cpu: float
    wall: float
    peak_rss: int
    stdout: str


def measure(command: Sequence[str], *, environment: dict[str, str], folder: Path, limit: float = 600) -> Cost:
    """Run a command to its end; SystemExit when it fails, and when it takes longer than `limit` seconds."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=environment, cwd=folder)
        timer = threading.Timer(limit, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            told = errors.read().decode(errors="replace").strip()[-2000:]
            raise SystemExit(f"error: exit status {process.returncode} of {shlex.join(command)}\n{told}")
        return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * RSS_UNIT, out.read().decode())
