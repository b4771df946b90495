"""
A fault that is known and accepted buries the one that is not; a fault that is silenced for ever is forgotten.

A suppression takes findings out of the ranking and the gate for a while, with a reason and an end. They stay in the
report's findings and in its list of suppressed ones, and return when the end has come. Whether it has is judged at the
scan's own moment, never by the clock.

A problem whose root is suppressed leaves with what it explains; one that loses other members is told without them.
Findings that were only told together (one low check on many objects) are told on without the suppressed ones.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from correlate.identity import problem_id
from correlate.problem import Problem, Remediation, Root
from correlate.rank import SEVERITIES, ranked, score_of
from correlate.weights import Weights
from reports.arithmetic import blocked_workloads, severities, waste
from reports.narration.template import narrated
from reports.report import Report, SuppressedRow
from scanners.finding import Finding
from scanners.semantics.times import instant

LONGEST = timedelta(days=180)
"""How far off the end of a suppression may be: whoever wants more has to look at it again."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Suppression(BaseModel):
    """
    One entry. By ``id`` of a finding or problem, or by ``code`` and an object: ``kind``, ``namespace`` and ``name`` are
    patterns (``*``, ``?``, ``[a-c]``) of the finding's subject. ``until``: the last day on which it counts, in UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[fp]-[0-9a-f]{12}$")] | None = None
    code: Text | None = None
    kind: Text | None = None
    namespace: Text | None = None
    name: Text | None = None
    reason: Text
    until: date
    by: str = ""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        object_ = (self.kind, self.namespace, self.name)
        if (self.id is None) == (self.code is None):
            raise ValueError("name either an id or a code")
        if self.id is not None and any(object_):
            raise ValueError("kind, namespace and name go with a code, an id names its object itself")
        if self.code is not None and not any(object_):
            raise ValueError(
                "say which objects (kind, namespace or name), or leave the check out with --skip"
            )
        return self

    @property
    def entry(self) -> str:
        """What it is about, in a line: the id, or code and patterns."""
        if self.id is not None:
            return self.id
        place = "/".join(filter(None, [self.namespace, self.name or "*"]))
        return f"{self.code} {self.kind or '*'} {place}"

    def expired(self, now: float) -> bool:
        """Whether its last day (UTC) is over at ``now``, in seconds since 1970."""
        end = instant(f"{self.until + timedelta(days=1)}T00:00:00Z")
        return end is not None and now >= end

    def fits(self, finding: Finding) -> bool:
        """Whether it is about that finding, expired or not."""
        if self.id is not None:
            return self.id in (finding.id, problem_id(finding.id))
        subject = finding.subject
        return self.code == finding.code and all(
            pattern is None or fnmatchcase(value, pattern)
            for pattern, value in (
                (self.kind, subject.kind),
                (self.namespace, subject.namespace),
                (self.name, subject.name),
            )
        )


def suppressed(report: Report, entries: Sequence[Suppression]) -> Report:
    """
    The report without what the entries silence at its own moment. Its ``suppressed`` rows are a row per finding and
    entry (the one that ends last), one for each expired entry's finding that is told again, and one for each entry that
    matched nothing.
    """
    if not entries:
        return report
    now = instant(report.scan.now) or 0.0
    live = sorted((entry for entry in entries if not entry.expired(now)), key=lambda entry: entry.until)
    hidden = {f.id: entry for f in report.findings for entry in live if entry.fits(f)}
    problems = _left(report, hidden)
    owners = {finding: problem.id for problem in problems for finding in problem.findings}
    silent = {f for problem in report.problems for f in problem.findings if f not in owners} | set(hidden)
    findings = [
        replace(finding, problem=owners.get(finding.id)) if finding.problem else finding
        for finding in report.findings
    ]
    told = [finding for finding in findings if finding.id not in silent]
    total, split = waste(problems)
    return report.model_copy(
        update={
            "findings": findings,
            "problems": problems,
            "suppressed": _rows(report, hidden, entries, now),
            "summary": report.summary.model_copy(
                update={
                    "problems": severities(problem.severity for problem in problems),
                    "waste_usd_per_month": total,
                    "waste_by_saving": split,
                    "blocked_workloads": blocked_workloads(told),
                }
            ),
        }
    )


def _left(report: Report, hidden: Mapping[str, Suppression]) -> list[Problem]:
    """What is still told, ranked."""
    findings = {finding.id: finding for finding in report.findings}
    problems = [_without(problem, findings, hidden) for problem in report.problems]
    kinds = {finding.id: finding.kind for finding in report.findings}
    return ranked([problem for problem in problems if problem is not None], kinds)


def _without(
    problem: Problem, findings: Mapping[str, Finding], hidden: Mapping[str, Suppression]
) -> Problem | None:
    """The problem without what is suppressed; None where nothing is left to tell."""
    left = [finding for finding in problem.findings if finding not in hidden]
    if len(left) == len(problem.findings):
        return replace(problem)
    if problem.root.finding in hidden:
        if problem.chain or not left:
            return None
        problem = _under(problem, findings[left[0]])
    severity = max((findings[f].severity for f in left), key=lambda each: each.weight)
    parts = replace(problem.score_parts, severity=SEVERITIES[severity])
    linked = {end for link in problem.chain for end in (link.source, link.target)}
    told = replace(
        problem,
        title=_title(problem.title, sum(f not in linked for f in left[1:])),
        severity=severity,
        score_parts=parts,
        score=score_of(parts, Weights()),
        findings=left,
        chain=[link for link in problem.chain if link.source in left and link.target in left],
        contributes=[finding for finding in problem.contributes if finding not in hidden],
        alternatives=[other for other in problem.alternatives if other.finding not in hidden],
    )
    return narrated(told, findings)


def _under(problem: Problem, root: Finding) -> Problem:
    """Findings that were only told together, under the first that is left; the steps named the one that is not."""
    return replace(
        problem,
        id=problem_id(root.id),
        title=f"{root.title}: {root.subject.place} and 1 more",
        root=Root(
            finding=root.id,
            code=root.code,
            concern=root.concern,
            subject=root.subject,
            statement=root.message,
        ),
        remediation=Remediation(text=problem.remediation.text),
    )


def _title(title: str, folded: int) -> str:
    """The title with the number of what is told together with the root, where it has one."""
    return re.sub(r" and \d+ more$", f" and {folded} more" if folded else "", title)


def _rows(
    report: Report, hidden: Mapping[str, Suppression], entries: Iterable[Suppression], now: float
) -> list[SuppressedRow]:
    rows = [_row(entry, finding) for finding, entry in sorted(hidden.items())]
    for entry in sorted(entries, key=lambda entry: (entry.until, entry.entry)):
        matched = sorted(finding.id for finding in report.findings if entry.fits(finding))
        expired = entry.expired(now)
        again = [finding for finding in matched if finding not in hidden] if expired else []
        rows += [_row(entry, finding, expired=True) for finding in again]
        if not again and (expired or not matched):
            rows.append(_row(entry, entry.id or "", expired=expired, unused=True))
    return rows


def _row(entry: Suppression, finding: str, *, expired: bool = False, unused: bool = False) -> SuppressedRow:
    return SuppressedRow(
        finding=finding,
        reason=entry.reason,
        until=entry.until.isoformat(),
        by=entry.by,
        expired=expired,
        entry=entry.entry,
        unused=unused,
    )
