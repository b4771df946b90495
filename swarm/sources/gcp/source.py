"""
A project is clusters in forty regions and what they left behind; one gRPC call and a handful of lists tell of it all.

Nothing is read twice: clusters come with their pools when the project is opened, everything else as its slice is asked
for. Whatever does not come is a reading that says what, where and why.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from scanners.facts.cloud import CloudCluster, CloudFact
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Target
from scanners.facts.slices import CLOUD_QUOTAS, CLUSTERS, LOAD_BALANCERS, NODE_POOLS, Slice
from swarm.errors import ConfigurationError, DeepscanError, Unauthorized, Unreachable
from swarm.sources.cloud import WHOLE, Account, AccountPlace, ClusterEntry, fact_from
from swarm.sources.gcp.compute import Compute
from swarm.sources.gcp.container import region_of, way_in
from swarm.sources.gcp.endpoint import doors
from swarm.sources.gcp.facts import REGISTERED, home_of
from swarm.sources.gcp.lists import BEHIND, LISTS, REGION_FIELDS, Gathered, List, registered, told
from swarm.sources.gcp.manager import ClusterManager, Clusters
from swarm.sources.gcp.readings import LATER, by_region, misread, refused
from swarm.sources.gcp.refusals import UnknownProject
from swarm.sources.gcp.tokens import tokens_here
from swarm.sources.source import Counters, Read

T = TypeVar("T")

NOT_YET, NO_MORE = frozenset({"PROVISIONING"}), frozenset({"STOPPING"})


class _Stop(NamedTuple):
    state: SliceState
    detail: str
    mend: str


class GoogleAccount:
    """One project behind the :class:`~swarm.sources.cloud.Account` protocol. Nobody is called before :meth:`open`."""

    def __init__(self, place: AccountPlace, *, patience: float) -> None:
        self.counters = Counters()
        self.warnings: list[str] = []
        self._place = place
        self._patience = patience
        self._manager: ClusterManager | None = None
        self._compute: Compute | None = None
        self._clusters: Clusters | DeepscanError = Clusters((), ())
        self._spent_on_clusters = 0
        self._homes: dict[tuple[str, str], CloudCluster] = {}
        self._broken: list[Mapping[str, Any]] = []
        self._items: dict[str, Mapping[str, Any]] = {}
        self._under_way: set[asyncio.Task[Any]] = set()
        self._stopped: _Stop | None = None

    async def open(self) -> Target:
        """
        Log in, and ask for the clusters. ConfigurationError without the extra or for a wrong endpoint; Unauthorized,
        Unreachable, :class:`~swarm.sources.gcp.refusals.UnknownProject` where there is nothing to read.
        """
        project, tokens = self._place.name, tokens_here()
        await tokens.token()
        at = doors(self._place.endpoints.gcp, tokens.universe)
        self._manager = ClusterManager(at, tokens, counters=self.counters, patience=self._patience)
        self._compute = Compute(at, project, tokens, counters=self.counters, patience=self._patience)
        cost = Counters()
        try:
            self._clusters = await self._manager.clusters(project, cost)
        except (ConfigurationError, Unauthorized, Unreachable, UnknownProject):
            raise
        except DeepscanError as error:
            self._clusters = error
        else:
            self._keep(self._clusters.items)
        self._spent_on_clusters = cost.requests
        return Target(id=project, name=f"gcp {project}", provider="gcp")

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice, whatever happens: what is missing stands in the readings."""
        if slice_ == CLUSTERS:
            return self._read_clusters()
        if slice_ == NODE_POOLS:
            return self._read_pools()
        if slice_ == CLOUD_QUOTAS:
            return await self._listed(slice_, self._gather_quotas)
        if slice_ == LOAD_BALANCERS:
            return await self._listed(slice_, self._gather_balancers)
        if slice_ in LISTS:
            return await self._listed(slice_, lambda held, cost: self._gather(LISTS[slice_], held, cost))
        return Read(objects=[], readings=[])

    def entry(self, cluster: CloudCluster) -> ClusterEntry | None:
        """How to enter a cluster that was read; None for one that is being made or taken away."""
        item = self._items.get(cluster.uid)
        if item is None or cluster.status in NOT_YET | NO_MORE or not cluster.endpoint:
            return None
        server, public, private = way_in(item)
        authority = "" if public else _authority(item)
        return ClusterEntry(
            place=self._place,
            cluster=cluster.name,
            uid=cluster.uid,
            region=cluster.region,
            server=server,
            authority=authority,
            private=private,
        )

    def now(self) -> float:
        """The wall clock, in epoch seconds: Google tells of all its zones at once."""
        return time.time()

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way: each unfinished slice keeps what it has and reads as that state."""
        self._stopped = _Stop(state, detail, mend)
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Close the channel and all connections."""
        if self._manager is not None:
            await self._manager.close()
        if self._compute is not None:
            await self._compute.close()

    def _keep(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Clusters by where they are: instances and disks are told of by location and name."""
        for item in items:
            facts, broken = self._understood(CLUSTERS, [("", item)])
            self._broken += broken
            for fact in facts:
                assert isinstance(fact, CloudCluster)
                self._items[fact.uid] = item
                self._homes[item.get("location", fact.region), fact.name] = fact

    def _read_clusters(self) -> Read:
        if isinstance(self._clusters, DeepscanError):
            return Read([], [refused(CLUSTERS, self._clusters)], self._spent_on_clusters)
        facts = list(self._homes.values())
        self.counters.objects += len(facts)
        readings = self._read_by_region(CLUSTERS, facts) + misread(CLUSTERS, self._broken)
        return Read(_ordered(facts), readings, self._spent_on_clusters)

    def _read_pools(self) -> Read:
        """Pools came with their clusters and cost nothing more."""
        if isinstance(self._clusters, DeepscanError):
            return Read([], [refused(NODE_POOLS, self._clusters)])
        facts: list[CloudFact] = []
        broken: list[Mapping[str, Any]] = []
        for cluster in self._homes.values():
            pools = self._items[cluster.uid].get("nodePools") or ()
            good, bad = self._understood(NODE_POOLS, [(cluster.region, item) for item in pools], cluster.uid)
            facts += map(_without_bounds, good) if cluster.autopilot else good
            broken += bad
        self.counters.objects += len(facts)
        return Read(_ordered(facts), self._read_by_region(NODE_POOLS, facts) + misread(NODE_POOLS, broken))

    def _read_by_region(self, slice_: Slice, facts: Sequence[CloudFact]) -> list[Reading]:
        assert isinstance(self._clusters, Clusters)
        silent = {region_of(zone): f"{zone} did not answer" for zone in self._clusters.missing_zones}
        return by_region(slice_, facts, (), silent)

    async def _listed(
        self, slice_: Slice, gather: Callable[[Gathered, Counters], Coroutine[Any, Any, list[Reading]]]
    ) -> Read:
        """What ``gather`` collects, as facts; what was had is kept whatever ends it."""
        held, cost = Gathered(), Counters()
        try:
            notes = await self._unless_stopped(gather(held, cost))
            ended = None
        except DeepscanError as error:
            notes, ended = [], error
        facts, broken = self._understood(slice_, held.found)
        if ended is not None:
            readings = [refused(slice_, ended, len(facts))]
        elif notes is None:
            assert self._stopped
            state, detail, mend = self._stopped
            readings = [Reading(slice_.name, state, WHOLE, len(facts), detail, mend)]
        else:
            regions = {*held.regions, *(home.region for home in self._homes.values())}
            readings = by_region(slice_, facts, regions, held.silent, held.wrong) + notes
        self.counters.objects += len(facts)
        return Read(_ordered(facts), readings + misread(slice_, broken), cost.requests)

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work gives; None where :meth:`stop` ended it."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        try:
            if self._stopped:
                task.cancel()
            return await task
        except asyncio.CancelledError:
            if not self._stopped or not task.cancelled():
                task.cancel()
                raise
            return None
        finally:
            self._under_way.discard(task)

    async def _gather(self, listed: List, held: Gathered, cost: Counters) -> list[Reading]:
        assert self._compute is not None
        async for page in self._compute.pages(listed.operation, listed.parameters, cost):
            held.take(page, listed.name)
        return []

    async def _gather_quotas(self, held: Gathered, cost: Counters) -> list[Reading]:
        assert self._compute is not None
        asked = {"returnPartialSuccess": "true", "fields": REGION_FIELDS}
        async for page in self._compute.pages("regions", asked, cost):
            for region in page.get("items") or ():
                held.regions.add(region["name"])
                held.found += [(region["name"], quota) for quota in region.get("quotas") or ()]
                if region.get("quotaStatusWarning"):
                    held.silent[region["name"]] = told(region["quotaStatusWarning"])
            held.unreachable(page)
        return []

    async def _gather_balancers(self, held: Gathered, cost: Counters) -> list[Reading]:
        """Forwarding rules, and how many backends stand behind each; without the latter they are still rules."""
        rules = self._gather(LISTS[LOAD_BALANCERS], held, cost)
        behind = {listed.name: Gathered() for listed in BEHIND}
        lists = (self._gather(listed, behind[listed.name], cost) for listed in BEHIND)
        ended = await asyncio.gather(rules, *lists, return_exceptions=True)
        if isinstance(ended[0], BaseException):
            raise ended[0]
        notes = []
        for listed, error in zip(BEHIND, ended[1:], strict=True):
            if isinstance(error, DeepscanError):
                notes.append(_without(listed, error, len(held.found)))
                del behind[listed.name]
            elif isinstance(error, BaseException):
                raise error
            else:
                held.merge(behind[listed.name])
        counted = zip(held.found, registered(held.found, behind), strict=True)
        held.found = [
            (region, rule if count is None else {**rule, REGISTERED: count})
            for (region, rule), count in counted
        ]
        return notes

    def _understood(
        self, slice_: Slice, found: Sequence[tuple[str, Mapping[str, Any]]], cluster: str = ""
    ) -> tuple[list[CloudFact], list[Mapping[str, Any]]]:
        """The facts of items by region, and the items that are not what the API promises."""
        facts, broken = [], []
        for region, item in found:
            try:
                home = self._homes.get(home_of(item))
                fact = fact_from(
                    "gcp", slice_, item, self._place.name, region, cluster or (home.uid if home else "")
                )
            except (LookupError, TypeError, ValueError, AttributeError):
                broken.append(item)
                continue
            if fact is not None:
                facts.append(fact)
        return facts, broken


def account(place: AccountPlace, *, patience: float) -> Account:
    """The project's source. ``patience``: seconds that an answer may take before it is a gap."""
    return GoogleAccount(place, patience=patience)


def _without(listed: List, error: DeepscanError, objects: int) -> Reading:
    detail = f"backends cannot be counted without {listed.name}: {error.sentence}"
    return Reading(LOAD_BALANCERS.name, SliceState.PARTIAL, WHOLE, objects, detail, error.mend or LATER)


def _without_bounds(pool: CloudFact) -> CloudFact:
    """A pool of an Autopilot cluster: how far it grows is Google's business, whatever numbers stand there."""
    return msgspec.structs.replace(pool, minimum=None, maximum=None, autoscaled=None)


def _authority(item: Mapping[str, Any]) -> str:
    """The cluster's CA as PEM; ``""`` where none is told."""
    told = (item.get("masterAuth") or {}).get("clusterCaCertificate") or ""
    try:
        return base64.b64decode(told, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _ordered(facts: Iterable[CloudFact]) -> list[CloudFact]:
    return sorted(facts, key=lambda fact: (fact.name, fact.uid))
