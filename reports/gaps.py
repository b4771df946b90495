"""
"Nothing found" and "not looked" read the same unless the report keeps them apart.

Which slices could not be read, which checks have no result for it, and which ran on whole evidence and saw
nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.places import places_of
from reports.report import CheckRow, CoverageRow, Report
from reports.words import counted, listed
from scanners.facts.gaps import SliceState
from scanners.scanner import CheckState

NO_GAP = frozenset({SliceState.COMPLETE, SliceState.ABSENT, SliceState.SKIPPED})
"""Read whole, not served by this cluster, or left out on purpose."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One slice of one target that was not read whole; ``scopes`` in words, ``checks`` by code."""

    target: str
    slice: str
    state: str
    scopes: str
    detail: str
    mend: str
    checks: Sequence[str]


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Checks that ended alike on a target, for the same reason."""

    target: str
    why: str
    checks: Sequence[CheckRow]

    @property
    def codes(self) -> str:
        """Their codes, as text."""
        return ", ".join(row.code for row in self.checks)


def gaps(report: Report, names: Mapping[str, str]) -> list[Gap]:
    """
    Every gap, scopes of a slice folded, those that blind most checks first. ``names``: target id to name.
    """
    folded: dict[tuple[str, str, SliceState], list[CoverageRow]] = {}
    for row in report.coverage:
        if row.state not in NO_GAP:
            folded.setdefault((row.target, row.slice, row.state), []).append(row)
    found = [_gap(rows, names) for rows in folded.values()]
    return sorted(found, key=lambda gap: (-len(gap.checks), gap.target, gap.slice, gap.state))


def by_reason(report: Report, state: CheckState, names: Mapping[str, str]) -> list[CheckGroup]:
    """The checks in that state, grouped by target and reason."""
    groups: dict[tuple[str, str], list[CheckRow]] = {}
    for row in report.checks:
        if row.state is state:
            groups.setdefault((names.get(row.target, row.target), row.why), []).append(row)
    return [CheckGroup(target, why, rows) for (target, why), rows in sorted(groups.items())]


def passed(report: Report) -> list[CheckRow]:
    """Checks that ran whole on a target and have no finding there."""
    places = places_of(report).ids
    seen = {(finding.code, places.get(finding.subject.cluster)) for finding in report.findings}
    blind = {code for code, target in seen if target is None}
    return [
        row
        for row in report.checks
        if row.state is CheckState.RAN and (row.code, row.target) not in seen and row.code not in blind
    ]


def _gap(rows: Sequence[CoverageRow], names: Mapping[str, str]) -> Gap:
    first = rows[0]
    return Gap(
        target=names.get(first.target, first.target),
        slice=first.slice,
        state=first.state.value,
        scopes=_scopes(row.scope for row in rows),
        detail=next((row.detail for row in rows if row.detail), ""),
        mend=next((row.mend for row in rows if row.mend), ""),
        checks=sorted({code for row in rows for code in row.checks}),
    )


def _scopes(scopes: Iterable[str]) -> str:
    distinct = sorted(set(scopes))
    if distinct == ["cluster"]:
        return "cluster"
    places = [scope.removeprefix("namespace/") for scope in distinct]
    return f"{counted(len(places), 'namespace')}: {listed(places, most=3)}"
