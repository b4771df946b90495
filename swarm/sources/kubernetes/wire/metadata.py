"""
An API object carries a hundred fields, a check reads ten, and any of them may be missing or null.

Wire structs name only what is read: what they do not name (managedFields, half of every spec) is skipped by
the decoder without an allocation. They live for one batch, hold no cycles (``gc=False``) and are dropped once
they are reduced to facts. Parts that thousands of objects share word for word stay undecoded
(:class:`msgspec.Raw`) until somebody needs them.
"""

import msgspec

NOTHING = msgspec.Raw()
"""What a part that was not sent looks like: one shared value, so that encoding leaves it out again."""

Scalar = str | int | float | bool
"""A quantity or a port: the API allows numbers and text, people's YAML more."""

IntOrString = int | str


class Wire(msgspec.Struct, gc=False, omit_defaults=True, rename="camel"):
    """A part of an API object: unknown keys are skipped, encoding gives back only what was sent."""


class OwnerReference(Wire):
    """metadata.ownerReferences[]."""

    api_version: str | None = None
    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


class Metadata(Wire):
    """metadata of any kind but Pod and Event."""

    name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    generation: int | None = None
    labels: dict[str, Scalar | None] | None = None
    annotations: dict[str, Scalar | None] | None = None
    owner_references: list[OwnerReference] | None = None
    finalizers: list[str] | None = None


class Condition(Wire):
    """status.conditions[] of any kind."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class SelectorTerm(Wire):
    """
    A match expression of a label, node or scope selector (a scope has a name where the others have a key).
    """

    key: str | None = None
    scope_name: str | None = None
    operator: str | None = None
    values: list[str] | None = None


class LabelSelector(Wire):
    """A label selector."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[SelectorTerm] | None = None


class ObjectReference(Wire):
    """A reference as CronJobs, Events and volumes carry it."""

    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class Object(Wire):
    """What every kind has: the reader falls back to it to name an object that is broken."""

    metadata: Metadata | None = None


class NodeSelectorTerm(Wire):
    """A term of a node selector."""

    match_expressions: list[SelectorTerm] | None = None
    match_fields: list[SelectorTerm] | None = None


class NodeSelector(Wire):
    """Required node affinity, of a pod or a volume."""

    node_selector_terms: list[NodeSelectorTerm] | None = None
