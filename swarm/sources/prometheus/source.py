"""
What pods asked for stands in the API; what they used stands in Prometheus, if there is one that answers.

First it is asked which metric names it holds, then only what can have an answer. A slice is whole or it is a gap: an
answer that was refused, came late, broke off or never came costs the slice all of its facts, because a half-read use
(no power, no second device) reads as a use of zero.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.metric import VolumeUse
from scanners.facts.slices import GPU_METRICS, PROMETHEUS, Slice
from scanners.semantics.split_secrets import redact_text
from swarm.errors import DeepscanError, Forbidden, NotServed, ServerError, TimedOut, Unauthorized
from swarm.sources.prometheus.answers import Answered, facts_of
from swarm.sources.prometheus.client import Client
from swarm.sources.prometheus.endpoint import Endpoint
from swarm.sources.prometheus.guard import BUILD, NAMES, QUERY, QUERY_RANGE
from swarm.sources.prometheus.queries import QUERIES, STEP, WINDOW, Query
from swarm.sources.prometheus.refusals import TooMuch, data_of
from swarm.sources.prometheus.window import Piece, joined, pieces
from swarm.sources.source import Counters, Read

Locate = Callable[[], Awaitable[Endpoint | None]]
Tap = Callable[[str, bytes], None]

_STATES: Mapping[type[DeepscanError], SliceState] = {
    Unauthorized: SliceState.DENIED,
    Forbidden: SliceState.DENIED,
    TimedOut: SliceState.TIMED_OUT,
}


class Probe(msgspec.Struct, frozen=True):
    """What a Prometheus is: its version (``""`` if it does not tell), and which of the names we know it holds."""

    version: str
    names: frozenset[str]

    def answers(self, query: Query) -> bool:
        """Whether a query can have an answer."""
        return self.names.issuperset(query.needs)


class PrometheusSource:
    """
    The slices of origin ``prometheus``. Nothing is sent before the first of them is read.

    ``locate`` finds the endpoint, None where there is none: then there is no reading at all. ``window`` is how many
    seconds a range looks back (at least the catalogue's own), ``tap`` is shown each answer of a slice that was read.
    """

    def __init__(
        self,
        locate: Locate,
        *,
        counters: Counters,
        window: float = WINDOW,
        budget: int = 20_000,
        requests_per_second: float | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._locate = locate
        self._counters = counters
        self._window = max(window, WINDOW)
        self._budget = budget
        self._per_second = requests_per_second
        self._tap = tap
        self._client: Client | None = None
        self._probing: asyncio.Task[tuple[Client, Probe] | None] | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._stopped: tuple[SliceState, str, str] | None = None

    async def read(self, slice_: Slice, moment: float) -> Read:
        """The slice as it was at a moment (epoch seconds): its facts, or why there are none."""
        cost = Counters()
        task = asyncio.create_task(self._answers(slice_, moment, cost))
        self._under_way.add(task)
        try:
            if self._stopped:
                task.cancel()
            answers = await task
        except DeepscanError as error:
            return Read([], [_refused(slice_, error)], cost.requests)
        except asyncio.CancelledError:
            if not self._stopped or not task.cancelled():
                task.cancel()
                raise
            state, detail, mend = self._stopped
            return Read([], [Reading(slice_.name, state, detail=detail, mend=mend)], cost.requests)
        finally:
            self._under_way.discard(task)
        if answers is None:
            return Read([], [])
        read = understood(slice_, answers, self._client.endpoint.url if self._client else "")
        if self._tap and read.readings[0].state in (SliceState.COMPLETE, SliceState.PARTIAL):
            for name, body in sorted(answers.items()):
                self._tap(name, body)
        self._counters.objects += len(read.objects)
        return Read(read.objects, read.readings, cost.requests)

    async def examine(self, moment: float) -> list[Reading]:
        """How its slices would be read: it is asked which names it holds, nothing is measured. None without it."""
        try:
            reached = await self._reach(moment, Counters())
        except DeepscanError as error:
            return [_refused(slice_, error) for slice_ in (GPU_METRICS, PROMETHEUS)]
        if reached is None:
            return []
        client, found = reached
        return [
            Reading(
                slice_.name,
                SliceState.COMPLETE,
                objects=sum(1 for query in QUERIES if query.slice == slice_.name and found.answers(query)),
                detail=f"queries that {client.endpoint.url} can answer",
            )
            for slice_ in (GPU_METRICS, PROMETHEUS)
        ]

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way: each unfinished slice reads as ``state``."""
        self._stopped = state, detail, mend
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Close all connections."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def _answers(self, slice_: Slice, moment: float, cost: Counters) -> dict[str, bytes] | None:
        """The bodies by query name; None without a Prometheus. Typed errors."""
        if self._probing is None:
            self._probing = asyncio.create_task(self._reach(moment, cost))
        reached = await asyncio.shield(self._probing)
        if reached is None:
            return None
        client, probe = reached
        return {
            query.name: await self._ask(client, query, moment, cost)
            for query in QUERIES
            if query.slice == slice_.name and probe.answers(query)
        }

    async def _reach(self, moment: float, cost: Counters) -> tuple[Client, Probe] | None:
        endpoint = await self._locate()
        if endpoint is None:
            return None
        self._client = Client(
            endpoint, counters=self._counters, budget=self._budget, per_second=self._per_second
        )
        return self._client, await probe(self._client, moment, self._window, cost)

    async def _ask(self, client: Client, query: Query, moment: float, cost: Counters) -> bytes:
        if not query.range:
            asked = {"query": query.promql, "time": _stamp(moment), "timeout": _timeout(client)}
            return await _checked(client, QUERY, asked, cost)
        parts = [
            part
            for piece in pieces(moment, self._window, STEP)
            for part in await _ranged(client, query.promql, piece, cost)
        ]
        return joined(parts)


async def probe(client: Client, moment: float, window: float, cost: Counters) -> Probe:
    """Reach a Prometheus and learn which metrics of ours it holds in the window. Typed SourceError."""
    wanted = sorted({name for query in QUERIES for name in query.needs})
    asked = {
        "match[]": f'{{__name__=~"{"|".join(wanted)}"}}',
        "start": _stamp(moment - window),
        "end": _stamp(moment),
    }
    where = client.endpoint.url + NAMES
    text = data_of(await client.get(NAMES, asked, cost), where)
    try:
        names = frozenset(msgspec.json.decode(text, type=list[str] | None) or ())
    except msgspec.DecodeError:
        what = "what answers is no Prometheus: its list of metric names is none"
        raise ServerError(what, where=where, mend="check the URL") from None
    return Probe(await _version(client, cost), names.intersection(wanted))


async def _version(client: Client, cost: Counters) -> str:
    """Thanos, Mimir and older servers do not tell."""
    try:
        told = data_of(await client.get(BUILD, {}, cost), "")
        return str(msgspec.json.decode(told, type=dict[str, Any]).get("version", ""))
    except (NotServed, ServerError, Forbidden, msgspec.DecodeError):
        return ""


async def _ranged(client: Client, promql: str, piece: Piece, cost: Counters) -> Sequence[bytes]:
    """The answers of a piece; where it is too much at once, of its halves."""
    asked = {
        "query": promql,
        "start": _stamp(piece.start),
        "end": _stamp(piece.end),
        "step": _stamp(piece.step),
        "timeout": _timeout(client),
    }
    try:
        return [await _checked(client, QUERY_RANGE, asked, cost)]
    except TooMuch:
        halves = piece.halves()
        if halves is None:
            raise
    return [part for half in halves for part in await _ranged(client, promql, half, cost)]


async def _checked(client: Client, path: str, asked: Mapping[str, str], cost: Counters) -> bytes:
    body = await client.get(path, asked, cost)
    data_of(body, client.endpoint.url + path)
    return body


def understood(slice_: Slice, answers: Mapping[str, bytes], place: str) -> Read:
    """
    The facts of a slice out of its answers, live or recorded: all of them, or a gap that names the answer that is
    broken. ``place`` says where the answers come from. No series of GPUs is an answer, which CST104 tells of where
    there are any; that no kubelet tells of volumes nobody else would tell.
    """
    said = facts_of(answers)
    if said.broken:
        detail = "; ".join(f"the answer to {name} cannot be read: {said.why[name]}" for name in said.broken)
        mend = "check what stands between (proxy, tunnel), or record it again"
        told = redact_text(f"{place}: {detail}")
        return Read([], [Reading(slice_.name, SliceState.FAILED, detail=told, mend=mend)])
    facts = _facts(slice_, said)
    warned = "; ".join(f"{name}: {text}" for name, text in sorted(said.warnings.items()))
    if warned:
        detail = f"{place} warns that series may be missing: {redact_text(warned)[:300]}"
        mend = "look at the stores behind it (Thanos, remote read)"
        return Read(facts, [Reading(slice_.name, SliceState.PARTIAL, "cluster", len(facts), detail, mend)])
    if slice_ == PROMETHEUS and not any(isinstance(fact, VolumeUse) for fact in facts):
        detail, mend = f"{place} has no kubelet_volume_stats series", "let it scrape the kubelets' /metrics"
        return Read(facts, [Reading(slice_.name, SliceState.PARTIAL, "cluster", len(facts), detail, mend)])
    return Read(facts, [Reading(slice_.name, SliceState.COMPLETE, objects=len(facts))])


def _facts(slice_: Slice, said: Answered) -> list[Any]:
    return list(said.devices if slice_ == GPU_METRICS else said.uses)


def _refused(slice_: Slice, error: DeepscanError) -> Reading:
    state = next((state for kind, state in _STATES.items() if isinstance(error, kind)), SliceState.FAILED)
    detail = f"{error.sentence}, at {error.where}" if error.where else error.sentence
    return Reading(slice_.name, state, detail=detail, mend=error.mend)


def _stamp(moment: float) -> str:
    return f"{moment:.3f}".rstrip("0").rstrip(".")


def _timeout(client: Client) -> str:
    """The server is to give up a little before we do: its refusal says more than our silence."""
    return f"{max(1.0, client.endpoint.seconds * 0.9):.0f}s"
