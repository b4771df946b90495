"""
"Where do our GPU-hours go?" is the question with the largest bill, and its answer must add up.

The ledger as the report carries it. Hours are exact in :mod:`scanners.semantics.gpu_ledger`; here they are
thousandths of an hour, rounded by largest remainder, so that the parts of each pool sum to what was
provisioned, and the pools to the whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scanners.semantics.gpu_ledger import LedgerPool
from scanners.semantics.gpu_parts import Cell, Part, Parts, apportioned
from scanners.semantics.gpu_pools import as_number
from scanners.semantics.gpu_standing import Standing

DIGITS = 1000
"""Steps an hour is told in."""

NO_PRICES = "no price is known for any pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuHours:
    """GPU-hours by part; all but ``provisioned`` sum to it."""

    provisioned: float
    lost: float
    filler: float
    idle_node: float
    stranded: float
    fragmented: float
    free: float
    allocated_idle: float
    ineffective: float
    effective: float
    not_measured: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuCell:
    """One GPU of a node at the moment of the scan; ``gpu`` counts from 0 and is no index of the driver's."""

    node: str
    gpu: int
    state: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """
    One pool of one product. ``gpus`` physical devices, null where nothing tells their number; ``units`` what is
    scheduled; ``gpus_requested`` devices that pods hold; ``usd_per_hour`` of all its nodes together.
    ``gpus_allocatable`` those that are not lost now, ``gpus_held`` those of them that pods hold: their quotient is the
    allocation ratio; null where nothing tells.

    ``window_hours`` and ``basis``: ``metrics`` is measured over the window, ``status`` is one hour at the state
    of now. ``effective_basis``: ``sm``, ``engine`` (an upper bound) or ``mixed``. ``unsized_nodes`` stand in
    ``nodes`` and in nothing else.
    """

    target: str
    pool: str
    product: str
    nodes: int
    unsized_nodes: int = 0
    gpus: int | float | None
    units: int
    gpus_requested: int | float | None
    gpu_hours: GpuHours
    usd_per_hour: float | None
    window_hours: float
    basis: Literal["metrics", "status"]
    effective_basis: Literal["sm", "engine", "mixed"] | None = None
    cells: list[GpuCell]
    gpus_allocatable: int | float | None = None
    gpus_held: int | float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPrices:
    """Where the ledger's prices stand; null and a reason where there are none."""

    source: str | None
    as_of: str | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The GPU-hours of all pools."""

    gpu_hours: GpuHours
    pools: list[PoolRow]
    prices: LedgerPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLedger:
    """One target's share of the ledger: its pools and the (source, day, basis) of each price in them."""

    pools: Sequence[PoolRow]
    prices: frozenset[tuple[str, str, str]]


def target_ledger(target: str, pools: Sequence[LedgerPool] | None) -> TargetLedger | None:
    """The share of one target; None where it has no accelerators."""
    if not pools:
        return None
    told = frozenset((price.source, price.as_of, price.basis) for pool in pools for price in pool.prices)
    return TargetLedger(pools=[_row(target, pool) for pool in pools], prices=told)


def joined(ledgers: Iterable[TargetLedger | None]) -> Ledger | None:
    """One ledger of several targets, in their order; None where none has accelerators."""
    known = [ledger for ledger in ledgers if ledger]
    if not known:
        return None
    pools = [row for ledger in known for row in ledger.pools]
    prices = frozenset[tuple[str, str, str]]().union(*(ledger.prices for ledger in known))
    return Ledger(gpu_hours=_summed([row.gpu_hours for row in pools]), pools=pools, prices=_prices(prices))


def hours_of(provisioned: Fraction, parts: Parts) -> GpuHours:
    """Exact hours as the report tells them: thousandths, by largest remainder, earlier parts first on a tie."""
    whole = round(provisioned * DIGITS)
    shares = apportioned(whole, [parts.get(part, Fraction(0)) * DIGITS for part in Part])
    told = {part.value: share / DIGITS for part, share in zip(Part, shares, strict=True)}
    return GpuHours(provisioned=whole / DIGITS, **told)


def thousandths(hours: float) -> int:
    """A figure of the ledger as the whole number of thousandths that it is."""
    return round(hours * DIGITS)


def _summed(rows: Sequence[GpuHours]) -> GpuHours:
    names = ("provisioned", *(part.value for part in Part))
    return GpuHours(**{name: sum(thousandths(getattr(row, name)) for row in rows) / DIGITS for name in names})


def _row(target: str, pool: LedgerPool) -> PoolRow:
    usd = sum((price.usd_per_hour for price in pool.prices), Fraction(0))
    return PoolRow(
        target=target,
        pool=pool.name,
        product=pool.product,
        nodes=len(pool.nodes),
        unsized_nodes=pool.unsized,
        gpus=as_number(pool.gpus) if pool.gpus else None,
        units=int(pool.units),
        gpus_requested=None if pool.requested is None else as_number(pool.requested),
        gpu_hours=hours_of(pool.provisioned, pool.parts),
        usd_per_hour=round(float(usd), 4) if pool.prices else None,
        window_hours=round(float(pool.window_hours), 3),
        basis=pool.basis,
        effective_basis=pool.effective_basis,
        cells=[cell for node, now in pool.nodes for cell in _cells(node, now)],
        gpus_allocatable=_standing(pool, [cell for cell in Cell if cell is not Cell.LOST]),
        gpus_held=_standing(pool, _HELD),
    )


_HELD = (Cell.FILLER, Cell.ALLOCATED_IDLE, Cell.ACTIVE, Cell.HELD)


def _standing(pool: LedgerPool, cells: Iterable[Cell]) -> int | float | None:
    """GPUs of a pool that stand so now; None where nothing proves who holds some of them."""
    known = (
        pool.gpus and pool.requested is not None and not any(now.get(Cell.UNKNOWN) for _, now in pool.nodes)
    )
    if not known:
        return None
    wanted = [*cells]
    return as_number(
        sum((now.get(cell, Fraction(0)) for _, now in pool.nodes for cell in wanted), Fraction(0))
    )


def _cells(node: str, now: Standing) -> Iterable[GpuCell]:
    """A cell per GPU: a GPU that stands in several states shows the one that takes up most of it."""
    bounds, reached = [], Fraction(0)
    for cell, gpus in now.items():
        bounds.append((cell, reached, reached + gpus))
        reached += gpus
    for gpu in range(int(reached)):
        shares = [
            (min(end, Fraction(gpu + 1)) - max(start, Fraction(gpu)), cell) for cell, start, end in bounds
        ]
        yield GpuCell(node=node, gpu=gpu, state=max(shares, key=lambda share: share[0])[1])


def _prices(told: frozenset[tuple[str, str, str]]) -> LedgerPrices:
    if not told:
        return LedgerPrices(source=None, as_of=None, basis=NO_PRICES)
    sources, days, bases = ({entry[place] for entry in told} - {""} for place in range(3))
    return LedgerPrices(
        source=", ".join(sorted(sources)) or None,
        as_of=" to ".join(sorted({min(days), max(days)})) if days else None,
        basis="; ".join(sorted(bases)),
    )
