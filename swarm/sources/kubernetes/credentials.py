"""
Tokens age: a projected service account token is rotated on disk, an OIDC token by its provider.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

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


class OpenIdConnect:
    """
    The old ``auth-provider: oidc`` of kubectl, refreshed by kubernetes_asyncio; the kubeconfig is never
    rewritten.
    """

    def __init__(self, settings: dict[str, Any], where: str) -> None:
        self._settings = settings
        self._where = where
        self._lock = asyncio.Lock()
        self._current: Identity | None = None

    async def identity(self, stale: Identity | None = None) -> Identity:
        """The id token. ConfigurationError if it has expired and cannot be refreshed."""
        async with self._lock:
            if self._current is None or self._current == stale:
                self._current = Identity(token=await self._load(expired=self._current is not None))
            return self._current

    async def _load(self, *, expired: bool) -> str:
        from aiohttp import ClientError
        from kubernetes_asyncio.client import Configuration
        from kubernetes_asyncio.config import ConfigException, load_kube_config_from_dict

        settings = {
            key: value for key, value in self._settings.items() if not (expired and key == "id-token")
        }
        configuration = Configuration()
        try:
            await load_kube_config_from_dict(_alone(settings), client_configuration=configuration)
            return str(configuration.api_key["BearerToken"]).removeprefix("Bearer ").strip()
        except (ConfigException, ClientError, LookupError, ValueError, OSError) as error:
            raise ConfigurationError(
                "the OIDC token has expired and could not be refreshed",
                where=self._where,
                cause=str(error),
                mend="log in again, or use an exec plugin (kubectl oidc-login)",
            ) from error


def _alone(settings: dict[str, Any]) -> dict[str, Any]:
    """A kubeconfig with nothing in it but the provider: the library reads no other."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": "https://localhost"}}],
        "users": [{"name": "x", "user": {"auth-provider": {"name": "oidc", "config": settings}}}],
    }
