"""
To count what is asked of a Prometheus, and to stop it at the worst moment, something must stand before it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web


@dataclass(frozen=True)
class Asked:
    """One request: its path and its parameters."""

    method: str
    path: str
    parameters: dict[str, str]

    @property
    def points(self) -> int:
        """How many points a series it asks for."""
        if "step" not in self.parameters:
            return 1
        start, end, step = (float(self.parameters[word]) for word in ("start", "end", "step"))
        return round((end - start) / step) + 1


class Front:
    """Hands requests on to the server at ``behind``; ``noticing`` is called with each before it goes."""

    def __init__(self, behind: str, noticing: Callable[["Front"], None] = lambda _: None) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self._behind = behind
        self._noticing = noticing
        self._runner: web.AppRunner | None = None

    @property
    def queries(self) -> list[Asked]:
        """Those requests that carry PromQL."""
        return [asked for asked in self.asked if "query" in asked.parameters]

    async def __aenter__(self) -> "Front":
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path, dict(request.query)))
        self._noticing(self)
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.request(
                    request.method, f"{self._behind}{request.path}", params=request.query
                ) as answer,
            ):
                return web.Response(
                    body=await answer.read(), status=answer.status, content_type=answer.content_type
                )
        except aiohttp.ClientError:
            assert request.transport is not None
            request.transport.abort()
            raise
