"""
Six agents want the pods of a cluster; the API server should be asked once.

A reader hands out slices of one source and reads each of them a single time, whoever asks first, derived slices after
the one that they come from; ``given`` ones are known before anybody asks. What a reading cost is kept, so that each
request is counted for one agent only.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import Slice, named
from swarm.sources.source import Read, Source

log = logging.getLogger(__name__)

Listener = Callable[[Slice, Read], None]


class Reader:
    """Single-flight reading of one source's slices."""

    def __init__(
        self, source: Source, heard: Listener | None = None, given: Mapping[Slice, Read] | None = None
    ) -> None:
        self.source = source
        self.objects: dict[Slice, Sequence[Any]] = {}
        self.reads: dict[Slice, Read] = {}
        self._tasks: dict[Slice, asyncio.Task[Read]] = {}
        self._heard = heard
        self._given = dict(given or {})

    def begin(self, slices: Sequence[Slice]) -> None:
        """Start reading in the given order; the source decides how many at a time."""
        for slice_ in slices:
            self._task(slice_)

    async def read(self, slice_: Slice) -> Read:
        """The slice, read now or before. Never raises for a slice that could not be read: its readings say so."""
        return await asyncio.shield(self._task(slice_))

    async def finish(self, state: SliceState, detail: str, mend: str = "") -> None:
        """Stop whatever is still under way; unfinished slices become gaps of that state."""
        unfinished = {slice_: task for slice_, task in self._tasks.items() if not task.done()}
        for task in unfinished.values():
            task.cancel()
        await asyncio.gather(*unfinished.values(), return_exceptions=True)
        for slice_ in unfinished:
            if slice_ not in self.reads:
                self._keep(
                    slice_, Read(objects=[], readings=[Reading(slice_.name, state, detail=detail, mend=mend)])
                )

    def hand_over(self) -> dict[Slice, Sequence[Any]]:
        """Everything that was read; from here on it is theirs who asked, and only the readings stay here."""
        handed = {slice_: self.objects.get(slice_, ()) for slice_ in self.reads}
        self.objects = {}
        for read in self.reads.values():
            read.objects = []
        return handed

    @property
    def requests(self) -> Mapping[Slice, int]:
        """How many requests each slice cost."""
        return {slice_: read.requests for slice_, read in self.reads.items()}

    def _task(self, slice_: Slice) -> asyncio.Task[Read]:
        if slice_ not in self._tasks:
            self._tasks[slice_] = asyncio.create_task(self._fetch(slice_), name=f"read {slice_.name}")
        return self._tasks[slice_]

    async def _fetch(self, slice_: Slice) -> Read:
        if slice_ in self._given:
            self._keep(slice_, self._given[slice_])
            return self._given[slice_]
        if slice_.derived_from:
            await self.read(named(slice_.derived_from))
        try:
            read = await self.source.read(slice_, self.objects)
        except (
            Exception
        ) as mistake:  # a bug of ours in one slice is a gap of that slice, not the end of the scan
            log.exception("reading %s failed", slice_.name)
            detail = f"deepscan itself failed ({type(mistake).__name__})"
            mend = "please report the traceback that stands in the log"
            read = Read(
                objects=[], readings=[Reading(slice_.name, SliceState.FAILED, detail=detail, mend=mend)]
            )
        self._keep(slice_, read)
        return read

    def _keep(self, slice_: Slice, read: Read) -> None:
        self.reads[slice_] = read
        self.objects[slice_] = read.objects
        if self._heard:
            self._heard(slice_, read)
