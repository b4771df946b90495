"""One misbehaving Prometheus a test, and sources that ask it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest_asyncio

from swarm.sources.prometheus.endpoint import Endpoint
from swarm.sources.prometheus.source import PrometheusSource
from swarm.sources.source import Counters
from tests.swarm.sources.prometheus.server import BadPrometheus

Opened = Callable[..., PrometheusSource]


@pytest_asyncio.fixture
async def bad() -> AsyncIterator[BadPrometheus]:
    served = BadPrometheus()
    await served.start()
    yield served
    await served.stop()


@pytest_asyncio.fixture
async def source(bad: BadPrometheus) -> AsyncIterator[Opened]:
    """Makes sources for the server (or the ``endpoint`` that is given); they are closed at the end."""
    made: list[PrometheusSource] = []

    def make(endpoint: Endpoint | None = None, **options: Any) -> PrometheusSource:
        async def locate() -> Endpoint:
            return endpoint or Endpoint(bad.url, seconds=2.0)

        made.append(PrometheusSource(locate, counters=options.pop("counters", Counters()), **options))
        return made[-1]

    yield make
    for each in made:
        await each.close()
