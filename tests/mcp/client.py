"""
The server as its users have it: a process of its own, and the official SDK's client on the other side.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.required import all_is_required

if not all_is_required():
    pytest.importorskip("mcp", reason="the extra mcp is not installed: pip install -e '.[mcp]'")

import httpx2
from mcp import MCPError
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from swarm.mcp.server import answered
from tests.swarm.cli.command import environment

__all__ = [
    "NIGHT_BEFORE",
    "Listening",
    "MCPError",
    "answered",
    "client_of",
    "over_http",
    "over_pipes",
    "refusal",
    "reply",
]

ROOT = Path(__file__).resolve().parents[2]
NIGHT_BEFORE = ROOT / "fixtures" / "demo_night_before.json"


@asynccontextmanager
async def over_pipes(
    *arguments: str | Path, cwd: Path = ROOT, first: Path = ROOT, **more: str
) -> AsyncIterator[Client]:
    """A client of a server that it started."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "swarm", "mcp", *map(str, arguments)],
        env=environment(PYTHONPATH=os.pathsep.join(map(str, (first, ROOT))), **more),
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


@asynccontextmanager
async def client_of(server: Listening) -> AsyncIterator[Client]:
    """A client with the server's token."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {server.token}"}) as http,
        Client(streamable_http_client(server.url, http_client=http), read_timeout_seconds=60) as client,
    ):
        yield client


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
