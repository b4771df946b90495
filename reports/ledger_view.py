"""
A thousand GPUs fit on a page when those that stand alike are told once.

The ledger laid out for people: bars in percent, pools, and strips with a sign per GPU. Signs differ by shape,
so that no face depends on colour.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reports.ledger import GpuCell, GpuHours, Ledger, PoolRow, thousandths
from reports.words import DASH, counted
from scanners.semantics.gpu_parts import WASTE, Cell, Part, apportioned

SIGNS: Mapping[Cell, tuple[str, str]] = {
    Cell.LOST: ("x", "lost"),
    Cell.FILLER: ("f", "filler"),
    Cell.IDLE_NODE: ("-", "on an idle node"),
    Cell.STRANDED: ("!", "stranded"),
    Cell.FRAGMENTED: (":", "fragmented"),
    Cell.FREE: (".", "free"),
    Cell.ALLOCATED_IDLE: ("o", "held and idle"),
    Cell.ACTIVE: ("#", "active"),
    Cell.HELD: ("=", "held, use not measured"),
    Cell.UNKNOWN: ("?", "unknown"),
}
"""The sign of each state of a GPU, and its words."""

STRIPS = 16
"""Strips of a pool that are shown; nodes beyond share theirs with nodes that stand alike, the rest is summed."""

_WASTED = frozenset({Cell.LOST, Cell.IDLE_NODE, Cell.STRANDED, Cell.FRAGMENTED, Cell.ALLOCATED_IDLE})


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: its words, hours and share; ``percent`` whole numbers that sum to 100 over the bar."""

    part: Part
    hours: float
    percent: int

    @property
    def word(self) -> str:
        """``idle node``."""
        return self.part.value.replace("_", " ")

    @property
    def share(self) -> str:
        """``11%``; a part that is there and less than half a percent is ``<1%``."""
        return f"{self.percent}%" if self.percent else "<1%"


@dataclass(frozen=True, slots=True)
class Strip:
    """Nodes whose GPUs stand alike: the first by name, how many there are, a state per GPU of each."""

    first: str
    nodes: int
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """``gpu-03``, ``gpu-03 and 11 more``."""
        return self.first if self.nodes == 1 else f"{self.first} and {self.nodes - 1} more"

    @property
    def signs(self) -> str:
        """A sign per GPU."""
        return "".join(SIGNS[cell][0] for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool as people see it."""

    row: PoolRow
    target: str
    segments: Sequence[Segment]
    strips: Sequence[Strip]
    rest: str

    @property
    def name(self) -> str:
        """The pool, with its target where there are several."""
        return f"{self.target} {self.row.pool}".strip()

    @property
    def gpus(self) -> str:
        """Physical devices, a dash where unknown."""
        return amount(self.row.gpus)

    @property
    def held(self) -> str:
        """Devices that pods hold, a dash where unknown."""
        return amount(self.row.gpus_requested)

    @property
    def usd(self) -> str:
        """USD an hour for all nodes of the pool, a dash where unknown."""
        usd = self.row.usd_per_hour
        return DASH if usd is None else f"${usd:,.2f}"

    @property
    def window(self) -> str:
        """Over which time the hours are, and how they are known."""
        return window_of(self.row)


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger as people see it; ``legend`` has the signs that stand in some strip."""

    hours: GpuHours
    segments: Sequence[Segment]
    pools: Sequence[PoolView]
    legend: Sequence[tuple[str, str]]
    prices: str

    @property
    def bar(self) -> str:
        """``GPU-hours 5,376  [lost 2%][idle node 11%]``."""
        return f"GPU-hours {amount(self.hours.provisioned)}  {bar(self.segments)}"

    @property
    def waste(self) -> str:
        """The hours that may be called waste, and what stands beside them unmeasured."""
        wasted = sum(thousandths(getattr(self.hours, part.value)) for part in WASTE)
        whole = thousandths(self.hours.provisioned)
        share = f" ({100 * wasted / whole:.0f}%)" if whole else ""
        blind = self.hours.not_measured
        note = f"; {amount(blind)} are not measured and may hide more" if blind else ""
        return f"{amount(wasted / 1000)} GPU-hours{share} were wasted{note}"


def ledger_view(ledger: Ledger, names: Mapping[str, str], most: int = STRIPS) -> LedgerView:
    """The view of a ledger; ``names``: target id to name; ``most`` strips a pool."""
    several = len({row.target for row in ledger.pools}) > 1
    present = {cell.state for row in ledger.pools for cell in row.cells}
    return LedgerView(
        ledger.gpu_hours,
        segments(ledger.gpu_hours),
        [_pool(row, names.get(row.target, row.target) if several else "", most) for row in ledger.pools],
        [SIGNS[cell] for cell in Cell if cell in present],
        _prices(ledger),
    )


def segments(hours: GpuHours) -> list[Segment]:
    """The parts of a bar that are not empty, in the order of the ledger's rows."""
    known = [(part, getattr(hours, part.value)) for part in Part if getattr(hours, part.value)]
    whole = thousandths(hours.provisioned)
    shares = [Fraction(100 * thousandths(amount), whole) for _, amount in known] if whole else []
    return [
        Segment(part, told, percent)
        for (part, told), percent in zip(known, apportioned(100, shares), strict=True)
    ]


def bar(parts: Sequence[Segment]) -> str:
    """A bar in words: ``[lost 2%][idle node 11%]``."""
    return "".join(f"[{part.word} {part.share}]" for part in parts)


def amount(number: float | None) -> str:
    """A number of GPUs or hours: at most one decimal, a dash where unknown."""
    if number is None:
        return DASH
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}" if number >= 0.1 else "<0.1"


def window_of(row: PoolRow) -> str:
    """``1 h at the state of now``; ``24 h, measured``."""
    if row.basis == "status":
        return f"{row.window_hours:g} h at the state of now"
    how = {"sm": "SM_ACTIVE", "engine": "engine-active, an upper bound", "mixed": "SM_ACTIVE where exported"}
    by = f", effective by {how[row.effective_basis]}" if row.effective_basis else ""
    return f"{row.window_hours:g} h measured{by}"


def strips(cells: Sequence[GpuCell], most: int) -> tuple[list[Strip], str]:
    """
    A strip per node by name where that fits; else nodes that stand alike share one, the most wasteful first,
    and what is left over is a sum in words.
    """
    nodes: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        nodes[cell.node].append(cell.state)
    if len(nodes) <= most:
        return [Strip(name, 1, tuple(states)) for name, states in sorted(nodes.items())], ""
    alike: dict[tuple[Cell, ...], list[str]] = defaultdict(list)
    for name, states in sorted(nodes.items()):
        alike[tuple(states)].append(name)
    folded = sorted(
        (Strip(names[0], len(names), states) for states, names in alike.items()),
        key=lambda strip: (-strip.nodes * sum(cell in _WASTED for cell in strip.cells), strip.first),
    )
    return folded[:most], _rest(folded[most:])


def _rest(left: Sequence[Strip]) -> str:
    if not left:
        return ""
    counts: Counter[Cell] = Counter()
    for strip in left:
        counts.update({cell: number * strip.nodes for cell, number in Counter(strip.cells).items()})
    told = ", ".join(f"{counts[cell]:,} {SIGNS[cell][1]}" for cell in Cell if counts[cell])
    return f"and {counted(sum(strip.nodes for strip in left), 'node')} more with GPUs: {told}"


def _pool(row: PoolRow, target: str, most: int) -> PoolView:
    shown, rest = strips(row.cells, most)
    return PoolView(row, target, segments(row.gpu_hours), shown, rest)


def _prices(ledger: Ledger) -> str:
    prices = ledger.prices
    if prices.source is None and prices.as_of is None:
        return prices.basis
    return "; ".join(part for part in (prices.basis, prices.source) if part)
