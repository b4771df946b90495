"""
Three clouds differ in every name; to a scan each is an account with clusters in it and things beside them.

What every provider's source gives: it reads the account's slices like any :class:`~swarm.sources.source.Source`, and
says of each cluster how it is entered. Nothing here knows an SDK, and what is said of an entry is plain data, so that
another process can enter the cluster.
"""

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, cast

import msgspec

from scanners.facts.cloud import CloudCluster, CloudFact, NodePool, Provider
from scanners.facts.slices import CLUSTERS, Slice
from scanners.semantics.split_secrets import redact_text, redact_value
from swarm.sources.kubernetes.connection import Connection
from swarm.sources.source import Read, Source

WHOLE = "cluster"
"""
The scope of a reading that covers all there is. A part of an account reads as ``region/NAME``, and what was asked for
one of its clusters as ``cluster/NAME``.
"""


class CloudCall(NamedTuple):
    """
    One read of a provider's API and the permission that it costs: ``service`` and ``operation`` as the SDK or the REST
    path names them, ``permission`` as a policy names it.
    """

    service: str
    operation: str
    permission: str


@dataclass(frozen=True)
class Endpoints:
    """Where the providers answer when it is not at their public addresses; plain http on loopback only."""

    gcp: str = ""
    azure_resource_manager: str = ""
    azure_authority: str = ""


@dataclass(frozen=True)
class AccountPlace:
    """
    Which account, and as whom: an AWS profile (``""`` for the SDK's own choice), a GCP project, an Azure subscription.
    """

    provider: Provider
    name: str
    endpoints: Endpoints = field(default_factory=Endpoints)


@dataclass(frozen=True)
class ClusterEntry:
    """
    How a cluster that an account told of is entered. ``authority`` is its CA as PEM, ``""`` where the system's serve;
    ``private``: only from within its own network. ``details`` are the provider's own (a resource group, a role).
    """

    place: AccountPlace
    cluster: str
    uid: str
    region: str
    server: str
    authority: str = ""
    private: bool = False
    details: Mapping[str, str] = field(default_factory=dict)

    def connection(self) -> Connection:
        """How its API server is reached, with a credential that mints tokens of its own when it is asked."""
        module = importlib.import_module(f"swarm.sources.{self.place.provider}.entry")
        return cast(Connection, module.connection(self))


class Account(Source, Protocol):
    """A cloud account. ``open`` raises a DeepscanError where nobody can log in or the provider's extra is absent."""

    def entry(self, cluster: CloudCluster) -> ClusterEntry | None:
        """How to enter a cluster that was read; None for one that cannot be entered (it is being made, or gone)."""


def open_account(place: AccountPlace, *, patience: float) -> Account:
    """
    The account's source; nobody is called yet and no SDK is imported. ``patience``: seconds that one region may take
    to answer before it is a gap.
    """
    module = importlib.import_module(f"swarm.sources.{place.provider}.source")
    return cast(Account, module.account(place, patience=patience))


def calls_of(provider: Provider) -> Mapping[Slice, Sequence[CloudCall]]:
    """Every read that the provider's source makes, by the slice that costs it."""
    module = importlib.import_module(f"swarm.sources.{provider}.calls")
    return cast(Mapping[Slice, Sequence[CloudCall]], module.CALLS)


def fact_from(
    provider: Provider, slice_: Slice, item: Mapping[str, Any], account: str, region: str, cluster: str = ""
) -> CloudFact | None:
    """
    One object of a provider's answer as a fact, with the values that stand at its paths; None for what is none of the
    slice. ``cluster`` is the uid of the cluster that it was asked for.
    """
    module = importlib.import_module(f"swarm.sources.{provider}.facts")
    fact = cast(CloudFact | None, module.fact_of(slice_, item, account, region, cluster))
    if fact is None:
        return None
    paths = {**fact.paths, **_first_issue(item, fact.paths.get("issues", ""))}
    found = ((field, _at(item, path)) for field, path in paths.items())
    values = {field: _told(value) for field, value in found if isinstance(value, str | int | float)}
    labels = {key: redact_value(key, value) for key, value in fact.labels.items()}
    return _issues_told(msgspec.structs.replace(fact, paths=paths, values=values, labels=labels))


def _told(value: str | int | float) -> str | int | float:
    return redact_text(value) if isinstance(value, str) else value


def _issues_told(fact: CloudFact) -> CloudFact:
    """The fact with what its provider says in words free of secrets: people write them into anything."""
    if not isinstance(fact, CloudCluster | NodePool) or not fact.issues:
        return fact
    issues = tuple(msgspec.structs.replace(one, message=redact_text(one.message)) for one in fact.issues)
    return msgspec.structs.replace(fact, issues=issues)


def _first_issue(item: Any, path: str) -> Mapping[str, str]:
    """Where the first of the provider's issues has its code and its message: in a list, an object, or a text."""
    if not path:
        return {}
    spellings = {
        "issue_code": ("[0].code", "[0].canonicalCode", ".code"),
        "issue": ("[0].message", ".message", ""),
    }
    told = {
        field: next((path + end for end in ends if isinstance(_at(item, path + end), str)), "")
        for field, ends in spellings.items()
    }
    return {field: place for field, place in told.items() if place}


_STEP = re.compile(r"\['(?P<key>[^']*)'\]|\[(?P<index>\d+)\]|(?P<name>[^.\[\]]+)")


def _at(item: Any, path: str) -> Any:
    """What stands at a dotted path with ``[n]`` and ``['key.with.dots']``; None where it leads nowhere."""
    for step in _STEP.finditer(path):
        if step["index"] is not None:
            number = int(step["index"])
            item = item[number] if isinstance(item, list) and number < len(item) else None
        else:
            key = step["key"] if step["key"] is not None else step["name"]
            item = item.get(key) if isinstance(item, Mapping) else None
    return item


def share_of(cluster: CloudCluster, reads: Mapping[Slice, Read]) -> dict[Slice, Read]:
    """What of an account's slices belongs to one of its clusters, read as they were read where it stands."""
    return {slice_: _share(cluster, slice_, read) for slice_, read in reads.items()}


def _share(cluster: CloudCluster, slice_: Slice, read: Read) -> Read:
    objects = [fact for fact in read.objects if _belongs(fact, cluster, slice_)]
    scopes = (f"cluster/{cluster.name}", f"region/{cluster.region}", WHOLE)
    readings = [
        msgspec.structs.replace(reading, scope=WHOLE, objects=len(objects))
        for reading in read.readings
        if reading.scope in scopes
    ]
    return Read(objects=objects, readings=readings)


def _belongs(fact: Any, cluster: CloudCluster, slice_: Slice) -> bool:
    if slice_ == CLUSTERS:
        return bool(fact.uid == cluster.uid)
    owner = getattr(fact, "cluster", None)
    return bool(fact.region == cluster.region if owner is None else owner == cluster.uid)
