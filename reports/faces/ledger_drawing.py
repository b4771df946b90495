"""
A pool of a hundred GPUs is judged at a glance, if every GPU is a square.

Bars and strips of the ledger as SVG. Each square carries its sign, so colour only repeats it; the same figures
stand in tables beside.
"""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from reports.ledger_view import SIGNS, Segment, Strip
from reports.words import counted, listed

WIDTH, HEIGHT = 960, 26
SIDE, GAP = 16, 2
ACROSS = 32
"""Squares in a row of a strip."""


def ledger_bar(parts: Sequence[Segment], name: str) -> Markup:
    """A bar of a pool or of all; ``name`` is told to those who do not see it. Empty where there are no hours."""
    whole = sum(part.hours for part in parts)
    if not whole:
        return Markup("")
    drawn, left = Markup(""), 0.0
    for part in parts:
        width = WIDTH * part.hours / whole
        drawn += Markup('<rect class="{}" x="{:.1f}" width="{:.1f}" height="{}"/>').format(
            part.part.value, left, width, HEIGHT
        )
        label = f"{part.word} {part.share}"
        if width > 7.2 * len(label) + 8:
            drawn += Markup('<text x="{:.1f}" y="17">{}</text>').format(left + 6, label)
        left += width
    told = ", ".join(f"{part.word} {part.share}" for part in parts)
    return Markup(
        '<svg class="hours" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>'
    ).format(WIDTH, HEIGHT, f"GPU-hours of {name}", told, drawn)


def strip_of(strip: Strip) -> Markup:
    """A square per GPU of a node, or of several nodes that stand alike."""
    cells = strip.cells
    drawn = Markup("")
    for place, cell in enumerate(cells):
        x, y = (place % ACROSS) * (SIDE + GAP), (place // ACROSS) * (SIDE + GAP)
        drawn += Markup(
            '<rect class="{0}" x="{1}" y="{2}" width="{4}" height="{4}" rx="2"/><text x="{5}" y="{6}">{3}</text>'
        ).format(cell.value, x, y, SIGNS[cell][0], SIDE, x + SIDE // 2, y + 12)
    width = min(len(cells), ACROSS) * (SIDE + GAP) - GAP
    height = -(-len(cells) // ACROSS) * (SIDE + GAP) - GAP
    return Markup(
        '<svg class="strip" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img">'
        "<title>{2}</title><desc>{3}</desc>{4}</svg>"
    ).format(width, height, f"GPUs of {strip.name}", stands(strip), drawn)


def stands(strip: Strip) -> str:
    """``5 GPUs active, 3 GPUs free``: a strip in words."""
    counts = Counter(strip.cells)
    return listed(f"{counted(counts[cell], 'GPU')} {SIGNS[cell][1]}" for cell in SIGNS if counts[cell])
