"""
The SDK's own pipeline writes: told that a resource provider is not registered, it registers it, to read one list.

Every request to Azure Resource Manager ends in :class:`ReadOnly`, the last policy before the wire: a GET of a path that
:mod:`swarm.sources.azure.calls` names, or the one POST that only tells how a cluster is entered, at the endpoint that
was configured and nowhere else. All else is refused before a byte left; a token is never shown to a host that an answer
named.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from swarm.errors import ReadOnlyViolation
from swarm.sources.azure.calls import CALLS, LOGIN, USER_CREDENTIAL
from swarm.sources.cloud import CloudCall


class ReadOnly:
    """
    A policy of azure-core, to be put last. ``endpoint`` is the only place that requests go to, ``sent`` is called for
    each that is let through.
    """

    next: Any
    """The transport; the pipeline sets it."""

    def __init__(self, endpoint: str, sent: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._sent = sent

    async def send(self, request: Any) -> Any:
        """Hand the request on, or raise ReadOnlyViolation."""
        refuse_unless_read(request.http_request.method, request.http_request.url, self._endpoint)
        self._sent()
        return await self.next.send(request)


def refuse_unless_read(method: str, url: str, endpoint: str) -> None:
    """ReadOnlyViolation unless it is one of the known reads, at the endpoint."""
    address = urlsplit(url)
    if (address.scheme, address.netloc) != urlsplit(endpoint)[:2]:
        raise _violation(f"{address.netloc} is not the endpoint of the subscription", method, url)
    path = unquote(address.path)
    if method == "POST":
        if not _matches((USER_CREDENTIAL,), path):
            raise _violation("the one POST that is sent tells how a cluster is entered", method, url)
    elif method != "GET":
        raise _violation(f"{method} is not GET", method, url)
    elif not _matches(_gets(), path):
        raise _violation("the path is none of those that are read", method, url)


@lru_cache(maxsize=1)
def _gets() -> tuple[CloudCall, ...]:
    read = {call for calls in (*CALLS.values(), LOGIN) for call in calls}
    return tuple(sorted(read - {USER_CREDENTIAL}))


def _matches(calls: Iterable[CloudCall], path: str) -> bool:
    return any(_pattern(call).fullmatch(path) for call in calls)


@lru_cache(maxsize=64)
def _pattern(call: CloudCall) -> re.Pattern[str]:
    """Paths of ARM are compared without case; a name in braces is one segment."""
    below = f"/{call.operation}" if call.operation else ""
    names = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(below))
    return re.compile(rf"/+subscriptions/[^/]+{names}/?", re.IGNORECASE)


def _violation(cause: str, method: str, url: str) -> ReadOnlyViolation:
    return ReadOnlyViolation(
        "a request was stopped because it is not a plain read",
        where=f"{method} {url.partition('?')[0]}",
        cause=cause,
        mend="this is a bug in deepscan; please report it",
    )
