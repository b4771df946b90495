"""
An engineer on a jump host asks which GPUs are idle, and has eighty columns and no colour to be told in.

The ledger on a terminal: the bar, a line per pool, a strip with a sign per GPU.
"""

import io
from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.faces.stdout import Stdout
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


def ledger_line(view: LedgerView) -> RenderableType:
    """The bar of the first screen."""
    return _bar(view.segments, Text(f"GPU-hours {amount(view.hours.provisioned)}", "bold"))


def pool_blocks(view: LedgerView) -> Iterable[RenderableType]:
    """The pools, a block each, and what the signs mean."""
    yield Text("GPU pools", style="bold")
    for pool in view.pools:
        yield Padding(_pool(pool), (0, 0, 0, 2))
    yield Padding(_legend(view), (0, 0, 0, 2))


def text(view: LedgerView, width: int = 80) -> str:
    """The ledger alone as plain text, for files and pipes."""
    page = io.StringIO()
    console = Console(
        file=page, width=width, no_color=True, force_terminal=False, highlight=False, _environ={}
    )
    print_ledger(view, console)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def print_ledger(view: LedgerView, console: Console | None = None) -> None:
    """Print the ledger alone, on stdout where no console is given."""
    console = console or Stdout()
    blocks = [ledger_line(view), Text(view.waste), Text(f"prices: {view.prices}", style="dim"), Text()]
    for block in (*blocks, *pool_blocks(view)):
        console.print(block, markup=False, highlight=False, emoji=False)


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


def _bar(parts: Sequence[Segment], *before: Text) -> "_Packed":
    return _Packed([*before, *(Text(f"[{part.word} {part.share}]", STYLES[part.part]) for part in parts)], 1)


def _legend(view: LedgerView) -> "_Packed":
    return _Packed([Text(f"{sign} {word}", "dim") for sign, word in view.legend], 3)


class _Packed:
    """Pieces side by side as far as the width goes; lines break between them, never within."""

    def __init__(self, pieces: Sequence[Text], gap: int) -> None:
        self._pieces = pieces
        self._gap = gap

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        line = Text(no_wrap=True)
        for piece in self._pieces:
            if line and line.cell_len + self._gap + piece.cell_len > options.max_width:
                yield line
                line = Text(no_wrap=True)
            line = Text.assemble(line, " " * self._gap if line else "", piece, no_wrap=True)
        yield line
