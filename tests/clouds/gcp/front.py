"""
One port for both protocols, as a gateway has it: what opens with HTTP/2's preface goes to gRPC, the rest to HTTP.
"""

import asyncio
import contextlib
import ssl

PREFACE = b"PRI * HTTP/2.0"


class Front:
    """Hands connections on, each to the server that its first bytes ask for."""

    def __init__(self, grpc: int, http: int) -> None:
        self._ports = {True: grpc, False: http}
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        if tls:
            tls.set_alpn_protocols(["h2", "http/1.1"])
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readexactly(len(PREFACE))
            onward_reader, onward = await asyncio.open_connection("127.0.0.1", self._ports[head == PREFACE])
            onward.write(head)
            await asyncio.gather(_pipe(reader, onward), _pipe(onward_reader, writer))
        writer.close()


class Proxy:
    """A company's proxy: by CONNECT and by nothing else does one get out, and it knows where every name leads."""

    def __init__(self, port: int) -> None:
        self._onward = port
        self._server: asyncio.Server | None = None
        self.asked: list[str] = []
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, _ = head.split(" ", 2)
            assert method == "CONNECT"
            self.asked.append(target)
            onward_reader, onward = await asyncio.open_connection("127.0.0.1", self._onward)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pipe(reader, onward), _pipe(onward_reader, writer))
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
