"""
An engineer on a jump host asks which GPUs are idle, and has eighty columns and no colour to be told in.

The ledger on a terminal: the bar, a line per pool, a strip with a sign per GPU.
"""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.ledger_view import SIGNS, LedgerView, PoolView, Segment, Strip, amount
from reports.text import one_line
from scanners.semantics.gpu_parts import Cell, Part

NAME = 30
"""Columns for the name of a node."""

STYLES = {
    Part.LOST: "red", Part.FILLER: "magenta", Part.IDLE_NODE: "yellow", Part.STRANDED: "yellow",
    Part.FRAGMENTED: "yellow", Part.FREE: "cyan", Part.ALLOCATED_IDLE: "bold yellow",
    Part.INEFFECTIVE: "blue", Part.EFFECTIVE: "green", Part.NOT_MEASURED: "dim",
}  # fmt: skip
_CELLS = {Cell.ACTIVE: "green", Cell.HELD: "blue", Cell.UNKNOWN: "dim"}


def ledger_line(view: LedgerView) -> Text:
    """The bar of the first screen."""
    return Text.assemble((f"GPU-hours {amount(view.hours.provisioned)}  ", "bold"), _bar(view.segments))


def pool_blocks(view: LedgerView) -> Iterable[RenderableType]:
    """The pools, a block each, and what the signs mean."""
    yield Text("GPU pools", style="bold")
    for pool in view.pools:
        yield Padding(_pool(pool), (0, 0, 0, 2))
    yield Padding(_legend(view), (0, 0, 0, 2))


def _pool(pool: PoolView) -> Group:
    row = pool.row
    unsized = f", {row.unsized_nodes} with an unknown number" if row.unsized_nodes else ""
    head = Text.assemble(
        (one_line(pool.name), "bold"),
        f"  {one_line(row.product) or 'unknown product'}: {pool.gpus} GPUs on {row.nodes:,} nodes{unsized}, "
        f"{pool.held} held, USD an hour {pool.usd}; {pool.window}",
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, max_width=NAME, overflow="ellipsis")
    grid.add_column()
    for strip in pool.strips:
        grid.add_row(Text(_short(strip)), _signs(strip))
    blocks: list[RenderableType] = [head, Padding(_bar(pool.segments), (0, 0, 0, 2))]
    if pool.strips:
        blocks.append(Padding(grid, (0, 0, 0, 2)))
    if pool.rest:
        blocks.append(Padding(Text(pool.rest, style="dim"), (0, 0, 0, 2)))
    return Group(*blocks)


def _short(strip: Strip) -> str:
    """The name in its columns; how many stand alike is never cut off."""
    first = one_line(strip.first)
    more = f" +{strip.nodes - 1}" if strip.nodes > 1 else ""
    room = NAME - len(more)
    return (first if len(first) <= room else first[: room - 1] + "…") + more


def _signs(strip: Strip) -> Text:
    return Text.assemble(*((SIGNS[cell][0], _style(cell)) for cell in strip.cells), overflow="fold")


def _style(cell: Cell) -> str:
    return _CELLS.get(cell) or STYLES[Part(cell.value)]


def _bar(parts: Sequence[Segment]) -> Text:
    """Segments that break between, never within."""
    text = Text()
    for part in parts:
        words = f"[{part.word} {part.share}]".replace(" ", "\u00a0")
        text.append(words, STYLES[part.part]).append(" ")
    return text


def _legend(view: LedgerView) -> Text:
    return Text("   ".join(f"{sign} {word}".replace(" ", "\u00a0") for sign, word in view.legend), style="dim")
