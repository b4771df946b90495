"""
A database's password must reach the database and nothing else: no shell history, no error, no report.

Where the history lies, from a URL or a path. SQLite in the user's data folder by default, PostgreSQL by URL. Parsed
without SQLAlchemy, so that a mistake is told before a scan and ``--help`` stays quick.
"""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from platformdirs import user_data_path

from swarm.errors import ConfigurationError

NONE = "none"
FILE_NAME = "history.db"
INSTALL = 'pip install "deepscan-swarm[postgres]"'
SETTING = "history"
_SQLITE = ("sqlite",)
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_SECRET = ("password", "sslpassword")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL database in parts, parsed once: two parsers that disagree would print half of a password."""

    host: str | None
    port: int | None
    username: str | None
    password: str | None = field(repr=False)
    database: str | None
    query: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Address:
    """
    Where one history lies: a ``file``, or else a database of a ``server``.

    ``shown`` is for people and holds no secret; ``secrets`` are what must never be printed.
    """

    shown: str
    file: Path | None = None
    server: Server | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def clean(self, text: str) -> str:
        """The text without the password, however the other side quoted it."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def default_file() -> Path:
    """Where the history lies if nobody says otherwise: the platform's folder for a user's data."""
    return user_data_path("deepscan") / FILE_NAME


def address_of(text: str | None, origin: str = SETTING) -> Address | None:
    """
    The address that a setting names: a URL, a path, nothing for the default; None for ``none``.

    ConfigurationError where it cannot be followed, without the text itself: it may hold a password.
    """
    if text == NONE:
        return None
    if not text:
        return _file(default_file())
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _file(Path(text).expanduser())
    if scheme in _SQLITE:
        if len(rest) < 2 or not rest.startswith("/"):
            raise _unusable(
                origin, "write it like sqlite:////var/lib/deepscan/history.db, or as a plain path"
            )
        return _file(Path(unquote(rest[1:].partition("?")[0])).expanduser())
    if scheme not in _POSTGRESQL:
        raise _unusable(origin, "use a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE")
    return _postgresql(f"postgresql://{rest}", origin)


def refuse_password(text: str | None) -> None:
    """ConfigurationError for a URL on the command line that carries a password: other users' ``ps`` shows it."""
    address = address_of(text, "--history") if text else None
    if address and address.secrets:
        raise ConfigurationError(
            "a password stands in a flag, where every user of this machine can read it",
            where=f"--history {address.shown}",
            mend="put the URL into DEEPSCAN_HISTORY or a settings file, or the password into PGPASSWORD or PGPASSFILE",
        )


def _file(path: Path) -> Address:
    return Address(shown=str(path), file=path)


def _postgresql(url: str, origin: str) -> Address:
    mend = "write it like postgresql://USER@HOST:5432/DATABASE; signs such as @ and / in a password as %40 and %2F"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unusable(origin, mend) from None
    if parts.fragment or "@" in parts.path + parts.query:  # most likely the rest of a password
        raise _unusable(origin, mend)
    if importlib.util.find_spec("psycopg") is None:
        raise ConfigurationError(
            "a history in PostgreSQL needs the extra postgres, which is not installed",
            where=origin,
            mend=INSTALL,
        )
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    query = dict(parse_qsl(parts.query))
    secrets = {password, parts.password, *(query.get(name) for name in _SECRET)}
    place = f"{parts.hostname or ''}{f':{port}' if port else ''}{parts.path}"
    return Address(
        shown=f"postgresql://{user}@{place}" if user else f"postgresql://{place}",
        server=Server(parts.hostname, port, user, password, unquote(parts.path[1:]) or None, query),
        secrets=tuple(sorted((each for each in secrets if each), key=len, reverse=True)),
    )


def _unusable(origin: str, mend: str) -> ConfigurationError:
    return ConfigurationError("this is no place for a history", where=origin, mend=mend)
