"""
A cluster of 150,000 pods fits into a laptop only if a healthy object costs a few hundred bytes.

Facts are flat msgspec structs outside the garbage collector's sight (``gc=False``: they hold no cycles), compared and
hashed by identity. Strings are kept as the API sent them and interned by the source; times are RFC 3339 text, parsed
only where a check needs them (:mod:`scanners.semantics.times`), quantities likewise.
"""

from typing import ClassVar

import msgspec


class Fact(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """What every object of the API has. ``owners`` are its owner references, the controlling one first."""

    group: ClassVar[str] = ""
    kind: ClassVar[str] = ""

    name: str
    namespace: str = ""
    uid: str = ""
    created: str = ""
    deleted: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owners: "tuple[Owner, ...]" = ()
    finalizers: tuple[str, ...] = ()


class Owner(msgspec.Struct, frozen=True, gc=False):
    """An owner reference."""

    group: str
    kind: str
    name: str
    uid: str
    controller: bool = False


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A condition of any object. ``index`` is its place in ``status.conditions``, for evidence paths."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: str = ""
    index: int = 0

    @property
    def true(self) -> bool:
        """Whether the status is the word True (Unknown is not)."""
        return self.status == "True"

    def path(self, field: str) -> str:
        """Where a field of it stands in its object: ``status.conditions[3].reason``."""
        return f"status.conditions[{self.index}].{field}"


class SelectorTerm(msgspec.Struct, frozen=True, gc=False):
    """One match expression: In, NotIn, Exists, DoesNotExist, and for nodes Gt and Lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(msgspec.Struct, frozen=True, gc=False):
    """A label selector. Nil and empty differ in the API: nil is ``None`` where a selector may be left out."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[SelectorTerm, ...] = ()


def condition(conditions: tuple[Condition, ...], type_: str) -> Condition | None:
    """The condition of that type, if it was set and kept."""
    for candidate in conditions:
        if candidate.type == type_:
            return candidate
    return None
