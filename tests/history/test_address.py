"""
Where the history lies, and that its password goes nowhere else.
"""

import sys
from pathlib import Path

import pytest

from swarm.errors import ConfigurationError
from swarm.history.address import address_of, default_file
from tests.history.postgresql import PASSWORD, Server
from tests.swarm.cli.command import deepscan

SECRET = "geheim"


def test_nothing_said_is_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    address = address_of(None)
    assert address is not None and address.file == default_file() == tmp_path / "deepscan" / "history.db"


def test_a_path_and_a_url_of_sqlite_are_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "a b.db"
    plain, url = address_of(str(file)), address_of(f"sqlite:///{tmp_path}/a%20b.db")
    assert plain == url and plain is not None and plain.file == file


def test_none_is_no_history() -> None:
    assert address_of("none") is None


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://u:{SECRET}@db:5432/history",
        f"postgresql://u:{SECRET}@2@db/history",
        f"postgresql://u@db/history?password={SECRET}&sslmode=require",
        f"postgresql+psycopg://u:{SECRET}%2F2@db/history",
    ],
)
def test_what_is_shown_holds_no_password(text: str) -> None:
    address = address_of(text)
    assert address is not None and address.server is not None
    assert address.server.host == "db" and address.server.username == "u"
    assert SECRET not in address.shown and SECRET not in repr(address)
    assert address.clean(f"no entry for {address.server.password or SECRET}") == "no entry for ***"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://u:{SECRET}/{SECRET}@db/history",
        f"postgresql://u:12/{SECRET}@db/history",
        f"postgresql://u:x#{SECRET}@db/history",
        f"postgresql://u:12?{SECRET}@db/history",
        f"postgresql://u@db/history?password=p@{SECRET}",
        f"postgresql://u:{SECRET}@db:{SECRET}/history",
        f"postgresql://[{SECRET}",
        f"mysql://u:{SECRET}@db/history",
        f"sqlite://{SECRET}",
    ],
)
def test_what_cannot_be_followed_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        address_of(text)
    assert SECRET not in "".join((refused.value.sentence, refused.value.where, refused.value.mend))


@pytest.mark.parametrize("command", [("run", "--demo"), ("history",), ("report", "last"), ("show", "p-1")])
def test_a_password_in_a_flag_is_refused_before_anything_is_done(command: tuple[str, ...]) -> None:
    ended = deepscan(*command, "--history", f"postgresql://u:{SECRET}@127.0.0.1:1/history")
    assert ended.status == 2 and ended.out == ""
    assert "DEEPSCAN_HISTORY" in ended.err and SECRET not in ended.err


def test_a_wrong_password_is_told_and_not_shown(postgresql: Server) -> None:
    url = postgresql.new_database().replace("@", f":{SECRET}@")
    for command in (("history",), ("run", "--demo", "-q", "--format", "json=-", "--baseline", "last")):
        ended = deepscan(*command, DEEPSCAN_HISTORY=url)
        assert "password authentication failed" in ended.err and SECRET not in ended.err + ended.out
    assert ended.status == 0
    assert any("compared with no earlier scan" in warning for warning in ended.report["warnings"])


def test_the_password_of_the_environment_opens_the_history_and_stays_there(postgresql: Server) -> None:
    url = postgresql.new_database().replace("@", ":" + PASSWORD.replace("/", "%2F") + "@")
    ended = deepscan("history", DEEPSCAN_HISTORY=url)
    assert (
        ended.status == 0 and "no scan is remembered" in ended.out and PASSWORD not in ended.out + ended.err
    )
    shown = deepscan("config", "show", DEEPSCAN_HISTORY=url)
    assert shown.status == 0 and PASSWORD not in shown.out and "%2F" not in shown.out
    assert "postgresql://deepscan@127.0.0.1" in shown.out


def test_a_missing_driver_is_told_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as the import system says: it is not there
    with pytest.raises(ConfigurationError) as refused:
        address_of("postgresql://u@db/history")
    assert refused.value.mend == 'pip install "deepscan-swarm[postgres]"'
