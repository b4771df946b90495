"""150,000 healthy pods differ in a dozen strings; rendering each from dictionaries would take minutes.

So one pod of a workload is rendered with markers in those places, and the others are that text filled in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

MARK = "@@"


def compact(value: object) -> str:
    """JSON as Go writes it: no blanks, keys in the order given."""
    return json.dumps(value, separators=(",", ":"))


def marker(name: str) -> str:
    return f"{MARK}{name}{MARK}"


class Template:
    """A JSON text with named holes."""

    def __init__(self, text: str) -> None:
        self._pieces = text.split(MARK)
        self._holes = self._pieces[1::2]

    def fill(self, values: Mapping[str, str]) -> str:
        pieces = self._pieces.copy()
        pieces[1::2] = [values[hole] for hole in self._holes]
        return "".join(pieces)
