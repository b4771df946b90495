"""
A cluster whose API server thinks for a second a page leaves the core idle; one that answers at once fills it.

So targets are taken one after another, and a further one is begun only while the process has less than a core's worth
to do: many slow servers are read side by side, and few fast ones, which keeps memory low.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

AT_FIRST = 2
"""Targets begun at once: while one waits for its server, the other is at work."""

MOST = 32
"""Targets under way in one process, whatever the servers' pace."""

BUSY = 0.7
"""The share of a core from which on a process begins nothing more."""

LOOK = 0.25
"""Seconds between two looks at how busy the process is."""


async def side_by_side(
    take: Callable[[], Awaitable[T | None]], work: Callable[[T], Awaitable[None]], most: int = MOST
) -> None:
    """Do the work for each thing that ``take`` gives, until it gives None; at most ``most`` at a time."""
    load, under_way = Load(), set[asyncio.Task[None]]()
    async with asyncio.TaskGroup() as group:
        while (thing := await take()) is not None:
            task = group.create_task(_awaited(work(thing)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            while len(under_way) >= most or (len(under_way) >= min(AT_FIRST, most) and load.is_high()):
                await asyncio.wait(under_way, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)


async def _awaited(work: Awaitable[None]) -> None:
    await work


class Load:
    """How much of a core this process has used since the last look."""

    def __init__(self) -> None:
        self._processor, self._clock = time.process_time(), time.monotonic()

    def is_high(self) -> bool:
        """Whether it is a core's worth; also true where too little time has gone by to tell."""
        passed = time.monotonic() - self._clock
        if passed < LOOK / 2:
            return True
        share = (time.process_time() - self._processor) / passed
        self._processor, self._clock = time.process_time(), time.monotonic()
        return share >= BUSY
