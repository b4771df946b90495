"""
A run that died with its node is nobody's bug in the run; the link is a rule and a gap in time, or it is a guess.
"""

from collections.abc import Iterator, Sequence

from correlate.problem import Link
from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene
from reports.words import counted, listed, named
from scanners.finding import Finding
from scanners.semantics.times import instant

_EVENTS = ("OOM104", "OOM105", "GPU114", "GPU115")
_RUNS = ("PIP101", "PIP102", "JOB101", "JOB102", "JOB111")


def _is_event(finding: Finding) -> bool:
    return finding.code.startswith("NOD") or finding.code in _EVENTS


def _is_run(finding: Finding) -> bool:
    return finding.code in _RUNS or finding.pipeline is not None


def _links(scene: Scene) -> Iterator[tuple[int, Finding, Finding, list[str]]]:
    """Each finding that a node event explains, over however many hops: rank, cause, effect, the rules on the way."""
    for problem in scene.report.problems:
        for source in dict.fromkeys(link.source for link in problem.chain):
            cause = scene.finding(source)
            if cause is None or not _is_event(cause):
                continue
            for id_, rules in _reached(problem.chain, source).items():
                effect = scene.finding(id_)
                if effect is not None and not (_is_event(effect) and not effect.pipeline):
                    yield problem.rank, cause, effect, rules


def _reached(chain: Sequence[Link], source: str) -> dict[str, list[str]]:
    """What lies behind a finding in a chain, with the rules that lead there."""
    found: dict[str, list[str]] = {}
    ahead = [(source, list[str]())]
    while ahead:
        place, rules = ahead.pop(0)
        for link in chain:
            if link.source == place and link.target not in found:
                found[link.target] = [*rules, link.rule]
                ahead.append((link.target, found[link.target]))
    return found


def _failures(scene: Scene) -> Iterator[Told]:
    for rank, cause, effect, rules in _links(scene):
        if not _is_run(effect) or not scene.passes(effect):
            continue
        began, hit = instant(cause.onset or ""), instant(effect.onset or "")
        pipeline = effect.pipeline
        row = told(
            effect,
            rank=rank,
            run=(pipeline.run if pipeline else None) or effect.subject.place,
            object=named(effect.subject),
            step=pipeline.step if pipeline else None,
            node=effect.node or cause.node or cause.subject.name,
            event=f"{cause.code} {cause.message}",
            gap=None if began is None or hit is None else hit - began,
            rule=", ".join(rules),
            cause=cause.id,
        )
        yield row


def _notes(scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    others = {named(effect.subject) for _, _, effect, _ in _links(scene) if not _is_run(effect)}
    if others and not scene.query.namespaces:
        yield f"{counted(len(others), 'other object')} hit by node events, no run: {listed(sorted(others), most=5)}"
    failed = [one for one in scene.findings(_RUNS) if one.id not in {row.finding for row in rows}]
    if failed:
        yield f"{counted(len(failed), 'failing run')} without a link to a node: {listed(_places(failed), most=5)}"


def _places(findings: Sequence[Finding]) -> list[str]:
    return [f"{one.code} {one.subject.place}" for one in findings]


FAILURES = Definition(
    title="Failed runs that a node event explains",
    noun="run",
    codes={
        "PIP101": "failed runs of engines",
        "JOB101": "Jobs that failed for good",
        "NOD101": "nodes that are not ready",
        "NOD102": "node pressure and evictions",
        "OOM104": "pods that eat a node's memory",
        "OOM105": "pods evicted for memory",
        "GPU114": "lost GPUs",
        "GPU115": "GPU hardware faults",
    },
    slices=["pods", "nodes"],
    columns=[
        column("run"),
        column("object"),
        column("step"),
        column("node"),
        column("event", "node event"),
        column("gap", "gap", "seconds"),
        column("rule"),
        column("cause", "finding of the event"),
    ],
    rows=_failures,
    beside=_RUNS,
    order=["rank"],
    needs=["nodes", "pods", "events"],
    blind="no link could be tested",
    notes=_notes,
)
