"""
Everything in a cluster shares a namespace, a registry or a pool with something; walked as paths they would
join all faults.

Attributes are the joins for such hubs: a rule meets its effects by an equal value, and its guard still asks
for more.
"""

import re
from collections.abc import Iterator

from correlate.observation import Observation
from correlate.relations import server_of
from correlate.rules.guards import texts
from scanners.facts.inventory import Inventory
from scanners.kinds import Kind
from scanners.semantics.webhooks import refused_namespaces

_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
MOST_PODS = 200
_MENTIONING = frozenset({Kind.POD_UNSCHEDULABLE})
_ON_NODES = frozenset(
    {Kind.GPU_NODE_IDLE, Kind.RECLAIM_BLOCKED, Kind.CPU_ON_GPU_NODE, Kind.POD_UNSCHEDULABLE}
)
_MOUNTING = frozenset({Kind.ATTACH_CONFLICT, Kind.JOB_NOT_STARTED, Kind.WORKLOAD_UNAVAILABLE})


def attributes_of(inventory: Inventory, observation: Observation) -> Iterator[tuple[str, str]]:
    """The (name, value) pairs under which an effect can be met, each once, in order."""
    found = dict.fromkeys(_all(inventory, observation))
    yield from found


def sought(inventory: Inventory, cause: Observation, attribute: str) -> list[str]:
    """The values of an attribute under which a cause looks for its effects."""
    if attribute == "mentioned":
        return [cause.subject.name]
    if attribute == "pod":
        return [f"{pod.namespace}/{pod.name}" for pod in cause.pods[:MOST_PODS]]
    if attribute == "asked-about":
        return _asked_about(inventory, cause)
    if attribute == "server" and cause.kind is Kind.FILE_SERVER_DOWN:
        return [cause.subject.name]
    if attribute == "registry" and cause.kind is Kind.REGISTRY_FAILING:
        return [cause.subject.name]
    return list(dict.fromkeys(value for name, value in _all(inventory, cause) if name == attribute))


def _all(inventory: Inventory, observation: Observation) -> Iterator[tuple[str, str]]:
    yield "cluster", inventory.target.id
    if observation.subject.namespace:
        yield "namespace", observation.subject.namespace
    facts, kind = observation.facts, observation.kind
    if facts.get("registry_host"):
        yield "registry", str(facts["registry_host"])
    if kind in (Kind.POD_UNSCHEDULABLE, Kind.GPU_NOT_ALLOCATABLE):
        yield "devices", "all"
    if kind is Kind.PODS_NOT_CREATED:
        yield "asked-about", observation.subject.namespace
    if kind in _MENTIONING:
        yield from (("mentioned", word) for word in _mentions(observation))
        yield from (("pod", f"{pod.namespace}/{pod.name}") for pod in observation.pods[:MOST_PODS])
    if kind in _ON_NODES:
        yield from (("nodes", name) for name in _nodes(observation))
    if kind is Kind.CLAIM_PENDING:
        pods = (touched for touched in observation.touches if touched.kind == "Pod")
        yield from (("pod", f"{pod.namespace}/{pod.name}") for pod in pods)
    if kind in _MOUNTING:
        yield from (("server", server) for server in _servers(inventory, observation) if server)


def _asked_about(inventory: Inventory, cause: Observation) -> list[str]:
    """Namespaces whose new pods a webhook configuration that must answer is asked about."""
    every = (*inventory.mutating_webhooks, *inventory.validating_webhooks)
    hooks = [
        hook
        for configuration in every
        if (configuration.kind, configuration.name) == (cause.subject.kind, cause.subject.name)
        for hook in configuration.webhooks
        if hook.failure_policy == "Fail"
    ]
    return sorted(refused_namespaces(inventory, hooks))


def _mentions(observation: Observation) -> Iterator[str]:
    for fact in ("blocked_by", "smallest_change"):
        for text in texts(observation.facts.get(fact)):
            yield from _WORD.findall(text)
    yield from (touched.name for touched in observation.touches)


def _nodes(observation: Observation) -> Iterator[str]:
    yield from observation.nodes
    yield from texts(observation.facts.get("nodes"))
    yield from texts(observation.facts.get("node"))
    yield from (touched.name for touched in observation.touches if touched.kind == "Node")


def _servers(inventory: Inventory, observation: Observation) -> Iterator[str]:
    yield from texts(observation.facts.get("server"))
    if observation.subject.kind == "PersistentVolumeClaim":
        yield server_of(inventory, observation.subject.namespace, observation.subject.name)
    for pod in observation.pods[:MOST_PODS]:
        yield from (server_of(inventory, pod.namespace, claim) for _, claim in pod.claims)
