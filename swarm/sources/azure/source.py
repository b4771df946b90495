"""
An AKS cluster is spread over a subscription: a resource of one provider, pools, machines and disks of two others.

One Azure subscription behind the protocols of :mod:`swarm.sources.cloud`. The clusters are listed once; what is asked
for each of them goes side by side, location by location, and one that is silent costs its own answers only.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from scanners.facts.cloud import CloudCluster
from scanners.facts.gaps import SliceState
from scanners.facts.inventory import Target
from scanners.facts.slices import (
    ADDRESSES,
    CLOUD_QUOTAS,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    Slice,
)
from swarm.errors import ConfigurationError, Forbidden, NotServed, ServerError
from swarm.sources.azure import calls
from swarm.sources.azure.clusters import STOPPED, Known, entries_of, strong
from swarm.sources.azure.gathered import Ending, Gathered
from swarm.sources.azure.leftovers import ADDRESSES_KEY, CREATED_KEY
from swarm.sources.azure.names import group_of
from swarm.sources.azure.subscription import COST, Listed, Subscription
from swarm.sources.cloud import WHOLE, AccountPlace, CloudCall, ClusterEntry, fact_from
from swarm.sources.source import Counters, Read

CANCELLED = Ending(SliceState.FAILED, "the reading was cancelled")
SUBSCRIPTION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def account(place: AccountPlace, *, patience: float) -> "AzureSource":
    """The source of one subscription. Nobody is called and no SDK imported yet."""
    return AzureSource(place, patience=patience)


class AzureSource:
    """One subscription. ``patience`` is how many seconds a location may take to answer before it is a gap."""

    def __init__(self, place: AccountPlace, *, patience: float) -> None:
        self.counters = Counters()
        self.warnings: list[str] = []
        self._place = place
        self._azure = Subscription(place, patience=patience, counters=self.counters)
        self._listed: asyncio.Task[list[Known]] | None = None
        self._clusters = Listed()
        self._lists: dict[CloudCall, asyncio.Task[Listed]] = {}
        self._entries: dict[str, ClusterEntry] = {}
        self._stopped: Ending | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._readers: dict[Slice, Callable[[Gathered], Coroutine[Any, Any, None]]] = {
            CLUSTERS: self._read_clusters,
            NODE_POOLS: self._read_pools,
            INSTANCES: self._read_instances,
            CLOUD_QUOTAS: self._read_quotas,
            DISKS: self._read_disks,
            ADDRESSES: self._read_addresses,
            LOAD_BALANCERS: self._read_balancers,
        }

    async def open(self) -> Target:
        """
        Log in and look the subscription up. ConfigurationError without the extra or for what is no subscription's id,
        Unauthorized where nobody is logged in, NotServed where there is no such subscription.
        """
        name = self._place.name
        if not SUBSCRIPTION_ID.fullmatch(name):
            raise ConfigurationError(
                f"{name or '(nothing)'} is not the id of a subscription",
                where="--azure",
                mend="name it by its id: az account list --query '[].{name:name, id:id}' --output table",
            )
        await self._azure.connect()
        told = await self._subscription()
        display = str(told.get("displayName") or "")
        state = str(told.get("state") or "")
        if state not in ("", "Enabled"):
            self.warnings.append(f"the subscription {name} is {state}")
        shown = f"azure {self._azure.id} ({display})" if display else f"azure {self._azure.id}"
        return Target(id=self._azure.id, name=shown, provider="azure")

    async def _subscription(self) -> dict[str, Any]:
        where = f"--azure {self._place.name}"
        try:
            return await self._azure.get(calls.SUBSCRIPTION)
        except Forbidden as refused:
            self.warnings.append(f"the subscription's name is not known: {refused.sentence}; {refused.mend}")
            return {}
        except (NotServed, ServerError) as unknown:
            raise NotServed(
                "there is no such subscription, or this identity has no part in it",
                where=where,
                cause=unknown.cause,
                mend="az account list shows those that you have a part in",
            ) from unknown

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice, whatever happens: what is missing stands in the readings."""
        reader = self._readers.get(slice_)
        if reader is None:
            return Read(objects=[], readings=[])
        cost = Counters()
        COST.set(cost)
        gathered = Gathered(slice_, self._azure.id)
        if not await self._unless_stopped(reader(gathered)):
            gathered.stop(self._stopped or CANCELLED)
        return gathered.read(cost.requests)

    def entry(self, cluster: CloudCluster) -> ClusterEntry | None:
        """How to enter a cluster that was read; None for one that is stopped, being made or being deleted."""
        return self._entries.get(cluster.uid)

    def now(self) -> float:
        """The wall clock: ARM's dates are those of many machines."""
        return time.time()

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way: each unfinished slice keeps what it has and reads as ``state``."""
        self._stopped = Ending(state, detail, mend)
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Let go of connections."""
        shared = [*filter(None, [self._listed]), *self._lists.values()]
        for task in shared:
            task.cancel()
        await asyncio.gather(*shared, return_exceptions=True)
        await self._azure.close()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether the work came to its end; False if it was stopped before or meanwhile."""
        if self._stopped:
            work.close()
            return False
        task = asyncio.create_task(work)
        self._under_way.add(task)
        try:
            await task
        except asyncio.CancelledError:
            if self._stopped and task.cancelled():
                return False
            task.cancel()
            raise
        finally:
            self._under_way.discard(task)
        return True

    async def _known(self) -> list[Known]:
        """The clusters, listed once, whoever asks first."""
        if self._listed is None:
            self._listed = asyncio.create_task(self._list_clusters())
        return await asyncio.shield(self._listed)

    async def _list_clusters(self) -> list[Known]:
        await self._azure.collect(calls.MANAGED_CLUSTERS, into=self._clusters)
        return [
            Known(fact, item)
            for item in self._clusters.items
            if isinstance(fact := fact_from("azure", CLUSTERS, item, self._azure.id, ""), CloudCluster)
        ]

    async def _read_clusters(self, gathered: Gathered) -> None:
        try:
            known = await self._known()
        finally:
            gathered.take(self._clusters, WHOLE)
        for each in known:
            if each.fact.status == STOPPED:
                detail = "the cluster is stopped (powerState Stopped): it has no API server to enter"
                mend = f"az aks start --resource-group {each.group} --name {each.fact.name}, if it is to be scanned"
                gathered.note(f"cluster/{each.fact.name}", Ending(SliceState.COMPLETE, detail, mend))
        self._entries = await entries_of(known, self._place, self._azure)
        self.warnings += filter(None, map(strong, self._entries.values()))

    async def _read_pools(self, gathered: Gathered) -> None:
        async def pools(known: Known) -> list[Listed]:
            one = self._azure.collect(
                calls.AGENT_POOLS, known.fact.region, group=known.group, name=known.fact.name
            )
            return [await one]

        await self._of_clusters(gathered, pools)

    async def _read_instances(self, gathered: Gathered) -> None:
        await self._of_clusters(gathered, self._machines)

    async def _machines(self, known: Known) -> list[Listed]:
        """Machines of scale sets and machines of their own, all in the cluster's node resource group."""
        group, region = known.node_group, known.fact.region
        single, sets = await asyncio.gather(
            self._azure.collect(calls.MACHINES, region, group=group),
            self._azure.collect(calls.SCALE_SETS, region, group=group),
        )
        scaled = await asyncio.gather(*(self._scaled(each, group, region) for each in sets.items))
        return [single, Listed(error=sets.error), *scaled]

    async def _scaled(self, scale_set: dict[str, Any], group: str, region: str) -> Listed:
        name = str(scale_set.get("name"))
        listed = await self._azure.collect(calls.SCALE_SET_MACHINES, region, group=group, name=name)
        priority = (scale_set.get("properties") or {}).get("virtualMachineProfile") or {}
        beside = {
            "name": name,
            "tags": scale_set.get("tags") or {},
            "properties": {"virtualMachineProfile": {"priority": priority.get("priority")}},
        }
        listed.items = [{**item, "virtualMachineScaleSet": beside} for item in listed.items]
        return listed

    async def _of_clusters(
        self, gathered: Gathered, ask: Callable[[Known], Coroutine[Any, Any, list[Listed]]]
    ) -> None:
        """What is asked for each cluster, side by side: a reading for each location, and for each that failed."""
        known = await self._known()

        async def one(each: Known) -> None:
            gathered.of_cluster(each.fact, await ask(each))

        await asyncio.gather(*map(one, known))
        gathered.locations(sorted({each.fact.region for each in known}), self._clusters.error)

    async def _read_quotas(self, gathered: Gathered) -> None:
        known = await self._known()
        locations = sorted({each.fact.region for each in known})

        async def usages(location: str) -> None:
            listed = await self._azure.collect(calls.USAGES, location, location=location)
            gathered.take(listed, f"region/{location}", region=location)

        await asyncio.gather(*map(usages, locations))
        gathered.locations([], self._clusters.error)

    async def _read_disks(self, gathered: Gathered) -> None:
        disks = self._azure.collect(calls.ALL_DISKS, into=gathered.begun())
        listed, known = await asyncio.gather(disks, self._known())
        owners = {each.node_group.lower(): each.fact.uid for each in known if each.node_group}
        gathered.take(listed, WHOLE, owner=lambda item: owners.get(group_of(str(item.get("id"))).lower(), ""))

    async def _shared(self, call: CloudCall) -> Listed:
        """A list that several slices ask for, once."""
        if call not in self._lists:
            self._lists[call] = asyncio.create_task(self._azure.collect(call))
        return await asyncio.shield(self._lists[call])

    async def _dated(self, lists: Sequence[Listed]) -> list[Listed]:
        """Things of the network with the day that they were made, which their own provider does not tell."""
        resources = await self._shared(calls.NETWORK_RESOURCES)
        made = {str(each.get("id")).lower(): each.get(CREATED_KEY) for each in resources.items}
        dated = [
            Listed(
                [{**item, CREATED_KEY: made.get(str(item.get("id")).lower())} for item in each.items],
                each.error,
            )
            for each in lists
        ]
        return [*dated, Listed(error=resources.error)]

    async def _read_addresses(self, gathered: Gathered) -> None:
        gateways = self._azure.collect(calls.NAT_GATEWAYS, into=gathered.begun())
        lists = await asyncio.gather(self._shared(calls.PUBLIC_ADDRESSES), gateways)
        gathered.take_all(await self._dated(lists), WHOLE)

    async def _read_balancers(self, gathered: Gathered) -> None:
        balancers = self._azure.collect(calls.BALANCERS, into=gathered.begun())
        public, listed = await asyncio.gather(self._shared(calls.PUBLIC_ADDRESSES), balancers)
        told = [
            {
                "id": each.get("id"),
                "properties": {"ipAddress": (each.get("properties") or {}).get("ipAddress")},
            }
            for each in public.items
        ]
        known = Listed([{**item, ADDRESSES_KEY: told} for item in listed.items], listed.error)
        gathered.take_all([*await self._dated([known]), Listed(error=public.error)], WHOLE)
