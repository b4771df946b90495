"""To measure a client one needs a server that costs next to nothing and can be told to misbehave.

    python -m benchmarks.fake_api FOLDER [--framing gzip|page|item] [--think MILLISECONDS]
                                  [--bandwidth MEGABITS] [--life SECONDS] [--cluster-uid UID]
                                  [--inject 410@3,429@0.05,reset@7,truncate@9]

Serves generated data on loopback over TLS. Prints one JSON line when ready (port, CA, kubeconfig, token),
counts requests at `/bench/counts`, and ends by itself. A limit beyond the generated page's size is that size.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import shutil
import signal
import socket
import struct
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.server.answers import Answers, Framing
from benchmarks.server.certificate import server_context
from benchmarks.server.faults import Fault, Faults
from benchmarks.server.routes import TOKEN, Counts, Reply, Request, Routes

STEPS_A_SECOND = 50  # how finely a slow link is cut


@dataclass(frozen=True)
class Pace:
    """Think time per page in seconds; bytes a second and connection, 0 for no limit."""

    think: float = 0.0
    bandwidth: float = 0.0


class FakeApi:
    """Connections of one server."""

    def __init__(self, routes: Routes, pace: Pace) -> None:
        self.counts = Counts()
        self._routes, self._pace = routes, pace

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until the client leaves."""
        self.counts.connections += 1
        # Cancelled is how a connection that is still open learns that the server ends.
        ended = ConnectionError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError
        with contextlib.suppress(*ended):
            while request := await _read(reader):
                await self._answer(request, writer)
        writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await writer.wait_closed()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path == "/bench/counts":
            writer.write(Answers(0).document(asdict(self.counts)))
            await writer.drain()
            return
        reply = self._routes.reply(request)
        self.counts.note(request, reply)
        self.counts.in_flight += 1
        self.counts.most_in_flight = max(self.counts.most_in_flight, self.counts.in_flight)
        try:
            await self._send(reply, writer)
        finally:
            self.counts.in_flight -= 1

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        if reply.is_page and self._pace.think:
            await asyncio.sleep(self._pace.think)
        data = reply.data
        if reply.fault in (Fault.RESET, Fault.TRUNCATE):
            data = _half(data)
        await self._write(data, writer)
        if reply.fault is Fault.TRUNCATE:
            writer.write(b"0\r\n\r\n")
        if reply.fault is Fault.RESET:
            await writer.drain()
            _reset(writer)

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if not self._pace.bandwidth:
            writer.write(data)
            await writer.drain()
            return
        step = max(16_384, int(self._pace.bandwidth / STEPS_A_SECOND))
        for start in range(0, len(data), step):
            part = data[start : start + step]
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(len(part) / self._pace.bandwidth)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, or None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


def _half(data: bytes) -> bytes:
    """Half of a response, cut where a chunk ends (or inside the only one, which then is a shorter one)."""
    head, body = data.split(b"\r\n\r\n", 1)
    kept, position = bytearray(head + b"\r\n\r\n"), 0
    while position < len(body) // 2:
        size_end = body.index(b"\r\n", position)
        size = int(body[position:size_end], 16)
        if size > len(body) // 2:
            size //= 2
            return bytes(kept) + b"%x\r\n%s\r\n" % (size, body[size_end + 2 : size_end + 2 + size])
        kept += body[position : size_end + 2 + size + 2]
        position = size_end + 2 + size + 2
    return bytes(kept)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Send a TCP reset instead of a close."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def write_kubeconfig(folder: Path, port: int) -> Path:
    """A kubeconfig whose one context reaches this server with a token."""
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(folder / "ca.pem")}
    context = {"cluster": "benchmark", "user": "benchmark"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "benchmark", "cluster": cluster}],
        "contexts": [{"name": "benchmark", "context": context}],
        "current-context": "benchmark",
        "users": [{"name": "benchmark", "user": {"token": TOKEN}}],
    }
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1) + "\n")  # JSON is YAML
    return path


async def run(options: argparse.Namespace, state: Path) -> None:
    routes = Routes(options.folder, options.framing, Faults(options.inject), options.cluster_uid)
    gc.freeze()
    pace = Pace(options.think / 1000, options.bandwidth * 125_000)
    api = FakeApi(routes, pace)
    context = server_context(state)
    server = await asyncio.start_server(api.serve, "127.0.0.1", options.port, ssl=context)
    port: int = server.sockets[0].getsockname()[1]
    kubeconfig = write_kubeconfig(state, port)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    ready = {"port": port, "ca": str(state / "ca.pem"), "kubeconfig": str(kubeconfig), "token": TOKEN}
    print(json.dumps(ready), flush=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), options.life)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fake_api", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="generated data (the folder with manifest.json)")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--framing", type=Framing, choices=list(Framing), default=Framing.GZIP)
    parser.add_argument("--think", type=float, default=0, help="milliseconds before each page")
    parser.add_argument("--bandwidth", type=float, default=0, help="megabits a second and connection")
    parser.add_argument("--inject", default="", help="410@PAGE,429@RATE,reset@PAGE,truncate@PAGE")
    parser.add_argument("--cluster-uid", default="", help="uid of kube-system, for one cluster of several")
    parser.add_argument(
        "--life", type=float, default=1200, help="seconds after which the server ends by itself"
    )
    options = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="server-", dir=options.folder))
    try:
        asyncio.run(run(options, state))
    finally:
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
