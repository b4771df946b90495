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
_NAMES = (
    "pod",
    "object",
    "cronjob",
    "claim",
    "workload",
    "owner",
    "run",
    "pipeline",
    "node",
    "pool",
    "namespace",
    "what",
)
"""Columns that name the object of a row, the most telling first."""


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
    yield _wrapped(one_line(answer.headline), width, "bold")
    yield _wrapped(
        f"query  {one_line(query_text(answer.query))} ({TELLERS[answer.told_by]})", width, "dim", 7
    )
    for note in notes_of(answer):
        yield _wrapped(f"note   {note}", width, "yellow", 7)
    for table in answer.tables:
        yield Text()
        yield _wrapped(one_line(f"{table.title}: {table.sentence}"), width, "bold")
        if table.rows:
            yield from _rows(table, width)
        for label, line in below(table):
            yield _wrapped(f"  {label:<9} {line}", width, "yellow" if label == "not seen" else "dim", 12)


def _rows(table: Table, width: int) -> Iterator[RenderableType]:
    grid = _grid(table)
    needed = Console(width=10_000, file=io.StringIO(), _environ={}).measure(grid).maximum
    if needed > width:
        for number, row in enumerate(table.rows, 1):
            yield _block(number, table, row, width)
        return
    yield grid
    proofs = [
        f"{number}: {', '.join(row.evidence)}" for number, row in enumerate(table.rows, 1) if row.evidence
    ]
    if proofs:
        yield _wrapped(f"  {'evidence':<9} {'; '.join(proofs)}", width, "dim", 12)


def _grid(table: Table) -> Grid:
    """The rows side by side; headings are broken, cells are not."""
    grid = Grid(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    rows = [cells_of(table, row) for row in table.rows]
    grid.add_column("#", justify="right", no_wrap=True, vertical="top")
    for place, column in enumerate(table.columns):
        wide = max((len(row[place][1]) for row in rows), default=1)
        words = one_line(column.title)
        heading = textwrap.wrap(words, max(wide, *map(len, words.split())), break_on_hyphens=False)
        grid.add_column(
            "\n".join(heading), justify="right" if column.unit in _RIGHT else "left", no_wrap=True
        )
    told = any(row.finding for row in table.rows)
    if told:
        grid.add_column("finding", no_wrap=True)
    for number, (row, cells) in enumerate(zip(table.rows, rows, strict=True), 1):
        grid.add_row(str(number), *(Text(words) for _, words in cells), *([Text(row.finding or "–")] * told))
    return grid


def _block(number: int, table: Table, row: Row, width: int) -> Text:
    """One row over several lines, its object first, headings beside cells, ids last; no word is broken."""
    cells = cells_of(table, row)
    keys = [column.key for column, _ in cells]
    first = next(
        (keys.index(name) for name in _NAMES if name in keys and cells[keys.index(name)][1] != "–"), 0
    )
    head = f"{number:>2}  {cells[first][1]}"
    parts = [
        f"{one_line(column.title)} {words}" for place, (column, words) in enumerate(cells) if place != first
    ]
    parts += [f"finding {row.finding}"] if row.finding else []
    parts += [f"evidence {', '.join(row.evidence)}"] if row.evidence else []
    block = _wrapped(" · ".join([head, *parts]), width, "", 4)
    block.stylize("bold", 4, len(head))
    return block


def _wrapped(words: str, width: int, style: str, indent: int = 0) -> Text:
    """A line, broken between words only; what follows the first line stands ``indent`` characters in."""
    lines = textwrap.wrap(
        words, width - 1, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
    return Text("\n".join(lines), style=style, no_wrap=True, overflow="ignore")
