"""
Who is called, and what is opened, seen from outside of the process: strace, around a command and all its children.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.swarm.cli.command import Ended, environment

_CONNECT = re.compile(
    r"connect\(\d+, \{sa_family=AF_INET6?, .*?htons\((?P<port>\d+)\).*?\"(?P<host>[0-9a-fA-F.:]+)\""
)
_SENT = re.compile(
    r"(?:sendto|sendmsg)\(\d+, .*sa_family=AF_INET6?, .*?htons\((\d+)\).*?\"([0-9a-fA-F.:]+)\""
)
_OPENED = re.compile(r'open(?:at)?\([^"]*"([^"]+)"')
_SPAWNED = re.compile(r"execve\(\"[^\"]+\", (\[.*?\])")
CALLS = "trace=connect,sendto,sendmsg,sendmmsg,openat,open,execve"


class Traced(NamedTuple):
    """How a command ended, whom it tried to reach (address and port), which files it opened, what it started."""

    ended: Ended
    reached: set[tuple[str, int]]
    opened: set[str]
    started: list[str]


def traced(strace: str, arguments: Sequence[str], log: Path, **more: str) -> Traced:
    """Run the command under strace."""
    done = subprocess.run(
        [strace, "-f", "-qq", "-s", "300", "-e", CALLS, "-o", str(log), sys.executable, "-m", "swarm", *arguments],
        capture_output=True, text=True, env=environment(**more), timeout=180, check=False,
    )  # fmt: skip
    text = log.read_text(errors="replace")
    reached = {(found["host"], int(found["port"])) for found in _CONNECT.finditer(text)}
    reached |= {(host, int(port)) for port, host in _SENT.findall(text)}
    return Traced(
        Ended(done.returncode, done.stdout, done.stderr),
        reached,
        set(_OPENED.findall(text)),
        _SPAWNED.findall(text),
    )
