"""
What the SDK does between a call and the wire is its own choice, and one of its choices is to write.

The client of one subscription with a list of policies of our own: without the one that registers resource providers,
with :class:`~swarm.sources.azure.guard.ReadOnly` as the last. This module needs the SDK; it is imported by
:func:`swarm.sources.azure.login.sdk`.
"""

from typing import Any, cast

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.mgmt.containerservice.aio import ContainerServiceClient

from swarm.sources.azure.endpoints import is_plain_loopback, scope_of
from swarm.sources.azure.guard import ReadOnly
from swarm.sources.azure.lanes import Lanes
from swarm.sources.azure.login import Login

USER_AGENT = "deepscan"
RETRIES = 8
BACKOFF = 0.4
LONGEST_WAIT = 30
CONNECT_SECONDS = 10.0


class Bearer(policies.AsyncBearerTokenCredentialPolicy[Any, Any]):
    """
    Shows the token, and asks for a new one where it is refused with a 401, once for all who showed it: the SDK's own
    policy does so only where the server demands further claims.
    """

    def __init__(self, login: Login, scope: str) -> None:
        super().__init__(login, scope)
        self._login = login

    async def on_challenge(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to send the request again, which then shows another token."""
        if await super().on_challenge(request, response):
            return True
        shown = request.http_request.headers.get("Authorization", "").removeprefix("Bearer ")
        await self._login.renew(shown, *self._scopes)
        await self.authorize_request(request, *self._scopes)
        return True


class LoopbackBearer(Bearer):
    """
    The same without the SDK's refusal of plain http. Only for an endpoint on the loopback, where a token passes nobody:
    a server of a test, or a gateway on this machine.
    """

    async def on_request(self, request: PipelineRequest[Any]) -> None:
        """Put the token on the request."""
        request.context.options["enforce_https"] = False
        await super().on_request(request)


def client_of(
    subscription: str, endpoint: str, login: Login, lanes: Lanes, guard: ReadOnly
) -> ContainerServiceClient:
    """A client that reads from one subscription at an endpoint. It is to be closed; its login is not."""
    bearer = LoopbackBearer if is_plain_loopback(endpoint) else Bearer
    retries = policies.AsyncRetryPolicy(
        retry_total=RETRIES,
        retry_status=RETRIES,
        retry_backoff_factor=BACKOFF,
        retry_backoff_max=LONGEST_WAIT,
    )
    return ContainerServiceClient(
        cast(AsyncTokenCredential, login),
        subscription,
        base_url=endpoint,
        policies=[
            policies.RequestIdPolicy(),
            policies.UserAgentPolicy(base_user_agent=USER_AGENT),
            policies.ContentDecodePolicy(),
            retries,
            bearer(login, scope_of(endpoint)),
            lanes,
            guard,
        ],
        connection_timeout=CONNECT_SECONDS,
    )
