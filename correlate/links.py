"""
Rules say what may cause what; here each of them walks the graph from its causes and finds the effects that
are really tied.

Findings are looked up by kind and by what they are tied to, so that a rule costs what it finds, not what
there is.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from correlate.attributes import attributes_of, sought
from correlate.observation import Observation
from correlate.relations import OF_FINDINGS, Entity, Relation, Vertex
from correlate.rules.rule import Hop, Path, Rule, Shared, timely
from scanners.facts.inventory import Inventory
from scanners.kinds import Kind

if TYPE_CHECKING:
    import networkx

FAN_OUT = 2000
"""Effects that one rule may claim for one cause."""

PAIRS = 1_000_000
"""Pairs of findings that linking looks at in all; beyond it only a broken or hostile cluster gets."""

LIMIT = 150_000
"""``causes`` edges at most (correlation.md section 10)."""


class Linker:
    """Findings by (kind, relation, entity) and by (kind, attribute, value), over one graph."""

    def __init__(
        self,
        inventory: Inventory,
        graph: "networkx.MultiDiGraph[Vertex]",
        observations: Sequence[Observation],
    ) -> None:
        self._graph, self._inventory = graph, inventory
        self._tied: dict[tuple[Kind, str, Vertex], list[Observation]] = {}
        self._sharing: dict[tuple[Kind, str, str], list[Observation]] = {}
        self._by_kind: dict[Kind, list[Observation]] = {}
        self._homes: dict[str, list[Vertex]] = {}
        self._steps: dict[tuple[Vertex, Hop], tuple[Vertex, ...]] = {}
        self._pairs = PAIRS
        self._edges = LIMIT
        self.cut: dict[str, int] = {}
        for observation in observations:
            if observation.counts:
                self._enter(observation)

    def _enter(self, observation: Observation) -> None:
        kind = observation.kind
        self._by_kind.setdefault(kind, []).append(observation)
        homes = self._homes[observation.id] = []
        for entity, ties in self._graph.succ[observation.id].items():
            if Relation.ABOUT in ties:
                homes.append(entity)
            for relation in ties:
                self._tied.setdefault((kind, relation, entity), []).append(observation)
        for name, value in attributes_of(self._inventory, observation):
            self._sharing.setdefault((kind, name, value), []).append(observation)

    def link(self, rule: Rule) -> None:
        """Add the rule's ``causes`` edges to the graph."""
        if not any(kind in self._by_kind for kind in rule.effects):
            return
        for kind in rule.causes:
            for cause in self._by_kind.get(kind, ()):
                effects = self._effects(rule, cause)
                for effect in islice(effects, FAN_OUT):
                    self._add(rule, cause, effect)
                rest = sum(1 for _ in effects)
                if rest:
                    self.cut[rule.id] = self.cut.get(rule.id, 0) + rest

    def _add(self, rule: Rule, cause: Observation, effect: Observation) -> None:
        worth = min(rule.strength, timely(rule, cause, effect))
        self._edges -= 1
        if self._edges >= 0:
            self._graph.add_edge(
                cause.id, effect.id, key=rule.id, relation=rule.relation.value, strength=worth
            )
        else:
            self.cut[rule.id] = self.cut.get(rule.id, 0) + 1

    def _effects(self, rule: Rule, cause: Observation) -> Iterator[Observation]:
        seen = {cause.id}
        for path in rule.paths:
            for effect in self._reached(rule, cause, path):
                if effect.id in seen:
                    continue
                seen.add(effect.id)
                self._pairs -= 1
                if self._pairs < 0:
                    self.cut[rule.id] = self.cut.get(rule.id, 0) + 1
                elif timely(rule, cause, effect) and rule.guard(cause, effect):
                    yield effect

    def _reached(self, rule: Rule, cause: Observation, path: Path) -> Iterator[Observation]:
        if isinstance(path, Shared):
            for value in sought(self._inventory, cause, path.attribute):
                for kind in rule.effects:
                    yield from self._sharing.get((kind, path.attribute, value), ())
            return
        relation, ends = self._walk(cause, path)
        for kind in rule.effects:
            for vertex in ends:
                yield from self._tied.get((kind, relation, vertex), ())

    def _walk(self, cause: Observation, path: Sequence[Hop]) -> tuple[Relation, list["Vertex"]]:
        """
        Where a path leads, and the relation by which effects are tied to it: to be about it, unless their
        pods carry it.
        """
        last = path[-1] if path else None
        carried = last is not None and last.inverse and last.relation in OF_FINDINGS
        hops = path[:-1] if carried else path
        ends: list[Vertex] = [cause.id, *self._homes[cause.id]]
        for hop in hops:
            ends = list(dict.fromkeys(vertex for start in ends for vertex in self._step(start, hop)))
        return (last.relation if last and carried else Relation.ABOUT), ends

    def _step(self, start: "Vertex", hop: Hop) -> tuple["Vertex", ...]:
        known = self._steps.get((start, hop))
        if known is None:
            beside = self._graph.pred[start] if hop.inverse else self._graph.succ[start]
            known = tuple(
                sorted(v for v, keys in beside.items() if hop.relation in keys and isinstance(v, Entity))
            )
            self._steps[start, hop] = known
        return known


def link(
    inventory: Inventory,
    graph: "networkx.MultiDiGraph[Vertex]",
    observations: Sequence[Observation],
    rules: Iterable[Rule],
) -> list[str]:
    """Fill the graph with ``causes`` edges; returns a warning for each rule that was cut short."""
    linker = Linker(inventory, graph, observations)
    for rule in rules:
        linker.link(rule)
    return [
        f"rule {rule}: {left} links were cut, it met too many findings"
        for rule, left in sorted(linker.cut.items())
    ]
