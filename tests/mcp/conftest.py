"""
The server as its users have it: a process of its own, and the official SDK's client on the other side.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.swarm.cli.command import deepscan, environment

ROOT = Path(__file__).resolve().parents[2]
TONIGHT = ROOT / "fixtures" / "demo"
NIGHT_BEFORE = ROOT / "fixtures" / "demo_night_before.json"


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JSON report of the demo."""
    path = tmp_path_factory.mktemp("reports") / "tonight.json"
    ended = deepscan("run", "--demo", "-q", "--format", f"json={path}")
    assert ended.status == 0, ended.err
    return path


@pytest.fixture(scope="session")
def told(report: Path) -> dict[str, Any]:
    """The same report as data."""
    return dict(json.loads(report.read_text("utf-8")))


@asynccontextmanager
async def over_pipes(*arguments: str | Path, cwd: Path = ROOT, **more: str) -> AsyncIterator[Client]:
    """A client of a server that it started."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "swarm", "mcp", *map(str, arguments)],
        env=environment(PYTHONPATH=str(ROOT), **more),
        cwd=cwd,
    )
    async with Client(command, read_timeout_seconds=60) as client:
        yield client


@dataclass(frozen=True)
class Listening:
    """A server on loopback, and the token that it printed."""

    url: str
    token: str
    pid: int
    err: list[str]

    @property
    def port(self) -> int:
        found = re.search(r":(\d+)/", self.url)
        assert found
        return int(found[1])


@asynccontextmanager
async def over_http(*arguments: str | Path) -> AsyncIterator[Listening]:
    """A server with ``--http 0``, stopped at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "swarm", "mcp", "--http", "0", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(), cwd=ROOT,
    )  # fmt: skip
    assert process.stderr
    lines: list[str] = []
    try:
        async with asyncio.timeout(60):
            while not any("Bearer" in line for line in lines):
                line = (await process.stderr.readline()).decode()
                assert line, "".join(lines)
                lines.append(line)
        url = re.search(r"http://\S+", "".join(lines))
        token = re.search(r"Bearer (\S+)", "".join(lines))
        assert url and token
        yield Listening(url[0], token[1], process.pid, lines)
    finally:
        process.terminate()
        async with asyncio.timeout(20):
            await process.communicate()


def reply(result: Any) -> dict[str, Any]:
    """The answer of a tool call that was not refused."""
    (content,) = result.content
    assert not result.is_error, content.text
    return dict(json.loads(content.text))


def refusal(result: Any) -> str:
    """Why a tool call was refused."""
    (content,) = result.content
    assert result.is_error, content.text[:500]
    return str(content.text)


@pytest.fixture
def hidden_extra(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which the extra is not installed: a finder in front says that there is no ``mcp``."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n_find = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'mcp' else _find(name, package)\n"
    )
    yield {"PYTHONPATH": str(tmp_path)}
