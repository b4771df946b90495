"""
Which night was it? A line per scan has to say enough to choose one.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from reports.text import one_line
from reports.words import DASH, counted, listed, moment
from swarm.cli.plain import write_plain
from swarm.cli.stored import history_of
from swarm.history.store import History, Stored

HEAD = (
    "scan",
    "as of",
    "targets",
    "critical",
    "high",
    "medium",
    "low",
    "info",
    "coverage",
    "new",
    "resolved",
)


def show(limit: int, formats: Sequence[str], flag: str | None, config: Path | None) -> None:
    """Print the scans of the history, those stored last first. ConfigurationError where it cannot be read."""
    history = History(history_of(flag, config))
    scans = history.scans(limit)
    write_plain(
        formats,
        {
            "terminal": lambda: _table(scans, history.address.shown),
            "json": lambda: json.dumps({"scans": [asdict(scan) for scan in scans]}, indent=2) + "\n",
        },
    )


def _table(scans: Sequence[Stored], where: str) -> str:
    if not scans:
        return f"no scan is remembered in {where} (recordings and --demo are with --history PATH)\n"
    rows = [HEAD, *(_cells(scan) for scan in scans)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, f"{counted(len(scans), 'scan')} of {where}"]) + "\n"


def _cells(scan: Stored) -> tuple[str, ...]:
    names = listed([one_line(target["name"]) for target in scan.targets], most=3)
    only = "; ".join(f"{name} {', '.join(values)}" for name, values in scan.scope.items() if values)
    counts = [str(number) for number in scan.problems.values()]
    changes = [DASH if number is None else str(number) for number in (scan.new, scan.resolved)]
    targets = f"{names} ({one_line(only)})" if only else names
    return (scan.id, moment(scan.now), targets, *counts, f"{scan.coverage_percent:g} %", *changes)
