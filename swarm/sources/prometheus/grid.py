"""
Prometheus leaves out the moments at which it has nothing; whoever counts samples must see the holes.

Samples of a range answer, set back on the grid of its steps.
"""

import math
from array import array
from collections.abc import Sequence
from itertools import pairwise

from scanners.facts.metric import Series
from swarm.sources.prometheus.body import Answer, Sampled
from swarm.sources.prometheus.queries import STEP


def step_of(answer: Answer) -> float:
    """
    Seconds between two samples: the smallest distance that the answer holds, never more than the step that is asked
    for. Each sample speaks of as many seconds; what lies between rarer ones was not measured.
    """
    distances = (later - sooner for one in answer.series for sooner, later in pairwise(sorted(one.moments)))
    return min(STEP, min((distance for distance in distances if distance > 0), default=STEP))


def series_of(recordings: Sequence[Sampled], step: float, ceiling: float) -> Series | None:
    """
    The recordings of one thing on their grid, NaN where there is no sample; None without any.

    Values that no device can have, below zero or above the ceiling, are none. Where two recordings differ the greater
    counts, so what one saw busy is not idle.
    """
    sound = [
        (moment, value)
        for one in recordings
        for moment, value in zip(one.moments, one.values, strict=True)
        if 0.0 <= value <= ceiling
    ]
    if not sound:
        return None
    start, end = min(sound)[0], max(sound)[0]
    values = array("d", [math.nan]) * (round((end - start) / step) + 1)
    for moment, value in sound:
        place = round((moment - start) / step)
        if not value <= values[place]:  # also where there is none yet
            values[place] = value
    return Series(start, step, values)
