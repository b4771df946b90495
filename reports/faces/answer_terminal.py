"""
An object's name that was broken in two cannot be copied, so a table that is too wide becomes a block per row.
"""

import io
import textwrap
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from reports.faces.answer import TELLERS, below, cells_of, notes_of, query_text
from reports.faces.stdout import Stdout
from reports.query.answer import Answer, Row, Table
from reports.text import one_line

_RIGHT = ("count", "gpus", "usd", "ratio", "hours", "bytes")


def text(answer: Answer, width: int = 80) -> str:
    """The answer as plain text, for files and pipes."""
    page = io.StringIO()
    console = Console(
        file=page, width=width, no_color=True, force_terminal=False, highlight=False, _environ={}
    )
    print_answer(answer, console)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def print_answer(answer: Answer, console: Console | None = None) -> None:
    """Print the answer on a console of the caller's, else on stdout."""
    console = console or Stdout()
    for block in _blocks(answer, console.width):
        console.print(block, markup=False, highlight=False, emoji=False)


def _blocks(answer: Answer, width: int) -> Iterator[RenderableType]:
    yield Text(one_line(answer.headline), style="bold")
    yield Text(f"query  {one_line(query_text(answer.query))} ({TELLERS[answer.told_by]})", style="dim")
    for note in notes_of(answer):
        yield Text(f"note   {note}", style="yellow")
    for table in answer.tables:
        yield Text()
        yield Text.assemble((one_line(table.title), "bold"), ": ", one_line(table.sentence))
        if table.rows:
            yield from _rows(table, width)
        for label, line in below(table):
            yield _labelled(label, line, width)


def _rows(table: Table, width: int) -> Iterator[RenderableType]:
    grid = _grid(table)
    needed = Console(width=10_000, file=io.StringIO(), _environ={}).measure(grid).maximum
    if needed <= width:
        yield grid
        return
    for number, row in enumerate(table.rows, 1):
        yield _block(number, table, row, width)


def _grid(table: Table) -> Grid:
    grid = Grid(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    for column in table.columns:
        grid.add_column(
            one_line(column.title), justify="right" if column.unit in _RIGHT else "left", no_wrap=True
        )
    told = any(row.finding for row in table.rows)
    proven = any(row.evidence for row in table.rows)
    if told:
        grid.add_column("finding", no_wrap=True)
    if proven:
        grid.add_column("evidence", no_wrap=True)
    for row in table.rows:
        cells = [Text(words) for _, words in cells_of(table, row)]
        cells += [Text(row.finding or "–")] * told + [Text(", ".join(row.evidence) or "–")] * proven
        grid.add_row(*cells)
    return grid


def _block(number: int, table: Table, row: Row, width: int) -> Text:
    """One row over several lines: headings beside cells, ids at the end; nothing is broken inside a word."""
    parts = [f"{one_line(column.title)} {words}" for column, words in cells_of(table, row)]
    parts += [f"finding {row.finding}"] if row.finding else []
    parts += [f"evidence {', '.join(row.evidence)}"] if row.evidence else []
    indent = " " * 4
    lines = textwrap.wrap(
        " · ".join(parts), width, initial_indent=f"{number:>2}  ", subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return Text("\n".join(lines), no_wrap=True, overflow="ignore")


def _labelled(label: str, line: str, width: int) -> Text:
    lines = textwrap.wrap(
        line, width, initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return Text(
        "\n".join(lines), style="yellow" if label == "not seen" else "dim", no_wrap=True, overflow="ignore"
    )
