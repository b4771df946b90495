"""
Prometheus leaves out the moments at which it has nothing; whoever counts samples must see the holes.

Samples of a range answer, set back on the grid of its steps.
"""

import math
from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise

from scanners.facts.metric import Series
from swarm.sources.prometheus.body import Answer, Sampled
from swarm.sources.prometheus.queries import STEP


def step_of(answer: Answer) -> float:
    """
    Seconds between two samples: the smallest distance that the answer holds, never more than the step that is asked
    for. Each sample speaks of as many seconds; what lies between rarer ones was not measured.
    """
    moments = (sorted(one.samples) for one in answer.series)
    distances = (later - sooner for those in moments for sooner, later in pairwise(those))
    return min([STEP, *distances])


def samples_of(one: Sampled, ceiling: float) -> dict[float, float]:
    """Its values by moment, without those that no device can have: below zero or above a ceiling."""
    return {moment: value for moment, value in one.samples.items() if 0.0 <= value <= ceiling}


def merged(parts: Iterable[Mapping[float, float]]) -> dict[float, float]:
    """Several recordings of one thing: where two differ the greater counts, so what one saw busy is not idle."""
    whole: dict[float, float] = {}
    for part in parts:
        for moment, value in part.items():
            whole[moment] = max(value, whole.get(moment, value))
    return whole


def series_of(samples: Mapping[float, float], step: float) -> Series | None:
    """Samples on their grid, NaN where there is none; None without any."""
    if not samples:
        return None
    start, end = min(samples), max(samples)
    values = array("d", [math.nan]) * (round((end - start) / step) + 1)
    for moment, value in samples.items():
        values[round((moment - start) / step)] = value
    return Series(start, step, values)
