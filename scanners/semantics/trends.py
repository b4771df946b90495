"""
"Full in two days" is a promise: it needs a record that is long, whole and straight.

When a measured amount runs out, by a least-squares line through its samples.
"""

from scanners.facts.metric import Series
from scanners.semantics.times import HOUR

LEAST = 6 * HOUR
"""Seconds that a record must span."""

COVERAGE = 0.9
"""The share of its samples that must be there."""

FIT = 0.8
"""The least r² at which a line is taken for a trend."""

FRESH = 900.0
"""Seconds: an older record says nothing about what is left now."""


def when_zero(series: Series, now: float) -> float | None:
    """Seconds from ``now`` until the amount is 0 if it goes on falling as it did; None without such a trend."""
    points = [(moment - now, value) for moment, value in series.since(series.start)]
    span = series.end - series.start
    if now - series.end > FRESH or span < LEAST or len(points) < COVERAGE * span / series.step:
        return None
    count = len(points)
    middle = sum(moment for moment, _ in points) / count
    level = sum(value for _, value in points) / count
    spread = sum((moment - middle) ** 2 for moment, _ in points)
    change = sum((value - level) ** 2 for _, value in points)
    together = sum((moment - middle) * (value - level) for moment, value in points)
    if together >= 0 or not change or together**2 < FIT * spread * change:
        return None
    slope = together / spread
    return max(0.0, round(middle - level / slope))
