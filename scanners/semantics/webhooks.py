"""
A webhook that must answer and cannot refuses every write that it is asked about, in namespaces that never
heard of it.

Which writes those are: the rules and the namespace selector. ``matchConditions`` are not read, and an object
selector speaks of objects that do not exist yet.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scanners.facts.event import Event
from scanners.facts.fact import Condition, LabelSelector
from scanners.facts.inventory import Inventory
from scanners.facts.network import Service, Webhook, WebhookRule
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref
from scanners.facts.slices import ENDPOINTSLICES, NAMESPACES, PODS, SERVICES
from scanners.facts.workload import Workload
from scanners.semantics.coverage import whole_in
from scanners.semantics.owners import top_owner
from scanners.semantics.replicas import not_ready_since
from scanners.semantics.selectors import matches
from scanners.semantics.services import Backend, backends, pods_behind
from scanners.semantics.times import lasts, latest
from scanners.semantics.wants import refused

METADATA_NAME = "kubernetes.io/metadata.name"
_CALLED = re.compile(r'failed calling webhook "(?P<name>[^"]+)"')


class Door(NamedTuple):
    """
    What stands behind a webhook. ``fault`` is ``no-service``, ``no-endpoints``, or ``""`` where somebody is
    ready or nothing can be said; ``since`` = when the last of its pods went, ``""`` where unknown.
    """

    fault: str = ""
    backends: Sequence[Backend] = ()
    pods: Sequence[Pod] = ()
    since: str = ""


class Refusal(NamedTuple):
    """A workload that says that a webhook could not be called for its pods."""

    owner: Ref
    workload: Workload
    said: Condition


def called(message: str) -> list[str]:
    """Names of webhooks that could not be called, by the API server's words (util/webhook/error.go)."""
    return _CALLED.findall(message)


def refusals(inventory: Inventory) -> dict[str, list[Refusal]]:
    """Workloads whose pods are refused now, by the name of the webhook. Needs replicasets."""
    found: dict[str, list[Refusal]] = {}
    for want in refused(inventory):
        for name in called(want.said.message) if want.said else ():
            assert isinstance(want.controller, Workload) and want.said
            found.setdefault(name, []).append(Refusal(want.owner, want.controller, want.said))
    return found


def calls_failed(events: Sequence[Event]) -> dict[str, list[Event]]:
    """Events that say that a webhook could not be called, by its name."""
    found: dict[str, list[Event]] = {}
    for event in events:
        if event.reason == "FailedCreate":
            for name in called(event.message):
                found.setdefault(name, []).append(event)
    return found


def door_of(
    inventory: Inventory, services: Mapping[tuple[str, str], Service], namespace: str, name: str
) -> Door:
    """
    Whether a Service has anybody to answer. Needs services, endpointslices and pods, each whole in the
    Service's namespace for what it says to be missing there.
    """
    service = services.get((namespace, name))
    elsewhere = not name or (service is not None and service.type == "ExternalName")
    if elsewhere or not whole_in(inventory, ENDPOINTSLICES, namespace):
        return Door()
    found = backends(inventory, namespace, name)
    if any(backend.ready for backend in found):
        return Door()
    if service is None:
        return Door("no-service", found) if whole_in(inventory, SERVICES, namespace) else Door()
    if not whole_in(inventory, PODS, namespace):
        return Door()
    pods = pods_behind(inventory, service)
    since = latest(*(not_ready_since(pod) for pod in pods if not pod.ready))
    restarting = bool(pods) and not lasts(since, inventory.now, inventory.ages.fatal)
    return Door() if restarting else Door("no-endpoints", found, pods, since)


def namespaces_of(inventory: Inventory, hook: Webhook) -> list[str] | None:
    """Namespaces whose objects a webhook is asked about; None where not all namespaces were read."""
    if not inventory.is_complete(NAMESPACES):
        return None
    selector = hook.namespace_selector or LabelSelector()
    return [
        space.name
        for space in inventory.namespaces
        if _is_empty(selector) or matches(selector, {**space.labels, METADATA_NAME: space.name})
    ]


def refused_namespaces(inventory: Inventory, hooks: Sequence[Webhook]) -> set[str]:
    """
    Namespaces whose pods are asked about; with an object selector those that have such a pod today. Where
    namespaces were not read, the two that every cluster has stand for all. Needs pods.
    """
    found: set[str] = set()
    for hook in (hook for hook in hooks if asks_about_pods(hook)):
        spaces = namespaces_of(inventory, hook)
        if spaces is None:
            spaces = ["default", "kube-system"] if _is_empty(hook.namespace_selector) else []
        selector = hook.object_selector
        if selector and not _is_empty(selector):
            by_namespace = inventory.index.pods_by_namespace
            spaces = [
                space
                for space in spaces
                if any(matches(selector, pod.labels) for pod in by_namespace.get(space, ()))
            ]
        found.update(spaces)
    return found


def may_ask(inventory: Inventory, hook: Webhook) -> bool:
    """Whether a webhook is asked about anything: a namespace matches, or none was read and it takes all."""
    spaces = namespaces_of(inventory, hook)
    return _is_empty(hook.namespace_selector) if spaces is None else bool(spaces)


def asks_about_pods(hook: Webhook) -> bool:
    """Whether a webhook is asked before a pod is created."""
    return any(_takes_pods(rule) for rule in hook.rules)


def subjects_of(inventory: Inventory, events: Sequence[Event]) -> Iterator[Ref]:
    """Top owners of what events regard, as far as it was read."""
    for event in events:
        thing = inventory.index.owners_by_uid.get(event.regarding.uid)
        if thing:
            yield top_owner(inventory, thing)


def _is_empty(selector: LabelSelector | None) -> bool:
    return selector is None or not (selector.match_labels or selector.match_expressions)


def _takes_pods(rule: WebhookRule) -> bool:
    group = bool({"", "*"} & set(rule.groups))
    resource = bool({"pods", "*", "*/*"} & set(rule.resources))
    return group and resource and bool({"CREATE", "*"} & set(rule.operations)) and rule.scope != "Cluster"
