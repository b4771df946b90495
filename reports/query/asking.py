"""
The same query over the same report gives the same answer, whoever made the query.
"""

import difflib
from collections.abc import Sequence

from reports.query.answer import Answer, Column, Missing, Row, Table
from reports.query.catalogue import ELSEWHERE, NEAR, VIEWS
from reports.query.definition import Definition, Told, column
from reports.query.phrases import filters_of, gap_line, span_of
from reports.query.query import Query, View
from reports.query.selection import Scene
from reports.query.sight import ASIDE, looked_at, missing, verdict, wanted
from reports.query.views.memory import KILLS_OF_RUNS
from reports.query.views.overview import summary
from reports.report import Report
from reports.words import counted, listed, named
from scanners.finding import JsonValue
from scanners.semantics.times import spoken


def ask(report: Report, query: Query) -> Answer:
    """What a finished report says to a query: a table per view, with what could not be seen."""
    scene = Scene(report, query)
    tables = [table for view in dict.fromkeys(query.views) for table in _tables(scene, view)]
    return Answer(
        query=query,
        scan=report.scan.id,
        headline=f"{listed(dict.fromkeys(_titles(query)))}: {filters_of(query)}; {span_of(scene)}",
        since=scene.since,
        until=report.scan.now,
        tables=tables,
        notes=_notes(scene),
    )


def _titles(query: Query) -> list[str]:
    return [VIEWS[view].title if view in VIEWS else view.value.replace("-", " ") for view in query.views]


def _tables(scene: Scene, view: View) -> list[Table]:
    if view is View.SUMMARY:
        return summary(scene)
    if view in ELSEWHERE:
        return [_elsewhere(view)]
    return [_table(scene, view, VIEWS[view])]


def _elsewhere(view: View) -> Table:
    return Table(
        view=view,
        title=view.value.replace("-", " "),
        seen="not-in-scan",
        sentence=f"not in this scan, because {ELSEWHERE[view]}; {NEAR}",
        columns=[],
        rows=[],
    )


def _table(scene: Scene, view: View, definition: Definition) -> Table:
    told = [row for row in definition.rows(scene) if _passes(scene, definition, row)]
    order = _order(scene.query, definition)
    told = _sorted(told, order)
    kept = told[: scene.query.limit] if scene.query.limit else told
    gaps = missing(scene, definition)
    codes = wanted(scene, definition)
    seen = verdict(told, codes, gaps)
    columns = _columns(scene, view, definition)
    return Table(
        view=view,
        title=definition.title,
        seen=seen,
        sentence=_sentence(scene, definition, seen, len(told), gaps),
        columns=columns,
        rows=[_row(scene, row, columns) for row in kept],
        left_out=len(told) - len(kept),
        missing=gaps,
        notes=list(definition.notes(scene, told)),
    )


def _passes(scene: Scene, definition: Definition, row: Told) -> bool:
    query = scene.query
    if definition.happened and not scene.in_window(row.at):
        return False
    if query.lasting_s is not None and row.lasting_s is not None and row.lasting_s < query.lasting_s:
        return False
    return not definition.measure or _measures(query, row.measure)


def _measures(query: Query, measure: float | None) -> bool:
    """Whether a row's own measure is within the bounds asked for; one that is unknown is within none."""
    above = query.at_least is None or (measure is not None and measure >= query.at_least)
    return above and (query.at_most is None or (measure is not None and measure <= query.at_most))


def _order(query: Query, definition: Definition) -> list[str]:
    """Column keys to sort by, ``-`` for descending; the query's own first if the view has that column."""
    known = {one.key for one in definition.columns}
    own = query.order if query.order and query.order.column in known else None
    first = [("-" if own.descending else "") + own.column] if own else []
    return [*first, *definition.order]


def _sorted(rows: Sequence[Told], order: Sequence[str]) -> list[Told]:
    """In order, the unknown last; ties by namespace and name."""
    ranked = sorted(rows, key=_place)
    for key in reversed(order):
        name = key.lstrip("-")
        known = [row for row in ranked if row.cells.get(name) is not None]
        known.sort(key=lambda row: _comparable(row.cells[name]), reverse=key.startswith("-"))
        ranked = known + [row for row in ranked if row.cells.get(name) is None]
    return ranked


def _comparable(value: JsonValue) -> tuple[float, str]:
    if isinstance(value, int | float):
        return (float(value), "")
    return (0.0, str(value))


def _place(row: Told) -> tuple[str, str, str, str, str]:
    place = row.place
    if place is None:
        return ("", "", "", "", "")
    cells = " ".join(map(str, row.cells.values()))
    return (place.namespace, place.name, place.cluster, place.kind, cells)


def _columns(scene: Scene, view: View, definition: Definition) -> list[Column]:
    columns = [
        *definition.columns,
        *(KILLS_OF_RUNS if view is View.OOM_KILLS and scene.query.systems else ()),
    ]
    if len(scene.report.scan.targets) > 1:
        columns = [column("cluster"), *columns]
    asked = set(scene.query.columns)
    chosen = [one for one in columns if one.key in asked]
    return chosen or columns


def _row(scene: Scene, row: Told, columns: Sequence[Column]) -> Row:
    cells = dict(row.cells)
    if row.place is not None:
        cells["cluster"] = scene.target(row.place)
    return Row(
        cells=[cells.get(one.key) for one in columns],
        code=row.code,
        finding=row.finding,
        evidence=list(row.evidence),
    )


def _sentence(scene: Scene, definition: Definition, seen: str, rows: int, gaps: Sequence[Missing]) -> str:
    looked = looked_at(scene, definition)
    if seen == "rows":
        return f"{counted(rows, definition.noun, definition.plural)}; looked at {looked}"
    if seen == "not-in-scan":
        return _not_in_scan(scene, definition)
    if seen == "none":
        there = [
            code for code in wanted(scene, definition) if any(row.code == code for row in scene.report.checks)
        ]
        aside = {gap.what.split(" ")[0] for gap in gaps if gap.state in ASIDE}
        ran = [code for code in there if code not in aside]
        by = f", by {listed(ran)} alone" if aside else ""
        return f"none; looked at {looked}{by}"
    first = next((gap for gap in gaps if gap.state not in ASIDE), gaps[0])
    blind = f"{definition.blind}: " if definition.blind and first.what in definition.needs else ""
    return f"cannot tell: {blind}{gap_line(first)}"


def _not_in_scan(scene: Scene, definition: Definition) -> str:
    codes = [f"{code} ({words})" for code, words in wanted(scene, definition).items()]
    several = len(codes) > 1
    needed = f"needs check{'s' if several else ''} {listed(codes)}"
    sentence = f"not in this scan: {needed}, which this version does not have"
    query = scene.query
    if query.systems:
        others = [one for one in scene.report.findings if scene.passes(one)]
        if others:
            near = [f"{one.code} {named(one.subject)} ({one.id})" for one in others]
            sentence += f"; near it, of {listed(query.systems)}: {listed(near, most=5)}"
    return sentence


def _notes(scene: Scene) -> list[str]:
    """What holds for every table: a window that the scan did not see, a name that nothing of it bears."""
    notes = []
    query, report = scene.query, scene.report
    if query.window_s is not None and scene.seen_s is not None and query.window_s > scene.seen_s:
        asked, saw = spoken(query.window_s), spoken(scene.seen_s)
        notes.append(
            f"asked for {asked}, the scan saw {saw}: answered for {scene.since} to {report.scan.now}"
        )
    if query.window_s is not None and scene.seen_s is None:
        notes.append("the report does not say how far back the scan looked: answered for what it holds")
    known = {
        ref.namespace for one in report.findings for ref in [one.subject, *(row.ref for row in one.evidence)]
    }
    for namespace in query.namespaces:
        if namespace not in known:
            near = difflib.get_close_matches(namespace, sorted(known), n=1)
            nearest = f" (nearest: {near[0]})" if near else ""
            what = f"no finding of this scan lies in a namespace {namespace}{nearest}"
            notes.append(f"{what}; check the name if rows were expected")
    for name in query.names:
        if not scene.knows(name):
            notes.append(
                f"nothing in this scan's findings is named {name}; check the name if rows were expected"
            )
    return notes
