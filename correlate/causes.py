"""
The webhook that guards Deployments is down because its own Deployment cannot be created: causes can run in a
circle.

The ``causes`` edges as a graph without cycles, and how far a cause reaches along it. Imports networkx:
imported when correlation starts.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import networkx

from correlate.observation import Observation
from correlate.relations import Vertex

LARGE_CYCLE = 500
"""
Edges of a strongly connected component above which it is cut by order of time at once, not edge by edge.
"""


class Reach(NamedTuple):
    """How surely a cause explains something, and the finding before it on the best path."""

    strength: float
    before: str


def causes_of(graph: "networkx.MultiDiGraph[Vertex]") -> "networkx.DiGraph[str]":
    """The subgraph of ``causes``: of parallel edges the strongest (then the smaller rule), and no cycles."""
    causes: networkx.DiGraph[str] = networkx.DiGraph()
    links = (
        (source, target, rule, data)
        for source, target, rule, data in graph.edges(keys=True, data=True)
        if isinstance(source, str) and isinstance(target, str)
    )
    for source, target, rule, data in sorted(links, key=lambda link: link[:3]):
        if not causes.has_edge(source, target) or data["strength"] > causes.edges[source, target]["strength"]:
            causes.add_edge(source, target, rule=rule, relation=data["relation"], strength=data["strength"])
    for vertex in causes:
        causes.nodes[vertex]["observation"] = graph.nodes[vertex]["observation"]
    _cut_cycles(causes)
    return causes


def _cut_cycles(causes: "networkx.DiGraph[str]") -> None:
    """Drop the weakest edge, then the one of the later effect, then the larger id, until no cycle is left."""
    open_: list[list[str]] = [sorted(c) for c in networkx.strongly_connected_components(causes) if len(c) > 1]
    while open_:
        members = open_.pop()
        inside = sorted((s, t) for s, t in causes.subgraph(members).edges)
        if len(inside) > LARGE_CYCLE:
            causes.remove_edges_from([(s, t) for s, t in inside if _time(causes, s) >= _time(causes, t)])
            continue
        causes.remove_edge(*min(inside, key=lambda edge: _weakness(causes, *edge)))
        rest = networkx.strongly_connected_components(causes.subgraph(members))
        open_.extend(sorted(component) for component in rest if len(component) > 1)


def _time(causes: "networkx.DiGraph[str]", vertex: str) -> tuple[float, str]:
    observation: Observation = causes.nodes[vertex]["observation"]
    return (observation.onset if observation.onset is not None else float("inf")), vertex


def _weakness(
    causes: "networkx.DiGraph[str]", source: str, target: str
) -> tuple[float, float, tuple[int, ...], tuple[int, ...]]:
    later = -_time(causes, target)[0]
    return causes.edges[source, target]["strength"], later, _descending(source), _descending(target)


def _descending(text: str) -> tuple[int, ...]:
    """A key by which larger ids (all of one length) come first."""
    return tuple(-ord(letter) for letter in text)


def positions(causes: "networkx.DiGraph[str]") -> dict[str, int]:
    """The place of each finding in the one topological order that ids decide."""
    return {vertex: place for place, vertex in enumerate(networkx.lexicographical_topological_sort(causes))}


def reach(causes: "networkx.DiGraph[str]", place: dict[str, int], source: str) -> dict[str, Reach]:
    """
    Everything that a cause reaches, with its strength.

    The first edge counts with the cause's own confidence; what is itself observed ends the decay, so a longer
    chain is as strong as its weakest link (correlation.md 7.3). The best path wins, of equal ones that over
    the smaller id.
    """
    best: dict[str, Reach] = {}
    certainty: float = causes.nodes[source]["observation"].certainty
    waiting: list[tuple[int, str]] = [(place[source], source)]
    while waiting:
        _, vertex = heappop(waiting)
        so_far = best[vertex].strength if vertex != source else 1.0
        for target, data in causes.succ[vertex].items():
            through = certainty * data["strength"] if vertex == source else min(so_far, data["strength"])
            known = best.get(target)
            if known is None:
                heappush(waiting, (place[target], target))
            if known is None or through >= known.strength:
                best[target] = Reach(through, vertex)
    return best
