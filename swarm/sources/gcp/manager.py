"""
All clusters of a project come in one answer, unless a zone is away, a token has aged or Google asks for patience.

The async client of google-cloud-container on a channel of our own: its constructor then looks for no credentials, and
below it stands the guard.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scanners.facts.slices import CLUSTERS
from swarm.errors import SourceError
from swarm.sources.gcp.calls import CALLS
from swarm.sources.gcp.endpoint import Doors
from swarm.sources.gcp.guard import METHODS, refuse_unless_listed
from swarm.sources.gcp.refusals import Said, refusal, said_over_grpc
from swarm.sources.gcp.tokens import Tokens, absent
from swarm.sources.gcp.waits import ATTEMPTS, CONNECTING_ATTEMPTS, wait
from swarm.sources.kubernetes.proxies import proxy_for
from swarm.sources.source import Counters

LARGEST = 256 << 20
"""Bytes of one answer. gRPC's default is 4 MB, a cluster with its pools some tens of KB."""

(METHOD,) = METHODS


class Clusters(NamedTuple):
    """The clusters of a project in the JSON of the API's REST form, and the zones that did not answer."""

    items: Sequence[Mapping[str, Any]]
    missing_zones: Sequence[str]


class ClusterManager:
    """The container API, of which one method is called. Open until :meth:`close`; belongs to one event loop."""

    def __init__(self, doors: Doors, tokens: Tokens, *, counters: Counters, patience: float) -> None:
        self._doors = doors
        self._tokens = tokens
        self._counters = counters
        self._patience = patience
        self._client: Any = None

    async def clusters(self, project: str, cost: Counters) -> Clusters:
        """
        Every cluster in every location, with its pools. What may pass by itself is tried again, a token that was
        refused is replaced once. Typed :class:`swarm.errors.SourceError`.
        """
        client = self.client()
        from google.api_core.exceptions import GoogleAPICallError

        where = f"{self._doors.container}{METHOD}"
        renewed = False
        for attempt in range(1, ATTEMPTS + 1):
            shown = await self._tokens.token()
            for counters in (self._counters, cost):
                counters.requests += 1
            try:
                answer = await client.list_clusters(
                    parent=f"projects/{project}/locations/-",
                    retry=None,
                    timeout=self._patience,
                    metadata=_identity(shown, self._tokens.quota_project),
                )
            except GoogleAPICallError as error:
                said = said_over_grpc(error)
                if said.status == 401 and not renewed:
                    renewed = bool(await self._tokens.token(stale=shown))
                    continue
                last = CONNECTING_ATTEMPTS if said.unconnected else ATTEMPTS
                if not said.later or _silent(said) or attempt >= last:
                    raise _refused(said, project, where) from error
                await asyncio.sleep(wait(_asked_for(error), attempt))
            else:
                return _plain(answer)
        raise _refused(Said(401, "a fresh token is refused too"), project, where)

    def client(self) -> Any:
        """The SDK's client on the guarded channel. ConfigurationError without the extra."""
        if self._client is None:
            try:
                self._client = _guarded_client(self._doors)
            except ImportError as error:
                raise absent() from error
        return self._client

    async def close(self) -> None:
        """Close the channel."""
        if self._client is not None:
            await self._client.transport.close()
            self._client = None


def _guarded_client(doors: Doors) -> Any:
    os.environ.setdefault(
        "GRPC_VERBOSITY", "NONE"
    )  # its core writes to stderr; what matters comes as an error
    import grpc
    from google.cloud.container_v1.services.cluster_manager import ClusterManagerAsyncClient
    from google.cloud.container_v1.services.cluster_manager.transports import (
        ClusterManagerGrpcAsyncIOTransport,
    )

    class Guard(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
        """Asked for each call, whoever makes it; the API has no other sort of call."""

        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            method = details.method
            refuse_unless_listed(method.decode() if isinstance(method, bytes) else method)
            return await continuation(details, request)

    options = _options(doors, os.environ)
    if doors.secure:
        channel = grpc.aio.secure_channel(
            doors.container, grpc.ssl_channel_credentials(), options, None, [Guard()]
        )
    else:
        channel = grpc.aio.insecure_channel(doors.container, options, None, [Guard()])
    return ClusterManagerAsyncClient(transport=ClusterManagerGrpcAsyncIOTransport(channel=channel))


def _options(doors: Doors, environment: Mapping[str, str]) -> list[tuple[str, int | str]]:
    """Proxies by the one rule that holds for everything else here: gRPC's own reads fewer variables than Go does."""
    proxy = proxy_for(f"https://{doors.container}", environment)
    chosen = [("grpc.http_proxy", proxy)] if proxy else []
    return [
        ("grpc.max_receive_message_length", LARGEST),
        ("grpc.enable_http_proxy", int(bool(proxy))),
        *chosen,
    ]


def _identity(token: str, quota_project: str) -> list[tuple[str, str]]:
    shown = [("authorization", f"Bearer {token}")]
    return [*shown, ("x-goog-user-project", quota_project)] if quota_project else shown


def _plain(answer: Any) -> Clusters:
    from google.protobuf.json_format import MessageToDict

    message = type(answer).pb(answer)
    return Clusters([MessageToDict(cluster) for cluster in message.clusters], list(message.missing_zones))


def _asked_for(error: Any) -> float | None:
    """Seconds that the server asks us to wait (google.rpc.RetryInfo)."""
    for detail in getattr(error, "details", ()):
        delay = getattr(detail, "retry_delay", None)
        if delay is not None:
            return float(delay.seconds) + float(delay.nanos) / 1e9
    return None


def _silent(said: Said) -> bool:
    """Our own patience ended: asking again would take as long again."""
    return said.status == 504


def _refused(said: Said, project: str, where: str) -> SourceError:
    return refusal(said, project=project, permission=CALLS[CLUSTERS][0].permission, where=where)
