"""
A GPU that a pod holds is paid for whether it computes or waits, and only its exporter knows which.

The measured hours of one node: for each GPU and each step of the window, the first row of the ledger that
holds (checks.md, "The GPU-hour ledger"). Shares are counted in whole millionths of a step, so that all parts
sum exactly. What no sample and no timestamp proves is not measured.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse
from scanners.facts.node import Node
from scanners.semantics.accelerators import offered, requested
from scanners.semantics.gpu_devices import physical_gpus, unit_worth, units_of
from scanners.semantics.gpu_fillers import is_filler
from scanners.semantics.gpu_idle import is_idle
from scanners.semantics.gpu_parts import Cell, Part, part_of, total
from scanners.semantics.gpu_samples import (
    BUSY,
    FILLER,
    HELD,
    STRAY,
    UNHELD,
    UNSEEN,
    Grid,
    Row,
    any_held,
    rows_of,
)
from scanners.semantics.gpu_shapes import usable
from scanners.semantics.gpu_standing import Standing, holders_are_known, lost_gpus, standing
from scanners.semantics.gpu_traces import Past, past_of
from scanners.semantics.times import MINUTE

IDLE_AFTER = 30 * MINUTE
"""Seconds without any held GPU after which a node is idle (checks.md)."""

_WHOLE = 1_000_000
_LOST_FIRST = (
    Cell.UNKNOWN, Cell.IDLE_NODE, Cell.FREE, Cell.FRAGMENTED, Cell.STRANDED, Cell.HELD, Cell.ALLOCATED_IDLE,
    Cell.FILLER, Cell.ACTIVE,
)  # fmt: skip
"""Where devices that are not allocatable are looked for, the likeliest first: which they are the API does not tell."""


class Measured(NamedTuple):
    """The GPU-hours of one node, and how its GPUs stand in the last step."""

    provisioned: Fraction
    parts: Mapping[Part, Fraction]
    standing: Standing


class _Seen(NamedTuple):
    """What is known of a node while its steps are judged. ``dark``: GPUs without any series."""

    inventory: Inventory
    node: Node
    grid: Grid
    past: Past
    rows: Sequence[tuple[Row, Fraction]]
    dark: Fraction
    first: int
    idle: frozenset[int]


def measured_hours(
    inventory: Inventory, node: Node, uses: Sequence[DeviceUse], grid: Grid, *, holders_named: bool
) -> Measured:
    """
    The hours of a node since the window began, or since it was made.

    ``holders_named``: whether this exporter names the pods that hold devices; only then does a device without
    a pod tell that nobody held it.
    """
    past = past_of(inventory, node)
    found = rows_of(
        uses,
        grid,
        holders_named=holders_named,
        all_held_since=past.all_held,
        is_filler=lambda namespace, name: (namespace, name) in _fillers(inventory, node),
    )
    rows = _worth(node, found, _profiles(inventory, node, uses))
    dark = physical_gpus(node) - total(worth for _, worth in rows)
    first = 0 if past.created <= grid.end(0) else min(grid.place(past.created), grid.steps - 1)
    idle = _idle_steps(node, rows, dark, first, grid)
    seen = _Seen(inventory, node, grid, past, rows, dark, first, idle)
    now = _standing_now(seen)
    provisioned = physical_gpus(node) * (grid.steps - first) * grid.step_hours
    return Measured(provisioned, _parts(seen, now), now)


def _parts(seen: _Seen, now: Standing) -> dict[Part, Fraction]:
    """The steps before the last, row by row, and the last as the node stands in it."""
    tally: dict[Part, Fraction] = defaultdict(Fraction)
    split = _split(seen)
    last = seen.grid.steps - 1
    for cell, gpus in now.items():
        if cell is not Cell.ACTIVE:
            tally[part_of(cell)] += gpus
    ending = total(worth for row, worth in seen.rows if _cell(seen, row, last) is Cell.ACTIVE)
    kept = now.get(Cell.ACTIVE, Fraction(0)) / ending if ending else Fraction(0)
    for row, worth in seen.rows:
        counts = _counts(seen, row, seen.first, last)
        active = counts.pop(Cell.ACTIVE, 0) + kept * (_cell(seen, row, last) is Cell.ACTIVE)
        millionths = _effective(seen, row, seen.first, last) + kept * _effective(seen, row, last, last + 1)
        effective = Fraction(millionths, _WHOLE)
        tally[Part.EFFECTIVE] += worth * effective
        tally[Part.INEFFECTIVE] += worth * (active - effective)
        for cell, steps in _divided({c: Fraction(n) for c, n in counts.items()}, split).items():
            tally[part_of(cell)] += worth * steps
    for place in range(seen.first, last) if seen.dark else ():
        for cell, gpus in _in_the_dark(seen, place).items():
            tally[part_of(cell)] += gpus
    return {part: steps * seen.grid.step_hours for part, steps in tally.items() if steps}


def _counts(seen: _Seen, row: Row, first: int, last: int) -> Counter[Cell]:
    """How many of the steps from ``first`` to before ``last`` one device stood in each state."""
    counts: Counter[Cell] = Counter()
    gone = min(last, max(first, seen.grid.reached(seen.past.not_ready)))
    counts[Cell.LOST] = last - gone
    told = row.told[first:gone]
    counts[Cell.UNKNOWN] = told.count(UNSEEN) + told.count(STRAY)
    counts[Cell.FILLER] = told.count(FILLER)
    held = [busy for kind, busy in zip(told, row.busy[first:gone], strict=True) if kind == HELD]
    counts[Cell.ACTIVE] = sum(busy >= BUSY for busy in held)
    counts[Cell.ALLOCATED_IDLE] = sum(busy < BUSY for busy in held)
    counts[Cell.HELD] = len(held) - counts[Cell.ACTIVE] - counts[Cell.ALLOCATED_IDLE]
    if UNHELD in told:
        counts.update(_cell(seen, row, place) for place in range(first, gone) if row.told[place] == UNHELD)
    return counts


def _effective(seen: _Seen, row: Row, first: int, last: int) -> int:
    """Millionths of a step in which one device, held and busy, was effective from ``first`` to before ``last``."""
    steps = slice(first, min(last, max(first, seen.grid.reached(seen.past.not_ready))))
    samples = zip(row.told[steps], row.busy[steps], row.effective[steps], strict=True)
    return sum(round(share * _WHOLE) for kind, busy, share in samples if kind == HELD and busy >= BUSY)


def _cell(seen: _Seen, row: Row, place: int) -> Cell:
    """How one device stood in one step; ``free`` for what is yet to be divided."""
    end = seen.grid.end(place)
    if end >= seen.past.not_ready:
        return Cell.LOST
    told = row.told[place]
    if told == HELD:
        busy = row.busy[place]
        if busy >= BUSY:
            return Cell.ACTIVE
        return Cell.ALLOCATED_IDLE if busy < BUSY else Cell.HELD
    if told != UNHELD:
        return Cell.FILLER if told == FILLER else Cell.UNKNOWN
    if end >= seen.past.kept_out:
        return Cell.LOST
    if place in seen.idle:
        return Cell.IDLE_NODE
    return Cell.FREE if end >= seen.past.settled else Cell.UNKNOWN


def _in_the_dark(seen: _Seen, place: int) -> Standing:
    """How the GPUs without series stood in one step: only the API tells, and only of now."""
    if seen.grid.end(place) >= seen.past.not_ready:
        return {Cell.LOST: seen.dark}
    if place < seen.grid.steps - 1:
        return {Cell.UNKNOWN: seen.dark}
    if not seen.rows:
        return standing(seen.inventory, seen.node)
    lost = min(lost_gpus(seen.node), seen.dark)
    return {Cell.LOST: lost, Cell.UNKNOWN: seen.dark - lost}


def _standing_now(seen: _Seen) -> Standing:
    """
    How the GPUs stand in the last step. An idle node is idle, whatever its exporter leaves out. The API tells how
    many are not allocatable and not which: they are taken from those that nobody is seen to hold, else from others.
    """
    if _idle_now(seen):
        return standing(seen.inventory, seen.node)
    now: dict[Cell, Fraction] = defaultdict(Fraction)
    for row, worth in seen.rows:
        now[_cell(seen, row, seen.grid.steps - 1)] += worth
    found = defaultdict(Fraction, _divided(now, _split(seen)))
    for cell, gpus in _in_the_dark(seen, seen.grid.steps - 1).items() if seen.dark else ():
        found[cell] += gpus
    missing = lost_gpus(seen.node) - found[Cell.LOST]
    for cell in _LOST_FIRST:
        taken = max(min(missing, found[cell]), Fraction(0))
        found[cell] -= taken
        found[Cell.LOST] += taken
        missing -= taken
    return {cell: found[cell] for cell in Cell if found.get(cell)}


def _idle_now(seen: _Seen) -> bool:
    """Whether nobody holds the node by GPU101's own function, and no sample of the last step says otherwise."""
    last = seen.grid.steps - 1
    quiet = all(row.told[last] in (UNSEEN, UNHELD) for row, _ in seen.rows)
    return quiet and is_idle(seen.inventory, seen.node)


def _split(seen: _Seen) -> Standing:
    """How an unheld GPU that is neither lost nor on an idle node divides, by the room that is on the node now."""
    last = seen.grid.steps - 1
    unheld = total(worth for row, worth in seen.rows if row.told[last] == UNHELD)
    if not unheld or not offered(seen.node) or not holders_are_known(seen.inventory, seen.node):
        return {Cell.UNKNOWN: Fraction(1)}
    divided = usable(seen.inventory, seen.node, unheld)
    cells = (Cell.STRANDED, Cell.FRAGMENTED, Cell.FREE)
    return {cell: gpus / unheld for cell, gpus in zip(cells, divided, strict=True)}


def _divided(amounts: Mapping[Cell, Fraction], split: Standing) -> dict[Cell, Fraction]:
    found: dict[Cell, Fraction] = defaultdict(Fraction)
    for cell, amount in amounts.items():
        for into, share in split.items() if cell is Cell.FREE else ((cell, Fraction(1)),):
            found[into] += amount * share
    return found


def _profiles(
    inventory: Inventory, node: Node, uses: Sequence[DeviceUse]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """The resources by which MIG instances (device, instance) are held there, as the pods named for them ask."""
    there = {(pod.namespace, pod.name): pod for pod in inventory.index.pods_by_node.get(node.name, ())}
    found: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for use in uses:
        pod = there.get((use.namespace, use.pod))
        if use.instance and pod:
            found[use.device, use.instance] |= frozenset(requested(pod.template))
    return found


def _worth(
    node: Node, rows: Sequence[Row], profiles: Mapping[tuple[str, str], frozenset[str]]
) -> list[tuple[Row, Fraction]]:
    """
    Rows with the part of a GPU that each is, the most recently seen first, no more than the node has.

    Instances of several MIG profiles cannot be told apart by their number: those that no pod tells stay dark.
    """
    kinds = list(units_of(node))
    sliced = unit_worth(node, kinds[0]) if len(kinds) == 1 else None
    left, found = physical_gpus(node), []
    for row in sorted(rows, key=lambda row: (-row.last[0], row.device, row.instance)):
        worth = sliced if row.instance else Fraction(1)
        if row.instance and len(told := profiles.get((row.device, row.instance), frozenset())) == 1:
            worth = unit_worth(node, *told)
        if worth is not None and worth <= left:
            found.append((row, worth))
            left -= worth
    return found


def _idle_steps(
    node: Node, rows: Sequence[tuple[Row, Fraction]], dark: Fraction, first: int, grid: Grid
) -> frozenset[int]:
    """
    Steps by whose end no tenant had held any GPU of the node for long. All of it must be seen, but for what
    MIG profiles leave over.
    """
    uncut = physical_gpus(node) - total(
        Fraction(n) * unit_worth(node, name) for name, n in units_of(node).items()
    )
    if not rows or dark > max(uncut, Fraction(0)):
        return frozenset()
    found, run = set(), 0
    held = any_held(row for row, _ in rows)
    for place in range(first, grid.steps):
        run = 0 if held[place] else run + 1
        if run * grid.step >= IDLE_AFTER:
            found.add(place)
    return frozenset(found)


def _fillers(inventory: Inventory, node: Node) -> frozenset[tuple[str, str]]:
    there = inventory.index.pods_by_node.get(node.name, ())
    return frozenset((pod.namespace, pod.name) for pod in there if is_filler(pod))
