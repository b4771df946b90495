"""
Namespaces share a cluster by quota, and a full quota refuses work without a word to its owner.
"""

from typing import ClassVar

from scanners.facts.fact import Condition, Fact, SelectorTerm


class ResourceQuota(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    A ResourceQuota. ``hard`` is spec.hard, ``used`` the status's use as sent: a key that is absent from ``used`` is
    unknown, not zero. ``status_hard`` is what the quota controller enforces by now.
    """

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "ResourceQuota"

    hard: dict[str, str] = {}
    status_hard: dict[str, str] = {}
    used: dict[str, str] = {}
    scopes: tuple[str, ...] = ()
    scope_selector: tuple[SelectorTerm, ...] = ()


class Namespace(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A Namespace."""

    group: ClassVar[str] = ""
    kind: ClassVar[str] = "Namespace"

    phase: str = "Active"
    conditions: tuple[Condition, ...] = ()
