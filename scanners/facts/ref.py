"""
Names lie: a pod is recreated under its old name, two clusters share a namespace name.

Everything that can be spoken of (an object, a pipeline, a registry) therefore carries the same five words, and a
reference adds the cluster. Names are labels; the uid is the identity where it is known.
"""

from typing import NamedTuple, Protocol

import msgspec


class Named(Protocol):
    """Anything that has an identity inside its target: every fact, and :class:`Ref` itself."""

    @property
    def group(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def uid(self) -> str: ...


class Key(NamedTuple):
    """Identity without uid: what survives a pod's renaming and a report's rerun."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind}/{place}{self.name}"


class Ref(msgspec.Struct, frozen=True, gc=False):
    """
    A name for something that may or may not be an object of the API.

    Engines without objects use the engine as group (``airflow``, kind ``DAG``); causes that are no object have group
    ``""`` and kind ``Registry``, ``FileServer`` or ``NodePool``. ``inferred`` marks a name that was derived because
    the owner itself was not collected.
    """

    group: str
    kind: str
    namespace: str
    name: str
    uid: str = ""
    inferred: bool = False


def key_of(thing: Named) -> Key:
    """The identity of anything named, without its uid."""
    return Key(thing.group, thing.kind, thing.namespace, thing.name)


def ref_to(thing: Named) -> Ref:
    """A light reference to a fact, for places that must not hold the fact itself."""
    return (
        thing
        if isinstance(thing, Ref)
        else Ref(thing.group, thing.kind, thing.namespace, thing.name, thing.uid)
    )
