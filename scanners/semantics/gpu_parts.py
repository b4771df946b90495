"""
"Utilisation" adds a broken GPU, a forgotten one and a slow one into a single number that nobody can act on.

The rows in which a GPU can stand (checks.md, "The GPU-hour ledger"), which of them are waste, and how shares
are rounded so that they still sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction


class Part(StrEnum):
    """A row of the ledger; a GPU stands in the first that holds, minute by minute."""

    LOST = "lost"
    FILLER = "filler"
    IDLE_NODE = "idle_node"
    STRANDED = "stranded"
    FRAGMENTED = "fragmented"
    FREE = "free"
    ALLOCATED_IDLE = "allocated_idle"
    INEFFECTIVE = "ineffective"
    EFFECTIVE = "effective"
    NOT_MEASURED = "not_measured"


class Cell(StrEnum):
    """
    How one GPU stands at the moment of the scan.

    As :class:`Part`, but ``active`` is busy now (how much of that is effective is a share, not a state),
    ``held`` is held by a pod and its use not measured, ``unknown`` is that nothing proves who holds it.
    """

    LOST = "lost"
    FILLER = "filler"
    IDLE_NODE = "idle_node"
    STRANDED = "stranded"
    FRAGMENTED = "fragmented"
    FREE = "free"
    ALLOCATED_IDLE = "allocated_idle"
    ACTIVE = "active"
    HELD = "held"
    UNKNOWN = "unknown"


WASTE = (Part.LOST, Part.IDLE_NODE, Part.STRANDED, Part.FRAGMENTED, Part.ALLOCATED_IDLE)
"""Parts that money may call waste (checks.md CST101); what is not measured never is."""

Parts = Mapping[Part, Fraction]
"""GPUs or GPU-hours by part; what is missing is none."""

_UNMEASURED = (Cell.HELD, Cell.UNKNOWN)


def part_of(cell: Cell) -> Part:
    """The row for a state of a GPU whose use is not measured. ValueError for ``active``, which is two rows."""
    return Part.NOT_MEASURED if cell in _UNMEASURED else Part(cell.value)


def claimable(parts: Parts) -> Fraction:
    """GPU-hours that findings may put a price on: no more than this is waste, whatever they add up to."""
    return total(parts[part] for part in WASTE if part in parts)


def total(amounts: Iterable[Fraction]) -> Fraction:
    """Their exact sum."""
    return sum(amounts, Fraction(0))


def apportioned(whole: int, shares: Sequence[Fraction]) -> list[int]:
    """
    Whole numbers near the shares that sum to ``whole`` exactly (largest remainder; the earlier wins a tie).

    ``whole`` is the sum of the shares, rounded to a whole number.
    """
    floors = [int(share // 1) for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (floors[place] - shares[place], place))
    for place in order[: whole - sum(floors)]:
        floors[place] += 1
    return floors
