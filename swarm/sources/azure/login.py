"""
People log in to Azure in ten ways; the SDK knows them all, and keeps a token that was revoked as if nothing happened.

:class:`Login` is the SDK's own chain (environment, workload identity, managed identity, ``az login`` …) behind the
interface that the SDK's clients ask for tokens, with two things of ours: what goes wrong is said as a typed error, and
a token that was refused is asked for anew, once for all who hold it.
"""

import asyncio
import importlib
import logging
from types import ModuleType
from typing import Any, Self

from scanners.semantics.redaction import redact_line
from swarm.errors import ConfigurationError, DeepscanError, TimedOut, Unauthorized, Unreachable

INSTALL = "pip install 'deepscan-swarm[azure]'"
SECONDS = 60.0
"""How long all ways to log in may take together: managed identities are probed for, `az` is a program that starts."""

MESSAGE_LIMIT = 500
LOG_IN = "log in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"


async def sdk(module: str) -> ModuleType:
    """
    A module that needs the SDK, imported aside of the event loop: it takes a quarter of a second. ConfigurationError
    where the extra is not installed.
    """
    try:
        return await asyncio.to_thread(importlib.import_module, module)
    except ImportError as absent:
        if not (absent.name or "").startswith(("azure", "msal")):
            raise
        raise ConfigurationError(
            "the extra for Azure is not installed", cause=f"no module {absent.name}", mend=INSTALL
        ) from absent


class Login:
    """
    Tokens for whoever is logged in, asked at ``authority`` (``""`` for the SDK's choice). It belongs to one event loop,
    and is to be closed.
    """

    def __init__(self, authority: str = "") -> None:
        self._authority = authority
        self._chain: Any = None
        self._outlived: list[Any] = []
        self._shown: dict[tuple[str, ...], str] = {}
        self._lock = asyncio.Lock()

    async def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """What the SDK's clients call: an ``AccessTokenInfo``. Unauthorized, Unreachable, TimedOut."""
        chain = await self._current()
        try:
            async with asyncio.timeout(SECONDS):
                token = await chain.get_token_info(*scopes, options=options)
        except TimeoutError as late:
            raise TimedOut("nobody gave a token in time", where=self._where, mend=LOG_IN) from late
        except Exception as error:
            raise self._typed(error) from error
        self._shown[scopes] = token.token
        return token

    async def renew(self, stale: str, *scopes: str) -> None:
        """
        Forget what is remembered, if ``stale`` is still the token in force: whoever asks next gets a new one. The SDK's
        credentials cannot be told that a token was revoked, so others take their place.
        """
        async with self._lock:
            if self._chain is not None and self._shown.get(scopes) == stale:
                self._outlived.append(self._chain)
                self._chain = None
                self._shown.clear()

    async def close(self) -> None:
        """Let go of connections."""
        chains = [*self._outlived, *filter(None, [self._chain])]
        self._outlived, self._chain = [], None
        for chain in chains:
            await chain.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_details: object) -> None:
        await self.close()

    async def _current(self) -> Any:
        async with self._lock:
            if self._chain is None:
                identity = await sdk("azure.identity.aio")
                logging.getLogger("azure").addHandler(
                    logging.NullHandler()
                )  # what fails is raised, not logged
                settings = {"authority": self._authority} if self._authority else {}
                try:
                    self._chain = await asyncio.to_thread(identity.DefaultAzureCredential, **settings)
                except ValueError as wrong:
                    raise ConfigurationError(
                        "the settings of the Azure login cannot be followed",
                        where=self._where,
                        cause=_line(wrong),
                        mend="correct [azure] authority, or the AZURE_… variables of the environment",
                    ) from wrong
            return self._chain

    @property
    def _where(self) -> str:
        return self._authority or "the Azure login"

    def _typed(self, error: Exception) -> DeepscanError:
        """A refusal of Entra, nobody there to ask, or an error that is no such thing and goes on as it is."""
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        if isinstance(error, ClientAuthenticationError):
            what = "Azure gives no token: nobody is logged in, or the login is refused"
            return Unauthorized(what, where=self._where, cause=_line(error), mend=LOG_IN)
        if isinstance(error, AzureError):
            mend = "check the network, the proxy and [azure] authority"
            return Unreachable(
                "the Entra authority cannot be reached", where=self._where, cause=_line(error), mend=mend
            )
        raise error


def _line(error: Exception) -> str:
    """The SDK's words in a line, without its advertisement for a web page."""
    told = str(error).partition("To mitigate this issue")[0]
    told = told.replace("Credential: ", "Credential says ")  # it looks like a secret and its name
    return redact_line(" ".join(told.split()))[:MESSAGE_LIMIT]
