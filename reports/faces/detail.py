"""
A page that does not open, or that a chat refuses, tells nothing: five hundred problems must fit too.

Less is shown of the lower ranks until the page fits its budget; the JSON report always has all.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detail:
    """How many problems (and gaps) are listed, have a card, have a card with evidence."""

    rows: int
    cards: int
    evidence: int


LEVELS = (
    Detail(1000, 600, 600),
    Detail(1000, 400, 100),
    Detail(500, 150, 40),
    Detail(200, 50, 15),
    Detail(50, 10, 0),
)


def fitting(render: Callable[[Detail], str], budget: int) -> str:
    """The fullest rendering of at most ``budget`` bytes, else the smallest one there is."""
    page = ""
    for level in LEVELS:
        page = render(level)
        if len(page.encode()) <= budget:
            break
    return page
