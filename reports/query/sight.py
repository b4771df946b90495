"""
"None" is a claim about a cluster, and may only be made by somebody who looked.

What a view could not see: checks that did not run, slices that were not read whole, places outside the scan.
"""

from collections.abc import Iterable, Iterator, Sequence

from reports.query.answer import Missing, Seen
from reports.query.definition import Definition
from reports.query.selection import Scene
from reports.report import CheckRow, CoverageRow
from reports.text import one_line
from reports.words import counted, listed
from scanners.facts.gaps import SliceState
from scanners.facts.slices import named
from scanners.scanner import CheckState
from scanners.semantics.pipelines import IDENTITIES

NOT_HERE = "not in this version"
"""The state of a check that no target of the scan has a row for."""
NOT_CONFIGURED = "not configured"
WHOLE = (SliceState.COMPLETE, SliceState.ABSENT)
"""Read to the end, or nothing of its kind is served; what was left out on purpose was not seen either."""
ASIDE = (NOT_HERE, NOT_CONFIGURED)
"""Checks that nobody expected to run: what the others did not find is still none, of what they look for."""
OUTSIDE = "not in this scan"

ATTRIBUTED = frozenset(identity.system for identity in IDENTITIES)
"""Engines whose pods this version knows."""


def wanted(scene: Scene, definition: Definition) -> dict[str, str]:
    """The checks that a view needs under the filters of the query, each in words."""
    codes = definition.codes or {row.code: row.title or row.code for row in scene.report.checks}
    if scene.query.systems and definition.engine_codes:
        codes = {code: words for code, words in codes.items() if code in definition.engine_codes}
    if not scene.query.codes:
        return codes
    return {
        code: codes.get(code, code) for code in scene.query.codes if code in codes or not definition.codes
    }


def missing(scene: Scene, definition: Definition) -> list[Missing]:
    """What was not seen of all that the view speaks of, the most telling first."""
    codes = wanted(scene, definition)
    slices = list(_slices(scene, codes, definition))
    blamed = " ".join(row.what for row in slices)
    checks = [row for row in _checks(scene, codes) if not _told_by_a_slice(row, blamed)]
    slices.sort(key=lambda row: (row.what not in definition.needs, row.what not in definition.slices))
    return [*_places(scene), *slices, *_systems(scene), *checks]


def verdict(rows: Sequence[object], codes: Iterable[str], gaps: Sequence[Missing]) -> Seen:
    """What may be said of a view with these rows and these gaps."""
    if rows:
        return "rows"
    absent = {gap.what.split(" ")[0] for gap in gaps if gap.state == NOT_HERE}
    aside = {gap.what.split(" ")[0] for gap in gaps if gap.state in ASIDE}
    if codes and absent >= set(codes):
        return "not-in-scan"
    if codes and aside >= set(codes):
        return "cannot-tell"
    return "cannot-tell" if any(gap.state not in ASIDE for gap in gaps) else "none"


def looked_at(scene: Scene, definition: Definition) -> str:
    """How much was looked at: ``405 pods in 12 namespaces``."""
    read = [row for row in scene.report.coverage if row.state in (SliceState.COMPLETE, SliceState.PARTIAL)]
    parts = []
    for name in definition.slices:
        rows = [row for row in read if row.slice == name]
        if rows:
            parts.append(counted(sum(row.objects for row in rows), named(name).kind or name, name))
    within = [name for name in definition.slices if named(name).namespaced]
    places = _namespaces(read, within) if within else 0
    where = f" in {counted(places, 'namespace')}" if places else ""
    return (" and ".join(parts) or "nothing") + where


def _namespaces(read: Sequence[CoverageRow], slices: Sequence[str]) -> int:
    scopes = {(row.target, row.scope) for row in read if row.slice in slices and row.scope != "cluster"}
    if scopes:
        return len(scopes)
    return sum(row.objects for row in read if row.slice == "namespaces")


def _places(scene: Scene) -> Iterator[Missing]:
    """Namespaces that the scan was not asked to look at, and a scan that was cut short."""
    scope = scene.report.scan.scope.namespaces
    for namespace in scene.query.namespaces:
        if scope and namespace not in scope:
            yield Missing(
                what=f"namespace {namespace}", state=OUTSIDE, detail=f"it looked at {listed(scope, most=5)} only",
                mend=f"scan with --namespace {namespace}",
            )  # fmt: skip
    if scene.report.scan.partial:
        yield Missing(what="the scan", state="cut short", detail="it was interrupted", mend="scan again")


def _systems(scene: Scene) -> Iterator[Missing]:
    for system in scene.query.systems:
        if system not in ATTRIBUTED:
            yield Missing(
                what=system,
                state="not attributed",
                detail="this version cannot tell its pods from others; they stand under the objects that own them",
            )


def _checks(scene: Scene, codes: dict[str, str]) -> Iterator[Missing]:
    rows: dict[str, list[CheckRow]] = {}
    for row in scene.report.checks:
        rows.setdefault(row.code, []).append(row)
    for code, words in codes.items():
        if code not in rows:
            yield Missing(
                what=f"{code} ({words})", state=NOT_HERE, detail="no check of this scan looks for it"
            )
        seen = {row.target for row in rows.get(code, ())}
        for target in scene.report.scan.targets:
            if code in rows and target.id not in seen:
                yield Missing(what=f"{code} ({words})", state="not measured", target=target.name)
        for row in rows.get(code, ()):
            if row.state not in _FINE:
                yield _check(scene, row, words)


_FINE = (CheckState.RAN, CheckState.NOT_APPLICABLE)


def _check(scene: Scene, row: CheckRow, words: str) -> Missing:
    mend = ""
    if row.state is CheckState.NOT_CONFIGURED:
        mend = "name its source, such as --prometheus URL" if "prometheus" in row.why else "name its source"
    if row.state is CheckState.SKIPPED:
        mend = "scan without --skip, --check and --concern, or with this check among them"
    return Missing(
        what=f"{row.code} ({words})",
        state=row.state.value.replace("-", " "),
        target=_named(scene, row.target),
        detail=one_line(row.why),
        mend=mend,
    )


def _slices(scene: Scene, codes: dict[str, str], definition: Definition) -> Iterator[Missing]:
    """A gap per slice and state; the scopes of other namespaces than those asked for do not count."""
    needed = {*definition.slices, *definition.needs}
    folded: dict[tuple[str, str, SliceState], list[CoverageRow]] = {}
    for row in scene.report.coverage:
        matters = row.slice in needed or bool(set(row.checks) & set(codes))
        if matters and row.state not in WHOLE and _in_scope(scene, row.scope):
            folded.setdefault((row.target, row.slice, row.state), []).append(row)
    for (target, slice_, state), rows in folded.items():
        places = sorted({row.scope.removeprefix("namespace/") for row in rows if row.scope != "cluster"})
        yield Missing(
            what=slice_,
            state=state.value.replace("-", " "),
            scope=f"ns/{', ns/'.join(places[:5])}"
            + (f" and {len(places) - 5} more" if len(places) > 5 else "")
            if places
            else "cluster",
            target=_named(scene, target),
            detail=next((one_line(row.detail) for row in rows if row.detail), ""),
            mend=next((one_line(row.mend) for row in rows if row.mend), ""),
        )


def _in_scope(scene: Scene, scope: str) -> bool:
    names = scene.query.namespaces
    return not names or scope == "cluster" or scope.removeprefix("namespace/") in names


def _told_by_a_slice(check: Missing, blamed: str) -> bool:
    """Whether a check did not run for a slice that has a line of its own."""
    return check.state in ("not measured", "partial") and any(
        name in check.detail for name in blamed.split(" ") if name
    )


def _named(scene: Scene, target: str) -> str:
    """The target's name where there are several."""
    return scene.targets.get(target, target) if len(scene.report.scan.targets) > 1 else ""
