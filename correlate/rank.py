"""
What to look at first is not what a scanner happened to find first.

Severity, then what stops or fails work before what only costs, then a score whose five parts are published
(correlation.md section 8).
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from math import log

from correlate.explanation import Explanation
from correlate.impact import share, usd_per_day
from correlate.observation import Observation
from correlate.problem import Impact, Problem, ScoreParts
from correlate.weights import Weights
from scanners.facts.inventory import Inventory
from scanners.facts.ref import Key
from scanners.finding import Severity
from scanners.kinds import Kind
from scanners.semantics.times import HOUR, instant

SEVERITIES = {
    Severity.CRITICAL: 1.0,
    Severity.HIGH: 0.8,
    Severity.MEDIUM: 0.4,
    Severity.LOW: 0.2,
    Severity.INFO: 0.0,
}

COSTS_ONLY = frozenset(
    {
        Kind.MEMORY_HOG, Kind.GPU_NODE_IDLE, Kind.CPU_ON_GPU_NODE, Kind.RECLAIM_BLOCKED, Kind.POOL_UNDERUSED,
        Kind.QUOTA_NEARLY_FULL, Kind.POLICY_MISSING, Kind.VOLUME_ORPHANED,
    }
)  # fmt: skip
"""Kinds that stop no work by themselves."""

STANDING = COSTS_ONLY - {Kind.MEMORY_HOG}
"""Kinds of a state that neither worsens nor improves by itself: half as urgent."""

HAPPENINGS = frozenset(
    {
        Kind.POD_EVICTED, Kind.CONTAINER_OOM, Kind.CRASH_LOOP, Kind.JOB_FAILED, Kind.JOB_FAILING,
        Kind.RUNS_FAILING,
    }
)  # fmt: skip
"""Kinds that happen again and again, so that a trend can be read from when."""

MOST_USD_PER_DAY = 2000
FEWEST_FOR_TREND = 3


def parts_of(
    inventory: Inventory, explanation: Explanation, hit: dict[Key, int], impact: Impact, weights: Weights
) -> ScoreParts:
    """The five parts, each 0 to 1, rounded to three places: the score is made of what is printed."""
    return ScoreParts(
        confidence=round(explanation.certainty, 3),
        impact=round(share(weights, hit, explanation.severity), 3),
        severity=SEVERITIES[explanation.severity],
        waste=round(min(1.0, log(1 + usd_per_day(impact)) / log(1 + MOST_USD_PER_DAY)), 3),
        urgency=round(urgency(inventory, explanation, weights), 3),
    )


def score_of(parts: ScoreParts, weights: Weights) -> float:
    """``100 · C · (0.40·I + 0.25·S + 0.20·W + 0.15·U)``, one decimal, half to even."""
    terms = (
        (weights.impact, parts.impact), (weights.severity, parts.severity),
        (weights.waste, parts.waste), (weights.urgency, parts.urgency),
    )  # fmt: skip
    inner = sum((Decimal(str(weight)) * Decimal(str(part)) for weight, part in terms), Decimal(0))
    score = 100 * Decimal(str(parts.confidence)) * inner
    return float(score.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN))


def urgency(inventory: Inventory, explanation: Explanation, weights: Weights) -> float:
    """
    Halves with every half-life since the last sign, times the trend. A state without a time is one of now.
    """
    signs = [
        member.last_seen if member.last_seen is not None else inventory.now for member in explanation.members
    ]
    hours = max(0.0, inventory.now - max(signs)) / HOUR
    fading: float = 0.5 ** (hours / weights.half_life_hours)
    return fading * _trend(inventory, explanation.members)


def _trend(inventory: Inventory, members: Sequence[Observation]) -> float:
    """1 worsening, .7 flat or unknown, .5 static or improving: by the last third of the window."""
    if all(member.kind in STANDING for member in members):
        return 0.5
    times = [moment for member in members if member.kind in HAPPENINGS for moment in _occurrences(member)]
    recent = [moment for moment in times if inventory.now - moment <= inventory.window]
    if len(recent) < FEWEST_FOR_TREND:
        return 0.7
    late = sum(1 for moment in recent if inventory.now - moment <= inventory.window / 3) / len(recent)
    return 1.0 if late > 1 / 2 else 0.5 if late < 1 / 6 else 0.7


def _occurrences(member: Observation) -> list[float]:
    told = {row.observed_at for row in member.finding.evidence if row.observed_at}
    told.update(time for time in (member.finding.onset, member.finding.last_seen) if time)
    return [moment for moment in (instant(text) for text in sorted(told)) if moment is not None]


def ranked(problems: Sequence[Problem], kinds: dict[str, Kind]) -> list[Problem]:
    """The problems in order, ranks from 1; ``kinds`` by finding id."""
    ordered = sorted(problems, key=lambda problem: _order(problem, kinds))
    for rank, problem in enumerate(ordered, start=1):
        problem.rank = rank
    return ordered


def _order(problem: Problem, kinds: dict[str, Kind]) -> tuple[int, bool, float, int, str]:
    only_costs = all(kinds[finding] in COSTS_ONLY for finding in problem.findings)
    return -problem.severity.weight, only_costs, -problem.score, -len(problem.findings), problem.id
