"""
Who is to blame, what follows from it, and how sure that is: decided by code, the same way every time.

correlation.md section 7. Imports networkx: imported when correlation starts.
"""

from collections.abc import Mapping, Sequence
from math import fsum

import networkx

from correlate.causes import Reach, causes_of, positions, reach
from correlate.choice import Choice, covered, explains, weight
from correlate.explanation import AMBIGUOUS, Explanation
from correlate.observation import Observation
from correlate.problem import Link
from correlate.relations import Vertex


def explain(
    graph: "networkx.MultiDiGraph[Vertex]", observations: Sequence[Observation]
) -> tuple[list[Explanation], list[Observation]]:
    """The explanations by root id, and the findings that stand alone and need none."""
    causes = causes_of(graph)
    place = positions(causes)
    explanations = [Explanation(o) for o in observations if o.is_element and o.id not in causes]
    taken: set[str] = set()
    for component in sorted(sorted(members) for members in networkx.weakly_connected_components(causes)):
        found = _Component(causes, place, component).explanations()
        explanations += found
        taken.update(o.id for e in found for o in [e.root, *e.explained])
    alone = [o for o in observations if o.counts and not o.is_element and o.id not in taken]
    for explanation in explanations:
        for finding in [explanation.root, *explanation.explained]:
            graph.nodes[finding.id]["root"] = explanation.root.id
    return sorted(explanations, key=lambda explanation: explanation.root.id), alone


class _Component:
    """Findings that rules tie together, directly or over others."""

    def __init__(
        self, causes: "networkx.DiGraph[str]", place: Mapping[str, int], members: Sequence[str]
    ) -> None:
        self._causes, self._place = causes, dict(place)
        self._members: dict[str, Observation] = {id_: causes.nodes[id_]["observation"] for id_ in members}
        self._paths: dict[str, dict[str, Reach]] = {
            id_: reach(causes, self._place, id_)
            for id_, member in self._members.items()
            if member.counts and causes.succ[id_]
        }
        self._reaches = {
            id_: {target: to.strength for target, to in paths.items()} for id_, paths in self._paths.items()
        }

    def explanations(self) -> list[Explanation]:
        roots = Choice(self._members, self._reaches, self._place).roots()
        found = {root: Explanation(self._members[root]) for root in roots}
        for id_ in sorted(self._members, key=lambda member: self._place[member]):
            if id_ not in found:
                self._assign(self._members[id_], found)
        for explanation in found.values():
            explanation.chain = self._chain(explanation)
            explanation.contributes.sort()
            explanation.alternatives = self._alternatives(explanation)
        return list(found.values())

    def _assign(self, member: Observation, found: Mapping[str, Explanation]) -> None:
        """To the root that reaches it most surely; others that also do contribute."""
        reaching = {
            root: self._reaches[root][member.id] for root in found if member.id in self._reaches.get(root, ())
        }
        if not reaching or not explains(covered(reaching.values())):
            return
        best = min(reaching, key=lambda root: (-round(reaching[root], 9), self._onset(root), root))
        found[best].explained.append(member)
        for root, strength in reaching.items():
            if root != best and explains(strength):
                found[root].contributes.append(member.id)

    def _onset(self, id_: str) -> float:
        onset = self._members[id_].onset
        return float("inf") if onset is None else onset

    def _chain(self, explanation: Explanation) -> list[Link]:
        """The hops of the winning paths, each once, in causal order."""
        paths = self._paths.get(explanation.root.id, {})
        hops: set[tuple[str, str]] = set()
        for member in explanation.explained:
            step = member.id
            while step != explanation.root.id and (paths[step].before, step) not in hops:
                hops.add((paths[step].before, step))
                step = paths[step].before
        ordered = sorted(hops, key=lambda hop: (self._place[hop[0]], self._place[hop[1]]))
        return [self._link(source, target) for source, target in ordered]

    def _link(self, source: str, target: str) -> Link:
        data = self._causes.edges[source, target]
        return Link(
            source=source,
            target=target,
            relation=data["relation"],
            rule=data["rule"],
            strength=data["strength"],
        )

    def _alternatives(self, explanation: Explanation) -> list[Observation]:
        """
        The best other cause, not itself a consequence of the root, of nearly all that the root explains.
        """
        root = explanation.root.id
        elements = [member for member in explanation.explained if member.is_element]
        whole = fsum(weight(element) for element in elements)
        downstream = self._reaches.get(root, {})
        others = [other for other in self._reaches if self._members[other].is_candidate] if whole else []
        others = [other for other in others if other != root and other not in downstream]
        shares = {other: self._share(other, elements) for other in others}
        rivals = [other for other in others if round(shares[other] - AMBIGUOUS * whole, 9) >= 0]
        best = min(
            rivals, key=lambda other: (-shares[other], -self._members[other].certainty, other), default=None
        )
        return [self._members[best]] if best else []

    def _share(self, other: str, elements: Sequence[Observation]) -> float:
        reaches = self._reaches[other]
        return fsum(weight(e) for e in elements if e.id in reaches and explains(reaches[e.id]))
