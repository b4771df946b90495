"""An Azure of its own for each test, trusted by this process as the SDK trusts: by the system's authorities."""

import importlib.util
from collections import Counter
from collections.abc import Iterator

import pytest
from aiohttp import connector

from tests.clouds.azure.fake import FakeAzure
from tests.cluster.pki import Authority
from tests.required import absent


@pytest.fixture(scope="session")
def sdk() -> None:
    """Skips what needs the extra where it is not installed; where `CI` or `DEEPSCAN_REQUIRE_REAL` is set, it fails."""
    missing = [name for name in ("azure.identity", "azure.mgmt.containerservice") if not _is_there(name)]
    if missing:
        absent(f"{' and '.join(missing)} not installed: nox -s clouds does it")


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One for all tests of a run: two of the same name in one list of trust would be taken for each other."""
    made = Authority(tmp_path_factory.mktemp("entra"))
    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(made.certificate)
    return made


@pytest.fixture(scope="session")
def seen() -> Iterator[Counter[str]]:
    """How many requests of each method all Azures of this run have seen."""
    counted: Counter[str] = Counter()
    yield counted
    print(f"\nall Azures of this run saw {dict(counted)}: GETs, and POSTs that tell how a cluster is entered")


@pytest.fixture
def azure(
    sdk: None, authority: Authority, seen: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeAzure]:
    """A running one, into which the SDK's chain logs in by the variables of the environment. It may only be read."""
    with FakeAzure(authority) as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made
    seen.update(request.method for request in made.requests)
    assert made.not_reads() == []
