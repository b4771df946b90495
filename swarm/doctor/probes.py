"""
A scan also hangs on things beside its targets: settings, a metrics server, a price table.

Each is one function of :data:`PROBES`: it says how the thing is, and how the slices that are read from it would be
read. Slices of a source that no probe answers for are not configured.
"""

import os
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from scanners.facts.gaps import Reading
from scanners.facts.slices import ALL
from scanners.scanner import Scanner
from swarm.doctor.checkup import ProbeRow
from swarm.model.probe import standing
from swarm.settings import Loaded
from swarm.sources.prices import price_rows, prices_read

CONFIGURE = {
    "prometheus": "deepscan run --prometheus URL",
    "prices": "deepscan run --prices FILE",
    "cloud": "deepscan run --aws [PROFILE] | --gcp PROJECT | --azure SUBSCRIPTION",
}
"""The line that configures a source beside the cluster, by :attr:`Slice.origin`."""


@dataclass(frozen=True)
class Probed:
    """What a probe found, and how slices would be read for it."""

    row: ProbeRow
    readings: Sequence[Reading] = ()


Probe = Callable[[Loaded], Awaitable[Probed | None]]
"""None where there is nothing to say."""


async def settings_in_force(loaded: Loaded) -> Probed:
    """Which settings differ from their defaults, counted by where they came from."""
    counts = Counter(loaded.origins.values())
    told = ", ".join(f"{count} from {origin}" for origin, count in sorted(counts.items()))
    return Probed(ProbeRow(name="settings", state="ok", detail=told or "all defaults"))


async def prices_in_force(loaded: Loaded) -> Probed:
    """Which price tables a run would use, and of when their rows are."""
    names = loaded.settings.prices
    rows = price_rows(names)
    days = sorted({row.as_of for row in rows if row.as_of})
    told = f"{len(rows)} rows of {days[0]} to {days[-1]}" if days else f"{len(rows)} rows"
    whence = f"built-in tables and {', '.join(names)}" if names else "built-in tables"
    row = ProbeRow(name="prices", state="ok", detail=f"{whence}: {told}" if rows else "none, as asked")
    return Probed(row, prices_read(rows).readings)


async def model_in_force(loaded: Loaded) -> Probed | None:
    """Whether the model would answer that a run would ask for words; nothing where none is configured."""
    found = await standing(loaded.settings, os.environ)
    if found is None:
        return None
    return Probed(ProbeRow(name="model", state=found.state, detail=found.detail, mend=found.mend))


PROBES: tuple[Probe, ...] = (settings_in_force, prices_in_force, model_in_force)


def not_configured(checks: Sequence[Scanner], answered: Collection[str]) -> list[ProbeRow]:
    """A row for each source that checks could use and of which no slice was ``answered`` for."""
    silent = [s for s in ALL if s.origin != "kubernetes" and s.name not in answered]
    rows = []
    for origin in sorted({slice_.origin for slice_ in silent}):
        mine = {slice_ for slice_ in silent if slice_.origin == origin}
        codes = sorted(check.code for check in checks if mine & set(check.slices))
        if codes:
            row = ProbeRow(name=origin, state="not-configured", mend=CONFIGURE[origin], checks=codes)
            rows.append(row)
    return rows
