"""
What a kubeconfig, a service account or a managed cluster come down to: an address, whom to trust, who we are.
"""

from dataclasses import dataclass, field
from typing import Protocol

import msgspec


class Identity(msgspec.Struct, frozen=True):
    """What is shown to the server: a bearer token, or a client certificate with its key (PEM), or neither."""

    token: str = ""
    certificate: bytes = b""
    key: bytes = b""


class Credential(Protocol):
    """Where identities come from. Both methods raise a typed error if there is none to be had."""

    async def identity(self, stale: Identity | None = None) -> Identity:
        """
        The identity to use now. ``stale`` is one that the server refused: if it is still the current one, a
        new one is made, once for all who ask at the same time.
        """


class Fixed:
    """An identity that never changes: a token or certificate in the kubeconfig, or nobody at all."""

    def __init__(self, identity: Identity | None = None) -> None:
        self._identity = identity or Identity()

    async def identity(self, stale: Identity | None = None) -> Identity:
        """Always the same."""
        return self._identity


@dataclass(frozen=True)
class Connection:
    """
    How to reach one API server. ``authority`` is its CA as PEM, empty for the system's; ``proxy`` a URL or
    empty; ``namespace`` that of the context; ``where`` names the kubeconfig for error messages. ``let_in`` is the mend
    where the server does not know the identity, ``""`` for the usual one.
    """

    name: str
    server: str
    authority: str = ""
    insecure: bool = False
    tls_server_name: str = ""
    proxy: str = ""
    namespace: str = "default"
    where: str = ""
    let_in: str = ""
    credential: Credential = field(default_factory=Fixed)
