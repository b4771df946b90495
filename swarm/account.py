"""
An account is looked at twice: first for the clusters that stand in it, and at the end for what none of them means.

:func:`visit` reads an account and makes a target of each cluster in it, with its share of what was read;
:func:`conclude_account` lets the account's own checks look once the clusters have told what they name.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scanners.facts.cloud import CloudCluster, Digest
from scanners.facts.inventory import Target
from scanners.facts.slices import CLUSTERS, OF_CLUSTER, PRICES, Slice
from scanners.semantics.digests import readings_of
from swarm.agent import Agent
from swarm.errors import DeepscanError
from swarm.progress import Progress
from swarm.reader import Reader
from swarm.sources.cloud import Account, open_account, share_of
from swarm.sources.prices import prices_read
from swarm.sources.source import Read
from swarm.spec import Share, TargetSpec
from swarm.target import Plan, Scanned, agents_of, conclude, freeze, opened, read_all
from swarm.unread import unreadable

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that one region of an account may take to answer, whatever the deadline."""


@dataclass
class Visit:
    """
    An account that was read, and the ``clusters`` in it as targets. Where it could not be read, ``refused`` says so and
    there is nothing else.
    """

    spec: TargetSpec
    agents: Sequence[Agent] = ()
    reader: Reader | None = None
    target: Target | None = None
    clusters: Sequence[TargetSpec] = ()
    warnings: Sequence[str] = ()
    interrupted: bool = False
    refused: Scanned | None = None


async def visit(spec: TargetSpec, plan: Plan, progress: Progress, stop: asyncio.Event) -> Visit:
    """Read an account. Never raises for what the provider does: an account that cannot be read is ``refused``."""
    refused: Exception
    try:
        return await _visit(spec, plan, progress, stop)
    except (DeepscanError, TimeoutError) as error:
        refused = error
    except Exception as mistake:  # a bug met in one account must not cost the others their report
        log.exception("the visit to %s failed", spec.name)
        what = f"deepscan itself failed ({type(mistake).__name__})"
        refused = DeepscanError(what, where=spec.name, mend="please report the traceback")
    progress.unread(spec.name)
    return Visit(spec, refused=unreadable(spec, plan, refused))


async def _visit(spec: TargetSpec, plan: Plan, progress: Progress, stop: asyncio.Event) -> Visit:
    assert spec.account is not None
    account = open_account(spec.account, patience=min(plan.deadline / 2, PATIENCE))
    try:
        target = await opened(account, spec, plan, stop)
        agents = agents_of(spec, plan)
        reader = Reader(
            account,
            lambda _, read: progress.slice_read(spec.name, len(read.objects)),
            {PRICES: prices_read(plan.prices)},
        )
        progress.begin(spec.name, agents)
        interrupted = await read_all(reader, _wanted(plan), agents, plan, stop)
        moment = account.now()
    finally:
        await account.close()
    shared = {slice_: reader.reads[slice_] for slice_ in OF_CLUSTER if slice_ in reader.reads}
    clusters = _members(spec, account, reader, shared, moment)
    return Visit(spec, agents, reader, target, clusters, account.warnings, interrupted)


def _wanted(plan: Plan) -> set[Slice]:
    """The clusters at least, and every cloud slice that some check of theirs or of the account's asks for."""
    asked = {slice_ for check in plan.checks for slice_ in check.slices if slice_.origin == "cloud"}
    return {CLUSTERS, *asked, PRICES} - plan.unread


def _members(
    spec: TargetSpec,
    account: Account,
    reader: Reader,
    shared: dict[Slice, Read],
    moment: float,
) -> list[TargetSpec]:
    found: Sequence[CloudCluster] = reader.objects.get(CLUSTERS, ())
    times = Counter(cluster.name for cluster in found)
    members = []
    for cluster in found:
        entry = account.entry(cluster)
        if entry is None:
            word = cluster.status or "of unknown state"
            account.warnings.append(
                f"cluster {cluster.name} ({cluster.region}) is {word}: it cannot be entered"
            )
            continue
        name = cluster.name if times[cluster.name] == 1 else f"{cluster.name} ({cluster.region})"
        share = Share(share_of(cluster, shared), moment)
        members.append(
            TargetSpec(name=name, provider="kubernetes", settings=spec.settings, entry=entry, share=share)
        )
    return members


def conclude_account(visit: Visit, plan: Plan, digests: Sequence[Digest], progress: Progress) -> Scanned:
    """What an account's own checks see, now that its clusters have told what they name."""
    if visit.refused is not None:
        return visit.refused
    assert visit.reader is not None and visit.target is not None
    clusters = [(cluster.uid, cluster.name) for cluster in visit.reader.objects.get(CLUSTERS, ())]
    beside = readings_of(clusters, digests)
    inventory = freeze(visit.reader, visit.target, plan, digests, beside)
    found = conclude(visit.agents, inventory, plan, progress, visit.warnings, visit.reader.requests)
    return Scanned(replace(found, partial=visit.interrupted))
