"""
An answer that leaves out what it could not see is a wrong answer, so the table and its gaps are one object.
"""

from typing import Literal

from pydantic import BaseModel, Field

from reports.query.query import Query, View
from scanners.finding import JsonValue

Unit = Literal["text", "names", "time", "seconds", "hours", "bytes", "usd", "ratio", "count", "gpus"]
"""How a cell is to be read: ``names`` is a list of texts, ``time`` RFC 3339 in UTC, ``ratio`` 1 for the whole."""

Seen = Literal["rows", "none", "cannot-tell", "not-in-scan"]
"""
``rows``: there are some (gaps may stand beside them); ``none``: looked at all of it and found none; ``cannot-tell``:
no rows, and something was not seen; ``not-in-scan``: no check of this version looks for it.
"""


class Column(BaseModel):
    """One column: its key in the JSON answer, its heading for people, how its cells are read."""

    key: str
    title: str
    unit: Unit = "text"


class Row(BaseModel):
    """
    One row: a cell per column (null is unknown), and where it comes from: the finding, its code and its evidence, by
    id.
    """

    cells: list[JsonValue]
    code: str | None = None
    finding: str | None = None
    evidence: list[str] = Field(default_factory=list)


class Missing(BaseModel):
    """Something that was not seen: a slice or a check, how it ended and where, and the line that mends it."""

    what: str
    state: str
    scope: str = ""
    target: str = ""
    detail: str = ""
    mend: str = ""


class Table(BaseModel):
    """
    The answer to one view: the verdict and the sentence that says it, the rows in order, what was not seen, notes on
    how
    to read the columns.
    """

    view: View
    title: str
    seen: Seen
    sentence: str
    columns: list[Column]
    rows: list[Row]
    left_out: int = 0
    missing: list[Missing] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


class Answer(BaseModel):
    """
    What a finished scan says to a query: the ``headline`` states the filters and the two instants of the window,
    ``since``
    and ``until`` are those instants.
    """

    question: str = ""
    told_by: Literal["grammar", "model", "query"] = "query"
    query: Query
    scan: str
    headline: str
    since: str | None
    until: str
    tables: list[Table]
    notes: list[str] = Field(default_factory=list)
