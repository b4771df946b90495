"""A Prometheus for bad days: answers as its HTTP API does, or as what stands before it does."""

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import Any

from aiohttp import web

Json = dict[str, Any]
NAMES = [
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_POWER_USAGE", "up", "kubelet_volume_stats_used_bytes",
    "kubelet_volume_stats_capacity_bytes",
]  # fmt: skip
DEVICE = {
    "gpu": "0",
    "UUID": "GPU-1",
    "Hostname": "gpu-00",
    "pod": "train",
    "namespace": "ml",
    "container": "main",
}
CLAIM = {"namespace": "ml", "persistentvolumeclaim": "checkpoints"}


class BadPrometheus:
    """``before`` may answer a request first; the others get one series each. Every request is kept."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.before: Callable[[web.Request], web.StreamResponse | None] = lambda _: None
        self.names: list[str] = list(NAMES)
        self.warnings: list[str] = []
        self.url = ""
        self.hang = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def start_secure(self, context: ssl.SSLContext) -> str:
        """Answer over TLS as well; returns the URL."""
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        return f"https://127.0.0.1:{self._runner.addresses[1][1]}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def asked(self) -> list[str]:
        """The queries that were asked, in order."""
        return [request.query["query"] for request in self.requests if "query" in request.query]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        early = self.before(request)
        if early is not None:
            return early
        if self.hang.is_set():
            await asyncio.sleep(60)
        return web.Response(body=self.body(request), content_type="application/json")

    def body(self, request: web.Request) -> bytes:
        """The successful answer to a request."""
        if request.path.endswith("/values"):
            return said(self.names)
        if request.path.endswith("/buildinfo"):
            return said({"version": "2.53.0"})
        metric = CLAIM if "kubelet" in request.query["query"] else DEVICE
        if "query_range" in request.path:
            start, end, step = (float(request.query[word]) for word in ("start", "end", "step"))
            values = [[start + at * step, "0.5"] for at in range(round((end - start) / step) + 1)]
            return said(
                {"resultType": "matrix", "result": [{"metric": metric, "values": values}]}, self.warnings
            )
        value = [float(request.query["time"]), "0.5"]
        return said({"resultType": "vector", "result": [{"metric": metric, "value": value}]}, self.warnings)


def said(data: Any, warnings: list[str] | None = None) -> bytes:
    return json.dumps(
        {"status": "success", "data": data, **({"warnings": warnings} if warnings else {})}
    ).encode()


def refused(status: int, kind: str, text: str, **headers: str) -> web.Response:
    body = {"status": "error", "errorType": kind, "error": text}
    return web.json_response(
        body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
