"""
Compute has no async client that is worth its weight; its REST interface is a dozen lists, each a GET with pages.

All requests go through :meth:`Compute.get`: it asks the guard, shows the token, waits where Google asks for patience,
and turns what remains into a typed error.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from swarm.errors import BadBody, CertificateRejected, SourceError, Unreachable
from swarm.sources.gcp.calls import CALLS, COMPUTE
from swarm.sources.gcp.endpoint import Doors
from swarm.sources.gcp.guard import refuse_unless_read
from swarm.sources.gcp.refusals import refusal, said_in_json
from swarm.sources.gcp.tokens import Tokens
from swarm.sources.gcp.waits import ATTEMPTS, CONNECTING_ATTEMPTS, retry_after, wait
from swarm.sources.kubernetes.body import Body
from swarm.sources.kubernetes.pace import Pace
from swarm.sources.kubernetes.proxies import proxy_for
from swarm.sources.kubernetes.refusals import failure
from swarm.sources.source import Counters

PAGE, SEATS = 500, 8
"""Objects of a page (the most that Compute gives), and lists in flight at once."""

CONNECT_SECONDS = 10.0
ERROR_BODY = 1 << 16
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "deepscan (gzip)"}
"""Google compresses only for agents that say gzip in their name, too."""

PERMISSIONS = {
    call.operation: call.permission for calls in CALLS.values() for call in calls if call.service == COMPUTE
}

Page = Mapping[str, Any]


class Compute:
    """Lists of one project. Open until :meth:`close`; belongs to one event loop."""

    def __init__(
        self, doors: Doors, project: str, tokens: Tokens, *, counters: Counters, patience: float
    ) -> None:
        self._base = f"{doors.compute}/compute/v1/projects/{project}"
        self._project = project
        self._tokens = tokens
        self._counters = counters
        self._patience = patience
        self._pace = Pace(SEATS, PAGE)
        self._proxy = proxy_for(doors.compute, os.environ)
        self._session: aiohttp.ClientSession | None = None

    async def pages(
        self, operation: str, parameters: Mapping[str, str], cost: Counters
    ) -> AsyncIterator[Page]:
        """A list page by page, to its end. Typed :class:`swarm.errors.SourceError`; pages before it are good."""
        token, seen = "", set[str]()
        while True:
            async with self._pace.seat():
                asked = {**parameters, "maxResults": str(self._pace.page)}
                page = await self.get(operation, asked | ({"pageToken": token} if token else {}), cost)
            self._pace.went_well()
            self._counters.pages += 1
            yield page
            token = page.get("nextPageToken") or ""
            if not token:
                return
            if token in seen:
                raise BadBody(
                    "the list goes in a circle", where=f"{self._base}/{operation}", cause="a page token twice"
                )
            seen.add(token)

    async def get(self, operation: str, parameters: Mapping[str, str], cost: Counters) -> Page:
        """The answer to one GET; what it costs is added to ``cost`` too. Typed :class:`swarm.errors.SourceError`."""
        where = f"{self._base}/{operation}"
        shown, renewed = await self._tokens.token(), False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with await self._send("GET", operation, parameters, shown, cost) as response:
                    body = Body(response, where, self._counters, cost)
                    if response.status == HTTPStatus.OK:
                        return _decoded(await body.whole(), where)
                    said = said_in_json(response.status, await body.some(ERROR_BODY))
            except (aiohttp.ClientError, OSError) as error:
                await self._after_failure(error, where, attempt)
                continue
            if said.status == HTTPStatus.UNAUTHORIZED and not renewed:
                shown, renewed = await self._tokens.token(stale=shown), True
                continue
            if not said.later or attempt == ATTEMPTS:
                raise self._refusal(said, operation)
            self._pace.pushed_back()
            await asyncio.sleep(wait(retry_after(response.headers.get("Retry-After", "")), attempt))
        raise self._refusal(said, operation)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send(
        self, method: str, operation: str, parameters: Mapping[str, str], token: str, cost: Counters
    ) -> aiohttp.ClientResponse:
        """The only place from which anything is sent."""
        headers = {**HEADERS, "Authorization": f"Bearer {token}"}
        if self._tokens.quota_project:
            headers["X-Goog-User-Project"] = self._tokens.quota_project
        refuse_unless_read(method, operation, parameters, headers)
        for counters in (self._counters, cost):
            counters.requests += 1
        return await self._opened().request(
            method,
            URL(f"{self._base}/{operation}", encoded=True).update_query(parameters),
            headers=headers,
            proxy=self._proxy or None,
            allow_redirects=False,
        )

    async def _after_failure(self, error: Exception, where: str, attempt: int) -> None:
        """Wait before the next attempt, or raise what a request without an answer comes to."""
        typed = failure(error, where, self._proxy)
        passing = isinstance(error, aiohttp.ClientOSError | aiohttp.ServerDisconnectedError | ConnectionError)
        if not passing or isinstance(typed, CertificateRejected) or attempt >= CONNECTING_ATTEMPTS:
            raise _in_our_words(typed) from error
        await asyncio.sleep(wait(None, attempt))

    def _refusal(self, said: Any, operation: str) -> SourceError:
        return refusal(
            said, project=self._project, permission=PERMISSIONS[operation], where=f"{self._base}/{operation}"
        )

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=SEATS),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=min(CONNECT_SECONDS, self._patience), sock_read=self._patience
                ),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _decoded(body: bytes, where: str) -> Page:
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(body, type=dict[str, Any])
    raise BadBody(
        "the answer is no JSON object", where=where, mend="check what stands between (proxy, gateway)"
    )


def _in_our_words(error: SourceError) -> SourceError:
    """The words of the Kubernetes transport speak of an API server and of kubeconfigs."""
    if isinstance(error, CertificateRejected):
        mend = "check [gcp] endpoint, and the authorities that this machine trusts (SSL_CERT_FILE)"
        return CertificateRejected(error.what, where=error.where, cause=error.cause, mend=mend)
    if isinstance(error, Unreachable):
        mend = "check the network, the proxy, and [gcp] endpoint"
        return Unreachable("Google cannot be reached", where=error.where, cause=error.cause, mend=mend)
    return error
