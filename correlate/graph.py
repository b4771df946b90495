"""
Symptoms of one cause stand in different concerns; they meet on a node, a claim, a workload.

The one graph of this stage: findings (by id), the entities that they touch (:class:`Entity`), the relations
with their field, and ``causes`` edges once rules have run. Never all pods. This module imports networkx: it
is imported when correlation starts.
"""

from collections.abc import Iterable, Mapping, Sequence

import networkx

from correlate.observation import Observation
from correlate.relations import (
    HUB,
    Entity,
    Relation,
    Tie,
    Vertex,
    entity_of,
    ties_of_entity,
    ties_of_finding,
)
from scanners.facts.fact import LabelSelector
from scanners.facts.inventory import Inventory
from scanners.facts.network import Service
from scanners.facts.ref import Ref, ref_to
from scanners.finding import Severity
from scanners.semantics.selectors import matches

VERTICES = 50_000
EDGES = 150_000
"""Above these, ``info`` and then ``low`` findings are left out first, and the report says so (section 10)."""


def within_limits(observations: Sequence[Observation]) -> tuple[list[Observation], str]:
    """
    The observations that the graph can hold, the gravest first to stay, and a warning where some cannot.
    """
    costs = [3 + min(len(o.nodes), HUB) + min(len(o.touches), HUB) + len(o.pods[:HUB]) for o in observations]
    if len(observations) * 2 <= VERTICES and sum(costs) <= EDGES:
        return list(observations), ""
    room = EDGES
    kept: list[int] = []
    order = sorted(range(len(observations)), key=lambda i: (-observations[i].finding.severity.weight, i))
    for place in order:
        grave = observations[place].finding.severity.weight >= Severity.MEDIUM.weight
        if grave or (room >= costs[place] and len(kept) * 2 < VERTICES):
            room -= costs[place]
            kept.append(place)
    left = len(observations) - len(kept)
    warning = (
        f"{left} findings of low and info severity were not linked to causes: the graph is full"
        if left
        else ""
    )
    return [observations[place] for place in sorted(kept)], warning


def build(inventory: Inventory, observations: Sequence[Observation]) -> "networkx.MultiDiGraph[Vertex]":
    """
    Findings, what they touch, and how that is related; ``causes`` edges come from :mod:`correlate.links`.
    """
    graph: networkx.MultiDiGraph[Vertex] = networkx.MultiDiGraph()
    for observation in observations:
        graph.add_node(observation.id, observation=observation)
        for tie in ties_of_finding(inventory, observation):
            _tie(graph, observation.id, tie)
        for inner, outer in zip(
            reversed(observation.owners[1:]), reversed(observation.owners[:-1]), strict=True
        ):
            _tie(graph, entity_of(inner), Tie(Relation.OWNED_BY, outer, "metadata.ownerReferences"))
    _relate(inventory, graph)
    for service, workload in _selected(inventory, graph, observations):
        _tie(graph, service, Tie(Relation.SELECTS, workload, "spec.selector"))
    return graph


def _relate(inventory: Inventory, graph: "networkx.MultiDiGraph[Vertex]") -> None:
    """Relations of touched objects, and of what those are related to: volumes of claims, nodes of volumes."""
    new = sorted(vertex for vertex in graph if isinstance(vertex, Entity))
    seen = set(new)
    while new:
        found: list[Entity] = []
        for vertex in new:
            for tie in ties_of_entity(inventory, Ref(*vertex)):
                _tie(graph, vertex, tie)
                found.append(entity_of(tie.target))
        new = sorted(set(found) - seen)
        seen.update(new)


def _tie(graph: "networkx.MultiDiGraph[Vertex]", source: Vertex, tie: Tie) -> None:
    graph.add_edge(source, entity_of(tie.target), key=tie.relation.value, field=tie.field)


def _selected(
    inventory: Inventory, graph: "networkx.MultiDiGraph[Vertex]", observations: Iterable[Observation]
) -> list[tuple[Entity, Ref]]:
    """Which touched Services select which workloads that have findings, by the labels of their pods."""
    services = [ref_to(service) for service in inventory.services]
    touched = [
        (entity_of(ref), service)
        for ref, service in zip(services, inventory.services, strict=True)
        if entity_of(ref) in graph and service.selector
    ]
    if not touched:
        return []
    labels = _labels(inventory, observations)
    return [
        (vertex, workload)
        for vertex, service in touched
        for workload, sets in labels.get(service.namespace, ())
        if _selects(service, sets)
    ]


def _selects(service: Service, sets: Iterable[Mapping[str, str]]) -> bool:
    selector = LabelSelector(match_labels=service.selector or {})
    return any(matches(selector, labels) for labels in sets)


def _labels(
    inventory: Inventory, observations: Iterable[Observation]
) -> dict[str, list[tuple[Ref, list[Mapping[str, str]]]]]:
    """Per namespace, the workloads with findings and the label sets that their pods carry."""
    found: dict[Ref, list[Mapping[str, str]]] = {}
    for observation in observations:
        workload = observation.workload
        if workload is None or workload in found:
            continue
        fact = inventory.index.owners_by_uid.get(workload.uid)
        template: Mapping[str, str] = getattr(fact, "template_labels", None) or {}
        found[workload] = [template] if template else [pod.labels for pod in observation.pods[:1]]
    by_namespace: dict[str, list[tuple[Ref, list[Mapping[str, str]]]]] = {}
    for workload in sorted(found, key=entity_of):
        by_namespace.setdefault(workload.namespace, []).append((workload, found[workload]))
    return by_namespace
