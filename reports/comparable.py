"""
A fault that nobody looked for again is not mended.

Whether one report may say that a finding of an earlier one is gone: only if the same check, at the same
revision and scope, ran with complete slices on that target and no longer sees it (contract section 4).
Anything else is *incomparable*, with the reason.

A check that ran has read all that it needs. A slice that only sharpens it need not be there (an identity
that may not read logs would never see anything resolved) as long as the earlier scan did without it as well;
if it was read then and is missing or cut short now, the finding may have come from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reports.report import CheckRow, CoverageRow, Report
from scanners.facts.gaps import HAS_SOMETHING, SliceState
from scanners.finding import Finding
from scanners.scanner import CheckState

_MEANINGS = {
    CheckState.PARTIAL: "the check was measured in part",
    CheckState.NOT_APPLICABLE: "the check did not run, there is nothing of its kind",
    CheckState.NOT_CONFIGURED: "the check did not run, its source is not configured",
    CheckState.NOT_MEASURED: "the check was not measured",
    CheckState.SKIPPED: "the check was left out",
}

_Rows = Mapping[tuple[str, str], list[CoverageRow]]


@dataclass(slots=True)
class Comparison:
    """What an earlier report (``old``) and a later one (``new``) have in common, looked up once."""

    old: Report
    new: Report
    _old_checks: dict[tuple[str, str], CheckRow] = field(init=False)
    _new_checks: dict[tuple[str, str], CheckRow] = field(init=False)
    _old_rows: _Rows = field(init=False)
    _new_rows: _Rows = field(init=False)
    _known: dict[tuple[str, str], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._old_checks = {(row.target, row.code): row for row in self.old.checks}
        self._new_checks = {(row.target, row.code): row for row in self.new.checks}
        self._old_rows, self._new_rows = _by_slice(self.old.coverage), _by_slice(self.new.coverage)

    @property
    def same_ids(self) -> bool:
        """Whether ids mean the same in both; else no finding of one can be looked up in the other."""
        return self.old.scan.id_scheme == self.new.scan.id_scheme

    def obstacle(self, gone: Finding) -> str:
        """Why it cannot be said that a finding of the old report is resolved; empty if it can."""
        target, code = gone.subject.cluster, gone.code
        if (target, code) not in self._known:
            self._known[target, code] = (
                self._scans()
                or self._target(target)
                or self._check(target, code)
                or self._slices(target, code)
            )
        return self._known[target, code]

    def unlooked(self, appeared: Finding) -> bool:
        """Whether the old scan had no result of that check there: what is new may only be newly looked for."""
        row = self._old_checks.get((appeared.subject.cluster, appeared.code))
        return row is None or row.state not in (CheckState.RAN, CheckState.PARTIAL)

    def _scans(self) -> str:
        old, new = self.old.scan, self.new.scan
        if not self.same_ids:
            return f"ids are made in another way (scheme {old.id_scheme} then, {new.id_scheme} now)"
        for name, before in old.scope:
            if set(before) != set(getattr(new.scope, name)):
                return (
                    f"the scope changed: {name} {_said(before)} then, {_said(getattr(new.scope, name))} now"
                )
        if old.window_hours != new.window_hours:
            return "the window of what counts as recent changed"
        return ""

    def _target(self, target: str) -> str:
        known = any(row.id == target for row in self.new.scan.targets)
        return "" if known else "its target is not in this scan, or could not be read"

    def _check(self, target: str, code: str) -> str:
        before, now = self._old_checks.get((target, code)), self._new_checks.get((target, code))
        if now is None:
            return "this deepscan has no such check"
        if now.state is not CheckState.RAN:
            return _MEANINGS[now.state] + (f": {now.why}" if now.why else "")
        if before is None:
            return "the baseline does not say at which revision the check ran"
        if before.thresholds != now.thresholds:
            return "the thresholds of the check changed"
        return "" if before.revision == now.revision else "the check itself changed"

    def _slices(self, target: str, code: str) -> str:
        for (where, slice_), rows in self._new_rows.items():
            if where == target and any(code in row.checks for row in rows):
                before = self._old_rows.get((target, slice_), [])
                if why := _narrower(before, rows):
                    return f"{slice_}: {why}"
        return ""


def _narrower(before: list[CoverageRow], now: list[CoverageRow]) -> str:
    """What of a slice was not read, and could have shown the finding before."""
    if not _nothing(before) and _scopes(now) != {"cluster"} and not _scopes(before) <= _scopes(now):
        return "not read in the same namespaces"
    for row in now:
        if row.state is SliceState.COMPLETE or (_nothing(now) and _nothing(before)):
            continue
        return f"{row.state.value}, in {row.scope}" if row.scope != "cluster" else row.state.value
    return ""


def _nothing(rows: Iterable[CoverageRow]) -> bool:
    return not any(row.state in HAS_SOMETHING for row in rows)


def _scopes(rows: Iterable[CoverageRow]) -> set[str]:
    return {row.scope for row in rows}


def _by_slice(rows: Iterable[CoverageRow]) -> _Rows:
    found: dict[tuple[str, str], list[CoverageRow]] = {}
    for row in rows:
        found.setdefault((row.target, row.slice), []).append(row)
    return found


def _said(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "(all)"
