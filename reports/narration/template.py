"""
An engineer who is woken wants two sentences, not a graph: what is wrong, and what it did to the rest.

The template narrator says both for every problem, from the problem and its findings alone, without a model.
It adds no fact, no number and no blame; what is not known it says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from correlate.problem import Problem, Remediation
from reports.words import counted, listed, named, names, plain, sentence
from scanners.finding import Confidence, Finding

MOST_NAMED = 3
"""How many places of one consequence are named; the rest are counted."""


def narrated(problem: Problem, findings: Mapping[str, Finding]) -> Problem:
    """
    The problem with a title that names its object, a cause and a remedy in sentences, and what would refute
    it.
    """
    root = findings.get(problem.root.finding)
    sentences = [*what(problem, root), *why(problem, findings), *others(problem)]
    return replace(
        problem,
        title=title(problem),
        cause=" ".join(filter(None, sentences)),
        remediation=replace(problem.remediation, text=mend(problem.remediation)),
        would_change=problem.would_change or refutation(root),
        told_by="template",
    )


def title(problem: Problem) -> str:
    """The title, with the object in front where it does not name it."""
    subject = problem.root.subject
    return problem.title if names(problem.title, subject) else f"{named(subject)}: {problem.title}"


def what(problem: Problem, root: Finding | None) -> Iterable[str]:
    """The root as a statement, then its numbers where the statement leaves them out."""
    statement = problem.root.statement or problem.title
    about = "" if names(statement, problem.root.subject) else f"{named(problem.root.subject)}: "
    yield sentence(about + statement)
    if root and _core(root.message) not in _core(statement) and _core(statement) not in _core(root.message):
        yield sentence(root.message)


def why(problem: Problem, findings: Mapping[str, Finding]) -> Iterable[str]:
    """The chain in words, a sentence per depth."""
    leads = "This may have contributed to" if problem.confidence is Confidence.POSSIBLE else "This led to"
    told = {problem.root.finding}
    for depth, level in enumerate(depths(problem)):
        told.update(level)
        seen = [findings[name] for name in level if name in findings]
        if seen:
            yield f"{leads if depth == 0 else 'That in turn led to'}: {_several(seen)}."
    rest = [findings[name] for name in problem.findings if name not in told and name in findings]
    if rest:
        yield f"It also covers: {_several(rest)}."


def others(problem: Problem) -> Iterable[str]:
    """What else might be behind it, and which findings it is only one reason of."""
    for alternative in problem.alternatives:
        yield sentence(f"Another cause explains nearly as much: {alternative.statement}")
    if problem.contributes:
        yield f"It also contributes to {counted(len(problem.contributes), 'finding')} of other problems."


def mend(remediation: Remediation) -> str:
    """The remedy's own text, else its steps in order, else the plain fact that there is none."""
    if remediation.text:
        return remediation.text
    if remediation.steps:
        return in_order(remediation)
    return "No remedy is written for this cause yet; the evidence shows where to look."


def in_order(remediation: Remediation) -> str:
    """The steps as one sentence: this; then that."""
    first, *rest = [step.text.rstrip(". ") for step in remediation.steps] or [""]
    return sentence("; then ".join([first, *(text[:1].lower() + text[1:] for text in rest)]))


def refutation(root: Finding | None) -> list[str]:
    """What a reader would have to see instead, from the root's first evidence."""
    if root is None or not root.evidence:
        return []
    first = root.evidence[0]
    place = f"{first.path} of {named(first.ref)}" if first.path else named(first.ref)
    return [f"{place} no longer reads {plain(first.value, 80)}"]


def depths(problem: Problem) -> list[list[str]]:
    """The findings of the chain by their distance from the root, ids in order; a cycle is walked once."""
    after: dict[str, list[str]] = {}
    for link in problem.chain:
        after.setdefault(link.source, []).append(link.target)
    seen, level, found = {problem.root.finding}, [problem.root.finding], []
    while level:
        level = sorted({target for source in level for target in after.get(source, ())} - seen)
        seen.update(level)
        found.append(level)
    return found[:-1]


def _several(findings: Sequence[Finding]) -> str:
    """One finding in its own words; several of a kind as a count and their places."""
    alike: dict[str, list[Finding]] = {}
    for finding in findings:
        alike.setdefault(finding.title, []).append(finding)
    return "; ".join(_said(group[0]) if len(group) == 1 else _counted(group) for group in alike.values())


def _counted(findings: Sequence[Finding]) -> str:
    places = listed((named(finding.subject) for finding in findings), most=MOST_NAMED)
    return f"{findings[0].title}, {len(findings)} times ({places})"


def _said(finding: Finding) -> str:
    message = finding.message.rstrip(". ")
    return message if names(message, finding.subject) else f"{named(finding.subject)}: {message}"


def _core(text: str) -> str:
    return text.rstrip(". ").casefold()
