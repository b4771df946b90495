"""
One account, many regions: what is left running in the region that nobody looks at is paid for all the same.

Every region that is switched on is read side by side, each with its own patience. A region that is silent, denied or
throttled to the end is a gap with its name; the others are told in full.
"""

import asyncio
import base64
import binascii
import re
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from scanners.facts.cloud import CloudCluster
from scanners.facts.gaps import Reading, SliceState
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
from swarm.errors import BadBody, Forbidden, SourceError
from swarm.sources.aws import fleet, leftovers
from swarm.sources.aws.calls import DESCRIBE_REGIONS, WHO_AM_I
from swarm.sources.aws.patience import COST
from swarm.sources.aws.region import Ended, Region, Share
from swarm.sources.aws.session import Clients, home_region, open_session
from swarm.sources.cloud import AccountPlace, ClusterEntry
from swarm.sources.kubernetes.listing import state_of
from swarm.sources.source import Counters, Read

ENTERABLE = frozenset({"ACTIVE", "UPDATING"})
"""States in which a cluster's API server answers."""

ELSEWHERE = "region/*"
"""The scope of regions that could not even be listed."""

Reader = Callable[[Region, Share], Coroutine[Any, Any, Any]]

READERS: Mapping[Slice, Reader] = {
    CLOUD_QUOTAS: fleet.quotas,
    DISKS: leftovers.disks,
    ADDRESSES: leftovers.addresses,
    LOAD_BALANCERS: leftovers.load_balancers,
}
"""Slices that a region can be asked for without knowing anything else."""


class AwsAccount:
    """
    One account as one profile. Nobody is called before :meth:`open`, which logs in by the SDK's own chain.

    ``patience`` is the seconds that one answer of a region may take, repetitions included.
    """

    def __init__(self, place: AccountPlace, *, patience: float) -> None:
        self.counters = Counters()
        self.warnings: list[str] = []
        self._place = place
        self._patience = patience
        self._clients: Clients | None = None
        self._account = ""
        self._partition = "aws"
        self._principal = ""
        self._regions: dict[str, Region] = {}
        self._unlisted: Forbidden | None = None
        self._clusters: dict[str, Share] = {}
        self._authorities: dict[str, str] = {}
        self._ended: Ended | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._clock = (time.time(), time.monotonic())

    async def open(self) -> Target:
        """Log in, learn which account this is and which regions it has. Typed DeepscanError if nobody is let in."""
        session = await asyncio.to_thread(open_session, self._place.name)
        self._clients = Clients(session, self._patience)
        home = Region(home_region(session), self._clients, self.counters, self._patience)
        home.known = False
        who = await home.ask(WHO_AM_I)
        home.known = True
        self._set_clock(who)
        self._account, self._partition = who["Account"], str(who["Arn"]).split(":")[1]
        self._principal = _principal_of(str(who["Arn"]))
        names = await self._region_names(home)
        self._regions = {
            name: home if name == home.name else Region(name, self._clients, self.counters, self._patience)
            for name in names
        }
        name = f"aws {self._account}"
        named = f"{name} ({self._place.name})" if self._place.name else name
        return Target(id=self._account, name=named, provider="aws")

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice in all regions, whatever happens: what is missing stands in the readings."""
        cost = Counters()
        COST.set(cost)
        reader = self._reader(slice_, having)
        if reader is None:
            return Read(objects=[], readings=[])
        names = list(self._regions)
        shares = await asyncio.gather(*(self._in_region(slice_, name, reader) for name in names))
        if slice_ == CLUSTERS:
            self._clusters = dict(zip(names, shares, strict=True))
        facts = sorted((f for share in shares for f in share.facts), key=lambda f: (f.name, f.uid))
        readings = [reading for share in shares for reading in share.readings()]
        if self._unlisted is not None:
            error = self._unlisted
            readings.append(Reading(slice_.name, state_of(error), ELSEWHERE, 0, error.sentence, error.mend))
        self.counters.objects += len(facts)
        return Read(list(facts), readings, cost.requests)

    def entry(self, cluster: CloudCluster) -> ClusterEntry | None:
        """How to enter a cluster that was read here; None while it has no endpoint that answers."""
        if cluster.status not in ENTERABLE or not cluster.endpoint:
            return None
        return ClusterEntry(
            place=self._place,
            cluster=cluster.name,
            uid=cluster.uid,
            region=cluster.region,
            server=cluster.endpoint,
            authority=self._authorities.get(cluster.uid, ""),
            private=cluster.private,
            details={"principal": self._principal},
        )

    def now(self) -> float:
        """AWS's clock, in epoch seconds."""
        moment, began = self._clock
        return moment + time.monotonic() - began

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """End what is under way: each region keeps what it has, and what is unfinished reads as ``state``."""
        self._ended = Ended(detail, mend=mend)
        self._ended.state = state
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Close all connections."""
        if self._clients is not None:
            await self._clients.close()
            self._clients = None

    def _reader(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Reader | None:
        if slice_ == CLUSTERS:
            return self._read_clusters
        if slice_ == NODE_POOLS:
            return partial(self._read_node_pools, having.get(CLUSTERS, ()))
        if slice_ == INSTANCES:
            return self._read_instances
        return READERS.get(slice_)

    async def _in_region(self, slice_: Slice, name: str, reader: Reader) -> Share:
        """One region's share; never raises for what the region does."""
        share = Share(slice_, self._account, name)
        if self._ended is not None:
            share.refused = self._ended
            return share
        task = asyncio.create_task(reader(self._regions[name], share))
        self._under_way.add(task)
        try:
            await task
        except SourceError as error:
            share.refused = error
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            said = f"{type(error).__name__}: {error}"
            share.refused = BadBody("an answer is not what the API promises", where=name, cause=said)
        except asyncio.CancelledError:
            if self._ended is None or not task.cancelled():
                task.cancel()
                raise
            share.refused = self._ended
        finally:
            self._under_way.discard(task)
        return share

    async def _read_clusters(self, region: Region, share: Share) -> None:
        described = await fleet.clusters(region, share)
        for item in described.values():
            authority = (item.get("certificateAuthority") or {}).get("data") or ""
            try:
                self._authorities[item.get("arn") or ""] = base64.b64decode(authority).decode()
            except (binascii.Error, UnicodeDecodeError):
                self.warnings.append(f"{item['name']}: its certificate authority cannot be read")

    async def _read_node_pools(self, clusters: Sequence[CloudCluster], region: Region, share: Share) -> None:
        """Node groups of the clusters found there; where clusters are not known, groups are not either."""
        known = self._clusters.get(region.name)
        if known is not None:
            share.refused = known.refused
            share.of_clusters.update(known.of_clusters)
            share.asked_clusters = len(known.of_clusters)
        await fleet.node_pools(region, share, [each for each in clusters if each.region == region.name])

    async def _read_instances(self, region: Region, share: Share) -> None:
        prefix = f"arn:{self._partition}:eks:{region.name}:{self._account}:cluster/"
        await fleet.instances(region, share, prefix)

    async def _region_names(self, home: Region) -> list[str]:
        """The regions that are switched on for the account; only the own one if they may not be listed."""
        try:
            answer = await home.ask(DESCRIBE_REGIONS, AllRegions=False)
        except Forbidden as error:
            self._unlisted = error
            self.warnings.append(f"{error.what}: only {home.name} is read ({error.mend})")
            return [home.name]
        return sorted(region["RegionName"] for region in answer["Regions"])

    def _set_clock(self, answer: Mapping[str, Any]) -> None:
        told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
        try:
            self._clock = (parsedate_to_datetime(told).timestamp(), time.monotonic())
        except (TypeError, ValueError):
            self._clock = (time.time(), time.monotonic())


def _principal_of(arn: str) -> str:
    """The user or role behind an identity: access entries want a role without its session's name."""
    found = re.fullmatch(r"arn:([^:]+):sts::(\d+):assumed-role/(.+)/[^/]+", arn)
    return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else arn


def account(place: AccountPlace, *, patience: float) -> AwsAccount:
    """The account's source; nobody is called yet and the SDK is not imported."""
    return AwsAccount(place, patience=patience)
