"""
What a run would say of a target can be known without running it: which checks could look, and what would blind them.

A live cluster is asked about rights and kinds; a recording is small enough to be read.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.arithmetic import coverage, printed_coverage
from reports.report import CheckRow, CoverageRow
from reports.text import storable
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Inventory, Target
from scanners.facts.slices import ALWAYS, Slice, in_reading_order
from scanners.scanner import CheckState, Scanner, Verdict
from scanners.semantics.times import rfc3339
from swarm.account import visit
from swarm.doctor.checkup import Fault, TargetCheckup
from swarm.doctor.gaps import gaps
from swarm.errors import DeepscanError
from swarm.progress import Quiet
from swarm.reader import Reader
from swarm.rows import check_row
from swarm.sources.joined import JoinedSource
from swarm.sources.kubernetes.access import Examination
from swarm.sources.kubernetes.source import KubernetesSource
from swarm.sources.source import Source
from swarm.spec import TargetSpec
from swarm.target import REACH, Plan, asked_of, freeze

CLOCK_TOLERANCE = 30.0
"""Seconds that two clocks may differ before tokens and certificates suffer."""


@dataclass(frozen=True)
class Looked:
    """A target's checkup, and the error where there could be none."""

    checkup: TargetCheckup
    error: DeepscanError | None = None


@dataclass(frozen=True)
class _Seen:
    """What was learnt of a target that was reached: ``live`` of a cluster, ``as_of`` (RFC 3339) of a recording."""

    readings: Sequence[Reading]
    verdicts: Sequence[Verdict]
    live: Examination | None = None
    as_of: str | None = None


async def look_at(spec: TargetSpec, plan: Plan, beside: Sequence[Reading]) -> Looked:
    """
    What a run of this plan would meet; ``beside`` is how slices of other sources would be read. Never raises for what
    the target does.
    """
    source = spec.open_source(moment=plan.now)
    try:
        async with asyncio.timeout(min(plan.deadline, REACH)):
            target = await source.open()
        async with asyncio.timeout(plan.deadline):
            if spec.provider == "recorded":
                seen = await _recorded(source, target, plan, beside)
            else:
                seen = await _live(source, target, plan, beside)
    except (DeepscanError, TimeoutError) as refused:
        return _unreached(spec, plan, refused)
    finally:
        await source.close()
    return Looked(_checkup(spec, target, plan, source, seen))


async def look_at_account(spec: TargetSpec, plan: Plan, beside: Sequence[Reading]) -> list[Looked]:
    """
    An account and each cluster that it tells of. What an account holds is read: nothing else says what the identity may
    do. Never raises for what the provider does.
    """
    seen = await visit(spec, plan, Quiet(), asyncio.Event())
    if seen.reader is None or seen.target is None:
        error = seen.refused.unreadable if seen.refused else None
        return [_unreached(spec, plan, error or _no_answer(spec))]
    checks = asked_of(spec, plan)
    own = replace(plan, checks=checks)
    clusters = [
        (member, [reading for read in member.share.reads.values() for reading in read.readings])
        for member in seen.clusters
        if member.share is not None
    ]
    source, inventory = seen.reader.source, freeze(seen.reader, seen.target, own)
    verdicts = [check.verdict(inventory) for check in checks]
    account = _checkup(spec, seen.target, own, source, _Seen(inventory.readings, verdicts))
    inside = [
        look_at(member, replace(plan, checks=asked_of(member, plan)), [*beside, *told])
        for member, told in clusters
    ]
    return [Looked(account), *(await asyncio.gather(*inside))]


def _wanted(plan: Plan) -> list[Slice]:
    return in_reading_order(
        {*ALWAYS, *(slice_ for check in plan.checks for slice_ in check.slices)} - plan.unread
    )


async def _live(source: Source, target: Target, plan: Plan, beside: Sequence[Reading]) -> _Seen:
    measured = await source.examine_beside() if isinstance(source, JoinedSource) else []
    cluster = source.cluster if isinstance(source, JoinedSource) else source
    if not isinstance(cluster, KubernetesSource):
        raise DeepscanError(f"{target.provider} targets cannot be examined", where=target.name)
    beside = [*beside, *measured]
    found = await cluster.examiner().examine(s for s in _wanted(plan) if s.origin == "kubernetes")
    inventory = _inventory(target, source.now(), plan, [*found.readings, *beside])
    return _Seen(inventory.readings, [check.outlook(inventory) for check in plan.checks], live=found)


async def _recorded(source: Source, target: Target, plan: Plan, beside: Sequence[Reading]) -> _Seen:
    reader = Reader(source)
    wanted = _wanted(plan)
    reader.begin(wanted)
    reads = [await reader.read(slice_) for slice_ in wanted]
    readings = [reading for read in reads for reading in read.readings]
    now = plan.now if plan.now is not None else source.now()
    inventory = _inventory(target, now, plan, [*readings, *beside], reader)
    verdicts = [check.verdict(inventory) for check in plan.checks]
    return _Seen(inventory.readings, verdicts, as_of=rfc3339(now))


def _inventory(
    target: Target, now: float, plan: Plan, readings: Sequence[Reading], reader: Reader | None = None
) -> Inventory:
    left_out = [
        Reading(slice_.name, SliceState.SKIPPED, detail="left out by the settings") for slice_ in plan.unread
    ]
    return Inventory(
        target,
        now,
        reader.hand_over() if reader else {},
        sorted([*readings, *left_out], key=lambda reading: (reading.slice, reading.scope)),
        window=plan.window,
        ages=plan.ages,
        limits=plan.limits,
    )


def _checkup(spec: TargetSpec, target: Target, plan: Plan, source: Source, seen: _Seen) -> TargetCheckup:
    checks, live = _rows(plan, target.id, seen.verdicts), seen.live
    beside = [*live.warnings, *_clock(live.skew)] if live else []
    return TargetCheckup(
        id=target.id,
        name=spec.name,
        provider=spec.provider,
        reached=True,
        server=live.server if live else None,
        version=target.version or None,
        latency_ms=round(live.latency * 1000, 1) if live else None,
        clock_skew_seconds=live.skew if live else None,
        as_of=seen.as_of,
        coverage_percent=printed_coverage(coverage(checks)),
        gaps=gaps(plan.checks, seen.verdicts, seen.readings),
        excess=live.excess if live else [],
        warnings=[storable(warning) for warning in (*source.warnings, *beside)],
        checks=checks,
        coverage=[_coverage(reading, plan.checks, target.id) for reading in seen.readings],
    )


def _rows(plan: Plan, target: str, verdicts: Sequence[Verdict]) -> list[CheckRow]:
    left_out = Verdict(CheckState.SKIPPED, "left out by the scope of this scan")
    judged = [*zip(plan.checks, verdicts, strict=True), *((check, left_out) for check in plan.skipped)]
    rows = [
        check_row(check, plan, target, verdict).model_copy(update={"title": check.title})
        for check, verdict in judged
    ]
    return sorted(rows, key=lambda row: row.code)


def _coverage(reading: Reading, checks: Sequence[Scanner], target: str) -> CoverageRow:
    return CoverageRow(
        target=target,
        slice=reading.slice,
        scope=reading.scope,
        state=reading.state,
        objects=reading.objects,
        detail=storable(reading.detail),
        mend=storable(reading.mend),
        checks=sorted(check.code for check in checks if reading.slice in {s.name for s in check.slices}),
    )


def _unreached(spec: TargetSpec, plan: Plan, refused: Exception) -> Looked:
    error = refused if isinstance(refused, DeepscanError) else _no_answer(spec)
    verdict = Verdict(CheckState.NOT_MEASURED, "the target could not be read")
    rows = _rows(plan, spec.name, [verdict] * len(plan.checks))
    checkup = TargetCheckup(
        name=spec.name,
        provider=spec.provider,
        reached=False,
        error=Fault(what=storable(error.sentence), where=error.where, mend=error.mend),
        coverage_percent=printed_coverage(coverage(rows)),
        checks=rows,
    )
    return Looked(checkup, error)


def _no_answer(spec: TargetSpec) -> DeepscanError:
    mend = "check the address and the network, or raise --deadline"
    return DeepscanError("the target did not answer in time", where=spec.name, mend=mend)


def _clock(skew: float | None) -> list[str]:
    if skew is None:
        return ["the server does not tell its time: ages would be reckoned by this machine's clock"]
    if abs(skew) < CLOCK_TOLERANCE:
        return []
    way = "behind" if skew > 0 else "ahead of"
    told = f"this machine's clock is {abs(skew):.0f} s {way} the server's"
    return [f"{told}: ages are reckoned by the server's, but tokens and certificates may be refused"]
