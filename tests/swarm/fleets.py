"""
Several clusters to scan: served, closed and recorded, and the processes that scan them.
"""

import contextlib
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.harness import Server, serving
from tests.swarm.cli.command import environment


@contextlib.contextmanager
def served(data: Path, number: int, *options: str) -> Iterator[list[Server]]:
    """So many clusters of the same objects, each with a uid of its own."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(data, "--life", "90", "--cluster-uid", str(uuid.UUID(int=n + 1)), *options)
            )
            for n in range(number)
        ]


def kubeconfig(path: Path, **servers: str) -> Path:
    """A context of each name; every server's certificate is taken as it comes."""
    content = {
        "apiVersion": "v1", "kind": "Config", "current-context": next(iter(servers)),
        "contexts": [{"name": name, "context": {"cluster": name, "user": "u"}} for name in servers],
        "clusters": [
            {"name": name, "cluster": {"server": server, "insecure-skip-tls-verify": True}}
            for name, server in servers.items()
        ],
        "users": [{"name": "u", "user": {"token": "benchmark"}}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content))
    return path


def address(server: Server) -> str:
    return f"https://127.0.0.1:{server.port}"


def begun(*arguments: str | Path, **more: str) -> "subprocess.Popen[str]":
    """The command, under way."""
    command = [sys.executable, "-m", "swarm", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more)
    )


def workers(parent: int, at_least: int, within: float = 30.0) -> list[int]:
    """The worker processes of a scan, once there are so many."""
    end = time.monotonic() + within
    found: list[int] = []
    while time.monotonic() < end and len(found) < at_least:
        time.sleep(0.05)
        found = [pid for pid in children(parent) if "resource_tracker" not in command_of(pid)]
    return found


def under_way(servers: list[Server], requests: int, within: float = 40.0) -> None:
    """Wait until each of the servers has been asked so often."""
    end = time.monotonic() + within
    while time.monotonic() < end and any(server.requests() < requests for server in servers):
        time.sleep(0.1)


def children(parent: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return []


def command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def all_gone(pids: list[int], within: float = 10.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not any(command_of(pid) for pid in pids):  # a process that has ended has none
            return True
        time.sleep(0.05)
    return False
