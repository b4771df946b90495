"""
A live cluster, read once and gently: a streamed list per kind, the logs of what failed, and the truth about
what was refused.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Target
from scanners.facts.log import ContainerLog
from scanners.facts.slices import KUBERNETES, NAMESPACES, POD_LOGS, PODS, Slice
from scanners.semantics.split_secrets import redact_text
from swarm.errors import DeepscanError, Forbidden, NotServed
from swarm.sources.kubernetes import logs
from swarm.sources.kubernetes.access import Examiner
from swarm.sources.kubernetes.batch import Batches
from swarm.sources.kubernetes.connection import Connection
from swarm.sources.kubernetes.discovery import Served, discover, list_path
from swarm.sources.kubernetes.kinds import KINDS, ordered
from swarm.sources.kubernetes.listing import Compression, Listing
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.transport import READ_SECONDS, Transport
from swarm.sources.source import Counters, Read

T = TypeVar("T")


class Stop(NamedTuple):
    """Why reading was ended before its end."""

    state: SliceState
    detail: str
    mend: str


CANCELLED = Stop(SliceState.FAILED, "the reading was cancelled", "")


class _Named(msgspec.Struct):
    uid: str = ""


class _Namespace(msgspec.Struct):
    metadata: _Named


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


class KubernetesSource:
    """
    One cluster behind the :class:`~swarm.sources.source.Source` protocol. Nothing is called before
    :meth:`open`.

    ``namespaces`` narrows namespaced kinds to these (no cluster-wide list is then asked for). ``budget`` is
    the most requests in all, ``requests_per_second`` the most a second, ``read_seconds`` how long an answer
    may stall. ``tap`` is shown each JSON array of objects as it is taken: how a capture is written.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        namespaces: Sequence[str] = (),
        budget: int = 20_000,
        requests_per_second: float | None = None,
        read_seconds: float = READ_SECONDS,
        tap: Callable[[Slice, bytes], None] | None = None,
    ) -> None:
        self.counters = Counters()
        self.warnings: list[str] = []
        self._connection = connection
        self._narrowed = tuple(dict.fromkeys(namespaces))
        self._transport = Transport(
            connection,
            counters=self.counters,
            budget=budget,
            per_second=requests_per_second,
            read_seconds=read_seconds,
        )
        self._pool = Pool()
        self._tap = tap
        self._compression: defaultdict[Slice, Compression] = defaultdict(Compression)
        self._served: Served | None = None
        self._stopped: Stop | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._namespaces: asyncio.Task[Read] | None = None
        self._clock = (time.time(), time.monotonic())

    async def open(self) -> Target:
        """
        Reach the cluster: version, what it serves, the uid of kube-system. Typed DeepscanError if it cannot
        be read.
        """
        version = await self._version()
        self._set_clock()
        self._served = await discover(self._transport, KUBERNETES)
        if self._served is None:
            self.warnings.append(
                f"{self._connection.name}: discovery is refused; version v1 of each kind is assumed"
            )
        uid = await self._cluster_uid()
        return Target(
            id=uid or self._connection.name,
            name=self._connection.name,
            provider="kubernetes",
            cluster_uid=uid,
            version=version,
        )

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice, whatever happens: what is missing stands in the readings."""
        if slice_.origin != "kubernetes":
            return Read(objects=[], readings=[])
        if slice_ == NAMESPACES:
            return await self._read_namespaces()
        if slice_ == POD_LOGS:
            return await self._read_logs(having.get(PODS, ()))
        return await self._read_list(slice_)

    def examiner(self) -> Examiner:
        """Who asks what a scan would meet here, without scanning. The source must be open."""
        return Examiner(self._transport, self._connection, self._served, self._narrowed)

    def now(self) -> float:
        """The server's clock, in epoch seconds."""
        moment, began = self._clock
        return moment + time.monotonic() - began

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way: each unfinished slice keeps what it has and reads as ``state``."""
        self._stopped = Stop(state, detail, mend)
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Close all connections, and let go of what was kept to share it between facts."""
        if self._namespaces is not None:
            self._namespaces.cancel()
        self._pool = Pool()
        await self._transport.close()

    async def _read_namespaces(self) -> Read:
        """Namespaces are read once: the fallback of every other kind needs them too."""
        if self._namespaces is None:
            self._namespaces = asyncio.create_task(self._read_list(NAMESPACES))
        return await asyncio.shield(self._namespaces)

    async def _read_list(self, slice_: Slice) -> Read:
        cost = Counters()
        batches = Batches(KINDS[slice_], self._pool, partial(self._tap, slice_) if self._tap else None)
        if self._narrowed and slice_.namespaced:
            readings = await self._in_namespaces(slice_, batches, self._narrowed, cost)
        else:
            readings = [await self._in_scope(slice_, batches, "", cost)]
            if slice_.namespaced and readings[0].state is SliceState.DENIED and not self._stopped:
                names = await self._namespace_names()
                readings += await self._in_namespaces(slice_, batches, names, cost)
        return Read(ordered(batches.facts), readings, cost.requests)

    async def _in_namespaces(
        self, slice_: Slice, batches: Batches, names: Sequence[str], cost: Counters
    ) -> list[Reading]:
        return [await self._in_scope(slice_, batches, name, cost) for name in names]

    async def _in_scope(self, slice_: Slice, batches: Batches, namespace: str, cost: Counters) -> Reading:
        listing = Listing(
            self._transport,
            slice_,
            batches,
            namespace=namespace,
            compression=self._compression[slice_],
            cost=cost,
        )
        path = list_path(slice_, self._served, namespace)
        if path is None:
            return listing.reading(SliceState.ABSENT, "the API server does not serve it")
        reading = await self._unless_stopped(listing.read(path))
        if reading is None:
            return listing.reading(*(self._stopped or CANCELLED))
        return reading

    async def _namespace_names(self) -> list[str]:
        """
        Where to look when the whole cluster may not be listed: all namespaces if they may, else the
        context's.
        """
        read = await self._read_namespaces()
        return [namespace.name for namespace in read.objects] or [self._connection.namespace]

    async def _read_logs(self, pods: Sequence[Any]) -> Read:
        cost, refusals = Counters(), logs.Refusals()
        asked = logs.wanted(pods)
        tails = await asyncio.gather(*(self._tail(tail, refusals, cost) for tail in asked))
        found = sorted(
            (tail for tail in tails if tail), key=lambda log: (log.namespace, log.name, log.container)
        )
        readings = list(refusals.readings(len(found), len(asked)))
        if self._stopped:
            readings = [
                Reading(POD_LOGS.name, self._stopped.state, "cluster", len(found), *self._stopped[1:])
            ]
        self.counters.objects += len(found)
        return Read(list(found), readings, cost.requests)

    async def _tail(self, tail: logs.Tail, refusals: logs.Refusals, cost: Counters) -> ContainerLog | None:
        if tail.pod.namespace in refusals.denied:
            return None
        try:
            return await self._unless_stopped(logs.read_tail(self._transport, tail, cost))
        except DeepscanError as error:
            refusals.note(error, tail.pod.namespace)
            return None

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The work's result, or None if it was stopped before or meanwhile."""
        if self._stopped:
            work.close()
            return None
        task = asyncio.create_task(work)
        self._under_way.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if self._stopped and task.cancelled():
                return None
            task.cancel()
            raise
        finally:
            self._under_way.discard(task)

    async def _version(self) -> str:
        try:
            told = msgspec.json.decode(await self._transport.read("/version"), type=_Version).git_version
            return redact_text(told)
        except (Forbidden, NotServed, msgspec.DecodeError) as error:
            self.warnings.append(f"{self._connection.name}: the server does not tell its version ({error})")
            return ""

    async def _cluster_uid(self) -> str:
        try:
            text = await self._transport.read("/api/v1/namespaces/kube-system")
            return msgspec.json.decode(text, type=_Namespace).metadata.uid
        except (Forbidden, NotServed, msgspec.DecodeError) as error:
            told = f"kube-system cannot be read, the context's name stands for the cluster ({error})"
            self.warnings.append(f"{self._connection.name}: {told}")
            return ""

    def _set_clock(self) -> None:
        """Ages are reckoned by the server's clock: ours may be wrong."""
        try:
            self._clock = (parsedate_to_datetime(self._transport.server_date).timestamp(), time.monotonic())
        except (TypeError, ValueError):
            self._clock = (time.time(), time.monotonic())
