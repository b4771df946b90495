"""
The old ``auth-provider: oidc`` of kubectl: an id token that soon ends, and a refresh token that gets the next.

kubernetes_asyncio asks the provider. Whom it may trust is ours to say: told nothing it verifies no certificate, and the
refresh token would go to anybody (docs/decisions/0001).
"""

import asyncio
import base64
import ssl
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.connection import Identity
from swarm.sources.kubernetes.tls import trusting

LEEWAY = 10.0
"""Seconds before its end from which an id token is taken for expired, as client-go does."""

LONGEST = 30.0
"""Seconds that a provider may take for both of its answers."""


class _Claims(msgspec.Struct):
    exp: float | None = None


class _Answer(msgspec.Struct):
    id_token: str
    refresh_token: str | None = None


class OpenIdConnect:
    """
    Id tokens of one kubeconfig entry. A new refresh token is kept in memory: the kubeconfig is never rewritten.

    ``settings``: the provider's ``config`` as the kubeconfig has it; ``authority``: the provider's CA as PEM, empty for
    the system's.
    """

    def __init__(self, settings: Mapping[str, Any], authority: bytes, where: str) -> None:
        self._settings = {key: value for key, value in settings.items() if isinstance(value, str) and value}
        self._authority = authority
        self._where = where
        self._lock = asyncio.Lock()
        self._current = Identity(token=self._settings.get("id-token", ""))

    async def identity(self, stale: Identity | None = None) -> Identity:
        """The id token. ConfigurationError if it has expired and cannot be refreshed."""
        async with self._lock:
            if self._current == stale or not _is_fresh(self._current.token, time.time()):
                self._current = Identity(token=await self._refreshed())
            return self._current

    async def _refreshed(self) -> str:
        """A new id token from the provider, which is told to nobody else."""
        from aiohttp import ClientError
        from kubernetes_asyncio.config import ConfigException
        from kubernetes_asyncio.config.openid import OpenIDRequestor

        settings = self._settings
        missing = [key for key in ("idp-issuer-url", "client-id", "refresh-token") if key not in settings]
        if missing:
            raise self._expired(f"the entry has no {' and no '.join(missing)}")
        if not settings["idp-issuer-url"].startswith("https://"):
            raise self._expired("idp-issuer-url is not https: the refresh token would be sent in the open")
        requestor = OpenIDRequestor(
            settings["client-id"],
            settings.get("client-secret", ""),
            settings["idp-issuer-url"],
            ssl_ca_cert=self._trust(),
        )
        try:
            async with asyncio.timeout(LONGEST):
                told = await requestor.refresh_token(settings["refresh-token"])
            answer = msgspec.convert(told, _Answer)
        except TimeoutError as error:
            raise self._expired(f"the provider did not answer within {LONGEST:.0f} s") from error
        except (ConfigException, ClientError, LookupError, ValueError, OSError) as error:
            raise self._expired(str(error.__cause__ or error)) from error
        settings["refresh-token"] = answer.refresh_token or settings["refresh-token"]
        return answer.id_token

    def _trust(self) -> ssl.SSLContext:
        try:
            return trusting(self._authority.decode(errors="replace"))
        except (ssl.SSLError, ValueError) as error:
            raise ConfigurationError(
                "the certificate authority of the OIDC provider cannot be read",
                where=self._where,
                cause=str(error),
                mend="renew idp-certificate-authority-data",
            ) from error

    def _expired(self, cause: str) -> ConfigurationError:
        return ConfigurationError(
            "the OIDC token has expired and could not be refreshed",
            where=self._where,
            cause=cause,
            mend="log in again, or use an exec plugin (kubectl oidc-login)",
        )


def _is_fresh(token: str, now: float) -> bool:
    """Whether a JSON web token is still good, by its own claim; one that cannot be read is the server's to judge."""
    if not token:
        return False
    try:
        payload = token.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        claims = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims)
    except (IndexError, ValueError):
        return True
    return claims.exp is None or claims.exp - LEEWAY > now
