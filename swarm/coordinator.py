"""
One command, several targets, one report.

The coordinator scans the targets side by side, in one process or in several, survives those that fail, and hands on
what they found. The first Ctrl-C ends the reading and reports what there is; the second ends the program.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scanners.facts.cloud import PROVIDERS
from scanners.semantics.digests import NAMED_BY_CLUSTERS
from scanners.semantics.quantities import quantity
from swarm import machine
from swarm.account import Visit, conclude_account, visit
from swarm.flight import MOST, side_by_side
from swarm.progress import Progress
from swarm.settings import Settings
from swarm.spec import TargetSpec
from swarm.target import Plan, Scanned, scan_target

if TYPE_CHECKING:
    from swarm.fleet import Worker

LARGE = 8 * 1024 * 1024
"""Bytes of a recording from which on a process of its own is worth its start (half a second of one core)."""

PACKED = 8
"""How much smaller a recording is in an archive."""

PROCESS_BYTES = 110_000_000
"""What a process costs before it has read anything, with all libraries."""

IN_AN_ACCOUNT = 8
"""Clusters that an account is taken to have, before anybody has looked."""

TARGET_BYTES = 150_000_000
"""What the facts of a cluster at the upstream limits (150,000 pods) take while it is scanned."""


@dataclass(frozen=True)
class Shift:
    """Who scans: this process alone where there are no workers, each with at most ``most`` targets under way."""

    most: int = MOST
    workers: "list[Worker]" = field(default_factory=list)


async def scan(
    specs: Sequence[TargetSpec], plan: Plan, progress: Progress, shift: Shift | None = None
) -> list[Scanned]:
    """
    Scan all targets; results in the order of the targets, whatever their speed. A cluster that was met twice is told
    once. Accounts are read first, then the clusters in them are entered with all others, and what no cluster means is
    looked for in the accounts at the end.
    """
    shift = shift or Shift()
    stop = asyncio.Event()
    _stop_on_interrupt(stop)
    accounts = [spec for spec in specs if spec.account is not None]
    clusters = [spec for spec in specs if spec.account is None]
    with progress.live():
        visits = await asyncio.gather(*(visit(spec, plan, progress, stop) for spec in accounts))
        if any(check.held_by == "account" for check in plan.checks) and accounts:
            plan = replace(plan, also=(*plan.also, *NAMED_BY_CLUSTERS))
        clusters += _entered(visits, taken=clusters)
        found = await _scan_clusters(clusters, plan, progress, stop, shift)
        digests = [each.digest for each in found if each.digest is not None]
        own = [conclude_account(each, plan, digests, progress) for each in visits]
    return [*told_once(found), *told_once(own)]


def _entered(visits: Sequence[Visit], taken: Sequence[TargetSpec]) -> list[TargetSpec]:
    """The clusters of all accounts, each under a name of its own."""
    members = [(one.spec, member) for one in visits for member in one.clusters]
    times = Counter([*(member.name for _, member in members), *(spec.name for spec in taken)])
    return [
        member if times[member.name] == 1 else replace(member, name=f"{member.name} ({spec.name})")
        for spec, member in members
    ]


async def _scan_clusters(
    specs: Sequence[TargetSpec], plan: Plan, progress: Progress, stop: asyncio.Event, shift: Shift
) -> list[Scanned]:
    if not shift.workers:
        return await _scan_here(specs, plan, progress, stop, shift.most)
    from swarm.fleet import scan_in_processes

    return await scan_in_processes(specs, plan, progress, stop, workers=shift.workers, most=shift.most)


async def _scan_here(
    specs: Sequence[TargetSpec], plan: Plan, progress: Progress, stop: asyncio.Event, most: int
) -> list[Scanned]:
    waiting, done = iter(enumerate(specs)), dict[int, Scanned]()

    async def take() -> tuple[int, TargetSpec] | None:
        return next(waiting, None)

    async def work(numbered: tuple[int, TargetSpec]) -> None:
        number, spec = numbered
        done[number] = await scan_target(spec, plan, progress, stop)

    await side_by_side(take, work, most)
    return [done[number] for number in range(len(specs))]


def shift_for(specs: Sequence[TargetSpec], settings: Settings) -> Shift:
    """
    The processes for these targets, started: see :func:`processes_for`. They end with this one, used or not.
    """
    processes, most = processes_for(specs, settings)
    if processes == 1:
        return Shift(most)
    from swarm.fleet import hired

    return Shift(most, hired(processes))


def processes_for(specs: Sequence[TargetSpec], settings: Settings) -> tuple[int, int]:
    """
    How many processes scan, and how many targets each has under way at most.

    One process a core, and no more than there are live or large targets; this one alone where there is a single such.
    What the settings say of ``processes`` and ``max_memory`` goes before what the machine has.
    """
    accounts = sum(spec.account is not None for spec in specs)
    heavy = sum(1 for spec in specs if spec.recording is None or _is_large(spec.recording))
    wanted = settings.processes or min(machine.cores(), heavy + accounts * IN_AN_ACCOUNT)
    wanted = max(1, min(wanted, len(specs) + accounts * IN_AN_ACCOUNT))
    told = quantity(settings.max_memory) if settings.max_memory else None
    memory = int(told) if told is not None else (machine.memory() or 0) // 2
    if not memory:
        return wanted, MOST
    processes = max(1, min(wanted, memory // (PROCESS_BYTES + TARGET_BYTES)))
    return processes, max(1, min(MOST, (memory // processes - PROCESS_BYTES) // TARGET_BYTES))


def _is_large(path: Path) -> bool:
    if path.is_file():
        return path.stat().st_size >= LARGE / PACKED
    size = 0
    for file in path.rglob("*"):
        size += file.stat().st_size if file.is_file() else 0
        if size >= LARGE:
            return True
    return False


def told_once(found: Sequence[Scanned]) -> list[Scanned]:
    """
    Each target once: of several ways to it (two contexts, a context and a recording, two profiles of an account) the
    one by which most was read.
    """
    by_id: dict[str, list[Scanned]] = {}
    for each in found:
        by_id.setdefault(each.result.target.id, []).append(each)
    return [_fullest(ways) for ways in by_id.values()]


def _fullest(ways: Sequence[Scanned]) -> Scanned:
    best, *others = sorted(ways, key=lambda way: (-_objects(way), way.result.target.name))
    if not others:
        return best
    sort = "account" if best.result.target.provider in PROVIDERS else "cluster"
    told = [
        f"{way.result.target.name} is the same {sort} ({best.result.target.id}): it is told once"
        for way in others
    ]
    return replace(best, result=replace(best.result, warnings=[*best.result.warnings, *told]))


def _objects(scanned: Scanned) -> int:
    return sum(reading.objects for reading in scanned.result.readings)


def _stop_on_interrupt(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    try:
        loop.add_signal_handler(signal.SIGINT, interrupted)
        loop.add_signal_handler(signal.SIGTERM, interrupted)
    except (
        NotImplementedError,
        RuntimeError,
    ):  # Windows, or not the main thread: Ctrl-C ends the program at once
        return
