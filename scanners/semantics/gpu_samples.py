"""
An exporter speaks in series that begin and end with pods; a ledger asks of each GPU what it did in each minute.

Series of devices, laid on the steps of one window. A step that no sample falls into stays empty.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from scanners.facts.metric import DeviceUse, Series
from scanners.semantics.times import HOUR, MINUTE

if TYPE_CHECKING:
    Samples = array[float]
else:
    Samples = array

UNSEEN, UNHELD, FILLER, HELD, STRAY = range(5)
"""
What the samples of a step tell: nothing; nobody held the device; a filler did; a tenant did; it was busy and
no holder is named.
"""

BUSY = 0.01
"""The share of a minute in which a GPU must compute, at least, to have been used in it (checks.md)."""


class Grid(NamedTuple):
    """The steps of a window, each ``step`` seconds long; the last ends at ``now``."""

    now: float
    step: float
    steps: int

    def end(self, place: int) -> float:
        """When a step ends, in epoch seconds."""
        return self.now - (self.steps - 1 - place) * self.step

    def place(self, moment: float) -> int:
        """The step that a moment falls into; below 0 before the window."""
        return self.steps - 1 - math.floor((self.now - moment) / self.step)

    def reached(self, moment: float) -> int:
        """The first step that ends at or after a moment; past the last for one that is infinitely far."""
        if math.isinf(moment):
            return self.steps if moment > 0 else 0
        return min(self.steps, max(0, self.place(moment)))

    @property
    def step_hours(self) -> Fraction:
        """Length of a step in hours."""
        return Fraction(self.step) / Fraction(HOUR)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One device, or one MIG instance of it, over the steps of a grid.

    ``told`` holds what each step's samples tell, ``busy`` and ``effective`` shares (NaN: no sample), ``last``
    the newest step with a sample.
    """

    device: str
    instance: str
    told: bytearray
    busy: Samples
    effective: Samples
    last: list[int] = field(default_factory=lambda: [-1])


def grid_of(now: float, window: float, uses: Iterable[DeviceUse]) -> Grid:
    """Steps of a minute over the window (seconds), longer where all samples are further apart."""
    steps = [series.step for use in uses for series in _series(use) if len(series.values) > 1]
    step = max(MINUTE, min(steps, default=MINUTE))
    return Grid(now, step, max(1, int(window // step)))


def rows_of(
    uses: Iterable[DeviceUse],
    grid: Grid,
    *,
    holders_named: bool,
    all_held_since: float,
    is_filler: Callable[[str, str], bool],
) -> list[Row]:
    """
    The devices of one node, by name. ``holders_named``: whether this exporter names the pods that hold; if it
    does not, a device is held from ``all_held_since`` on, and before that nothing is told of it.
    """
    found: dict[tuple[str, str], list[DeviceUse]] = defaultdict(list)
    for use in uses:
        found[use.device, use.instance].append(use)
    rows = []
    for (device, instance), theirs in sorted(found.items()):
        empty = array("d", [math.nan]) * grid.steps
        row = Row(device, instance, bytearray(grid.steps), empty, empty[:])
        for use in theirs:
            holder = (FILLER if is_filler(use.namespace, use.pod) else HELD) if use.pod else UNHELD
            _lay(row, use, grid, holder if holders_named else None, all_held_since)
        rows.append(row)
    return rows


def _lay(row: Row, use: DeviceUse, grid: Grid, holder: int | None, all_held_since: float) -> None:
    busy, sm = _on(use.busy, grid), _on(use.sm, grid)
    others = [sm, *(_on(one, grid) for one in (use.tensor, use.power, use.memory) if one is not None)]
    all_held = grid.reached(all_held_since)
    tells, shares, effective = row.told, row.busy, row.effective
    newest = -1
    for place, share in enumerate(busy):
        measured = share == share  # NaN, "no sample", differs from itself
        if not measured and all(math.isnan(other[place]) for other in others):
            continue
        told = holder
        if told is None:
            told = HELD if place >= all_held else UNSEEN
        elif told == UNHELD and share >= BUSY:
            told = STRAY
        tells[place] = _stronger(tells[place], told) if tells[place] else told
        if measured and not share <= shares[place]:
            shares[place] = share
            by_sm = sm[place]
            effective[place] = by_sm if 0.0 <= by_sm <= 1.0 else _clamped(share, by_sm)
        newest = place
    row.last[0] = max(row.last[0], newest)


def _clamped(share: float, by_sm: float) -> float:
    """The SM share between 0 and 1, the engine's where there is none."""
    return min(1.0, max(0.0, share if math.isnan(by_sm) else by_sm))


def _stronger(left: int, right: int) -> int:
    """A tenant beside anything else holds the device; so does a filler beside nobody."""
    return max(left, right, key=_STRENGTH.__getitem__)


def any_held(rows: Iterable[Row]) -> bytes:
    """A byte per step: 0 where all devices are seen and no tenant held one, else 1."""
    combined, steps = 0, 0
    for row in rows:
        combined |= int.from_bytes(row.told.translate(_TAKEN), "big")
        steps = len(row.told)
    return combined.to_bytes(steps, "big")


_TAKEN = bytes(kind not in (UNHELD, FILLER) for kind in range(256))

_STRENGTH: Mapping[int, int] = {UNSEEN: 0, UNHELD: 1, STRAY: 2, FILLER: 3, HELD: 4}


def _series(use: DeviceUse) -> list[Series]:
    return [one for one in (use.busy, use.sm, use.tensor, use.power, use.memory) if one is not None]


def _on(series: Series | None, grid: Grid) -> Samples:
    """Samples by step, NaN where there is none; of several in one step the last."""
    found = array("d", [math.nan]) * grid.steps
    if series is None:
        return found
    if series.step == grid.step:
        first = grid.place(series.start)
        values = series.values[max(0, -first) : grid.steps - first] if first < grid.steps else array("d")
        found[max(0, first) : max(0, first) + len(values)] = values
        return found
    for moment, value in series.since(grid.end(0) - grid.step):
        if 0 <= grid.place(moment) < grid.steps:
            found[grid.place(moment)] = value
    return found
