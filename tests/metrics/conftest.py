"""
One Prometheus with a known week for the whole run. Without its programs the tests are skipped with the reason; where
`CI` or `DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.cluster.pki import Authority
from tests.metrics.seeded import Seeded, objects
from tests.metrics.server import PrometheusServer, missing
from tests.required import absent
from tests.swarm.sources.kubernetes.server import FakeApi, kubeconfig


@pytest.fixture(scope="session")
def programs() -> None:
    """Prometheus and promtool are on this machine."""
    lacking = missing()
    if lacking:
        absent(f"{' and '.join(lacking)} not found: install the Debian package prometheus")


@pytest.fixture(scope="session")
def seeded() -> Seeded:
    """The week that is in the Prometheus; it ends now."""
    return Seeded(int(time.time()))


@pytest.fixture(scope="session")
def prometheus(
    programs: None, seeded: Seeded, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrometheusServer]:
    """A running Prometheus that holds the seeded week."""
    server = PrometheusServer(tmp_path_factory.mktemp("prometheus"))
    server.fill(seeded.lines())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def another_prometheus(programs: None, tmp_path: Path) -> Iterator[Callable[..., PrometheusServer]]:
    """Makes servers of the test's own: lines of OpenMetrics, flags of the server."""
    made: list[PrometheusServer] = []

    def make(lines: Iterator[str], *flags: str) -> PrometheusServer:
        folder = tmp_path / f"prometheus-{len(made)}"
        folder.mkdir()
        made.append(PrometheusServer(folder, *flags))
        made[-1].fill(lines)
        made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest_asyncio.fixture
async def cluster(seeded: Seeded, tmp_path: Path) -> AsyncIterator[Path]:
    """The kubeconfig of an API server that serves the objects of the seeded week."""
    api = FakeApi(Authority(tmp_path / "pki"))
    api.objects |= objects(seeded)
    await api.start()
    yield kubeconfig(tmp_path / "kube", api)
    await api.stop()
