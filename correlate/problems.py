"""
An explanation in the engine's terms is of no use at three in the morning; a problem says what, why, how much
and what to do.
"""

from collections.abc import Callable, Sequence

from correlate.explanation import Explanation
from correlate.identity import problem_id
from correlate.impact import affected, impact_of
from correlate.observation import Observation
from correlate.problem import Alternative, Problem, Remediation, Root
from correlate.rank import parts_of, score_of
from correlate.rules import RULES
from correlate.standing_alone import team_of
from correlate.weights import Weights
from scanners.facts.inventory import Inventory
from scanners.finding import Confidence, FindingRole
from scanners.scanner import Scanner

SURE_ENOUGH = 0.6
"""Below it a root is called a possible contributor (correlation.md section 5)."""

Mend = Callable[[Inventory, Explanation], Remediation]


def problem_of(
    inventory: Inventory, explanation: Explanation, scanner: Scanner | None, mend: Mend, weights: Weights
) -> Problem:
    """The contract's problem; its rank comes when all are there."""
    root = explanation.root
    hit = affected(inventory, explanation)
    impact = impact_of(explanation, hit)
    parts = parts_of(inventory, explanation, hit, impact, weights)
    times = [member.finding.onset for member in explanation.members if member.finding.onset]
    return Problem(
        id=problem_id(root.id),
        title=_title(explanation),
        severity=explanation.severity,
        confidence=Confidence.POSSIBLE if parts.confidence < SURE_ENOUGH else root.finding.confidence,
        score=score_of(parts, weights),
        score_parts=parts,
        root=Root(
            finding=root.id,
            code=root.finding.code,
            concern=root.finding.concern,
            subject=root.finding.subject,
            statement=_statement(explanation),
        ),
        findings=[member.id for member in explanation.members],
        chain=explanation.chain,
        contributes=explanation.contributes,
        unknowns=_unknowns(inventory, scanner),
        would_change=_would_change(explanation),
        alternatives=[Alternative(finding=o.id, statement=_said(o)) for o in explanation.alternatives],
        impact=impact,
        remediation=mend(inventory, explanation),
        owner=team_of(inventory, root),
        first_seen=min(times, default=None),
    )


def _title(explanation: Explanation) -> str:
    finding = explanation.root.finding
    several = f" and {len(explanation.folded)} more" if explanation.folded else ""
    place = finding.subject.place
    return finding.title if place in finding.title and not several else f"{finding.title}: {place}{several}"


def _said(observation: Observation) -> str:
    subject = observation.finding.subject
    return f"{subject.kind} {subject.place}: {observation.finding.message}"


def _statement(explanation: Explanation) -> str:
    finding = explanation.root.finding
    if explanation.established:
        return finding.message
    looked_for = sorted({kind for rule in RULES if finding.kind in rule.effects for kind in rule.causes})
    checked = f"; looked for {', '.join(looked_for)}, none is tied to it" if looked_for else ""
    return f"{finding.message}. The cause is not established{checked}"


def _unknowns(inventory: Inventory, scanner: Scanner | None) -> list[str]:
    """Slices that would have sharpened the root and were not had."""
    slices = scanner.slices if scanner else ()
    return [
        f"{slice_.name}: {state}"
        for slice_ in slices
        for state in [inventory.state(slice_)]
        if state not in ("complete", "absent")
    ]


def _would_change(explanation: Explanation) -> list[str]:
    if not explanation.explained:
        return []
    last = explanation.explained[-1].finding.subject
    told = [f"{last.kind} {last.place} stays as it is after the cause is mended: then it has another one"]
    return told + [
        f"the alternative is seen to be older: {_said(other)}" for other in explanation.alternatives
    ]


def roles_of(explanations: Sequence[Explanation]) -> dict[str, tuple[FindingRole, str]]:
    """Role and problem of each finding that has one. Folded findings stay standalone, inside a problem."""
    found: dict[str, tuple[FindingRole, str]] = {}
    for explanation in explanations:
        problem = problem_id(explanation.root.id)
        found[explanation.root.id] = ("standalone" if _is_fold(explanation) else "root"), problem
        found.update({member.id: ("symptom", problem) for member in explanation.explained})
        found.update({member.id: ("standalone", problem) for member in explanation.folded})
    return found


def _is_fold(explanation: Explanation) -> bool:
    return not explanation.explained and not explanation.root.is_element
