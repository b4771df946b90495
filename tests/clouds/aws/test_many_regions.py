"""
An account with thirty regions and six hundred clusters takes about as long as its slowest region, loses nothing when it
is throttled, and does not wait for one that is silent.
"""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from scanners.facts.gaps import SliceState
from scanners.facts.slices import CLUSTERS, DISKS, INSTANCES, NODE_POOLS, Slice
from swarm.sources.aws.calls import CALLS
from swarm.sources.aws.source import AwsAccount
from swarm.sources.cloud import AccountPlace
from swarm.sources.source import Read

from .many_regions import DISKS as DISKS_A_REGION
from .many_regions import MACHINES, ManyRegions, World

pytest.importorskip("aiobotocore")

WORLD = World()
QUICK = World(quickest=0.02, slowest=0.1, clusters=10)
SILENT = "sim-11"


class Visit(NamedTuple):
    """
    One reading of all slices: seconds from logging in to the end, without those in which this process stood behind
    other programs for a core (``queued``), requests, and what was read.
    """

    seconds: float
    queued: float
    requests: int
    reads: dict[Slice, Read]

    @property
    def counted(self) -> dict[str, int]:
        return {slice_.name: len(read.objects) for slice_, read in self.reads.items()}

    @property
    def told(self) -> str:
        return (
            f"{self.seconds:.1f} s ({self.queued:.1f} s more behind other programs), {self.requests} requests"
        )

    @property
    def states(self) -> set[SliceState]:
        return set(Counter(reading.state for read in self.reads.values() for reading in read.readings))


async def visited(world: World, monkeypatch: pytest.MonkeyPatch, patience: float = 60) -> Visit:
    with ManyRegions(world) as url:
        for name, value in {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        source = AwsAccount(AccountPlace("aws", ""), patience=patience)
        began, queued = time.monotonic(), waited_for_a_core()
        await source.open()
        clusters = await source.read(CLUSTERS, {})
        others = [slice_ for slice_ in CALLS if slice_ != CLUSTERS]
        found = {CLUSTERS: clusters.objects}
        rest = await asyncio.gather(*(source.read(slice_, found) for slice_ in others))
        took, queued = time.monotonic() - began, waited_for_a_core() - queued
        await source.close()
    reads = {CLUSTERS: clusters, **dict(zip(others, rest, strict=True))}
    return Visit(took - queued, queued, source.counters.requests, reads)


def waited_for_a_core() -> float:
    """Seconds that this thread was ready to run and did not: the second number of its schedstat (Linux)."""
    told = Path("/proc/self/schedstat")
    return int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0


async def test_thirty_regions_take_at_most_twice_as_long_as_the_slowest_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slowest = max(WORLD.times, key=lambda name: WORLD.times[name])
    alone = await visited(replace(WORLD, only=(slowest,)), monkeypatch)
    together = await visited(WORLD, monkeypatch)
    ratio = together.seconds / alone.seconds
    print(
        f"\nslowest region alone: {alone.told}\n30 regions: {together.told}, {together.counted}; ratio {ratio:.2f}"
    )
    assert together.counted["clusters"] == together.counted["node-pools"] == 600
    assert (together.counted["instances"], together.counted["disks"]) == (30 * MACHINES, 30 * DISKS_A_REGION)
    assert together.states == {SliceState.COMPLETE}
    assert ratio <= 2


async def test_a_fifth_of_the_calls_throttled_is_slower_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = await visited(replace(QUICK, regions=8), monkeypatch)
    throttled = await visited(replace(QUICK, regions=8, throttled=0.2), monkeypatch)
    print(f"\n8 regions: {free.told}\na fifth of the calls throttled: {throttled.told}")
    assert throttled.counted == free.counted
    assert throttled.states == {SliceState.COMPLETE}
    assert throttled.requests > free.requests * 1.1
    assert throttled.seconds > free.seconds


async def test_a_silent_region_is_its_own_gap_and_the_rest_is_told_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patience = 5.0
    free = await visited(replace(QUICK, regions=12), monkeypatch)
    silent = await visited(replace(QUICK, regions=12, silent=SILENT), monkeypatch, patience)
    print(f"\n12 regions: {free.told}\none of them silent, with {patience:g} s of patience: {silent.told}")
    for read in silent.reads.values():
        (gap,) = [reading for reading in read.readings if reading.state is not SliceState.COMPLETE]
        assert (gap.scope, gap.state) == (f"region/{SILENT}", SliceState.TIMED_OUT)
    for slice_ in (CLUSTERS, NODE_POOLS, INSTANCES, DISKS):
        assert len(silent.reads[slice_].objects) * 12 == len(free.reads[slice_].objects) * 11
    assert silent.seconds < free.seconds + patience + 2
