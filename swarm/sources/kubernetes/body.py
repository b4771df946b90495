"""
A body is read as it arrives, piece by piece, and never held whole unless it is small.
"""

import asyncio
import contextlib
from collections.abc import Callable

import aiohttp

from swarm.errors import BadBody, TimedOut
from swarm.sources.kubernetes.inflate import InflateErrors, pieces
from swarm.sources.kubernetes.refusals import failure
from swarm.sources.source import Counters

BREATH = 50
"""Pieces after which others get their turn: about 10 ms of decoding."""

SMALL = 64 << 20


class Body:
    """The body of one answer. Each byte that arrives is counted in every one of ``counters``."""

    def __init__(self, response: aiohttp.ClientResponse, where: str, *counters: Counters) -> None:
        self._response = response
        self._where = where
        self._counters = counters

    async def feed(self, take: Callable[[bytes], None]) -> None:
        """Hand the text on in small pieces. BadBody if it breaks off, TimedOut if it stalls."""
        inflate = pieces(self._response.headers.get("Content-Encoding", ""))
        handed = 0
        try:
            async for chunk in self._response.content.iter_any():
                for counters in self._counters:
                    counters.bytes += len(chunk)
                for piece in inflate.of(chunk):
                    take(piece)
                    handed += 1
                    if handed % BREATH == 0:
                        await asyncio.sleep(0)
        except TimeoutError as error:
            raise failure(error, self._where) from error
        except (aiohttp.ClientError, ConnectionError, *InflateErrors) as error:  # type: ignore[misc]
            raise self._broken(str(error) or type(error).__name__) from error
        if not inflate.whole:
            raise self._broken("the compressed body has no end")

    async def whole(self, limit: int = SMALL) -> bytes:
        """All of it. BadBody if it is longer than ``limit`` bytes."""
        text = bytearray()

        def take(piece: bytes) -> None:
            if len(text) + len(piece) > limit:
                raise BadBody(
                    "the answer is longer than it can be", where=self._where, cause=f"over {limit} bytes"
                )
            text.extend(piece)

        await self.feed(take)
        return bytes(text)

    async def some(self, limit: int) -> bytes:
        """What can be had of it, for error messages: never fails."""
        kept = bytearray()
        with contextlib.suppress(BadBody, TimedOut):
            await self.feed(lambda piece: kept.extend(piece[: limit - len(kept)]))
        return bytes(kept)

    def _broken(self, cause: str) -> BadBody:
        return BadBody(
            "the answer broke off",
            where=self._where,
            cause=cause,
            mend="check what stands between (proxy, tunnel)",
        )
