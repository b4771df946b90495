"""
Between us and the API server stand proxies, tired connections, rotated tokens and a server that sometimes
asks for patience.

All requests of a target go through :meth:`Transport.get` or, where an identity asks what it may do,
:meth:`Transport.review`; both ask the guard, wait for their turn, show the
identity, try again where that is decent, and turn what remains into a typed error.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import aiohttp
from yarl import URL

from swarm.errors import BudgetSpent, CertificateRejected, SourceError, Unauthorized
from swarm.sources.kubernetes.body import Body
from swarm.sources.kubernetes.connection import Connection, Identity
from swarm.sources.kubernetes.guard import refuse_unless_read
from swarm.sources.kubernetes.pace import Pace, Rate
from swarm.sources.kubernetes.refusals import failure, refusal
from swarm.sources.kubernetes.tls import tls_context
from swarm.sources.source import Counters

T = TypeVar("T")
Consume = Callable[[Body], Awaitable[T]]

USER_AGENT = "deepscan"
JSON = "application/json"
DONE = frozenset({200, 201})
"""An answer; a review that was answered was "created"."""
PATIENT = frozenset({429, 503, 504})
"""Answers that mean: later."""

ATTEMPTS = 5
CONNECTING_ATTEMPTS = 3
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
LONGEST_WAIT = 30.0
READ_BUFFER = 1 << 17
"""Bytes that may wait to be read; aiohttp does its bookkeeping for every small chunk once there are fewer."""
ERROR_BODY = 1 << 16


class Transport:
    """
    Reads from one API server. Open until :meth:`close`; belongs to one event loop.

    ``budget`` is the most requests that are sent in all, ``per_second`` the most a second (None for no
    limit).
    """

    def __init__(
        self,
        connection: Connection,
        *,
        counters: Counters | None = None,
        budget: int = 20_000,
        per_second: float | None = None,
        pace: Pace | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.counters = counters or Counters()
        self.pace = pace or Pace()
        self.server_date = ""
        self._connection = connection
        self._budget = budget
        self._rate = Rate(per_second)
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=read_seconds
        )
        self._session: aiohttp.ClientSession | None = None
        self._shown = Identity()
        self._closing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        await asyncio.gather(*self._closing)

    async def read(self, path: str, accept: str = JSON) -> bytes:
        """A small body. Typed :class:`swarm.errors.SourceError`."""
        return await self.get(path, {}, lambda body: body.whole(), accept=accept)

    async def review(self, path: str, question: bytes) -> bytes:
        """
        The answer to a question about the identity's own rights, which the API takes as a POST and does not
        keep. Typed :class:`swarm.errors.SourceError`.
        """
        return await self._exchange(path, {}, lambda body: body.whole(), question=question)

    async def get(
        self,
        path: str,
        parameters: Mapping[str, str],
        consume: Consume[T],
        *,
        accept: str = JSON,
        gzip: bool = True,
        cost: Counters | None = None,
    ) -> T:
        """
        GET, and let ``consume`` read the body of a 200; what it costs is added to ``cost`` too.

        What may pass by itself is tried again: a server that asks for patience, a connection that could not
        be made or broke before its answer. A 401 is answered with a fresh identity, once. A body that breaks
        off is the caller's to judge (BadBody). ``consume`` is called at most once.
        """
        return await self._exchange(path, parameters, consume, accept=accept, gzip=gzip, cost=cost)

    async def _exchange(
        self,
        path: str,
        parameters: Mapping[str, str],
        consume: Consume[T],
        *,
        accept: str = JSON,
        gzip: bool = True,
        cost: Counters | None = None,
        question: bytes | None = None,
    ) -> T:
        """One request with its patience, as :meth:`get` says; with a ``question`` it is posted."""
        where = self._connection.server + path
        headers = {
            "Accept": accept,
            "Accept-Encoding": "gzip" if gzip else "identity",
            "User-Agent": USER_AGENT,
        }
        if question is not None:
            headers["Content-Type"] = JSON
        spent = (self.counters, cost) if cost is not None else (self.counters,)
        identity = await self._connection.credential.identity()
        refreshed = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with await self._send(path, parameters, headers, identity, spent, question) as response:
                    self.server_date = response.headers.get("Date", self.server_date)
                    if response.status in DONE:
                        return await consume(Body(response, where, *spent))
                    said = await Body(response, where, *spent).some(ERROR_BODY)
            except (aiohttp.ClientError, OSError) as error:
                await self._after_failure(error, where, attempt)
                continue
            if response.status == 401 and not refreshed:
                identity, refreshed = await self._connection.credential.identity(stale=identity), True
                continue
            if response.status not in PATIENT or attempt == ATTEMPTS:
                raise self._refusal(response.status, said, where)
            self.pace.pushed_back()
            await asyncio.sleep(_patience(response.headers.get("Retry-After", ""), attempt))
        raise self._refusal(401, said, where)

    def _refusal(self, status: int, said: bytes, where: str) -> SourceError:
        error = refusal(status, said, where)
        if isinstance(error, Unauthorized) and self._connection.let_in:
            error.mend = self._connection.let_in
        return error

    async def _send(
        self,
        path: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        identity: Identity,
        spent: tuple[Counters, ...],
        question: bytes | None,
    ) -> aiohttp.ClientResponse:
        """The only place from which anything is sent."""
        method = "GET" if question is None else "POST"
        refuse_unless_read(method, path, parameters, headers)
        if self.counters.requests >= self._budget:
            raise BudgetSpent(
                f"the budget of {self._budget} requests is used up",
                where=self._connection.name,
                mend="raise it",
            )
        await self._rate.turn()
        for counters in spent:
            counters.requests += 1
        shown = {"Authorization": f"Bearer {identity.token}"} if identity.token else {}
        return await self._session_for(identity).request(
            method,
            URL(self._connection.server + path, encoded=True).update_query(parameters),
            headers={**headers, **shown},
            data=question,
            proxy=self._connection.proxy or None,
            server_hostname=self._connection.tls_server_name or None,
            allow_redirects=False,
        )

    async def _after_failure(self, error: Exception, where: str, attempt: int) -> None:
        """Wait before the next attempt, or raise what a request without an answer comes to."""
        typed: SourceError = failure(error, where, self._connection.proxy)
        may_pass = isinstance(
            error, aiohttp.ClientOSError | aiohttp.ServerDisconnectedError | ConnectionError
        )
        if not may_pass or isinstance(typed, CertificateRejected) or attempt >= CONNECTING_ATTEMPTS:
            raise typed from error
        await asyncio.sleep(_patience("", attempt))

    def _session_for(self, identity: Identity) -> aiohttp.ClientSession:
        """The session; a new one where the client certificate is another than before."""
        certificate = Identity(certificate=identity.certificate, key=identity.key)
        if self._session is not None and certificate != self._shown:
            closing = asyncio.create_task(self._session.close())
            self._closing.add(closing)
            self._session = None
        if self._session is None:
            self._shown = certificate
            secure = self._connection.server.startswith("https://")
            context = tls_context(self._connection, identity) if secure else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, limit=0),
                auto_decompress=False,
                read_bufsize=READ_BUFFER,
                timeout=self._timeout,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _patience(retry_after: str, attempt: int) -> float:
    """
    Seconds to wait: what the server asked for, else 0.2, 0.4, 0.8 …; spread, so that not all come back at
    once.
    """
    asked = float(retry_after) if re.fullmatch(r"\d{1,4}", retry_after) else 0.1 * 2**attempt
    return min(asked, LONGEST_WAIT) * (1 + random.random() / 4)  # noqa: S311 - jitter, not a secret
