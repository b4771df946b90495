"""
A managed cluster is known before it can be entered: whom its API server is trusted by stands in a kubeconfig only.

What the source keeps of each cluster besides its fact: where its machines lie, and how it is entered.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scanners.facts.cloud import CloudCluster
from swarm.errors import DeepscanError
from swarm.sources.azure.entry import ENTRA, GROUP, REFUSED, USER, WAY, read_kubeconfig
from swarm.sources.azure.fields import place, text
from swarm.sources.azure.names import group_of
from swarm.sources.azure.subscription import Subscription
from swarm.sources.cloud import AccountPlace, ClusterEntry
from swarm.sources.kubernetes.connection import Connection

STOPPED: Final = "Stopped"
CLOSED: Final = frozenset({STOPPED, "Creating", "Deleting"})
"""States in which there is no API server to enter, in Azure's words."""


@dataclass(frozen=True)
class Known:
    """A cluster with the object that told of it."""

    fact: CloudCluster
    item: dict[str, Any]

    @property
    def group(self) -> str:
        """The resource group that it lies in."""
        return group_of(self.fact.uid)

    @property
    def node_group(self) -> str:
        """The resource group of its machines, disks and addresses."""
        return text(self.item, "properties.nodeResourceGroup")


async def entries_of(
    known: Sequence[Known], place_: AccountPlace, azure: Subscription
) -> dict[str, ClusterEntry]:
    """How each cluster is entered, by its uid, asked side by side; those that cannot be entered are left out."""
    open_ = [each for each in known if each.fact.status not in CLOSED]
    entries = await asyncio.gather(*(_entry(each, place_, azure) for each in open_))
    return {entry.uid: entry for entry in entries}


async def _entry(known: Known, place_: AccountPlace, azure: Subscription) -> ClusterEntry:
    fact = known.fact
    server, authority = f"https://{fact.endpoint}:443" if fact.endpoint else "", ""
    try:
        told = await azure.user_credential(known.group, fact.name, fact.region)
        connection: Connection = read_kubeconfig(told, fact.uid)
        server, authority = connection.server, connection.authority
        details = {WAY: ENTRA if is_of_entra(known) else USER, GROUP: known.group}
    except DeepscanError as error:
        details = {WAY: REFUSED, "cause": error.sentence, "mend": error.mend}
    return ClusterEntry(
        place=place_,
        cluster=fact.name,
        uid=fact.uid,
        region=fact.region,
        server=server,
        authority=authority,
        private=fact.private,
        details=details,
    )


def is_of_entra(known: Known) -> bool:
    """Whether Microsoft Entra ID says who may enter; elsewhere every user of Azure's gets the same certificate."""
    return isinstance(place(known.item, "properties.aadProfile"), dict)


def strong(entry: ClusterEntry) -> str:
    """What is to be said of a cluster that everybody enters as its administrator, ``""`` of others."""
    if entry.details[WAY] != USER:
        return ""
    return (
        f"cluster {entry.cluster} ({entry.region}) is entered with the client certificate of a local account, which "
        "has all rights in it: Microsoft Entra ID is not in charge there. deepscan only reads with it; "
        "`az aks update --enable-aad` lets roles say who may do what"
    )
