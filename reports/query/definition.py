"""
Every view answers in the same manner: rows by checks, an order, and a word on what it could not see.

What one view is: the checks that make its rows, what is counted as looked at, its columns, its order.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.query.answer import Column, Unit
from reports.query.selection import Scene
from scanners.finding import Finding, JsonValue, Reference


@dataclass(frozen=True, slots=True)
class Told:
    """
    One row before it is put in order: cells by column key; the object that ties are sorted by; ``at`` when it happened,
    ``lasting_s`` how long it has been so, ``measure`` what a query's ``at_least`` speaks of (each None if unknown).
    """

    cells: dict[str, JsonValue]
    place: Reference | None = None
    code: str | None = None
    finding: str | None = None
    evidence: Sequence[str] = ()
    at: str | None = None
    lasting_s: float | None = None
    measure: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """
    One view. ``codes`` are the checks that its rows come from, each in words for a version that does not have it.
    ``beside`` are checks that its columns and notes also read, ``ledger`` whether they read the GPU-hour ledger.
    ``slices`` are counted as looked at; ``needs`` are slices without which nothing can be said, and ``blind`` says so.

    ``happened``: a window narrows the rows by their time. ``unscoped``: what is in no namespace passes a filter of
    namespaces. ``order``: column keys, ``-`` for descending. ``measure`` says in words what ``at_least`` is about,
    ``""`` where it is about nothing. ``engine_codes``: the checks that speak of engines' runs, if not all do.
    """

    title: str
    noun: str
    codes: dict[str, str]
    slices: Sequence[str]
    columns: Sequence[Column]
    rows: Callable[[Scene], Iterable[Told]]
    order: Sequence[str]
    plural: str = ""
    happened: bool = False
    unscoped: bool = False
    measure: str = ""
    notes: Callable[[Scene, Sequence[Told]], Iterable[str]] = lambda _scene, _rows: ()
    beside: Sequence[str] = ()
    ledger: bool = False
    needs: Sequence[str] = ()
    blind: str = ""
    engine_codes: Sequence[str] = ()


def column(key: str, title: str = "", unit: Unit = "text") -> Column:
    """A column; its heading is its key in words unless it has one of its own."""
    return Column(key=key, title=title or key.replace("_", " "), unit=unit)


def told(finding: Finding, **cells: JsonValue) -> Told:
    """A row about one finding."""
    return Told(
        cells=cells,
        place=finding.subject,
        code=finding.code,
        finding=finding.id,
        evidence=[row.id for row in finding.evidence],
        at=finding.last_seen or finding.onset,
    )
