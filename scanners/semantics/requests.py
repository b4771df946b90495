"""
What a pod takes from its node stands in no single field: init containers overlap, sidecars add up, limits
stand in.

checks.md S1. Amounts are exact decimals by resource name (cpu in cores, memory in bytes, devices in units).
Use of all nodes is summed once a scan, template by template, because replicas ask for the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Container, Pod, PodTemplate, Port
from scanners.semantics.quantities import ZERO, amounts

POD_SLOTS = "pods"
"""The resource of which every pod takes one."""

Amounts = Mapping[str, Decimal]

_NOTHING: Amounts = MappingProxyType({})
_FINISHED = ("Succeeded", "Failed")


@lru_cache(maxsize=65536)
def effective_requests(template: PodTemplate) -> Amounts:
    """
    What a pod of this template asks of a node, by resource, without its pod slot; a request of zero is left
    out.

    ``max(containers + sidecars, the largest init step) + overhead``; pod-level resources replace the
    containers' for what they name; a limit stands for an absent request.
    """
    return _whole(template, _requests, amounts(template.resources), amounts(template.overhead))


@lru_cache(maxsize=65536)
def effective_limits(template: PodTemplate) -> Amounts:
    """
    The limits of a pod by the same formula, as quotas on ``limits.*`` count them; what has no limit is left
    out.
    """
    limits = _whole(template, _limits, {}, {})
    overhead = amounts(template.overhead)
    return _shared(tuple((name, amount + overhead.get(name, ZERO)) for name, amount in limits.items()))


@lru_cache(maxsize=65536)
def room_needed(template: PodTemplate) -> Amounts:
    """Effective requests and the pod's slot: everything that must be free on its node."""
    return _shared((*effective_requests(template).items(), (POD_SLOTS, Decimal(1))))


def used_on(inventory: Inventory, node_name: str) -> Amounts:
    """
    What the pods that hold room on a node ask for, their slots as ``pods``; empty for an unused or unknown
    node.
    """
    return _use_of(inventory).amounts.get(node_name, _NOTHING)


def free_on(inventory: Inventory, node: Node) -> dict[str, Decimal]:
    """
    What is left of each allocatable resource of a node; negative where more is held than it offers by now.
    """
    used = used_on(inventory, node.name)
    return {
        resource: amount - used.get(resource, ZERO) for resource, amount in amounts(node.allocatable).items()
    }


def host_ports_on(inventory: Inventory, node_name: str) -> frozenset[tuple[str, int]]:
    """Host ports taken on a node, as (protocol, number)."""
    return _use_of(inventory).host_ports.get(node_name, frozenset())


def host_ports_of(template: PodTemplate) -> frozenset[tuple[str, int]]:
    """Host ports that a template wants, as (protocol, number)."""
    return frozenset(_port(port) for port in template.host_ports)


def places_are_known(inventory: Inventory) -> bool:
    """
    Whether running pods tell their node. Some recordings do not: there nothing may be said of single nodes.
    """
    return not _use_of(inventory).homeless


class _Use(NamedTuple):
    amounts: Mapping[str, Amounts]
    host_ports: Mapping[str, frozenset[tuple[str, int]]]
    homeless: int


def _use_of(inventory: Inventory) -> _Use:
    pods = inventory.pods
    memo = inventory.index.memo
    if "requests.use" not in memo:
        memo["requests.use"] = _summed(pods)
    found: _Use = memo["requests.use"]
    return found


def _summed(pods: Iterable[Pod]) -> _Use:
    counted: Counter[tuple[str, PodTemplate]] = Counter()
    homeless = 0
    for pod in pods:
        if pod.node:
            if pod.phase not in _FINISHED:
                counted[pod.node, pod.template] += 1
        elif pod.phase == "Running":
            homeless += 1
    used: dict[str, dict[str, Decimal]] = {}
    ports: dict[str, set[tuple[str, int]]] = {}
    templates = {template for _, template in counted}
    needs = {template: tuple(room_needed(template).items()) for template in templates}
    for (node, template), count in counted.items():
        on_node = used.setdefault(node, {})
        for resource, amount in needs[template]:
            taken = amount if count == 1 else amount * count
            on_node[resource] = on_node[resource] + taken if resource in on_node else taken
        if template.host_ports:
            ports.setdefault(node, set()).update(host_ports_of(template))
    return _Use(used, {node: frozenset(taken) for node, taken in ports.items()}, homeless)


def _port(port: Port) -> tuple[str, int]:
    return port.protocol, port.number


def _requests(container: Container) -> dict[str, Decimal]:
    return {**amounts(container.limits), **amounts(container.requests)}


def _limits(container: Container) -> dict[str, Decimal]:
    return amounts(container.limits)


def _whole(
    template: PodTemplate, read: Callable[[Container], Amounts], pod_level: Amounts, overhead: Amounts
) -> Amounts:
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in template.init_containers:
        step = _plus(sidecars, read(container))
        peak = _larger(peak, step)
        if container.sidecar:
            sidecars = step
    total = sidecars
    for container in template.containers:
        total = _plus(total, read(container))
    whole = _plus({**_larger(total, peak), **pod_level}, overhead)
    return _shared(tuple((resource, amount) for resource, amount in whole.items() if amount))


@lru_cache(maxsize=4096)
def _shared(items: tuple[tuple[str, Decimal], ...]) -> Amounts:
    """One table for all templates that ask for the same: thousands do."""
    return MappingProxyType(dict(items))


def _plus(left: Amounts, right: Amounts) -> Amounts:
    if not left:
        return right
    return {name: left.get(name, ZERO) + right.get(name, ZERO) for name in {**left, **right}}


def _larger(left: Amounts, right: Amounts) -> Amounts:
    return {name: max(left.get(name, ZERO), right.get(name, ZERO)) for name in {**left, **right}}
