"""
kubectl enters GKE with a program of Google's; all it does is show an access token, which we can show ourselves.
"""

import os

from swarm.sources.cloud import ClusterEntry
from swarm.sources.gcp.tokens import tokens_here
from swarm.sources.kubernetes.connection import Connection, Identity
from swarm.sources.kubernetes.proxies import proxy_for


class GoogleCredential:
    """The access token of the login that runs on this event loop, refreshed before it ends."""

    async def identity(self, stale: Identity | None = None) -> Identity:
        """
        The current token; a new one if ``stale`` is still the current one, made once for all who ask. Typed errors as
        of :meth:`swarm.sources.gcp.tokens.Tokens.token`.
        """
        return Identity(token=await tokens_here().token(stale.token if stale else ""))


def connection(entry: ClusterEntry) -> Connection:
    """How a GKE cluster's API server is reached, in whichever process."""
    return Connection(
        name=entry.cluster,
        server=entry.server,
        authority=entry.authority,
        proxy=proxy_for(entry.server, os.environ),
        where=f"Google Cloud project {entry.place.name}",
        credential=GoogleCredential(),
    )
