"""
An answer is read on a terminal at night, pasted into a ticket, or taken up by a script; it says the same in all three.

What the faces of an answer share: cells as people read them, the query in a line, the lines below a table.
"""

import json
from collections.abc import Iterator, Sequence

from reports.query.answer import Answer, Column, Missing, Row, Table, Unit
from reports.query.phrases import gap_line
from reports.query.query import Query
from reports.query.sight import NOT_HERE
from reports.text import one_line
from reports.words import DASH, counted, dollars, moment, plain
from scanners.finding import JsonValue
from scanners.semantics.quantities import quantity
from scanners.semantics.quantities import spoken as amount
from scanners.semantics.times import spoken

TELLERS = {"grammar": "read without a model", "model": "translated by the model", "query": "as it was given"}


def query_text(query: Query) -> str:
    """The query in a line of JSON, without what it leaves open."""
    return json.dumps(query.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)


def cell_text(value: JsonValue, unit: Unit) -> str:
    """A cell as people read it, in one line; a dash where it is unknown or empty."""
    if value is None or value == []:
        return DASH
    if isinstance(value, list):
        return ", ".join(one_line(str(item)) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _figure(value, unit)
    return moment(one_line(str(value))) if unit == "time" else one_line(plain(value))


def _figure(value: int | float, unit: Unit) -> str:
    if unit == "bytes":
        return amount(quantity(str(value)), "memory")
    if unit == "seconds":
        return spoken(value)
    if unit == "hours":
        return f"{value:,.1f} h"
    if unit == "usd":
        return dollars(value)
    if unit == "ratio":
        return f"{value * 100:.0f} %"
    return f"{value:,g}" if isinstance(value, float) else f"{value:,}"


def cells_of(table: Table, row: Row) -> list[tuple[Column, str]]:
    """The cells of a row beside their columns."""
    return [
        (column, cell_text(value, column.unit))
        for column, value in zip(table.columns, row.cells, strict=True)
    ]


def below(table: Table) -> Iterator[tuple[str, str]]:
    """The lines below a table: rows left out, what was not seen, notes; each with its label."""
    if table.left_out:
        yield "more", f"{counted(table.left_out, 'row')} left out by the limit"
    for gap in folded(table.missing):
        if gap.state != NOT_HERE and gap_line(gap) not in table.sentence:
            yield "not seen", one_line(gap_line(gap))
    if absent := [gap.what for gap in table.missing if gap.state == NOT_HERE]:
        yield "not seen", one_line(f"{NOT_HERE}: {', '.join(absent)}")
    for note in table.notes:
        yield "note", one_line(note)


def folded(gaps: Sequence[Missing]) -> list[Missing]:
    """Gaps of one reason as one: a target that cannot be reached has every slice among them."""
    groups: dict[tuple[str, str, str, str, str], list[str]] = {}
    for gap in gaps:
        groups.setdefault((gap.state, gap.scope, gap.target, gap.detail, gap.mend), []).append(gap.what)
    return [
        Missing(what="`, `".join(names), state=state, scope=scope, target=target, detail=detail, mend=mend)
        for (state, scope, target, detail, mend), names in groups.items()
    ]


def notes_of(answer: Answer) -> list[str]:
    """Notes on the whole answer, each in one line."""
    return [one_line(note) for note in answer.notes]
