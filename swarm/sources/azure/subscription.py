"""
Lists of Azure come in pages, the next one at an address that the last one names; a list that breaks off is not whole.

One subscription through the SDK's client: clusters and pools by its operations, everything else by paths, in the same
pipeline with the same login, patience and guard.
"""

from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlencode

from swarm.errors import BadBody, DeepscanError
from swarm.sources.azure import calls
from swarm.sources.azure.endpoints import resource_manager_of
from swarm.sources.azure.guard import ReadOnly
from swarm.sources.azure.lanes import LANE, Lane, Lanes
from swarm.sources.azure.login import Login, sdk
from swarm.sources.cloud import AccountPlace, CloudCall
from swarm.sources.source import Counters

COST: ContextVar[Counters] = ContextVar("cost")
"""What the slice that this task reads has cost so far."""


_MORE: Mapping[CloudCall, Mapping[str, str]] = {
    calls.SCALE_SET_MACHINES: {"$expand": "instanceView"},
    calls.MACHINES: {"$expand": "instanceView"},
    calls.NETWORK_RESOURCES: {"$filter": calls.NETWORK_FILTER, "$expand": "createdTime"},
}
"""Parameters without which an answer lacks what is read of it: whether a machine runs, when a thing was made."""


@dataclass
class Listed:
    """Objects in the order of the list, and why it is not whole."""

    items: list[dict[str, Any]] = field(default_factory=list)
    error: DeepscanError | None = None


class Subscription:
    """
    One subscription, open from :meth:`connect` to :meth:`close`, on one event loop. ``patience`` is how many seconds a
    location may take to answer.
    """

    def __init__(self, place: AccountPlace, *, patience: float, counters: Counters | None = None) -> None:
        self.id = place.name.lower()
        self.counters = counters or Counters()
        self._endpoint = resource_manager_of(place.endpoints.azure_resource_manager)
        self._login = Login(place.endpoints.azure_authority)
        self._patience = patience
        self._lanes: dict[str, Lane] = {}
        self._client: Any = None
        self._refusals: Any = None

    async def connect(self) -> None:
        """Import the SDK and make the client; nobody is called. ConfigurationError without the extra."""
        if self._client is not None:
            return
        pipeline = await sdk("swarm.sources.azure.pipeline")
        self._refusals = await sdk("swarm.sources.azure.refusals")
        self._client = pipeline.client_of(
            self.id,
            self._endpoint,
            self._login,
            Lanes(self._patience),
            ReadOnly(self._endpoint, self._sent),
        )

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        await self._login.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_details: object) -> None:
        await self.close()

    async def get(self, call: CloudCall) -> dict[str, Any]:
        """One object. Typed errors."""
        LANE.set(self._lane(""))
        try:
            return await self._read(self._url(call, {}))
        except Exception as error:
            raise self._typed(error, call) from error

    async def user_credential(self, group: str, name: str, location: str) -> bytes:
        """
        The kubeconfig that AKS gives a user of a cluster; where Microsoft Entra ID is in charge it holds no secret.
        Typed errors.
        """
        LANE.set(self._lane(location))
        try:
            answer = await self._client.managed_clusters.list_cluster_user_credentials(
                group, name, format="exec", retry_on_methods=frozenset({"GET", "POST"})
            )
        except Exception as error:
            raise self._typed(error, calls.USER_CREDENTIAL) from error
        return next((bytes(each.value) for each in answer.kubeconfigs or () if each.value), b"")

    async def collect(
        self, call: CloudCall, lane: str = "", into: Listed | None = None, **names: str
    ) -> Listed:
        """
        All objects of a list, what there is of it at least; never raises for what Azure does. ``lane`` is the location
        whose patience counts, ``names`` go into the path.
        """
        LANE.set(self._lane(lane))
        listed = into or Listed()
        try:
            async for page in self._pages(call, names):
                listed.items.extend(page)
                self._count(pages=1, objects=len(page))
        except Exception as error:
            listed.error = self._typed(error, call)
        return listed

    def _pages(self, call: CloudCall, names: Mapping[str, str]) -> AsyncIterator[list[dict[str, Any]]]:
        if call is calls.MANAGED_CLUSTERS:
            return _models(self._client.managed_clusters.list())
        if call is calls.AGENT_POOLS:
            return _models(self._client.agent_pools.list(names["group"], names["name"]))
        return self._followed(call, names)

    async def _followed(
        self, call: CloudCall, names: Mapping[str, str]
    ) -> AsyncIterator[list[dict[str, Any]]]:
        url, followed = self._url(call, names), set[str]()
        while url and url not in followed:
            followed.add(url)
            page = await self._read(url)
            yield list(page.get("value") or ())
            url = str(page.get("nextLink") or "")
        if url:
            raise BadBody("the list goes in circles", where=url, mend="scan again; tell Azure if it stays so")

    async def _read(self, url: str) -> dict[str, Any]:
        from azure.core.rest import HttpRequest

        response = await self._client.send_request(HttpRequest("GET", url))
        response.raise_for_status()
        body = response.json()
        if not isinstance(body, dict):
            raise BadBody("the answer is no object", where=url)
        return body

    def _url(self, call: CloudCall, names: Mapping[str, str]) -> str:
        version = calls.DISK_VERSION if call is calls.ALL_DISKS else calls.API_VERSIONS[call.service]
        below = f"/{call.operation.format(**names)}" if call.operation else ""
        query = urlencode({"api-version": version, **_MORE.get(call, {})}, quote_via=quote)
        return f"{{endpoint}}/subscriptions/{self.id}{below}?{query}"

    def _lane(self, location: str) -> Lane:
        return self._lanes.setdefault(location, Lane(location))

    def _typed(self, error: Exception, call: CloudCall) -> DeepscanError:
        where = f"{self._endpoint}/subscriptions/{self.id}/{call.operation}"
        typed: DeepscanError = self._refusals.typed(error, call, where)
        return typed

    def _sent(self) -> None:
        self._count(requests=1)

    def _count(self, *, requests: int = 0, pages: int = 0, objects: int = 0) -> None:
        for counters in (self.counters, COST.get(None)):
            if counters is not None:
                counters.requests += requests
                counters.pages += pages
                counters.objects += objects


async def _models(pager: Any) -> AsyncIterator[list[dict[str, Any]]]:
    """Pages of the SDK's models as the JSON that they were."""
    async for page in pager.by_page():
        yield [model.as_dict() async for model in page]
