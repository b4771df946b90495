"""
A Prometheus serves the alerts of a whole company; a scan that asks too much at once is felt by everybody.

All requests to one Prometheus go through :meth:`Client.get`: it asks the guard, shows the credential, tries again where
the server asks for patience, caps what it takes in, follows no redirect, and turns what remains into a typed error.
"""

import asyncio
import random
import re
import ssl
from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
from yarl import URL

from swarm.errors import BadBody, BudgetSpent, CertificateRejected, TimedOut
from swarm.sources.kubernetes.body import Body
from swarm.sources.kubernetes.connection import Identity
from swarm.sources.kubernetes.pace import Rate
from swarm.sources.prometheus.endpoint import Endpoint
from swarm.sources.prometheus.guard import refuse_unless_read
from swarm.sources.prometheus.refusals import TooMuch, failure, in_our_words, refusal
from swarm.sources.source import Counters

PATIENT = frozenset({429, 503})
ATTEMPTS = 4
CONNECTING_ATTEMPTS = 2
CONNECT_SECONDS = 10.0
LONGEST_WAIT = 15.0
LARGEST = 256 << 20
"""Bytes of one answer, inflated: a day of 5-minute means of 20,000 devices."""
ERROR_BODY = 1 << 16
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "deepscan"}


class Client:
    """
    Reads from one Prometheus. Open until :meth:`close`; belongs to one event loop.

    ``counters`` count what is sent and received, ``budget`` is the most that may be sent in all, ``per_second`` the
    most a second (None for no limit), ``largest`` the most bytes of one answer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        counters: Counters,
        budget: int = 20_000,
        per_second: float | None = None,
        largest: int = LARGEST,
    ) -> None:
        self.endpoint = endpoint
        self._counters = counters
        self._budget = budget
        self._rate = Rate(per_second)
        self._largest = largest
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, parameters: Mapping[str, str], cost: Counters) -> bytes:
        """
        The body of a 200; what it costs is added to ``cost`` too. Typed :class:`swarm.errors.SourceError`, or
        ConfigurationError where a token file has become unreadable.
        """
        where = self.endpoint.url + path
        identity = await self.endpoint.credential.identity()
        refreshed = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with await self._send(path, parameters, identity, cost) as response:
                    body = Body(response, where, self._counters, cost)
                    if response.status == HTTPStatus.OK:
                        return await self._whole(body, where)
                    said = await body.some(ERROR_BODY)
            except (aiohttp.ClientError, OSError) as error:
                await self._after_failure(error, where, attempt)
                continue
            if response.status == HTTPStatus.UNAUTHORIZED and not refreshed:
                shown, refreshed = identity, True
                identity = await self.endpoint.credential.identity(stale=shown)
                if identity != shown:
                    continue
            refused = refusal(response.status, said, where, response.headers.get("Location", ""))
            if response.status not in PATIENT or isinstance(refused, TimedOut) or attempt == ATTEMPTS:
                raise refused
            await asyncio.sleep(_patience(response.headers.get("Retry-After", ""), attempt))
        raise AssertionError("the last attempt returns or raises")

    async def _send(
        self, path: str, parameters: Mapping[str, str], identity: Identity, cost: Counters
    ) -> aiohttp.ClientResponse:
        """The only place from which anything is sent."""
        headers = HEADERS | self._shown(identity)
        refuse_unless_read("GET", path, parameters, headers)
        if self._counters.requests >= self._budget:
            what = f"the budget of {self._budget} requests is used up"
            raise BudgetSpent(what, where=self.endpoint.url, mend="raise max_requests")
        await self._rate.turn()
        self._counters.requests += 1
        cost.requests += 1
        return await self._opened().get(
            URL(self.endpoint.url + path, encoded=True).update_query(parameters),
            headers=headers,
            proxy=self.endpoint.proxy or None,
            allow_redirects=False,
        )

    def _shown(self, identity: Identity) -> dict[str, str]:
        shown = f"Bearer {identity.token}" if identity.token else self.endpoint.basic
        return {"Authorization": shown} if shown else {}

    async def _whole(self, body: Body, where: str) -> bytes:
        text = bytearray()

        def take(piece: bytes) -> None:
            if len(text) + len(piece) > self._largest:
                what, cause = "the answer of Prometheus is too long", f"over {self._largest} bytes"
                raise TooMuch(what, where=where, cause=cause, mend="lower --since")
            text.extend(piece)

        try:
            await body.feed(take)
        except (BadBody, TimedOut) as broken:
            raise in_our_words(broken) from broken
        return bytes(text)

    async def _after_failure(self, error: Exception, where: str, attempt: int) -> None:
        """Wait before the next attempt, or raise what a request without an answer comes to."""
        typed = failure(error, where, self.endpoint.proxy)
        may_pass = isinstance(
            error, aiohttp.ClientOSError | aiohttp.ServerDisconnectedError | ConnectionError
        )
        if not may_pass or isinstance(typed, CertificateRejected) or attempt >= CONNECTING_ATTEMPTS:
            raise typed from error
        await asyncio.sleep(_patience("", attempt))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            secure = self.endpoint.url.startswith("https://")
            context = _trusting(self.endpoint.authority) if secure else True
            seconds = self.endpoint.seconds
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, limit=4),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(
                    total=3 * seconds, sock_connect=min(CONNECT_SECONDS, seconds), sock_read=seconds
                ),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _trusting(authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority or None)
    # Python 3.13 turns on X509_STRICT, which refuses CAs without key identifiers: many that companies made.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _patience(retry_after: str, attempt: int) -> float:
    """Seconds to wait: what the server asked for, else 0.4, 0.8 …; spread, so that not all come back at once."""
    asked = float(retry_after) if re.fullmatch(r"\d{1,4}", retry_after) else 0.2 * 2**attempt
    return min(asked, LONGEST_WAIT) * (1 + random.random() / 4)  # noqa: S311 - jitter, not a secret
