"""Thirty locations with twenty clusters each take as long as the slowest of them; one that is silent stays alone."""

import asyncio
import time
from collections.abc import Sequence

from scanners.facts.gaps import SliceState
from scanners.facts.slices import CLOUD_QUOTAS, CLUSTERS, DISKS, INSTANCES, NODE_POOLS
from tests.clouds.azure.estate import Site, settle
from tests.clouds.azure.fake import FakeAzure, Fault
from tests.clouds.azure.test_source import opened, read_all, states
from tests.clouds.azure.worlds import EXEC

LOCATIONS = 30
CLUSTERS_EACH = 20
SLOW = "region7"


def sites(locations: Sequence[str] = ()) -> list[Site]:
    names = locations or [f"region{number}" for number in range(LOCATIONS)]
    return [
        Site(f"{name}c{number}", name, "1.35.1", healthy=True)
        for name in names
        for number in range(CLUSTERS_EACH)
    ]


def build(azure: FakeAzure, made: list[Site]) -> None:
    azure.page = 100
    settle(azure, *made)
    for site in made:
        azure.enter(site.id, "https://127.0.0.1:1", "no certificate", EXEC)


async def test_an_account_takes_at_most_twice_as_long_as_its_slowest_location(azure: FakeAzure) -> None:
    azure.delay = lambda path: 1.5 if f"{SLOW}c" in path.lower() or f"/{SLOW}/" in path.lower() else 0.1
    build(azure, sites([SLOW]))
    began = time.monotonic()
    alone = await read_all(await opened(azure))
    slowest = time.monotonic() - began
    build(azure, sites())
    began = time.monotonic()
    reads = await read_all(await opened(azure))
    wall = time.monotonic() - began
    print(
        f"\n{LOCATIONS} locations × {CLUSTERS_EACH} clusters: {wall:.1f} s, the slowest alone {slowest:.1f} s"
    )
    assert [len(alone[slice_].objects) for slice_ in (CLUSTERS, NODE_POOLS, INSTANCES)] == [20, 40, 20]
    assert [len(reads[slice_].objects) for slice_ in (CLUSTERS, NODE_POOLS, INSTANCES)] == [600, 1200, 600]
    assert all(reading.state is SliceState.COMPLETE for read in reads.values() for reading in read.readings)
    assert wall <= 2 * slowest


async def test_a_fifth_throttled_and_one_location_silent_cost_time_and_that_location(
    azure: FakeAzure,
) -> None:
    asked: list[int] = []

    class Fifth(Fault):
        def meets(self, path: str) -> bool:
            asked.append(1)
            return len(asked) % 5 == 0 and f"{SLOW}c" not in path.lower()

    build(azure, sites())
    azure.faults += [
        Fifth("", 429, "TooManyRequests", headers={"Retry-After": "0"}),
        Fault(f"{SLOW}c|/{SLOW}/", seconds=300),
    ]
    began = time.monotonic()
    source = await opened(azure, patience=10.0)
    reads = await asyncio.wait_for(read_all(source), 200)
    print(f"\na fifth of {len(azure.requests)} requests throttled: {time.monotonic() - began:.1f} s")
    assert [len(reads[slice_].objects) for slice_ in (CLUSTERS, NODE_POOLS, INSTANCES, DISKS)] == [
        600, 1160, 580, 600,
    ]  # fmt: skip
    for slice_ in (NODE_POOLS, INSTANCES):
        told = states(reads[slice_])
        assert {scope for scope, state in told.items() if state is SliceState.COMPLETE} == {
            f"region/region{number}" for number in range(LOCATIONS) if number != 7
        }
        late = {scope for scope, state in told.items() if state is SliceState.TIMED_OUT}
        assert late == {f"cluster/{SLOW}c{number}" for number in range(CLUSTERS_EACH)}
    assert states(reads[CLOUD_QUOTAS])[f"region/{SLOW}"] is SliceState.TIMED_OUT
    assert states(reads[CLUSTERS]) == states(reads[DISKS]) == {"cluster": SliceState.COMPLETE}
    assert azure.not_reads() == []
