"""
A chain of causes is seen faster than it is read.

Small layered graphs and bars as SVG, drawn here so that the page needs no script and no network. Colours are
classes of the page's style sheet; every drawing has a title and a description, and the same facts stand in
text beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.card import Card
from scanners.finding import Finding

WIDTH, HEIGHT, GAP_X, GAP_Y = 208, 46, 40, 12
COLUMNS, ROWS = 5, 4
LETTERS = 30


@dataclass(frozen=True, slots=True)
class Box:
    """A finding in the drawing, or the rest of a column that has no room."""

    id: str
    column: int
    row: int
    title: str
    subject: str
    severity: str

    @property
    def left(self) -> int:
        return 1 + self.column * (WIDTH + GAP_X)

    @property
    def top(self) -> int:
        return 1 + self.row * (HEIGHT + GAP_Y)


def chain(card: Card) -> Markup:
    """The causal graph of a problem, root on the left; empty where nothing was led to."""
    if len(card.levels) < 2:
        return Markup("")
    boxes = _placed(card)
    known = {box.id: box for box in boxes if box.id}
    edges = [
        _edge(known[link.source], known[link.target])
        for link in card.problem.chain
        if link.source in known and link.target in known
    ]
    width = max(box.left for box in boxes) + WIDTH + 1
    height = max(box.top for box in boxes) + HEIGHT + 1
    return Markup(
        '<svg class="chain" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" '
        'aria-labelledby="chain-{2}-title chain-{2}-text">'
        '<title id="chain-{2}-title">What led to what</title><desc id="chain-{2}-text">{3}</desc>{4}{5}</svg>'
    ).format(
        width,
        height,
        card.problem.rank,
        _described(card),
        _joined(edges),
        _joined([_drawn(b) for b in boxes]),
    )


def meter(percent: float) -> Markup:
    """A bar of a share; the figure stands beside it, so that the drawing is not read out."""
    return Markup(
        '<svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="4"/><rect class="fill" width="{:.1f}" height="4"/></svg>'
    ).format(max(0.0, min(100.0, percent)))


def _placed(card: Card) -> list[Box]:
    """Column by column, each finding near what led to it, so that few arrows cross."""
    boxes: list[Box] = []
    rows: dict[str, int] = {}
    for column, level in enumerate(card.levels[:COLUMNS]):
        before = {
            finding.id: [
                rows[hop.source]
                for hop in card.problem.chain
                if hop.target == finding.id and hop.source in rows
            ]
            for finding in level
        }
        near = sorted(level, key=lambda finding: (min(before[finding.id], default=ROWS), finding.id))
        rows.update({finding.id: row for row, finding in enumerate(near)})
        boxes += _column(column, near)
    return boxes


def _column(column: int, level: Sequence[Finding]) -> list[Box]:
    shown = level if len(level) <= ROWS else level[: ROWS - 1]
    boxes = [
        Box(f.id, column, row, f.title, f"{f.subject.kind} {f.subject.place}", f.severity.value)
        for row, f in enumerate(shown)
    ]
    left = len(level) - len(shown)
    return [*boxes, Box("", column, len(shown), f"and {left} more", "", "info")] if left else boxes


def _drawn(box: Box) -> Markup:
    return Markup(
        '<g class="box {}" transform="translate({} {})"><rect width="{}" height="{}" rx="4"/>'
        '<rect class="edge" width="3" height="{}"/><text x="12" y="19">{}</text>'
        '<text class="sub" x="12" y="35">{}</text></g>'
    ).format(box.severity, box.left, box.top, WIDTH, HEIGHT, HEIGHT, _short(box.title), _short(box.subject))


def _edge(source: Box, target: Box) -> Markup:
    x1, y1 = source.left + WIDTH, source.top + HEIGHT // 2
    x2, y2 = target.left - 6, target.top + HEIGHT // 2
    if target.column <= source.column:
        return Markup("")
    middle = (x1 + x2) // 2
    return Markup(
        '<path class="arrow" d="M{0} {1}C{2} {1} {2} {3} {4} {3}"/><path class="tip" d="M{5} {3}l-7 -4v8z"/>'
    ).format(x1, y1, middle, y2, x2, x2 + 6)


def _described(card: Card) -> str:
    return "; ".join(f"{hop.source} led to {hop.target}" for hop in card.hops[:12])


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


def _joined(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(escape(part) for part in parts)
