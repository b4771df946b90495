"""
A full quota refuses pods without a word to their owner; who fills it is a sum over somebody else's pods.

Source: the quota evaluator of pods (pkg/quota/v1/evaluator/core) and the admission plug-in ResourceQuota. Amounts are exact
decimals under the quota's own keys (``requests.nvidia.com/gpu``, ``limits.memory``, ``pods``).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.pod import PodTemplate
from scanners.facts.quota import ResourceQuota
from scanners.facts.ref import Ref


class Refusal(NamedTuple):
    """What the quota admission said when it refused: amounts by quota key, each mapping in the message's order."""

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
    """A top owner whose pods fill a quota: the amount they hold, its share of all that is held, their number."""

    owner: Ref
    amount: Decimal
    share: Decimal
    pods: int


def concerns(quota: ResourceQuota, template: PodTemplate, *, has_deadline: bool = False) -> bool:
    """
    Whether a quota counts pods of this template, by its scopes and scope selector.

    ``has_deadline``: whether the pods carry ``activeDeadlineSeconds`` themselves (scopes Terminating, NotTerminating).
    """
    raise NotImplementedError


def requested(template: PodTemplate, pods: int = 1) -> dict[str, Decimal]:
    """What that many pods of a template ask for, under every quota key that counts it."""
    raise NotImplementedError


def requested_by_object(plural: str, group: str = "", count: int = 1) -> dict[str, Decimal]:
    """What creating objects of a kind asks for: ``count/jobs.batch``, and the short key of the old core kinds."""
    raise NotImplementedError


def shortfalls(quota: ResourceQuota, request: Mapping[str, Decimal]) -> list[Shortfall]:
    """Resources of a quota that a request would exceed, by key. A key without ``used`` is unknown, never short."""
    raise NotImplementedError


def uses(quota: ResourceQuota) -> list[Use]:
    """How full each resource is, by key; without those that are forbidden (hard 0) or whose use is unknown."""
    raise NotImplementedError


def holders(inventory: Inventory, quota: ResourceQuota, resource: str) -> list[Holder]:
    """Who fills a resource of a quota: unfinished pods that it counts, by top owner, the largest first."""
    raise NotImplementedError


def refusals(message: str) -> list[Refusal]:
    """Every ``exceeded quota: NAME, requested: …, used: …, limited: …`` in a message."""
    raise NotImplementedError
