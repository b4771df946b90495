"""
An answer goes on into tickets, sheets and scripts, and a cell of a cluster's text must be inert in each of them.
"""

import csv
import io
from collections.abc import Iterator

from reports.faces.answer import TELLERS, below, cells_of, notes_of, query_text
from reports.faces.csv import harmless
from reports.faces.markdown import code, inert
from reports.query.answer import Answer, Row, Table
from reports.query.phrases import gap_line
from reports.text import escaped
from scanners.finding import JsonValue

WIDEST = 6
"""Columns of a Markdown table; a wider one becomes a list."""


def json_text(answer: Answer) -> str:
    """The whole answer for programs: values as the report holds them, hidden characters as escapes."""
    return escaped(answer.model_dump_json(indent=2) + "\n")


def markdown_text(answer: Answer) -> str:
    """The answer as Markdown (GitHub's dialect)."""
    return "\n".join(_markdown(answer)).rstrip() + "\n"


def csv_text(answer: Answer) -> str:
    """
    Every row of every table, a column per key; what was not seen stands in rows of its own, in the column ``note``.
    Formulas are defused.
    """
    keys = list(dict.fromkeys(column.key for table in answer.tables for column in table.columns))
    page = io.StringIO()
    sheet = csv.writer(page, lineterminator="\n")
    sheet.writerow(["view", *keys, "code", "finding", "evidence", "note"])
    for table in answer.tables:
        for row in table.rows:
            cells = dict(zip((column.key for column in table.columns), row.cells, strict=True))
            values = [_plain(cells.get(key)) for key in keys]
            sheet.writerow(
                [table.view.value, *values, row.code or "", row.finding or "", " ".join(row.evidence), ""]
            )
        told = [] if table.rows else [table.sentence]
        for line in [*told, *(gap_line(gap) for gap in table.missing)]:
            sheet.writerow([table.view.value, *[""] * len(keys), "", "", "", harmless(line)])
    return page.getvalue()


def _plain(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return harmless("; ".join(str(item) for item in value))
    return str(value) if isinstance(value, int | float) else harmless(str(value))


def _markdown(answer: Answer) -> Iterator[str]:
    yield f"**{inert(answer.headline)}**"
    yield ""
    yield f"Query ({TELLERS[answer.told_by]}): {code(query_text(answer.query))}"
    for note in notes_of(answer):
        yield f"\nNote: {inert(note)}"
    for table in answer.tables:
        yield f"\n## {inert(table.title)}\n"
        yield str(inert(table.sentence))
        if table.rows:
            yield ""
            yield from _table(table) if len(table.columns) <= WIDEST else _list(table)
        lines = [f"- {label}: {inert(line)}" for label, line in below(table)]
        if lines:
            yield ""
            yield from lines


def _table(table: Table) -> Iterator[str]:
    """A table whose last column carries the ids as well."""
    heads = [str(inert(column.title)) for column in table.columns]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in table.rows:
        cells = [str(inert(words)) for _, words in cells_of(table, row)]
        cells[-1] += f" {_ids(row)}" if row.finding or row.evidence else ""
        yield f"| {' | '.join(cells)} |"


def _list(table: Table) -> Iterator[str]:
    for row in table.rows:
        parts = [f"{inert(column.title)} {inert(words)}" for column, words in cells_of(table, row)]
        ids = f" {_ids(row)}" if row.finding or row.evidence else ""
        yield f"1. {' · '.join(parts)}{ids}"


def _ids(row: Row) -> str:
    """The finding and the evidence of a row."""
    return f"({', '.join(str(inert(id_)) for id_ in filter(None, [row.finding, *row.evidence]))})"
