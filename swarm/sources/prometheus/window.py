"""
Prometheus gives at most 11,000 points a series in one answer, and what is asked of it must not depend on luck.

A range is asked on a grid that ends at the scan's moment, in as few pieces as the server's bounds allow, and the pieces
of an answer are put together as if it had been one.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

MOST_POINTS = 11_000
"""What a query_range may ask for of each series (Prometheus: ``exceeded maximum resolution of 11,000 points``)."""

FEWEST_POINTS = 12
"""A piece of so few points is not halved again."""


class Piece(NamedTuple):
    """A part of a range, in epoch seconds, both ends included."""

    start: float
    end: float
    step: float

    @property
    def points(self) -> int:
        """How many points it asks of each series."""
        return round((self.end - self.start) / self.step) + 1

    def halves(self) -> "tuple[Piece, Piece] | None":
        """Two pieces of about half its points on the same grid; None if it is too short for that."""
        if self.points < 2 * FEWEST_POINTS:
            return None
        middle = self.start + (self.points // 2) * self.step
        return Piece(self.start, middle - self.step, self.step), Piece(middle, self.end, self.step)


def pieces(moment: float, window: float, step: float) -> list[Piece]:
    """The window before a moment on a grid that ends there, cut so that none has more than 11,000 points."""
    points = math.floor(window / step) + 1
    first = moment - (points - 1) * step
    counts = [min(MOST_POINTS, points - at) for at in range(0, points, MOST_POINTS)]
    starts = [first + at * step for at in range(0, points, MOST_POINTS)]
    return [
        Piece(start, start + (count - 1) * step, step) for start, count in zip(starts, counts, strict=True)
    ]


class _Matrix(msgspec.Struct):
    metric: dict[str, str]
    values: msgspec.Raw = msgspec.Raw(b"[]")


class _Data(msgspec.Struct, rename="camel"):
    result_type: str
    result: list[_Matrix]


class _Body(msgspec.Struct, omit_defaults=True):
    status: str
    data: _Data
    warnings: list[str] = []


def joined(bodies: Sequence[bytes]) -> bytes:
    """
    The bodies of consecutive pieces as one body: series by their labels, samples in order, the warnings of all.

    msgspec.DecodeError if one is no matrix.
    """
    if len(bodies) == 1:
        return bodies[0]
    series: dict[tuple[tuple[str, str], ...], list[bytes]] = {}
    warnings: dict[str, None] = {}
    for body in bodies:
        read = msgspec.json.decode(body, type=_Body)
        warnings |= dict.fromkeys(read.warnings)
        for one in read.data.result:
            inner = bytes(one.values).strip()[1:-1].strip()
            if inner:
                series.setdefault(tuple(sorted(one.metric.items())), []).append(inner)
    result = [
        _Matrix(dict(labels), msgspec.Raw(b"[" + b",".join(parts) + b"]"))
        for labels, parts in sorted(series.items())
    ]
    return msgspec.json.encode(_Body("success", _Data("matrix", result), list(warnings)))
