"""
One target, from the first byte to its ranked problems, whatever happens on the way.

``scan_target`` opens a source, sends one agent per concern, freezes what they read, lets the checks look and
correlates. It runs where the inventory is; only its small result leaves.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from correlate.engine import correlate
from reports.report import AgentRow, TargetRow
from reports.target_result import TargetResult
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Ages, Inventory, Target
from scanners.facts.slices import ALWAYS, EVENTS, NAMESPACES, PODS, PRICES, Slice, in_reading_order
from scanners.scanner import CheckState, Scanner, Verdict
from scanners.semantics.price_tables import Price
from swarm.accounting import ledger_of
from swarm.agent import Agent, share_requests
from swarm.errors import DeepscanError, Interrupted
from swarm.progress import Progress
from swarm.reader import Reader
from swarm.rows import agent_row, check_row, check_rows, skipped_rows, target_row
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
    """One target's share of the report, and the error if it could not be read."""

    result: TargetResult
    unreadable: DeepscanError | None = None


async def scan_target(spec: TargetSpec, plan: Plan, progress: Progress, stop: asyncio.Event) -> Scanned:
    """
    Scan one target. A target that cannot be read at all is a result full of gaps with ``unreadable`` set, not an error.

    ``stop`` ends the reading: what is there by then is checked and told.
    """
    refused: Exception
    try:
        return await _scan(spec, plan, progress, stop, agents_of(spec.name, plan))
    except (DeepscanError, TimeoutError) as error:
        refused = error
    except Exception as mistake:  # a bug met on one target must not cost the others their report
        log.exception("the scan of %s failed", spec.name)
        what = f"deepscan itself failed ({type(mistake).__name__})"
        refused = DeepscanError(what, where=spec.name, mend="please report the traceback")
    progress.unread(spec.name)
    return unreadable(spec, plan, refused)


async def _scan(
    spec: TargetSpec, plan: Plan, progress: Progress, stop: asyncio.Event, agents: Sequence[Agent]
) -> Scanned:
    source = spec.open_source(moment=plan.now)
    try:
        target = await _opened(source, spec, plan, stop)
        if not spec.alone:
            target = msgspec.structs.replace(target, name=spec.name)
        given = {PRICES: prices_read(plan.prices)}
        reader = Reader(source, lambda _, read: progress.slice_read(spec.name, len(read.objects)), given)
        progress.begin(spec.name, agents)
        interrupted = await _read(reader, agents, plan, stop, source)
        inventory = _freeze(reader, target, plan, source)
    finally:
        await source.close()
    return Scanned(_conclude(agents, inventory, plan, reader, progress, interrupted))


async def _opened(source: Source, spec: TargetSpec, plan: Plan, stop: asyncio.Event) -> Target:
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


def agents_of(target: str, plan: Plan) -> list[Agent]:
    """An agent for each concern that the plan has checks of."""
    concerns = sorted({check.concern for check in plan.checks})
    return [
        Agent(target, concern, [c for c in plan.checks if c.concern == concern], plan.unread)
        for concern in concerns
    ]


async def _read(
    reader: Reader, agents: Sequence[Agent], plan: Plan, stop: asyncio.Event, source: Source
) -> bool:
    """Read until all is in, the deadline is over or somebody interrupts; True if interrupted."""
    wanted = in_reading_order([*ALWAYS, *plan.also, *(slice_ for agent in agents for slice_ in agent.slices)])
    reader.begin(wanted)
    reading = asyncio.create_task(_read_all(reader, agents, plan))
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait(
        {reading, stopping}, timeout=plan.deadline, return_when=asyncio.FIRST_COMPLETED
    )
    if reading not in done:
        _mark_late(agents, reader, late=stopping not in done)
        source.stop(*_why(stop, plan))
        await asyncio.wait({reading}, timeout=2.0)
        await reader.finish(*_why(stop, plan))
        reading.cancel()
    stopping.cancel()
    await asyncio.gather(reading, stopping, return_exceptions=True)
    return stop.is_set()


async def _read_all(reader: Reader, agents: Sequence[Agent], plan: Plan) -> bool:
    await asyncio.gather(
        *(agent.read(reader) for agent in agents), *(reader.read(slice_) for slice_ in (*ALWAYS, *plan.also))
    )
    return True


def _mark_late(agents: Sequence[Agent], reader: Reader, *, late: bool) -> None:
    for agent in agents:
        agent.late = late and any(slice_ not in reader.reads for slice_ in agent.slices)


def _why(stop: asyncio.Event, plan: Plan) -> tuple[SliceState, str, str]:
    if stop.is_set():
        return SliceState.TRUNCATED, "interrupted before the end", "let the scan finish"
    return SliceState.TIMED_OUT, f"not read within the deadline of {plan.deadline:g} s", "raise --deadline"


def _freeze(reader: Reader, target: Target, plan: Plan, source: Source) -> Inventory:
    readings = [reading for read in reader.reads.values() for reading in read.readings]
    readings += [
        Reading(slice_.name, SliceState.SKIPPED, detail="left out by the settings") for slice_ in plan.unread
    ]
    moment = plan.now if plan.now is not None else source.now()
    return Inventory(
        target,
        moment,
        reader.hand_over(),
        sorted(readings, key=lambda reading: (reading.slice, reading.scope)),
        window=plan.window,
        ages=plan.ages,
        limits=plan.limits,
    )


def _conclude(
    agents: Sequence[Agent],
    inventory: Inventory,
    plan: Plan,
    reader: Reader,
    progress: Progress,
    interrupted: bool,
) -> TargetResult:
    for agent in agents:
        agent.look(inventory)
        progress.ended(agent)
    row = target_row(inventory)
    warnings = list(reader.source.warnings)
    ledger = ledger_of(inventory, warnings)
    inventory.release(*LOOKED_AT_ONLY)
    share_requests(agents, reader.requests)
    began = time.monotonic()
    told = correlate(inventory, (seen for agent in agents for seen in agent.hand_over()))
    log.info("correlated %d findings in %.2f s", len(told.findings), time.monotonic() - began)
    return TargetResult(
        target=row,
        findings=told.findings,
        problems=told.problems,
        readings=inventory.readings,
        checks=check_rows(agents, plan, inventory.target.id),
        agents=[agent_row(agent, inventory.target.id) for agent in agents],
        ledger=ledger,
        warnings=[*told.warnings, *warnings, *_unknown_namespaces(inventory)],
        partial=interrupted,
        now=inventory.now,
    )


def _unknown_namespaces(inventory: Inventory) -> list[str]:
    """Namespaces that were asked for and do not exist: an empty answer from there says nothing."""
    if not inventory.is_complete(NAMESPACES):
        return []
    known = [namespace.name for namespace in inventory.namespaces]
    asked = {
        reading.scope.removeprefix("namespace/") for reading in inventory.readings if "/" in reading.scope
    }
    return [f"there is no namespace {name}: {nearest(name, known)}" for name in sorted(asked - set(known))]


def unreadable(spec: TargetSpec, plan: Plan, refused: Exception) -> Scanned:
    """A target that could not be read at all: every slice a gap, every check not measured, for the same reason."""
    agents = agents_of(spec.name, plan)
    error = refused if isinstance(refused, DeepscanError) else _no_answer(spec)
    asked = in_reading_order(slice_ for agent in agents for slice_ in agent.slices)
    wanted = [slice_ for slice_ in asked if slice_.origin == "kubernetes"]
    interrupted = isinstance(refused, Interrupted)
    state = SliceState.TIMED_OUT if isinstance(refused, TimeoutError) else SliceState.FAILED
    state = SliceState.TRUNCATED if interrupted else state
    verdict = Verdict(CheckState.NOT_MEASURED, "the target could not be read")
    agent_rows = [
        AgentRow(target=spec.name, concern=agent.concern, state="failed", seconds=0.0, requests=0, findings=0)
        for agent in agents
    ]
    result = TargetResult(
        target=TargetRow(id=spec.name, provider=spec.provider, name=spec.name),
        readings=[Reading(slice_.name, state, detail=error.sentence, mend=error.mend) for slice_ in wanted],
        checks=[
            *(check_row(c, plan, spec.name, verdict) for c in plan.checks),
            *skipped_rows(plan, spec.name),
        ],
        agents=agent_rows,
        warnings=[f"{spec.name} could not be read: {error.sentence}"],
        partial=interrupted,
    )
    return Scanned(result, error)


def _no_answer(spec: TargetSpec) -> DeepscanError:
    mend = "check the address and the network, or raise --deadline"
    return DeepscanError("the target did not answer in time", where=spec.name, mend=mend)
