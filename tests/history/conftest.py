"""
The same nights in both databases. Without PostgreSQL its half is skipped with the reason; where `CI` or
`DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from swarm.history.address import Address, address_of
from swarm.history.store import History
from tests.history.postgresql import PASSWORD, NotInstalled, Server, running
from tests.required import absent
from tests.swarm.cli.command import Ended, deepscan


@dataclass(frozen=True)
class Place:
    """A history of the test's own: what ``--history`` names, and the environment that has its password."""

    url: str
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, **more: str) -> Ended:
        """Any command, on this history."""
        return deepscan(*arguments, "--history", self.url, **self.environment, **more)

    def scan(self, recording: Path, *arguments: str, **more: str) -> dict[str, Any]:
        """The report of a recording that is remembered here."""
        ended = self("run", "--from", recording, "-q", "--format", "json=-", *arguments, **more)
        assert ended.status == 0, ended.err
        return ended.report

    @property
    def address(self) -> Address:
        """For looking into it from the test's own process."""
        if "://" not in self.url:
            address = address_of(self.url)
        else:
            address = address_of(f"{self.url}?password={quote(PASSWORD, safe='')}")
        assert address is not None
        return address

    @property
    def history(self) -> History:
        return History(self.address)


@pytest.fixture(scope="session", name="postgresql")
def _postgresql() -> Iterator[Server]:
    try:
        with running() as server:
            yield server
    except NotInstalled as missing:
        absent(f"no PostgreSQL: {missing}")


def new_place(request: pytest.FixtureRequest, folder: Path) -> Place:
    """An empty history in the database that the fixture's parameter names."""
    if request.param == "sqlite":
        return Place(str(folder / "history.db"))
    server: Server = request.getfixturevalue("postgresql")
    return Place(server.new_database(), {"PGPASSWORD": PASSWORD})


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty history, in each of the two databases."""
    return new_place(request, tmp_path)


@pytest.fixture
def file_place(tmp_path: Path) -> Place:
    """An empty history in a file, for what no database decides."""
    return Place(str(tmp_path / "history.db"))
