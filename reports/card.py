"""
A problem is believed when it fits on a card: what, why, the evidence, the effect, the mend.

Faces lay cards out; what stands on one is decided here, from a cleaned report.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from correlate.problem import Problem
from reports.narration.template import depths, in_order
from reports.prices import bases_of
from reports.words import DASH, HOW_KNOWN, SHAPES, counted, dollars, moment, named, plain, since
from scanners.finding import EvidenceRow, Finding
from scanners.semantics.times import DAY, instant, rfc3339

MOST_EVIDENCE = 8
OF_THE_ROOT = 4
"""Rows of evidence on a card, and how many of them show the root; the JSON report has all."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of the chain, in words: what led to what, by which rule and how strongly (0 to 1)."""

    source: str
    target: str
    relation: str
    rule: str
    strength: float


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Where to look and what stands there; unknown is a dash."""

    subject: str
    path: str
    value: str
    threshold: str
    time: str
    command: str
    source: str


@dataclass(frozen=True, slots=True)
class Card:
    """
    One problem for people.

    ``formula`` is how the dollars are made, with what their prices are; ``where`` is the target's name if the report
    has several, else empty; ``fix`` does not repeat the steps
    that follow it.
    """

    problem: Problem
    shape: str
    where: str
    since: str
    hits: str
    usd: str
    formula: str
    known: str
    fix: str
    hops: Sequence[Hop]
    evidence: Sequence[EvidenceLine]
    evidence_left: int
    related: Sequence[Finding]
    levels: Sequence[Sequence[Finding]]
    suppress: str

    @property
    def anchor(self) -> str:
        """The id of the card in a page."""
        return f"problem-{self.problem.rank}"


def card_of(problem: Problem, findings: Mapping[str, Finding], now: str, where: str = "") -> Card:
    """The card of a problem. Findings that are not in the report are left out."""
    ours = [findings[name] for name in _in_order(problem) if name in findings]
    root = findings.get(problem.root.finding)
    rows = _shown(ours)
    return Card(
        problem=problem,
        shape=SHAPES[problem.severity],
        where=where,
        since=since(problem.first_seen or (root.onset if root else None), now),
        hits=hits(problem),
        usd=money(problem),
        formula="; ".join(filter(None, [problem.impact.usd_formula, bases_of(ours)])),
        known=HOW_KNOWN[problem.confidence] + ("; in a model's words" if problem.told_by == "model" else ""),
        fix="In order:"
        if problem.remediation.text == in_order(problem.remediation)
        else problem.remediation.text,
        hops=list(_hops(problem, findings)),
        evidence=[_line(row) for row in rows],
        evidence_left=sum(len(finding.evidence) for finding in ours) - len(rows),
        related=[finding for finding in ours if finding.id != problem.root.finding],
        suppress=_suppression(problem, now),
        levels=[[findings[name] for name in level if name in findings] for level in _levels(problem)],
    )


def hits(problem: Problem) -> str:
    """Whom it hits: ``3 workloads, 41 pods, 16 GPUs``; a dash where nothing was counted."""
    impact = problem.impact
    amounts = [(impact.workloads, "workload"), (impact.pods, "pod"), (impact.gpus, "GPU")]
    return ", ".join(counted(number, noun) for number, noun in amounts if number) or DASH


def money(problem: Problem) -> str:
    """Dollars a month, as a range where it is one; a dash where unknown."""
    impact = problem.impact
    if impact.usd_low is not None and impact.usd_high is not None and impact.usd_low != impact.usd_high:
        return f"{dollars(impact.usd_low)} to {dollars(impact.usd_high)}"
    return dollars(impact.usd_per_month)


def _suppression(problem: Problem, now: str) -> str:
    """The line that leaves the problem out for a month, but for the reason, which only a person knows."""
    until = rfc3339((instant(now) or 0.0) + 30 * DAY)[:10]
    return f"deepscan suppress {problem.id} --until {until} --reason '…'"


def _in_order(problem: Problem) -> list[str]:
    return list(dict.fromkeys([problem.root.finding, *problem.findings]))


def _levels(problem: Problem) -> list[list[str]]:
    return [[problem.root.finding], *depths(problem)]


def _hops(problem: Problem, findings: Mapping[str, Finding]) -> Iterable[Hop]:
    for link in problem.chain:
        if link.source in findings and link.target in findings:
            source, target = findings[link.source], findings[link.target]
            yield Hop(_label(source), _label(target), link.relation, link.rule, link.strength)


def _label(finding: Finding) -> str:
    return f"{named(finding.subject)} ({finding.title})"


def _shown(findings: Sequence[Finding]) -> list[EvidenceRow]:
    """The root's first, then one of each; the same thing once, however many findings rest on it."""
    rows = [row for number, f in enumerate(findings) for row in f.evidence[: 1 if number else OF_THE_ROOT]]
    distinct = {(named(row.ref), row.path, plain(row.value)): row for row in reversed(rows)}
    chosen = set(map(id, distinct.values()))
    return [row for row in rows if id(row) in chosen][:MOST_EVIDENCE]


def _line(row: EvidenceRow) -> EvidenceLine:
    return EvidenceLine(
        subject=named(row.ref),
        path=row.path or DASH,
        value=plain(row.value),
        threshold=plain(row.threshold, 80),
        time=moment(row.observed_at),
        command=row.command or "",
        source=row.source,
    )
