"""
A cause is claimed only where a published mechanism, a typed path and the order of time agree.

A rule is data: kinds of cause and effect, the path that joins their objects, the lag, a guard over the two
findings, a strength and the page that documents the mechanism. Rules know kinds of fault, never codes of
checks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from correlate.observation import Observation
from correlate.relations import Relation
from scanners.kinds import Kind

SLACK = 60.0
"""Seconds of clock difference that every lag allows."""

UNKNOWN_ONSET = 0.8
"""The most an edge can be worth where a lag is asked for and an onset is unknown."""

COMES_AND_GOES = frozenset(
    {Kind.CONTAINER_OOM, Kind.CRASH_LOOP, Kind.POD_EVICTED, Kind.NODE_PRESSURE, Kind.NODE_NOT_READY}
)
"""Kinds whose status keeps only the newest time: one termination, one transition."""

K8S = "kubernetes.io/docs/"


class Hop(NamedTuple):
    """One step over a relation, from its target to its source where ``inverse``."""

    relation: Relation
    inverse: bool = False


class Shared(NamedTuple):
    """A join on an attribute, for what would be a hub as a vertex: namespace, registry, server, cluster."""

    attribute: str


Path = tuple[Hop, ...] | Shared

SAME: Path = ()
"""The same subject, or the same workload."""

ANYWHERE = Shared("cluster")
"""The same target: only together with a guard that names the effect."""

Guard = Callable[[Observation, Observation], bool]


def along(relation: Relation) -> Hop:
    """From the source of a relation to its target."""
    return Hop(relation)


def inverse(relation: Relation) -> Hop:
    """From the target of a relation back to its source."""
    return Hop(relation, inverse=True)


def always(_cause: Observation, _effect: Observation) -> bool:
    """The guard of a rule that asks for nothing more than its path and lag."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    A finding of a kind in ``causes`` makes one of a kind in ``effects``.

    ``lag``: seconds in which the effect must begin after the cause was seen, None for any time. ``relation``
    is what the report prints for the hop. ``strength`` is one of .99 .98 .97 .95 .9 .85 .8 .75 .7.
    """

    id: str
    causes: tuple[Kind, ...]
    effects: tuple[Kind, ...]
    paths: tuple[Path, ...]
    strength: float
    relation: Relation
    mechanism: str
    lag: tuple[float, float] | None = None
    guard: Guard = always


def timely(rule: Rule, cause: Observation, effect: Observation) -> float:
    """
    The most the edge may be worth by its times: 0 where their order speaks against it.

    The effect must not begin before the cause did, nor later than the lag after the cause was last seen. Of a
    cause that comes and goes only the newest sign is kept, so an effect that still lasts may seem older: an
    unknown onset.
    """
    if rule.lag is None:
        return 1.0
    if cause.onset is None or effect.onset is None:
        return UNKNOWN_ONSET
    low, high = rule.lag
    until = max(cause.onset, cause.last_seen or cause.onset)
    if effect.onset > until + high + SLACK:
        return 0.0
    if effect.onset >= cause.onset + low - SLACK:
        return 1.0
    lasts = effect.last_seen is None or effect.last_seen >= cause.onset + low - SLACK
    return UNKNOWN_ONSET if lasts and cause.kind in COMES_AND_GOES else 0.0
