"""
A cluster's API tells what was asked for, Prometheus beside it what was used; to a scan the two are one target.

Hands each slice to whom it comes from. The moment of the scan is fixed when the target is opened, so that what was
measured and what was listed are looked at from the same instant.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Target
from scanners.facts.slices import SERVICES, Origin, Slice
from swarm.sources.source import Read, Source


class Beside(Protocol):
    """What is read beside the cluster's own API: one origin of slices."""

    async def read(self, slice_: Slice, moment: float) -> Read:
        """The slice as it was at a moment (epoch seconds). No reading at all where it is not configured."""

    async def examine(self, moment: float) -> list[Reading]:
        """How its slices would be read at a moment, without reading them."""

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way soon: each unfinished slice reads as that state."""

    async def close(self) -> None:
        """Let go of connections."""


class JoinedSource:
    """
    One cluster with what stands beside it, by origin, behind the :class:`~swarm.sources.source.Source` protocol.

    ``moment`` is when it is looked at, None for the cluster's own clock at the opening.
    """

    def __init__(self, cluster: Source, beside: Mapping[Origin, Beside], moment: float | None = None) -> None:
        self.counters = cluster.counters
        self.warnings = cluster.warnings
        self._cluster = cluster
        self._beside = beside
        self._moment = moment
        self._services: asyncio.Task[Read] | None = None

    async def open(self) -> Target:
        """Reach the cluster, and fix the moment of the scan."""
        target = await self._cluster.open()
        if self._moment is None:
            self._moment = float(int(self._cluster.now()))
        return target

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice, from where it comes."""
        if slice_.origin in self._beside:
            return await self._beside[slice_.origin].read(slice_, self.now())
        if slice_ == SERVICES:
            return await self.services()
        return await self._cluster.read(slice_, having)

    async def services(self) -> Read:
        """The Services of the cluster, listed once whoever asks first: a check, or the search for a Prometheus."""
        if self._services is None:
            self._services = asyncio.create_task(self._cluster.read(SERVICES, {}))
        return await asyncio.shield(self._services)

    @property
    def cluster(self) -> Source:
        """The cluster itself."""
        return self._cluster

    async def examine_beside(self) -> list[Reading]:
        """How the slices would be read that do not come from the cluster."""
        return [row for each in self._beside.values() for row in await each.examine(self.now())]

    def now(self) -> float:
        """The moment that was fixed at the opening; before that, the cluster's clock."""
        return self._cluster.now() if self._moment is None else self._moment

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way, everywhere."""
        self._cluster.stop(state, detail, mend)
        for source in self._beside.values():
            source.stop(state, detail, mend)

    async def close(self) -> None:
        """Let go of all connections."""
        if self._services is not None:
            self._services.cancel()
        for source in self._beside.values():
            await source.close()
        await self._cluster.close()
