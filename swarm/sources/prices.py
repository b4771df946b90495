"""
What a cluster costs is not asked of the cluster, and by default of nobody: the tables are on this machine.

Slice ``prices`` of every target, live or recorded: the built-in tables, overridden by the files of the user's.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.slices import PRICES
from scanners.semantics.price_tables import MalformedTable, Price, built_in, overridden, parsed
from swarm.errors import ConfigurationError
from swarm.sources.source import Read

NONE, LIVE = "none", "live"


def price_rows(names: Iterable[str]) -> tuple[Price, ...]:
    """
    The rows in force: the built-in ones, overridden file by file; none of all where ``none`` is named.

    ConfigurationError for a file that cannot be read or followed, with the line; and for ``live``.
    """
    names = list(names)
    if NONE in names:
        if len(names) > 1:
            mend = "say none alone, or leave it out"
            raise ConfigurationError(
                "no prices and a table of prices", where=f"--prices {', '.join(names)}", mend=mend
            )
        return ()
    found = built_in()
    for name in names:
        found = overridden(found, _file(name))
    return found


def prices_read(rows: Sequence[Price]) -> Read:
    """The slice as a source would hand it out: read whole, or not at all where there are no rows."""
    readings = [Reading(PRICES.name, SliceState.COMPLETE, objects=len(rows))] if rows else []
    return Read(objects=list(rows), readings=readings)


def _file(name: str) -> list[Price]:
    if name == LIVE:
        raise ConfigurationError(
            "this version asks no price service",
            where="--prices live",
            mend="name a CSV file, or leave it out for the built-in list prices",
        )
    try:
        rows = parsed(Path(name).expanduser().read_text(encoding="utf-8-sig"))
    except MalformedTable as wrong:
        where = f"{name}, line {wrong.line}"
        raise ConfigurationError(wrong.why, where=where, mend=wrong.mend) from None
    except (OSError, UnicodeDecodeError) as broken:
        raise ConfigurationError(
            "the price table cannot be read",
            where=name,
            cause=str(broken),
            mend="check the path given to --prices",
        ) from None
    return [msgspec.structs.replace(row, own=True) for row in rows]
