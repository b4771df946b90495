"""
People name a scan by what they remember of it: the last one, the beginning of its id, the file it was written to.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.report import Report
from swarm.errors import ConfigurationError
from swarm.history.address import Address, address_of, refuse_password
from swarm.history.nights import LAST, report_in
from swarm.settings import load

SHOWN = 5
"""Ids named in an error."""


def history_of(flag: str | None, config: Path | None) -> Address:
    """Where the history lies for a command that reads it. ConfigurationError where there is none."""
    refuse_password(flag)
    address = address_of(flag or load(file=config).settings.history, "--history" if flag else "history")
    if address is None:
        raise ConfigurationError(
            "no scans are remembered: the history is none", where="history", mend="name it with --history URL"
        )
    return address


def report_named(scan: str, flag: str | None = None, config: Path | None = None) -> Report:
    """
    The report that SCAN means: ``last``, a JSON report's file, or an id (or the beginning of one) in the history.

    ConfigurationError names the nearest id; HistoryUnavailable where the history cannot be read.
    """
    if scan != LAST and Path(scan).is_file():
        return report_in(Path(scan), "the report")
    from swarm.history.store import History

    history = History(history_of(flag, config))
    where = history.address.shown
    report = history.last() if scan == LAST else None
    if scan != LAST and (ids := history.ids()):
        report = history.report(the_one(scan, dict.fromkeys(ids), "file and no stored scan", where))
    if report is None:
        raise ConfigurationError(
            "no scan is stored yet" if scan == LAST else f"there is no stored scan or file named {scan}",
            where=where,
            mend="scan with `deepscan run` (recordings and --demo: with --history PATH), or name a file",
        )
    return report


def the_one(word: str, known: Mapping[str, Any], what: str, where: str) -> str:
    """The one known id that is ``word`` or begins with it. ConfigurationError with the nearest, or what it may be."""
    if word in known:
        return word
    begun = [name for name in known if name.startswith(word) or name.partition("-")[2].startswith(word)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        more = f" and {len(begun) - SHOWN} more" if len(begun) > SHOWN else ""
        raise ConfigurationError(
            f"{word} is the beginning of {len(begun)} ids",
            where=where,
            mend=f"write more of one: {', '.join(begun[:SHOWN])}{more}",
        )
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    mend = f"did you mean {near[0]}?" if near else f"known are {', '.join(list(known)[:SHOWN])}"
    raise ConfigurationError(f"there is no {what} with the id {word}", where=where, mend=mend)
