"""
A live cluster, a recording and a test must look the same to everything above them.

A source hands out slices as facts, and says of each how its reading ended. Only opening may fail; a slice
that was denied, is absent, slow or broken is a reading, never an exception.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Target
from scanners.facts.slices import Slice


class Read(msgspec.Struct):
    """
    What reading a slice gave: facts sorted by namespace, name and uid, and one reading per scope.

    ``requests`` is how many requests this slice cost its server.
    """

    objects: list[Any]
    readings: list[Reading]
    requests: int = 0


class Counters(msgspec.Struct):
    """
    What a target cost so far: requests sent, bytes received (as they came over the wire), objects, list
    pages.
    """

    requests: int = 0
    bytes: int = 0
    objects: int = 0
    pages: int = 0


class Source(Protocol):
    """One target. ``counters`` and ``warnings`` may be read at any time; slices may be read side by side."""

    counters: Counters
    warnings: list[str]

    async def open(self) -> Target:
        """
        Reach the target and learn what it serves. A typed :class:`swarm.errors.DeepscanError` if it cannot be
        read.
        """

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice; ``having`` holds what was read before, for slices that are derived from others."""

    def now(self) -> float:
        """
        The moment that this target is looked at, in epoch seconds: the server's clock, or the recording's
        time.
        """

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way soon: each unfinished slice keeps what it has and reads as that state."""

    async def close(self) -> None:
        """Let go of connections. Harmless if it was never opened, or is closed already."""
