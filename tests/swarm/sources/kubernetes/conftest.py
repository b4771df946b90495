"""One fake API server a test, one authority for all of them."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from swarm.sources.kubernetes.kubeconfig import load_kubeconfig
from swarm.sources.kubernetes.source import KubernetesSource
from tests.cluster.pki import Authority
from tests.swarm.sources.kubernetes.server import FakeApi, kubeconfig

Opened = Callable[..., KubernetesSource]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest_asyncio.fixture
async def api(authority: Authority) -> AsyncIterator[FakeApi]:
    served = FakeApi(authority)
    await served.start()
    yield served
    await served.stop()


@pytest_asyncio.fixture
async def source(api: FakeApi, tmp_path: Path) -> AsyncIterator[Opened]:
    """Makes sources for the fake API; they are closed at the end."""
    made: list[KubernetesSource] = []

    def make(
        user: Any = None, cluster: Any = None, environment: Any = None, **options: Any
    ) -> KubernetesSource:
        path = kubeconfig(tmp_path, api, user, cluster)
        variables = {"PATH": os.environ["PATH"]} if environment is None else environment
        made.append(KubernetesSource(load_kubeconfig(path, variables).connection(), **options))
        return made[-1]

    yield make
    for each in made:
        await each.close()
