"""
A registry that throttles stops pods in five clusters at once: five teams are woken, and none can see the others.

Problems of several targets whose roots name the same thing outside them, a registry or a file server, become one: the
findings of all, the impact added up. Pure, and the same whatever the order of the targets. Findings keep their facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from math import fsum, log, prod

from correlate.identity import problem_id
from correlate.impact import usd_per_day
from correlate.problem import Impact, Problem, Saving, ScoreParts
from correlate.problems import SURE_ENOUGH
from correlate.rank import MOST_USD_PER_DAY, score_of
from correlate.weights import Weights
from scanners.finding import Confidence, Finding, Severity
from scanners.kinds import Kind
from scanners.semantics.times import instant

OF_THE_REGISTRY = frozenset({"rate", "dns", "timeout", "tls", "unavailable"})
"""Classes of a failed pull that speak of the registry even where a single owner sees it."""

FEWEST = 3
"""Failed pulls, in at least two clusters, that make a registry suspect which no cluster suspects alone (R-901)."""

HYPOTHESIS = 0.7
"""How sure that is: no cluster saw the registry itself fail (R-901)."""

APART = 1800.0
"""Seconds between two troubles up to which they may have one cause (the lag of R-303 and R-901)."""

INSIDE = (".svc", ".local", ".localhost", ".ec2.internal", ".compute.internal")
"""Ends of names that mean something else in each cluster."""

Cause = tuple[str, str, str]
"""Kind, name and class of what lies outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one target sees: its id and name, its findings and problems, the moment that its ages count from."""

    target: str
    name: str
    findings: Sequence[Finding]
    problems: Sequence[Problem]
    now: float | None = None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A problem that has its cause outside its target, and the time through which it lasted."""

    seen: Seen
    problem: Problem
    root: Finding
    began: float
    ended: float

    @property
    def order(self) -> tuple[bool, str]:
        """The finding on the outside thing itself first."""
        return self.root.kind is Kind.IMAGE_PULL_FAILED, self.root.id


def across(targets: Iterable[Seen]) -> tuple[list[Problem], dict[str, Finding]]:
    """
    The problems of all targets, those with one cause outside them made one; and, by id, the findings whose role or
    problem is another now, as copies.
    """
    targets = sorted(targets, key=lambda seen: seen.target)
    by_cause: dict[Cause, list[_Trouble]] = {}
    problems = {problem.id: problem for seen in targets for problem in seen.problems}
    findings = {finding.id: finding for seen in targets for finding in seen.findings}
    for seen in targets:
        for problem in seen.problems:
            root = findings.get(problem.root.finding)
            cause = _outside(root) if root else None
            if root and cause:
                by_cause.setdefault(cause, []).append(_Trouble(seen, problem, root, *_lasted(seen, problem)))
    changed: dict[str, Finding] = {}
    for _, troubles in sorted(by_cause.items()):
        for together in _at_one_time(troubles):
            if _is_one(together):
                joined = _joined(sorted(together, key=lambda trouble: trouble.order))
                for trouble in together:
                    del problems[trouble.problem.id]
                problems[joined.id] = joined
                changed |= _reassigned(joined, [findings[id_] for id_ in joined.findings if id_ in findings])
    return list(problems.values()), changed


def _outside(root: Finding) -> Cause | None:
    """What outside of its cluster a finding blames; None where that is nothing, or cannot be told from the inside."""
    if root.kind is Kind.IMAGE_PULL_FAILED:
        host = root.facts.get("registry_host")
        if root.cause_class not in OF_THE_REGISTRY or not isinstance(host, str):
            return None
        return ("Registry", host, root.cause_class) if _is_everywhere_the_same(host) else None
    subject = root.subject
    if root.kind in (Kind.REGISTRY_FAILING, Kind.FILE_SERVER_DOWN) and _is_everywhere_the_same(subject.name):
        return subject.kind, subject.name, root.cause_class
    return None


def _is_everywhere_the_same(host: str) -> bool:
    """Whether a name or address means one thing in all clusters: private ones and a cluster's own do not."""
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 else host.strip("[]")
    try:
        return ip_address(name).is_global
    except ValueError:
        return "." in name and not name.lower().rstrip(".").endswith(INSIDE)


def _lasted(seen: Seen, problem: Problem) -> tuple[float, float]:
    """From its first sign to the moment of its scan; the moment alone where no sign has a time."""
    began = instant(problem.first_seen or "")
    ended = seen.now if seen.now is not None else began if began is not None else 0.0
    return (began if began is not None else ended), ended


def _at_one_time(troubles: Iterable[_Trouble]) -> list[list[_Trouble]]:
    """Troubles that overlap, or nearly: a bundle of last month and a scan of today are two incidents."""
    groups: list[list[_Trouble]] = []
    end = 0.0
    for trouble in sorted(troubles, key=lambda trouble: (trouble.began, trouble.order)):
        if groups and trouble.began <= end + APART:
            groups[-1].append(trouble)
            end = max(end, trouble.ended)
        else:
            groups.append([trouble])
            end = trouble.ended
    return groups


def _is_one(troubles: Sequence[_Trouble]) -> bool:
    if len({trouble.seen.target for trouble in troubles}) < 2:
        return False
    suspected = any(trouble.root.kind is not Kind.IMAGE_PULL_FAILED for trouble in troubles)
    return suspected or len(troubles) >= FEWEST


def _joined(troubles: Sequence[_Trouble]) -> Problem:
    """One problem; its root is the finding on the outside thing with the smallest id: no value or time changes it."""
    first, problems = troubles[0].problem, [trouble.problem for trouble in troubles]
    names = sorted({trouble.seen.name for trouble in troubles})
    where = f"in {len(names)} clusters ({', '.join(names)})"
    suspected = troubles[0].root.kind is not Kind.IMAGE_PULL_FAILED
    kind, host, _ = _outside(troubles[0].root) or ("", "", "")
    impact = _added(problems)
    parts = _parts(problems, impact, 1.0 if suspected else HYPOTHESIS)
    return replace(
        first,
        id=problem_id(first.root.finding),
        title=f"{kind} {host} fails {where}",
        severity=_worst(problems),
        confidence=first.confidence if suspected else _word(parts),
        score=score_of(parts, Weights()),
        score_parts=parts,
        root=replace(first.root, statement=f"{first.root.statement}; the same cause is seen {where}"),
        findings=_each(problem.findings for problem in problems),
        chain=[link for problem in problems for link in problem.chain],
        contributes=_each(problem.contributes for problem in problems),
        unknowns=_each(problem.unknowns for problem in problems),
        would_change=_each(problem.would_change for problem in problems),
        alternatives=[alternative for problem in problems for alternative in problem.alternatives],
        impact=impact,
        owner=first.owner if all(problem.owner == first.owner for problem in problems) else None,
        first_seen=min((problem.first_seen for problem in problems if problem.first_seen), default=None),
    )


def _added(problems: Sequence[Problem]) -> Impact:
    """Of different clusters nothing is counted twice; a namespace of one name is told once."""
    impacts = [problem.impact for problem in problems]
    priced = [impact for impact in impacts if impact.usd_per_month is not None]
    savings: list[Saving] = [impact.saving for impact in priced]
    return Impact(
        workloads=sum(impact.workloads for impact in impacts),
        pods=sum(impact.pods for impact in impacts),
        gpus=sum(impact.gpus for impact in impacts),
        namespaces=sorted({name for impact in impacts for name in impact.namespaces}),
        usd_per_month=_total(impact.usd_per_month for impact in impacts),
        usd_low=_total(impact.usd_low for impact in impacts),
        usd_high=_total(impact.usd_high for impact in impacts),
        usd_formula=" + ".join(_each([i.usd_formula] for i in priced if i.usd_formula)) or None,
        saving=savings[0] if len(set(savings)) == 1 else "none",
    )


def _parts(problems: Sequence[Problem], impact: Impact, strength: float) -> ScoreParts:
    """
    The parts of a score (correlation.md section 8): I is one minus a product over all that is hit, so it multiplies.
    """
    parts = [problem.score_parts for problem in problems]
    return ScoreParts(
        confidence=round(parts[0].confidence * strength, 3),
        impact=round(1.0 - prod(sorted(1.0 - part.impact for part in parts)), 3),
        severity=max(part.severity for part in parts),
        waste=round(min(1.0, log(1 + usd_per_day(impact)) / log(1 + MOST_USD_PER_DAY)), 3),
        urgency=max(part.urgency for part in parts),
    )


def _word(parts: ScoreParts) -> Confidence:
    return Confidence.LIKELY if parts.confidence >= SURE_ENOUGH else Confidence.POSSIBLE


def _reassigned(joined: Problem, findings: Iterable[Finding]) -> Mapping[str, Finding]:
    """The findings in their new problem; what was a root in its own cluster is a symptom here."""
    return {
        finding.id: replace(
            finding,
            problem=joined.id,
            role="root"
            if finding.id == joined.root.finding
            else "symptom"
            if finding.role == "root"
            else finding.role,
        )
        for finding in findings
    }


def _worst(problems: Iterable[Problem]) -> Severity:
    return max((problem.severity for problem in problems), key=lambda severity: severity.weight)


def _total(amounts: Iterable[float | None]) -> float | None:
    known = sorted(amount for amount in amounts if amount is not None)
    return round(fsum(known), 2) if known else None


def _each(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(text for texts in lists for text in texts))
