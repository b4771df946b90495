"""
Filters are applied in one place, so that every view means the same by "in data-pipelines" and by "of Argo".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from correlate.problem import Problem
from reports.query.query import Query
from reports.report import Report
from scanners.finding import EvidenceRow, Finding, JsonValue, Reference
from scanners.semantics.times import HOUR, SLACK, age, instant, rfc3339


@dataclass(frozen=True)
class Scene:
    """A report and a query over it, with what both mean together: the window, the findings that the filters let by."""

    report: Report
    query: Query
    _by_id: dict[str, Finding] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id.update({finding.id: finding for finding in self.report.findings})

    @cached_property
    def now(self) -> float:
        """The scan's ``now`` in epoch seconds; 0 where it is unreadable."""
        return instant(self.report.scan.now) or 0.0

    @cached_property
    def seen_s(self) -> float | None:
        """Seconds that the scan calls recent; None in a report that does not say."""
        hours = self.report.scan.window_hours
        return None if hours is None else hours * HOUR

    @cached_property
    def window_s(self) -> float | None:
        """Seconds that the answer speaks of: what was asked for, as far as the scan saw."""
        known = [seconds for seconds in (self.query.window_s, self.seen_s) if seconds is not None]
        return min(known, default=None)

    @cached_property
    def since(self) -> str | None:
        """The first instant of the window; None where neither scan nor query has one."""
        return None if self.window_s is None else rfc3339(self.now - self.window_s)

    @cached_property
    def targets(self) -> dict[str, str]:
        """Names of the scan's targets, by id, by cluster uid and by name."""
        rows = self.report.scan.targets
        return {place: row.name for row in rows for place in (row.name, row.cluster_uid, row.id) if place}

    def target(self, subject: Reference) -> str:
        """The name of the target that an object belongs to."""
        return self.targets.get(subject.cluster, subject.cluster)

    def in_window(self, moment: str | None) -> bool:
        """Whether something happened inside the window; what has no time did, as far as anybody can tell."""
        at = instant(moment or "")
        return at is None or self.window_s is None or self.now - at <= self.window_s + SLACK

    def age(self, moment: str | None) -> float | None:
        """Seconds from a moment to the scan's ``now``; None where it is unknown."""
        return age(moment or "", self.now)

    def findings(self, codes: Iterable[str], *, unscoped: bool = False) -> Iterator[Finding]:
        """
        The findings of these checks that pass the filters, in the report's order. ``unscoped``: what is in no namespace
        passes a filter of namespaces.
        """
        wanted = set(codes)
        for finding in self.report.findings:
            if finding.code in wanted and self.passes(finding, unscoped=unscoped):
                yield finding

    def finding(self, id_: str | None) -> Finding | None:
        """The finding of that id."""
        return self._by_id.get(id_ or "")

    def problem_of(self, finding: Finding) -> Problem | None:
        """The problem that a finding is part of."""
        return next((one for one in self.report.problems if one.id == finding.problem), None)

    def passes(self, finding: Finding, *, unscoped: bool = False) -> bool:
        """Whether every filter of the query lets a finding by."""
        query = self.query
        return (
            (not query.codes or finding.code in query.codes)
            and (not query.concerns or finding.concern in query.concerns)
            and (query.severity is None or finding.severity.weight >= query.severity.weight)
            and (query.state is None or finding.state.value == query.state)
            and self._in_namespaces(finding, unscoped)
            and (not query.kinds or bool(set(query.kinds) & {ref.kind for ref in refs_of(finding)}))
            and (not query.systems or bool(set(query.systems) & systems_of(finding)))
            and (not query.products or self.has_product(finding.facts.get("gpu_product")))
            and (not query.names or any(map(self.is_named, _names_of(finding))))
        )

    def knows(self, name: str) -> bool:
        """Whether any finding, pool or node of the report bears a name."""
        pools = self.report.ledger.pools if self.report.ledger else []
        places = (place for pool in pools for place in (pool.pool, *(cell.node for cell in pool.cells)))
        return any(_like(name, place) for place in places) or any(
            _like(name, known) for finding in self.report.findings for known in _names_of(finding)
        )

    def has_product(self, product: JsonValue) -> bool:
        """Whether a GPU product is one of those asked for; every one is where none was."""
        shown = str(product or "").lower()
        return not self.query.products or any(name.lower() in shown for name in self.query.products)

    def is_named(self, name: str) -> bool:
        """Whether an object's name is one of those asked for; every one is where none was."""
        return not self.query.names or any(_like(wanted, name) for wanted in self.query.names)

    def _in_namespaces(self, finding: Finding, unscoped: bool) -> bool:
        here = {ref.namespace for ref in (finding.subject, finding.workload) if ref and ref.namespace}
        if finding.subject.kind == "Namespace":
            here.add(finding.subject.name)
        if not here:
            return unscoped or not (self.query.namespaces or self.query.without_namespaces)
        inside = not self.query.namespaces or bool(here & set(map(str.lower, self.query.namespaces)))
        return inside and not here & set(map(str.lower, self.query.without_namespaces))


def refs_of(finding: Finding) -> list[Reference]:
    """The subject, its workload and every layer around it."""
    return [ref for ref in (finding.subject, finding.workload, *finding.layers) if ref is not None]


def systems_of(finding: Finding) -> set[str]:
    """The engines that a finding's object belongs to."""
    named = {ref.group for ref in refs_of(finding)}
    return named | ({finding.pipeline.system} if finding.pipeline else set())


def pods_of(finding: Finding) -> list[EvidenceRow]:
    """The rows of evidence that stand in a pod."""
    return [row for row in finding.evidence if row.ref.kind == "Pod"]


def texts(value: JsonValue) -> list[str]:
    """A fact that holds texts as a list of them; an empty one for what does not."""
    return [str(item) for item in value] if isinstance(value, list) else []


def number(value: JsonValue) -> float | int | None:
    """A fact that holds a number; None for what does not."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _names_of(finding: Finding) -> Iterator[str]:
    """All that a finding is known by; its namespace too, as in "the quota of team-vision"."""
    for ref in refs_of(finding):
        yield ref.name
        yield f"{ref.namespace}/{ref.name}"
        yield ref.namespace
    if finding.pipeline:
        parts = (finding.pipeline.pipeline, finding.pipeline.run, finding.pipeline.step)
        yield from (part for part in parts if part)
    yield finding.node or ""
    yield from texts(finding.facts.get("sample_pods"))
    for row in finding.evidence:
        yield row.ref.name
    for key in ("nodes", "node", "container", "quota"):
        value = finding.facts.get(key)
        for item in value if isinstance(value, list) else [value]:
            yield str(item.get("node", "") if isinstance(item, dict) else item or "")


def _like(wanted: str, name: str) -> bool:
    pattern = ".*".join(map(re.escape, wanted.lower().split("*")))
    return re.fullmatch(pattern, name.lower()) is not None
