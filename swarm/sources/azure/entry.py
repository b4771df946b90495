"""
A cluster is entered with kubectl after three other programs have run; deepscan needs none of them.

Where Microsoft Entra ID is in charge, whoever is logged in asks it for a token for API servers of AKS. Elsewhere AKS
hands out a kubeconfig with a client certificate, which is asked for in the process that uses it and never kept.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from typing import Final

from swarm.errors import ConfigurationError, Forbidden
from swarm.sources.azure.endpoints import KUBERNETES_SCOPE
from swarm.sources.azure.login import Login
from swarm.sources.azure.subscription import Subscription
from swarm.sources.cloud import ClusterEntry
from swarm.sources.kubernetes.connection import Connection, Credential, Fixed, Identity
from swarm.sources.kubernetes.kubeconfig import Kubeconfig
from swarm.sources.kubernetes.proxies import proxy_for

WAY: Final = "way"
ENTRA: Final = "entra"
USER: Final = "user"
REFUSED: Final = "refused"
GROUP: Final = "group"
"""What stands in the details of an entry: which way leads in, the cluster's resource group."""

EARLY = 300.0
"""Seconds before its end at which a token is made anew, as the SDK does."""

PATIENCE = 30.0
"""Seconds that Azure may take to hand out a user's credential."""


def connection(entry: ClusterEntry) -> Connection:
    """How the API server is reached and by what right; nobody is called yet."""
    way = entry.details.get(WAY, "")
    if way not in _CREDENTIALS:
        raise ConfigurationError("nothing tells how the cluster is entered", where=entry.cluster)
    return Connection(
        name=entry.cluster,
        server=entry.server,
        authority=entry.authority,
        proxy=proxy_for(entry.server, os.environ),
        where=entry.uid,
        credential=_CREDENTIALS[way](entry),
    )


def read_kubeconfig(text: bytes, where: str) -> Connection:
    """
    The connection that a kubeconfig of AKS comes to. Its exec plugin (``kubelogin``) is never run. ConfigurationError.
    """
    return Kubeconfig.of(text.decode(errors="replace"), where, {}).connection()


class EntraToken:
    """A token of Microsoft Entra ID for API servers of AKS, kept until shortly before its end."""

    def __init__(self, entry: ClusterEntry) -> None:
        self._authority = entry.place.endpoints.azure_authority
        self._lock = asyncio.Lock()
        self._current: Identity | None = None
        self._expires = 0.0

    async def identity(self, stale: Identity | None = None) -> Identity:
        """The token. Unauthorized, Unreachable or TimedOut where none can be had."""
        async with self._lock:
            late = self._expires - time.time() < EARLY
            if self._current is None or late or self._current == stale:
                async with Login(self._authority) as login:  # a new one remembers no token that was refused
                    token = await login.get_token_info(KUBERNETES_SCOPE)
                self._current, self._expires = Identity(token=token.token), float(token.expires_on)
            return self._current


class UserCredential:
    """The client certificate, or the token, of the kubeconfig that AKS gives whoever is logged in."""

    def __init__(self, entry: ClusterEntry) -> None:
        self._entry = entry
        self._lock = asyncio.Lock()
        self._current: Identity | None = None

    async def identity(self, stale: Identity | None = None) -> Identity:
        """The identity. Typed errors where Azure does not give it, or gives one that is none."""
        async with self._lock:
            if self._current is None or self._current == stale:
                self._current = await self._asked()
            return self._current

    async def _asked(self) -> Identity:
        entry = self._entry
        async with Subscription(entry.place, patience=PATIENCE) as subscription:
            text = await subscription.user_credential(entry.details[GROUP], entry.cluster, entry.region)
        credential = read_kubeconfig(text, entry.uid).credential
        if not isinstance(credential, Fixed):
            raise ConfigurationError(
                "the user credential of the cluster is no certificate and no token",
                where=entry.uid,
                mend="look at it with `az aks get-credentials --file -`",
            )
        return await credential.identity()


class NoCredential:
    """What is known of a cluster whose way in Azure did not tell, and why."""

    def __init__(self, entry: ClusterEntry) -> None:
        self._entry = entry

    async def identity(self, stale: Identity | None = None) -> Identity:
        """Always Forbidden, in the words in which it was refused."""
        details = self._entry.details
        raise Forbidden(
            "Azure does not tell how the cluster is entered",
            where=self._entry.uid,
            cause=details.get("cause", ""),
            mend=details.get("mend", ""),
        )


_CREDENTIALS: Final[Mapping[str, Callable[[ClusterEntry], Credential]]] = {
    ENTRA: EntraToken,
    USER: UserCredential,
    REFUSED: NoCredential,
}
