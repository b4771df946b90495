"""An Azure of its own for each test, trusted by this process as the SDK trusts: by the system's authorities."""

from collections.abc import Iterator

import pytest
from aiohttp import connector

from tests.clouds.azure.fake import FakeAzure
from tests.cluster.pki import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One for all tests of a run: two of the same name in one list of trust would be taken for each other."""
    made = Authority(tmp_path_factory.mktemp("entra"))
    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(made.certificate)
    return made


@pytest.fixture
def azure(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAzure]:
    """A running one, into which the SDK's chain logs in by the variables of the environment."""
    pytest.importorskip("azure.mgmt.containerservice", reason="the extra azure is not installed")
    pytest.importorskip("azure.identity", reason="the extra azure is not installed")
    with FakeAzure(authority) as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made
