"""
The first line of an answer says what was taken for the question, so that a misunderstanding is seen and not believed.
"""

from collections.abc import Iterator

from reports.query.answer import Missing
from reports.query.query import Query
from reports.query.selection import Scene
from reports.words import listed
from scanners.semantics.times import spoken


def filters_of(query: Query) -> str:
    """The filters of a query in words; ``no filter`` where there is none."""
    return ", ".join(_filters(query)) or "no filter"


def span_of(scene: Scene) -> str:
    """The two instants of the window, and how long it is."""
    until = scene.report.scan.now
    if scene.since is None:
        return f"as of {until}"
    return f"from {scene.since} to {until} ({spoken(scene.window_s)})"


def gap_line(gap: Missing) -> str:
    """One gap in a line: what, how it ended and where, why, and what mends it."""
    place = " ".join(
        filter(
            None,
            [
                "in " + gap.scope if gap.scope and gap.scope != "cluster" else "",
                gap.target and f"on {gap.target}",
            ],
        )
    )
    words = f"`{gap.what}` {gap.state}" + (f" {place}" if place else "")
    detail = f" ({gap.detail})" if gap.detail else ""
    return words + detail + (f"; mend: {gap.mend}" if gap.mend else "")


def _filters(query: Query) -> Iterator[str]:
    several = (
        ("namespace", query.namespaces), ("not in namespace", query.without_namespaces), ("system", query.systems),
        ("kind", query.kinds), ("name", query.names), ("product", query.products), ("check", query.codes),
        ("concern", query.concerns),
    )  # fmt: skip
    for word, values in several:
        if values:
            yield f"{word} {listed(values)}"
    if query.severity:
        yield f"severity {query.severity.value} or worse"
    if query.state:
        yield f"state {query.state}"
    if query.lasting_s is not None:
        yield f"lasting {spoken(query.lasting_s)} or longer"
    if query.at_least is not None:
        yield f"at least {query.at_least:g}"
    if query.at_most is not None:
        yield f"at most {query.at_most:g}"
    if query.window_s is not None:
        yield f"the last {spoken(query.window_s)}"
    if query.order:
        yield f"by {query.order.column}{', descending' if query.order.descending else ''}"
    if query.limit:
        yield f"the first {query.limit}"
