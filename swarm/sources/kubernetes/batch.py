"""
One malformed object must not cost the five hundred that were listed with it.

A batch is decoded as a whole; only if an object in it does not have the API's types is it decoded one by one,
and the broken ones are named.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from scanners.semantics.split_secrets import redact_text
from swarm.sources.kubernetes.kinds import KindSpec
from swarm.sources.kubernetes.reduce.pool import Pool

Tap = Callable[[bytes], None]
"""Shown each whole JSON array of objects after it was taken: how a capture is written."""

NAMED = 20
"""Broken objects that are named; the rest is counted."""


class _Name(msgspec.Struct):
    namespace: Any = None
    name: Any = None


class _Nameable(msgspec.Struct):
    metadata: _Name | None = None


_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
_nameable = msgspec.json.Decoder(_Nameable).decode


class Batches:
    """
    Decodes batches of one kind and reduces them into ``facts``; counts what it saw, dropped and could not
    read.
    """

    def __init__(self, kind: KindSpec, pool: Pool, tap: Tap | None = None) -> None:
        self.facts: list[Any] = []
        self.seen = 0
        self.broken: list[str] = []
        self._pool = pool
        self._tap = tap
        self._reduce = kind.reduce
        self._many = msgspec.json.Decoder(list[kind.wire]).decode  # type: ignore[name-defined]
        self._one = msgspec.json.Decoder(kind.wire).decode

    @property
    def dropped(self) -> int:
        """Objects that were read and not kept (events that no check reads)."""
        return self.seen - len(self.facts) - len(self.broken)

    def mark(self) -> tuple[int, int, int]:
        """Where it stands now, for :meth:`back_to`."""
        return len(self.facts), self.seen, len(self.broken)

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """
        Forget everything that was taken since the mark: a page that broke off is read again from its start.
        """
        facts, self.seen, broken = mark
        del self.facts[facts:], self.broken[broken:]

    def take(self, text: bytes) -> None:
        """
        Decode a JSON array of objects and keep what is reduced of them.

        Raises :class:`msgspec.DecodeError` if the text is not one whole array; nothing of it is then taken.
        """
        try:
            objects = self._many(text)
        except msgspec.ValidationError:
            objects = self._one_by_one(text)
        self.keep(objects)
        if self._tap:
            self._tap(text)

    def keep(self, objects: list[Any]) -> None:
        """Reduce decoded objects."""
        reduce, pool, keep = self._reduce, self._pool, self.facts.append
        for each in objects:
            try:
                fact = reduce(each, pool)
            except (
                msgspec.ValidationError,
                ArithmeticError,
            ) as error:  # also numbers that no field has room for
                named = _joined(each.metadata.namespace, each.metadata.name)
                self.broken.append(redact_text(f"{named}: {error}"))
                continue
            if fact is not None:
                keep(fact)
        self.seen += len(objects)

    def _one_by_one(self, text: bytes) -> list[Any]:
        objects, broken = [], []
        for raw in _raws(text):
            try:
                objects.append(self._one(raw))
            except msgspec.ValidationError as error:
                broken.append(redact_text(f"{_name_of(bytes(raw))}: {error}"))
        self.broken += broken
        self.seen += len(broken)
        return objects


def _name_of(text: bytes) -> str:
    try:
        metadata = _nameable(text).metadata or _Name()
    except msgspec.ValidationError:
        metadata = _Name()
    return _joined(metadata.namespace, metadata.name)


def _joined(*names: object) -> str:
    parts = (name for name in names if isinstance(name, str) and name)
    return "/".join(parts) or "an object without a name"
