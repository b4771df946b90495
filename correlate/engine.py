"""
A cluster in trouble raises hundreds of alarms; a person can follow up on a handful.

From what the checks saw to ranked root causes: merge, place in the graph, link by rules, explain, rank, mend.
Pure and deterministic: no clock, no I/O, every boundary sorted (correlation.md).
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from correlate.merge import observe
from correlate.observation import Observation
from correlate.problem import Problem
from correlate.problems import problem_of, roles_of
from correlate.rank import ranked
from correlate.remedies import mend
from correlate.rules import RULES
from correlate.savings import assign
from correlate.standing_alone import folded
from correlate.weights import Weights
from scanners.facts.inventory import Inventory
from scanners.finding import Finding, FindingRole, Sighting
from scanners.scanner import Scanner

SPOKEN_OF = frozenset(kind for rule in RULES for kind in (*rule.causes, *rule.effects))
"""Kinds that some rule ties to others; a low finding of another kind stands alone, no graph is needed to see it."""


@dataclass(slots=True)
class Correlation:
    """Every finding with its role, by id; the problems in order of rank; what the stage could not do."""

    findings: list[Finding]
    problems: list[Problem]
    warnings: list[str] = field(default_factory=list)


def correlate(
    inventory: Inventory,
    sighted: Iterable[tuple[Scanner, Sequence[Sighting]]],
    *,
    weights: Weights | None = None,
) -> Correlation:
    """
    What all checks saw on one target, as findings and ranked problems.

    An iterator as ``sighted`` saves memory: sightings that nobody else holds make place for their findings.
    """
    scanners: dict[str, Scanner] = {}

    def told() -> Iterator[tuple[Scanner, Sequence[Sighting]]]:
        for scanner, sightings in sighted:
            scanners[scanner.code] = scanner
            yield scanner, sightings

    with _collector_paused():
        return concluded(inventory, observe(inventory, told()), scanners, weights or Weights())


@contextmanager
def _collector_paused() -> Iterator[None]:
    """
    Ten thousand findings are half a million small objects that all live to the end: looking through them
    again and again for garbage costs as much as the whole of the work.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def concluded(
    inventory: Inventory, observations: Sequence[Observation], scanners: dict[str, Scanner], weights: Weights
) -> Correlation:
    """Link, explain and rank observations, which come sorted by id."""
    from correlate import (
        graph as graphs,
    )  # imports networkx, which the command line must not pay for at start
    from correlate.explain import explain
    from correlate.links import link

    assign(inventory, observations)
    tied = [o for o in observations if o.counts and (o.is_element or o.kind in SPOKEN_OF)]
    held, warning = graphs.within_limits(tied)
    graph = graphs.build(inventory, held)
    warnings = [*([warning] if warning else []), *link(inventory, graph, held, RULES)]
    explanations, alone = explain(graph, held)
    left_out = {o.id for o in held}
    alone += [o for o in observations if o.counts and o.id not in left_out]
    explanations += folded(inventory, alone)
    problems = [
        problem_of(inventory, e, scanners.get(e.root.finding.code), mend, weights) for e in explanations
    ]
    roles = roles_of(explanations)
    return Correlation(
        findings=[_with_role(observation.finding, roles) for observation in observations],
        problems=ranked(problems, {observation.id: observation.kind for observation in observations}),
        warnings=warnings,
    )


def _with_role(finding: Finding, roles: dict[str, tuple[FindingRole, str]]) -> Finding:
    """The finding itself, with its part in the explanation: a copy of thousands would be felt."""
    if finding.id in roles:
        finding.role, finding.problem = roles[finding.id]
    return finding
