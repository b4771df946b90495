"""
One port for both protocols, as a gateway has it: what opens with HTTP/2's preface goes to gRPC, the rest to HTTP.
"""

import asyncio
import contextlib

PREFACE = b"PRI * HTTP/2.0"


class Front:
    """Hands connections on, each to the server that its first bytes ask for."""

    def __init__(self, grpc: int, http: int) -> None:
        self._ports = {True: grpc, False: http}
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
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


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
