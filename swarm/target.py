"""
One target, from the first byte to its ranked problems, whatever happens on the way.

``scan_target`` opens a source, sends one agent per concern, freezes what they read, lets the checks look and
correlates. It runs where the inventory is; only its small result leaves.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from correlate.engine import correlate
from reports.target_result import TargetResult
from scanners.facts.cloud import Digest
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Ages, Inventory, Target
from scanners.facts.slices import (
    ALWAYS,
    EVENTS,
    NAMESPACES,
    PODS,
    PRICES,
    Slice,
    in_reading_order,
)
from scanners.scanner import Scanner
from scanners.semantics.digests import NAMED_BY_CLUSTERS, digest_of
from scanners.semantics.price_tables import Price
from swarm.accounting import ledger_of
from swarm.agent import Agent, share_requests
from swarm.errors import DeepscanError, Interrupted
from swarm.progress import Progress
from swarm.reader import Reader
from swarm.rows import agent_row, check_rows, target_row
from swarm.settings import nearest
from swarm.sources.prices import prices_read
from swarm.sources.source import Source
from swarm.spec import TargetSpec

log = logging.getLogger(__name__)

LOOKED_AT_ONLY = (PODS, EVENTS)
"""Slices that checks read and correlation does not: it walks from what was sighted."""

REACH = 60.0
"""Seconds to reach a target at all, whatever the deadline of its scan."""


@dataclass(frozen=True)
class Plan:
    """
    What a scan asks of each target: the checks by code (``skipped`` ones only appear in the report), the thresholds,
    how long it may take. ``now`` is None for the source's own moment; ``unread`` slices are left out by the
    user's wish, ``also`` are read though no check asks for them; ``prices`` are the rows of slice ``prices``, the same
    for every target.
    """

    checks: Sequence[Scanner]
    skipped: Sequence[Scanner] = ()
    limits: dict[tuple[str, str], float] = field(default_factory=dict)
    ages: Ages = field(default_factory=Ages)
    window: float = 86400.0
    now: float | None = None
    deadline: float = 600.0
    unread: frozenset[Slice] = frozenset()
    prices: Sequence[Price] = ()
    also: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class Scanned:
    """
    One target's share of the report, and the error if it could not be read; of a cluster also what the accounts of the
    same run must know, where there are any.
    """

    result: TargetResult
    unreadable: DeepscanError | None = None
    digest: Digest | None = None


async def scan_target(spec: TargetSpec, plan: Plan, progress: Progress, stop: asyncio.Event) -> Scanned:
    """
    Scan one target. A target that cannot be read at all is a result full of gaps with ``unreadable`` set, not an error.

    ``stop`` ends the reading: what is there by then is checked and told.
    """
    refused: Exception
    try:
        return await _scan(spec, plan, progress, stop, agents_of(spec, plan))
    except (DeepscanError, TimeoutError) as error:
        refused = error
    except Exception as mistake:  # a bug met on one target must not cost the others their report
        log.exception("the scan of %s failed", spec.name)
        what = f"deepscan itself failed ({type(mistake).__name__})"
        refused = DeepscanError(what, where=spec.name, mend="please report the traceback")
    from swarm.unread import unreadable

    progress.unread(spec.name)
    return unreadable(spec, plan, refused)


async def _scan(
    spec: TargetSpec, plan: Plan, progress: Progress, stop: asyncio.Event, agents: Sequence[Agent]
) -> Scanned:
    source = spec.open_source(moment=plan.now)
    try:
        target = await opened(source, spec, plan, stop)
        if not spec.alone:
            target = msgspec.structs.replace(target, name=spec.name)
        given = {PRICES: prices_read(plan.prices), **(spec.share.reads if spec.share else {})}
        reader = Reader(source, lambda _, read: progress.slice_read(spec.name, len(read.objects)), given)
        progress.begin(spec.name, agents)
        wanted = {*ALWAYS, *plan.also, *(slice_ for agent in agents for slice_ in agent.slices)}
        interrupted = await read_all(reader, wanted, agents, plan, stop)
        inventory = freeze(reader, target, plan)
    finally:
        await source.close()
    asked = set(NAMED_BY_CLUSTERS) <= {*plan.also}
    digest = digest_of(inventory, spec.entry.uid if spec.entry else "") if asked else None
    found = conclude(agents, inventory, plan, progress, source.warnings, reader.requests)
    return Scanned(replace(found, partial=interrupted), digest=digest)


async def opened(source: Source, spec: TargetSpec, plan: Plan, stop: asyncio.Event) -> Target:
    """The target, once it is reached; TimeoutError where it is not, Interrupted where nobody waits for it."""
    opening, stopping = asyncio.create_task(source.open()), asyncio.create_task(stop.wait())
    patience = min(plan.deadline, REACH)
    try:
        await asyncio.wait({opening, stopping}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            return opening.result()
    finally:
        for task in (opening, stopping):
            task.cancel()
        await asyncio.gather(opening, stopping, return_exceptions=True)
    if stop.is_set():
        raise Interrupted("interrupted before it was reached", where=spec.name)
    raise TimeoutError


def asked_of(spec: TargetSpec, plan: Plan) -> list[Scanner]:
    """The plan's checks that this sort of target is asked: an account its own, a cluster all others."""
    holder = "account" if spec.account is not None else "cluster"
    return [check for check in plan.checks if check.held_by == holder]


def agents_of(spec: TargetSpec, plan: Plan) -> list[Agent]:
    """An agent for each concern that the plan has checks of for this sort of target."""
    looked = asked_of(spec, plan)
    return [
        Agent(spec.name, concern, [c for c in looked if c.concern == concern], plan.unread)
        for concern in sorted({check.concern for check in looked})
    ]


async def read_all(
    reader: Reader, wanted: Collection[Slice], agents: Sequence[Agent], plan: Plan, stop: asyncio.Event
) -> bool:
    """Read until all that is ``wanted`` is in, the deadline is over or somebody interrupts; True if interrupted."""
    reader.begin(in_reading_order(wanted))
    reading = asyncio.create_task(_all_in(reader, agents, wanted))
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait(
        {reading, stopping}, timeout=plan.deadline, return_when=asyncio.FIRST_COMPLETED
    )
    if reading not in done:
        _mark_late(agents, reader, late=stopping not in done)
        reader.source.stop(*_why(stop, plan))
        await asyncio.wait({reading}, timeout=2.0)
        await reader.finish(*_why(stop, plan))
        reading.cancel()
    stopping.cancel()
    await asyncio.gather(reading, stopping, return_exceptions=True)
    return stop.is_set()


async def _all_in(reader: Reader, agents: Sequence[Agent], wanted: Collection[Slice]) -> bool:
    await asyncio.gather(
        *(agent.read(reader) for agent in agents), *(reader.read(slice_) for slice_ in wanted)
    )
    return True


def _mark_late(agents: Sequence[Agent], reader: Reader, *, late: bool) -> None:
    for agent in agents:
        agent.late = late and any(slice_ not in reader.reads for slice_ in agent.slices)


def _why(stop: asyncio.Event, plan: Plan) -> tuple[SliceState, str, str]:
    if stop.is_set():
        return SliceState.TRUNCATED, "interrupted before the end", "let the scan finish"
    return SliceState.TIMED_OUT, f"not read within the deadline of {plan.deadline:g} s", "raise --deadline"


def freeze(
    reader: Reader,
    target: Target,
    plan: Plan,
    digests: Sequence[Digest] = (),
    beside: Sequence[Reading] = (),
) -> Inventory:
    """What was read, as the checks will see it; ``beside`` is how slices were read that this source has not."""
    readings = [*beside, *(reading for read in reader.reads.values() for reading in read.readings)]
    return inventory_of(target, plan, reader.hand_over(), readings, reader.source.now(), digests)


def inventory_of(
    target: Target,
    plan: Plan,
    objects: Mapping[Slice, Sequence[Any]],
    readings: Sequence[Reading],
    now: float,
    digests: Sequence[Digest] = (),
) -> Inventory:
    """Facts and how they were read, under the plan's numbers, at its moment, else at ``now``."""
    left_out = [
        Reading(slice_.name, SliceState.SKIPPED, detail="left out by the settings") for slice_ in plan.unread
    ]
    return Inventory(
        target,
        plan.now if plan.now is not None else now,
        objects,
        sorted([*readings, *left_out], key=lambda reading: (reading.slice, reading.scope)),
        window=plan.window,
        ages=plan.ages,
        limits=plan.limits,
        digests=digests,
    )


def conclude(
    agents: Sequence[Agent],
    inventory: Inventory,
    plan: Plan,
    progress: Progress,
    told: Sequence[str],
    requests: Mapping[Slice, int],
) -> TargetResult:
    """
    Let the checks look, and correlate what they saw. ``told`` are warnings of the source, ``requests`` what each slice
    cost.
    """
    for agent in agents:
        agent.look(inventory)
        progress.ended(agent)
    row = target_row(inventory)
    warnings = list(told)
    ledger = ledger_of(inventory, warnings)
    inventory.release(*LOOKED_AT_ONLY)
    share_requests(agents, requests)
    began = time.monotonic()
    found = correlate(inventory, (seen for agent in agents for seen in agent.hand_over()))
    log.info("correlated %d findings in %.2f s", len(found.findings), time.monotonic() - began)
    return TargetResult(
        target=row,
        findings=found.findings,
        problems=found.problems,
        readings=inventory.readings,
        checks=check_rows(agents, plan, inventory),
        agents=[agent_row(agent, inventory.target.id) for agent in agents],
        ledger=ledger,
        warnings=[*found.warnings, *warnings, *_unknown_namespaces(inventory), *_timeless(inventory)],
        now=inventory.now,
    )


def _timeless(inventory: Inventory) -> list[str]:
    """What to tell of a recording in which no time stands: its moment is then the year 1970, and nothing has an age."""
    told = "no time stands in it, so nothing has an age and nothing is overdue: name its moment with --now"
    return [] if inventory.now else [f"{inventory.target.name}: {told}"]


def _unknown_namespaces(inventory: Inventory) -> list[str]:
    """Namespaces that were asked for and do not exist: an empty answer from there says nothing."""
    if not inventory.is_complete(NAMESPACES):
        return []
    known = [namespace.name for namespace in inventory.namespaces]
    asked = {
        reading.scope.removeprefix("namespace/") for reading in inventory.readings if "/" in reading.scope
    }
    return [f"there is no namespace {name}: {nearest(name, known)}" for name in sorted(asked - set(known))]
