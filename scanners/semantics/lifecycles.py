"""
A cluster past the end of its support gets no more mends, and at some providers a surcharge by the hour.

Until when a provider supports a minor version: ``scanners/data/kubernetes_lifecycles.csv``, with date and source of
each row. A version newer than all rows is unknown.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

_MINOR = re.compile(r"v?(?P<major>\d+)\.(?P<minor>\d+)")


class Support(NamedTuple):
    """
    Days (``2026-07-29``) on which a version's support ends: ``standard``, and ``extended`` where that is on unless it
    is switched off (``""`` elsewhere). Both empty: older than all that is known, and long over.
    """

    standard: str
    extended: str
    as_of: str
    source: str


def support_of(provider: str, version: str) -> Support | None:
    """Until when a provider supports a version; None for one that is not known yet, or is no version."""
    minor = minor_of(version)
    known = _table().get(provider, {})
    if minor is None or not known or minor > max(known):
        return None
    newest = known[max(known)]
    return known.get(minor) or Support("", "", newest.as_of, newest.source)


def minor_of(version: str) -> tuple[int, int] | None:
    """Major and minor of a version: ``v1.31.4-gke.12`` is (1, 31). None for what is no version."""
    found = _MINOR.match(version)
    return (int(found["major"]), int(found["minor"])) if found else None


@cache
def _table() -> Mapping[str, Mapping[tuple[int, int], Support]]:
    text = resources.files("scanners.data").joinpath("kubernetes_lifecycles.csv").read_text("utf-8")
    table: dict[str, dict[tuple[int, int], Support]] = {}
    for row in csv.DictReader(text.splitlines()):
        minor = minor_of(row["minor"])
        if minor is not None:
            told = Support(row["end_of_standard"], row["end_of_extended"], row["as_of"], row["source"])
            table.setdefault(row["provider"], {})[minor] = told
    return table
