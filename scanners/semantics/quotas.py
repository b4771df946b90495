"""
A full quota refuses pods without a word to their owner; who fills it is a sum over somebody else's pods.

Source: the quota evaluator of pods (pkg/quota/v1/evaluator/core) and the admission plug-in ResourceQuota.
Amounts are exact decimals under the quota's own keys (``requests.nvidia.com/gpu``, ``limits.memory``,
``pods``).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from scanners.facts.fact import SelectorTerm
from scanners.facts.inventory import Inventory
from scanners.facts.pod import PodTemplate
from scanners.facts.quota import ResourceQuota
from scanners.facts.ref import Ref
from scanners.facts.storage import Claim
from scanners.semantics.owners import top_owner
from scanners.semantics.quantities import ZERO, amounts, quantity
from scanners.semantics.requests import Amounts, effective_limits, effective_requests
from scanners.semantics.selectors import holds

SHORT_KEYS = (
    "configmaps", "persistentvolumeclaims", "pods", "replicationcontrollers", "resourcequotas", "secrets",
    "services",
)  # fmt: skip
"""Core kinds that a quota may count by their plural alone, besides ``count/PLURAL``."""

_PLAIN = ("cpu", "memory", "ephemeral-storage")
_REFUSAL = re.compile(
    r"exceeded quota: (?P<quota>[^\s,]+), requested: (?P<requested>[^:]*), used: (?P<used>[^:]*),"
    r" limited: (?P<limited>\S+)"
)


class Refusal(NamedTuple):
    """
    What the quota admission said when it refused: amounts by quota key, each mapping in the message's order.
    """

    quota: str
    requested: Mapping[str, Decimal]
    used: Mapping[str, Decimal]
    limited: Mapping[str, Decimal]


class Shortfall(NamedTuple):
    """A resource of a quota that does not suffice: ``short`` = used + requested - hard, always above 0."""

    resource: str
    requested: Decimal
    used: Decimal
    hard: Decimal
    short: Decimal


class Use(NamedTuple):
    """How full one resource of a quota is; ``ratio`` = used / hard."""

    resource: str
    used: Decimal
    hard: Decimal
    ratio: Decimal


class Holder(NamedTuple):
    """
    A top owner whose pods fill a quota: the amount they hold, its share of all that pods hold, their number.
    """

    owner: Ref
    amount: Decimal
    share: Decimal
    pods: int


def concerns(quota: ResourceQuota, template: PodTemplate, *, has_deadline: bool = False) -> bool:
    """
    Whether a quota counts pods of this template, by its scopes and scope selector.

    ``has_deadline``: whether the pods themselves carry ``activeDeadlineSeconds`` (scopes Terminating,
    NotTerminating). Scopes that facts do not tell (cross-namespace affinity) count nothing.
    """
    demanded = [*(SelectorTerm(scope, "Exists") for scope in quota.scopes), *quota.scope_selector]
    return all(_in_scope(term, template, has_deadline) for term in demanded)


def requested(template: PodTemplate, pods: int = 1) -> dict[str, Decimal]:
    """What that many pods of a template ask for, under every quota key that counts it."""
    return {key: amount * pods for key, amount in _of_one(template).items()}


def requested_by_claim(claim: Claim) -> dict[str, Decimal]:
    """What a claim asks for: ``requests.storage`` and the count, each also under its storage class."""
    storage = quantity(claim.requested) or ZERO
    asked = requested_by_object("persistentvolumeclaims") | {"requests.storage": storage}
    if claim.storage_class:
        prefix = f"{claim.storage_class}.storageclass.storage.k8s.io/"
        asked |= {f"{prefix}requests.storage": storage, f"{prefix}persistentvolumeclaims": Decimal(1)}
    return asked


def requested_by_object(plural: str, group: str = "", count: int = 1) -> dict[str, Decimal]:
    """
    What creating objects of a kind asks for: ``count/jobs.batch``, and the short key of the old core kinds.
    """
    asked = {f"count/{plural}.{group}" if group else f"count/{plural}": Decimal(count)}
    if not group and plural in SHORT_KEYS:
        asked[plural] = Decimal(count)
    return asked


def hard_of(quota: ResourceQuota) -> dict[str, Decimal]:
    """The limits in force: what the quota controller has taken over, else what the spec says."""
    return amounts(quota.status_hard or quota.hard)


def shortfalls(quota: ResourceQuota, request: Mapping[str, Decimal]) -> list[Shortfall]:
    """
    Resources of a quota that a request would exceed, by key. A key without ``used`` is unknown, never short.
    """
    used = amounts(quota.used)
    found = [
        Shortfall(key, request[key], used[key], hard, used[key] + request[key] - hard)
        for key, hard in hard_of(quota).items()
        if request.get(key, ZERO) > 0 and key in used
    ]
    return sorted(one for one in found if one.short > 0)


def uses(quota: ResourceQuota) -> list[Use]:
    """
    How full each resource is, by key; without those that are forbidden (hard 0) or whose use is unknown.
    """
    used = amounts(quota.used)
    limits = sorted(hard_of(quota).items())
    return [Use(key, used[key], hard, used[key] / hard) for key, hard in limits if hard > 0 and key in used]


def holders(inventory: Inventory, quota: ResourceQuota, resource: str) -> list[Holder]:
    """
    Who fills a resource of a quota: unfinished pods that it counts, placed or not, by top owner, the largest
    first.

    Needs pods. Nobody for keys that count no pods (``count/jobs.batch``, storage).
    """
    held: dict[Ref, Decimal] = defaultdict(Decimal)
    pods: dict[Ref, int] = defaultdict(int)
    for pod in inventory.index.pods_by_namespace.get(quota.namespace, ()):
        amount = ZERO if pod.finished else _of_one(pod.template).get(resource, ZERO)
        if amount and concerns(quota, pod.template):
            owner = top_owner(inventory, pod)
            held[owner] += amount
            pods[owner] += 1
    total = sum(held.values(), ZERO)
    found = [Holder(owner, amount, amount / total, pods[owner]) for owner, amount in held.items()]
    return sorted(found, key=lambda holder: (-holder.amount, holder.owner.kind, holder.owner.name))


def refusals(message: str) -> list[Refusal]:
    """Every ``exceeded quota: NAME, requested: …, used: …, limited: …`` in a message."""
    return [
        Refusal(found["quota"], *(_pairs(found[part]) for part in ("requested", "used", "limited")))
        for found in _REFUSAL.finditer(message)
    ]


def is_best_effort(template: PodTemplate) -> bool:
    """Whether its pods are of the class BestEffort: no cpu or memory requested or limited anywhere."""
    lists = [template.resources]
    for container in (*template.containers, *template.init_containers):
        lists += [container.requests, container.limits]
    return not any(amounts(one).get(name) for one in lists for name in ("cpu", "memory"))


@lru_cache(maxsize=65536)
def _of_one(template: PodTemplate) -> Amounts:
    asked = requested_by_object("pods")
    for name, amount in effective_requests(template).items():
        if name in _PLAIN or name.startswith("hugepages-"):
            asked[name] = amount
        asked[f"requests.{name}"] = amount
    for name, amount in effective_limits(template).items():
        if name in _PLAIN:
            asked[f"limits.{name}"] = amount
    return MappingProxyType(asked)


def _in_scope(term: SelectorTerm, template: PodTemplate, has_deadline: bool) -> bool:
    if term.key == "PriorityClass":
        labels = {term.key: template.priority_class} if template.priority_class else {}
        return holds(term, labels)
    test = _SCOPES.get(term.key)
    return test is not None and test(template, has_deadline)


_SCOPES: Mapping[str, Callable[[PodTemplate, bool], bool]] = {
    "Terminating": lambda _, has_deadline: has_deadline,
    "NotTerminating": lambda _, has_deadline: not has_deadline,
    "BestEffort": lambda template, _: is_best_effort(template),
    "NotBestEffort": lambda template, _: not is_best_effort(template),
}


def _pairs(text: str) -> dict[str, Decimal]:
    pairs = (pair.rpartition("=") for pair in text.split(","))
    read = {key.strip(): quantity(value.strip()) for key, _, value in pairs}
    return {key: amount for key, amount in read.items() if key and amount is not None}
