"""
A list of a large cluster takes three hundred pages; any of them may be late, cut short, or too old to
continue.

Pages are read one after another, each decoded while it arrives. A page that breaks off is read once more; a
continue token that has expired is replaced by the one that the refusal carries; whatever stays missing is
said in the reading.
"""

import time
from collections.abc import Mapping

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import Slice
from swarm.errors import (
    BadBody,
    BudgetSpent,
    DeepscanError,
    Expired,
    Forbidden,
    NotServed,
    TimedOut,
    Unauthorized,
)
from swarm.sources.kubernetes.batch import Batches
from swarm.sources.kubernetes.body import Body
from swarm.sources.kubernetes.cutter import Cutter
from swarm.sources.kubernetes.rules import mend_of
from swarm.sources.kubernetes.transport import Transport
from swarm.sources.source import Counters

MIXED = "mixed snapshot: the list expired while it was read, and was resumed at a newer version"
RESUMES = 20
CLEARLY = 1.5
"""How many times faster pages must come uncompressed to be asked for so: they are nine times the bytes."""

MEASURED = 100
"""Objects that a page must have for its speed to count."""

_STATES: tuple[tuple[type[DeepscanError], SliceState], ...] = (
    (Forbidden, SliceState.DENIED),
    (Unauthorized, SliceState.DENIED),
    (NotServed, SliceState.ABSENT),
    (TimedOut, SliceState.TIMED_OUT),
    (BudgetSpent, SliceState.SKIPPED),
    (BadBody, SliceState.TRUNCATED),
)


def state_of(error: DeepscanError) -> SliceState:
    """What a failed reading comes to."""
    return next((state for type_, state in _STATES if isinstance(error, type_)), SliceState.FAILED)


class Compression:
    """
    Whether to ask for gzip: the first large page with it, the second without, then without it only if that
    was clearly faster.

    Inside the cluster's network compression costs more than it spares, over a VPN it spares nine tenths. One a kind:
    a node is sixteen events, and pages of different kinds tell nothing of each other.
    """

    def __init__(self) -> None:
        self._seconds: dict[bool, float] = {}

    def wanted(self) -> bool:
        """Whether the next page should be compressed."""
        if len(self._seconds) == 2:
            return self._seconds[True] <= CLEARLY * self._seconds[False]
        return True not in self._seconds

    def took(self, seconds: float, objects: int, *, gzip: bool) -> None:
        """How long a page took."""
        if objects >= MEASURED:
            self._seconds.setdefault(gzip, seconds / objects)


class Listing:
    """Reads one slice in one scope (``namespace``, or all of them for ``""``) into ``batches``."""

    def __init__(
        self,
        transport: Transport,
        slice_: Slice,
        batches: Batches,
        *,
        namespace: str = "",
        compression: Compression | None = None,
        cost: Counters | None = None,
    ) -> None:
        self._transport = transport
        self._slice = slice_
        self._batches = batches
        self._namespace = namespace
        self._compression = compression or Compression()
        self._cost = cost or Counters()
        self._token = ""
        self._mixed = 0
        self._start = batches.seen
        self._broken_before = len(batches.broken)

    async def read(self, path: str) -> Reading:
        """All pages of the list at ``path``. Never raises for what the server does: the reading says it."""
        try:
            while True:
                try:
                    await self._page(path)
                except Expired as expired:
                    self._resume(expired)
                    continue
                if not self._token:
                    return self.reading(SliceState.COMPLETE, MIXED if self._mixed else "")
        except DeepscanError as error:
            return self._gap(error)

    def reading(self, state: SliceState, detail: str = "", mend: str = "") -> Reading:
        """
        How this scope was read, with the objects it has so far. Broken objects make a complete list partial.
        """
        broken = self._batches.broken[self._broken_before :]
        if broken:
            told = f"{len(broken)} objects could not be decoded ({'; '.join(broken[:3])})"
            detail = "; ".join(filter(None, [detail, told]))
            if state is SliceState.COMPLETE:
                state, mend = SliceState.PARTIAL, "look at them with `kubectl get -o yaml`"
        scope = f"namespace/{self._namespace}" if self._namespace else "cluster"
        return Reading(self._slice.name, state, scope, self._objects, detail, mend)

    @property
    def _objects(self) -> int:
        return self._batches.seen - self._start

    async def _page(self, path: str) -> None:
        """Read the next page; once more if its body breaks off."""
        for last in (False, True):
            mark = self._batches.mark()
            cutter = Cutter(self._batches.take)
            try:
                async with self._transport.pace.seat():
                    await self._fetch(path, cutter)
            except BadBody:
                if last:
                    cutter.salvage()
                    raise
                self._batches.back_to(mark)
                continue
            self._token = cutter.token
            return

    async def _fetch(self, path: str, cutter: Cutter) -> None:
        parameters: Mapping[str, str] = {"limit": str(self._transport.pace.page)}
        if self._token:
            parameters = {**parameters, "continue": self._token}
        gzip = self._compression.wanted()
        began, before = time.monotonic(), self._batches.seen

        async def consume(body: Body) -> None:
            try:
                await body.feed(cutter.feed)
                cutter.finish()
            except msgspec.DecodeError as error:
                raise BadBody("the list breaks off", where=path, cause=str(error)) from error

        await self._transport.get(path, parameters, consume, gzip=gzip, cost=self._cost)
        objects = self._batches.seen - before
        self._compression.took(time.monotonic() - began, objects, gzip=gzip)
        self._transport.pace.went_well()
        for counters in (self._transport.counters, self._cost):
            counters.pages += 1
            counters.objects += objects

    def _resume(self, expired: Expired) -> None:
        """Go on with the token that came with the 410; without one, or again and again, it stays a gap."""
        self._mixed += 1
        if not expired.resume or self._mixed > RESUMES:
            raise BadBody(
                expired.what, where=expired.where, cause=expired.cause, mend="scan again at a quieter time"
            )
        self._token = expired.resume

    def _gap(self, error: DeepscanError) -> Reading:
        state = state_of(error)
        if self._objects and state is not SliceState.TRUNCATED:
            state = SliceState.TRUNCATED
        detail = error.cause if isinstance(error, Forbidden) and error.cause else error.sentence
        mend = mend_of(self._slice, self._namespace) if isinstance(error, Forbidden) else error.mend
        return self.reading(state, detail, mend)
