"""
A region is a cloud of its own: it is asked alone, it may be silent alone, and what it withholds is its own gap.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import aiohttp

from scanners.facts.cloud import CloudFact
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import Slice
from swarm.errors import NotServed, SourceError, TimedOut
from swarm.sources.aws.patience import Patience
from swarm.sources.aws.refusals import refusal
from swarm.sources.aws.session import Clients
from swarm.sources.cloud import CloudCall, fact_from
from swarm.sources.kubernetes.listing import state_of
from swarm.sources.source import Counters

T = TypeVar("T")
Item = dict[str, Any]


class Region:
    """
    One region of the account. ``seconds`` is how long one answer may take, its repetitions included. ``silent`` is set
    once it never answered at all: it is not waited for again. ``known``: this identity was accepted somewhere already.
    """

    def __init__(self, name: str, clients: Clients, counters: Counters, seconds: float) -> None:
        self.name = name
        self.silent: TimedOut | None = None
        self.known = True
        self.types: dict[str, Item] = {}
        self._clients = clients
        self._seconds = seconds
        self._patience = Patience(counters)

    async def ask(self, call: CloudCall, **parameters: Any) -> Item:
        """One answer, as plain JSON. Typed SourceError."""

        async def once(client: Any) -> Item:
            return dict(_plain(await getattr(client, _method(call))(**parameters)))

        return await self._patiently(call, once)

    async def pages(self, call: CloudCall, key: str, **parameters: Any) -> AsyncIterator[Item]:
        """The objects under ``key`` of every page of a list, as they come. Typed SourceError."""
        turning: Any = None

        async def next_page(client: Any) -> Item | None:
            nonlocal turning
            if turning is None:
                turning = aiter(client.get_paginator(_method(call)).paginate(**parameters))
            page = await anext(turning, None)
            return None if page is None else _plain(page)

        while (page := await self._patiently(call, next_page)) is not None:
            for item in page.get(key) or ():
                yield item

    async def _patiently(self, call: CloudCall, work: Callable[[Any], Awaitable[T]]) -> T:
        """The work of one answer, in a seat of the region and within its time."""
        from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
        from botocore.parsers import ResponseParserError

        if self.silent is not None:
            raise self.silent
        try:
            client = await self._clients.client(call.service, self.name, self._patience)
            async with self._patience.pace.seat(), asyncio.timeout(self._seconds):
                done = await work(client)
        except (TimeoutError, ReadTimeoutError, ConnectTimeoutError) as error:
            raise self._timed_out(call) from error
        except (BotoCoreError, ClientError, ResponseParserError, aiohttp.ClientError, OSError) as error:
            raise refusal(error, call, self.name, known=self.known) from error
        self._patience.answered = True
        self._patience.pace.went_well()
        return done

    def _timed_out(self, call: CloudCall) -> TimedOut:
        throttled = f", throttled {self._patience.throttled} times" if self._patience.throttled else ""
        error = TimedOut(
            f"{self.name} gave no answer in {self._seconds:g} s{throttled}",
            where=f"{call.service}:{call.operation} in {self.name}",
            mend=f"check whether the endpoints of {self.name} are reachable from here, or scan again",
        )
        if not self._patience.answered:
            self.silent = error
        return error


class Ended(SourceError):
    """Reading was ended before its end, and reads as ``state``."""

    state = SliceState.FAILED


class Share:
    """What one slice has in one region so far, and what was refused on the way."""

    def __init__(self, slice_: Slice, account: str, region: str) -> None:
        self.facts: list[CloudFact] = []
        self.refused: SourceError | None = None
        self.asked_clusters = 0
        self.of_clusters: dict[str, SourceError] = {}
        self.beside: dict[str, SourceError] = {}
        self._slice = slice_
        self._account = account
        self._region = region
        self._broken: list[str] = []

    def take(self, item: Mapping[str, Any], cluster: str = "") -> CloudFact | None:
        """Keep what an answer's object comes to."""
        try:
            fact = fact_from("aws", self._slice, item, self._account, self._region, cluster)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._broken.append(f"{type(error).__name__}: {error}")
            return None
        if fact is not None:
            self.facts.append(fact)
        return fact

    async def unless_refused(self, work: Awaitable[T]) -> T | None:
        """What makes facts richer; a refusal of it makes the share partial, and the answer None."""
        try:
            return await work
        except NotServed:
            return None  # it went away meanwhile
        except SourceError as error:
            self.beside.setdefault(error.what, error)
            return None

    def readings(self) -> list[Reading]:
        """How the slice was read here: one for the region, one for each cluster that failed alone."""
        scope, name = f"region/{self._region}", self._slice.name
        common = self._common()
        if common is not None:
            return [Reading(name, self._state(common), scope, len(self.facts), common.sentence, common.mend)]
        lone = [
            Reading(name, state_of(error), f"cluster/{cluster}", 0, error.sentence, error.mend)
            for cluster, error in sorted(self.of_clusters.items())
        ]
        details = [error.sentence for error in self.beside.values()]
        if self._broken:
            details.append(f"{len(self._broken)} objects could not be understood ({self._broken[0]})")
        state = SliceState.PARTIAL if details else SliceState.COMPLETE
        mend = "; ".join(filter(None, (error.mend for error in self.beside.values())))
        return [Reading(name, state, scope, len(self.facts), "; ".join(details), mend), *lone]

    def _state(self, error: SourceError) -> SliceState:
        if isinstance(error, Ended):
            return error.state
        return SliceState.TRUNCATED if self.facts else state_of(error)

    def _common(self) -> SourceError | None:
        """What the whole region was refused by: its own list, or every one of its clusters in the same way."""
        if self.refused is not None:
            return self.refused
        errors = list(self.of_clusters.values())
        if errors and len(errors) == self.asked_clusters and len({error.what for error in errors}) == 1:
            return errors[0]
        return None


async def side_by_side(work: Sequence[Awaitable[T]]) -> list[T]:
    """All of it at once; the region's seats bound what is in flight. The first error ends the rest."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def at_once(names: Sequence[str], most: int) -> list[list[str]]:
    """The names in parts of at most so many: calls take only so many at once."""
    return [list(names[start : start + most]) for start in range(0, len(names), most)]


def _method(call: CloudCall) -> str:
    from botocore import xform_name

    return str(xform_name(call.operation))


def _plain(answer: Any) -> Any:
    """An answer of the SDK as plain JSON: times become RFC 3339 text."""
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [_plain(value) for value in answer]
    if isinstance(answer, datetime):
        return answer.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return answer
