"""A client shows its worth when the server misbehaves, so the fake one does on request, and repeatably.

`410@3` answers page 3 of the pods with Gone and a token that resumes; `reset@3` cuts the connection in the
middle of that page; `truncate@3` ends its body half way, as if it were whole; `429@0.05` refuses one list
request in twenty. Pages count from 1. A list other than pods is named (`410@events:2`), and `x4` makes a
fault happen four times instead of once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

PAGE_FAULT = re.compile(r"(410|reset|truncate)@(?:([a-z]+):)?(\d+)(?:x(\d+))?")
RATE_FAULT = re.compile(r"429@(0?\.\d+|1(?:\.0*)?)")


class Fault(StrEnum):
    """What goes wrong."""

    GONE = "410"
    RESET = "reset"
    TRUNCATE = "truncate"
    TOO_MANY = "429"


@dataclass
class _PageFault:
    fault: Fault
    list_name: str
    page: int
    left: int


class Faults:
    """The faults asked for; each request for a page is put to it once."""

    def __init__(self, text: str = "") -> None:
        self._pages: list[_PageFault] = []
        self._rate = 0.0
        self._asked = 0
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            self._add(part)

    def _add(self, part: str) -> None:
        if found := PAGE_FAULT.fullmatch(part):
            fault, name, page, times = found.groups()
            self._pages.append(_PageFault(Fault(fault), name or "pods", int(page), int(times or 1)))
        elif found := RATE_FAULT.fullmatch(part):
            self._rate = float(found[1])
        else:
            raise ValueError(
                f"{part!r} is not FAULT@[LIST:]PAGE[xTIMES] with 410, reset or truncate, nor 429@RATE"
            )

    def of(self, list_name: str, page: int) -> Fault | None:
        """What befalls this request, if anything."""
        self._asked += 1
        if int(self._asked * self._rate) > int((self._asked - 1) * self._rate):
            return Fault.TOO_MANY
        for planned in self._pages:
            if planned.left and (planned.list_name, planned.page) == (list_name, page):
                planned.left -= 1
                return planned.fault
        return None
