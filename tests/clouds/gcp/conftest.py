"""
Google on the loopback, and a login that its token endpoint knows. Without the extra gcp the tests are skipped with the
reason; where `CI` or `DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import importlib.util
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from swarm.sources.gcp.calls import CALLS
from tests.clouds.gcp.objects import PROJECT
from tests.required import absent

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # as deepscan sets it, before gRPC is imported
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # API servers are forked beside gRPC's threads

LISTED = {call.operation for calls in CALLS.values() for call in calls}
SEEN: Counter[str] = Counter()
"""What reached Google in the whole run, by method and path."""

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google


def _installed() -> bool:
    try:
        return importlib.util.find_spec("google.cloud.container_v1") is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture(scope="session")
def extra() -> None:
    """google-cloud-container is installed."""
    if not _installed():
        absent("google-cloud-container is not installed: nox -s clouds does it")


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No login of this machine, no metadata server, no proxy."""
    for name in list(os.environ):
        if name.startswith(("GOOGLE_", "CLOUDSDK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))


@pytest_asyncio.fixture
async def google(
    extra: None, _alone: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator["Google"]:
    """A running project that one is logged in to by a service account's file."""
    from tests.clouds.gcp.google import Google

    server = Google(PROJECT)
    await server.start()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(server.service_account(tmp_path)))
    yield server
    await server.stop()
    SEEN.update(server.asked())
    assert {what.removeprefix("GET ") for what in server.asked()} <= LISTED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was asked, and that it was reads: Google's server refuses to end a test otherwise."""
    if SEEN:
        terminalreporter.write_line(
            f"Google saw {SEEN.total()} requests, of {len(SEEN)} sorts, all on the list of reads"
        )
