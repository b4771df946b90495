"""
A cluster behind a locked door still has a version, pools and a bill: what its account told of it is judged.

What is told of a target that could not be read: every slice of it a gap for the same reason, its checks not measured
unless they look at nothing but what an account told.
"""

from dataclasses import replace

from scanners.facts.cloud import Digest
from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Target
from scanners.facts.slices import CLUSTERS, PRICES, in_reading_order
from scanners.scanner import CheckState, Verdict
from swarm.errors import DeepscanError, Interrupted, SourceError
from swarm.progress import Quiet
from swarm.rows import check_row, skipped_rows
from swarm.sources.prices import prices_read
from swarm.spec import Share, TargetSpec
from swarm.target import Plan, Scanned, agents_of, conclude, inventory_of


def unreadable(spec: TargetSpec, plan: Plan, refused: Exception) -> Scanned:
    """
    A target that could not be read. ``unreadable`` is not set for a cluster whose endpoint is private: that it cannot
    be reached from here is a gap, and nobody's fault.
    """
    error = _told(spec, refused)
    interrupted = isinstance(refused, Interrupted)
    state = SliceState.TIMED_OUT if isinstance(refused, TimeoutError) else SliceState.FAILED
    state = SliceState.TRUNCATED if interrupted else state
    agents, share = agents_of(spec, plan), spec.share or Share()
    own = ("cloud",) if spec.account else ("kubernetes",)
    asked = in_reading_order(
        [*(CLUSTERS,) * bool(spec.account), *(s for agent in agents for s in agent.slices)]
    )
    gaps = [
        Reading(slice_.name, state, detail=error.sentence, mend=error.mend)
        for slice_ in asked
        if slice_.origin in own
    ]
    reads = {PRICES: prices_read(plan.prices), **share.reads}
    inventory = inventory_of(
        Target(id=spec.name, name=spec.name, provider=spec.provider),
        plan,
        {slice_: read.objects for slice_, read in reads.items()},
        [*gaps, *(reading for read in reads.values() for reading in read.readings)],
        share.moment,
    )
    warning = f"{spec.name} could not be read: {error.sentence}"
    found = conclude(agents, inventory, plan, Quiet(), [warning], {})
    digest = Digest(name=spec.name, cluster=spec.entry.uid) if spec.entry else None
    if spec.share is None:
        unread = Verdict(CheckState.NOT_MEASURED, "the target could not be read")
        rows = [check_row(check, plan, spec.name, unread) for check in plan.checks]
        found = replace(found, checks=[*rows, *skipped_rows(plan, spec.name)])
    result = replace(found, partial=interrupted, now=share.moment or None)
    return Scanned(result, None if _is_private(spec, refused) else error, digest)


def _is_private(spec: TargetSpec, refused: Exception) -> bool:
    return bool(spec.entry and spec.entry.private) and isinstance(refused, SourceError | TimeoutError)


def _told(spec: TargetSpec, refused: Exception) -> DeepscanError:
    if _is_private(spec, refused):
        mend = "scan it from inside its network: --in-cluster, or a machine that reaches its endpoint"
        return DeepscanError("its endpoint is private: unreachable from here", where=spec.name, mend=mend)
    if isinstance(refused, DeepscanError):
        return refused
    mend = "check the address and the network, or raise --deadline"
    return DeepscanError("the target did not answer in time", where=spec.name, mend=mend)
