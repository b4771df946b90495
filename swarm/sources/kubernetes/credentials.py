"""
Tokens age: a projected service account token is rotated on disk.
"""

import time
from pathlib import Path

from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.connection import Identity

REREAD = 60.0
"""Seconds after which a token file is read again (client-go does so too)."""


class TokenFile:
    """A bearer token in a file that somebody else keeps fresh."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._current = Identity()
        self._read_at = -REREAD

    async def identity(self, stale: Identity | None = None) -> Identity:
        """The token as it stands in the file. ConfigurationError if the file cannot be read or is empty."""
        if stale == self._current or time.monotonic() - self._read_at >= REREAD:
            self._current = Identity(token=self._read())
            self._read_at = time.monotonic()
        return self._current

    def _read(self) -> str:
        try:
            token = self._path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                "the token file cannot be read",
                where=str(self._path),
                cause=str(error),
                mend="check tokenFile",
            ) from error
        if not token:
            raise ConfigurationError("the token file is empty", where=str(self._path), mend="check tokenFile")
        return token
