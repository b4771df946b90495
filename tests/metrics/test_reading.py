"""
What a real Prometheus says of a known week, read as facts.
"""

from collections.abc import AsyncIterator, Callable
from urllib.request import urlopen

import pytest
import pytest_asyncio

from scanners.facts.gaps import SliceState
from scanners.facts.metric import DeviceUse, Throttling, VolumeUse
from scanners.facts.slices import GPU_METRICS, PROMETHEUS
from swarm.sources.prometheus.endpoint import Endpoint
from swarm.sources.prometheus.source import PrometheusSource
from swarm.sources.source import Counters
from tests.metrics.seeded import GIB, NAMESPACE, STARVED, Seeded, gpus
from tests.metrics.server import PrometheusServer

Opened = Callable[..., PrometheusSource]


@pytest_asyncio.fixture
async def source() -> AsyncIterator[Opened]:
    made: list[PrometheusSource] = []

    def make(url: str, **options: object) -> PrometheusSource:
        async def locate() -> Endpoint:
            return Endpoint(url)

        options.setdefault("counters", Counters())
        made.append(PrometheusSource(locate, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def test_every_device_is_joined_to_its_holder_however_it_was_scraped(
    prometheus: PrometheusServer, seeded: Seeded, source: Opened
) -> None:
    read = await source(prometheus.url).read(GPU_METRICS, seeded.moment)
    assert [reading.state for reading in read.readings] == [SliceState.COMPLETE], read.readings
    told = {(use.node, use.device): (use.namespace, use.pod) for use in read.objects}
    assert told == {
        (gpu.node_name, gpu.uuid): (NAMESPACE, gpu.pod) if gpu.pod else ("", "") for gpu in gpus()
    }
    shapes = {gpu.uuid: gpu.shape for gpu in gpus()}
    for use in read.objects:
        assert isinstance(use, DeviceUse) and use.busy is not None and use.basis == "engine"
        assert use.busy.end == seeded.moment and use.busy.step == 300
        assert len(use.busy.values) == 289
        assert (max(use.busy.values) > 0.8) == (shapes[use.device] == "busy"), use


async def test_a_week_is_asked_for_where_since_says_so(
    prometheus: PrometheusServer, seeded: Seeded, source: Opened
) -> None:
    counters = Counters()
    read = await source(prometheus.url, window=7 * 86400.0, counters=counters).read(
        GPU_METRICS, seeded.moment
    )
    stopped = {gpu.uuid for gpu in gpus() if gpu.shape == "stopped"}
    for use in read.objects:
        assert len(use.busy.values) == 2017
        if use.device in stopped:
            last = use.busy.last_over(0.01)
            assert last is not None and 29.8 < (seeded.moment - last) / 3600 < 30.2
    assert counters.requests == read.requests == 9  # names, version, seven queries


async def test_volumes_and_throttling_are_told(
    prometheus: PrometheusServer, seeded: Seeded, source: Opened
) -> None:
    read = await source(prometheus.url).read(PROMETHEUS, seeded.moment)
    assert [reading.state for reading in read.readings] == [SliceState.COMPLETE], read.readings
    volumes = {use.claim: use for use in read.objects if isinstance(use, VolumeUse)}
    assert volumes["checkpoints"].used_bytes == pytest.approx(0.98 * 1024 * GIB, rel=1e-3)
    assert volumes["checkpoints"].capacity_bytes == pytest.approx(1024 * GIB, rel=1e-3)
    assert volumes["growing"].available is not None
    throttled = {(use.pod, use.container): use.ratio for use in read.objects if isinstance(use, Throttling)}
    assert throttled == {(f"train-{node}", "main"): pytest.approx(0.5, abs=0.01) for node in STARVED}


async def test_the_query_of_a_device_can_be_put_to_prometheus_as_it_stands(
    prometheus: PrometheusServer, seeded: Seeded, source: Opened
) -> None:
    from urllib.parse import urlencode

    import msgspec

    read = await source(prometheus.url).read(GPU_METRICS, seeded.moment)
    for use in (read.objects[0], read.objects[7], read.objects[-1]):
        asked = urlencode({"query": use.queries["busy"], "time": seeded.moment})
        with urlopen(f"{prometheus.url}/api/v1/query?{asked}") as answer:
            [one] = msgspec.json.decode(answer.read())["data"]["result"]
        assert float(one["value"][1]) == pytest.approx(use.busy.values[-1], abs=1e-9)
