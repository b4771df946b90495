"""
Two thousand replicas repeat the same namespace, labels, owner and spec; a scan should hold each of them once.

A pool lives as long as its scan and belongs to one thread. It hands out the first equal value it saw, so
everything it returns is shared and must never be changed.
"""

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from scanners.facts.fact import Owner
from scanners.facts.pod import Container, Kin, PodTemplate
from scanners.semantics.split_secrets import redact_text
from swarm.sources.kubernetes.reduce.mould import Mould
from swarm.sources.kubernetes.wire.metadata import OwnerReference, Scalar

H = TypeVar("H", bound=Hashable)

MESSAGE_LIMIT = 1024
"""Characters of a message that are kept: enough for every controller's sentence, too few for a log."""

NAME_LENGTH = 34
"""Characters of small letters up to which a label's value is a name: no token that stands alone is shorter."""

_encode = msgspec.msgpack.Encoder().encode
_labels = msgspec.json.Decoder(dict[str, Scalar | None] | None).decode
NO_TABLE: dict[str, str] = {}
"""The one empty table."""

_RECENT = 64
"""Owners whose last pod is remembered: comparing texts is ten times cheaper than their digests."""


_IMAGE = re.compile(
    r"(?:[a-z0-9.-]{1,63}(?::\d{1,5})?/)?(?:[a-z0-9._-]{1,31}/){0,4}[a-z0-9._-]{1,31}(?::[a-z0-9._-]{1,23})?"
)
"""Host, path and tag, all of them short and without capitals: no key looks like that."""


class Pool:
    """The shared values of one scan."""

    def __init__(self) -> None:
        self._strings: dict[str, str] = {}
        self._messages: dict[str, str] = {}
        self._tables: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, str]] = {}
        self._nodes: dict[bytes, str] = {}
        self._same: dict[Hashable, Any] = {}
        self._containers: dict[bytes, Container] = {}
        self.containers: dict[tuple[bytes, bool], Container] = {}
        self._owners: dict[str, tuple[Owner, ...]] = {}
        self.annotated: tuple[bytes, dict[str, str]] = (b"", NO_TABLE)
        self.moulds: dict[bytes, Mould] = {}
        self.kin: dict[tuple[object, ...], Kin] = {}
        self.templates: dict[bytes, PodTemplate] = {}
        self.twins: dict[bytes, PodTemplate] = {}

    def string(self, text: str | None) -> str:
        """The first string equal to this one; ``""`` for none."""
        return self._strings.setdefault(text, text) if text else ""

    def message(self, text: str | None) -> str:
        """What somebody wrote, without secrets, at most MESSAGE_LIMIT characters; the same text is looked at once."""
        if not text:
            return ""
        found = self._messages.get(text)
        if found is None:
            plain = text.isdecimal() and len(text) < NAME_LENGTH
            found = self._messages[text] = self.string(text if plain else redact_text(text)[:MESSAGE_LIMIT])
        return found

    def image(self, text: str | None) -> str:
        """An image's name; what can only be one by its grammar is not looked at."""
        plain = text is not None and _IMAGE.fullmatch(text) is not None
        return self.string(text) if plain else self.message(text)

    def value(self, text: str) -> str:
        """A label's value without secrets; what can only be a name, and what is known as none, is not looked at."""
        found = self._strings.get(text)
        if found is not None:
            return found
        plain = len(text) < NAME_LENGTH and (text.islower() or len(text) < NAME_LENGTH // 2)
        return self.string(text) if plain else self.message(text)

    def remember(self, owners: bytes, mould: Mould) -> None:
        """
        Keep what the last pod of these owners said, instead of the one before; of few owners, as lists come sorted.
        """
        if len(self.moulds) >= _RECENT:
            self.moulds.clear()
        self.moulds[owners] = mould

    def node(self, written: bytes) -> str:
        """The shared string of a node's name as JSON writes it; ``""`` for one that needs decoding."""
        name = self._nodes.get(written)
        if name is None:
            plain = b"\\" not in written and written.isascii()
            name = self._nodes[written] = self.string(written.decode()) if plain else ""
        return name

    def strings(self, texts: Iterable[str | None] | None) -> tuple[str, ...]:
        """A shared tuple of shared strings."""
        if not texts:
            return ()
        return self.same(tuple(self.string(text) for text in texts))

    def same(self, value: H) -> H:
        """The first value equal to this one; for tuples of frozen parts."""
        found: H = self._same.setdefault(value, value)
        return found

    def container(self, made: Container) -> Container:
        """The first container that says the same: proxies stand in every workload."""
        return self._containers.setdefault(digest(_encode(made)), made)

    def table(self, values: Mapping[str, Scalar | None] | None) -> dict[str, str]:
        """A mapping of the API as text to text, shared with every equal one; numbers as they would be written."""
        if not values:
            return NO_TABLE
        names = tuple(values)
        said = tuple([each if type(each) is str else text_of(each) for each in values.values()])
        found = self._tables.get((names, said))
        if found is None:
            known, names = self._strings.get, self.strings(names)
            told = tuple([known(text) or self.value(text) for text in said])
            found = dict(zip(names, told, strict=True))
            self._tables[names, told if told == said else said] = found
        return found

    def labels(self, text: bytes) -> dict[str, str]:
        """The labels that a JSON text holds, as :meth:`table` shares them."""
        return self.table(_labels(text)) if text else NO_TABLE

    def owners(self, references: Sequence[OwnerReference] | None) -> tuple[Owner, ...]:
        """Owner references, the controlling one first; shared by all children of a single owner."""
        references = [reference for reference in references or () if reference.kind and reference.name]
        if not references:
            return ()
        if len(references) > 1:
            return tuple(sorted(map(self._owner, references), key=lambda owner: not owner.controller))
        reference = references[0]
        known = self._owners.get(reference.uid or "")
        if (
            known is not None
            and known[0].name == reference.name
            and known[0].controller is reference.controller
        ):
            return known
        made = (self._owner(reference),)
        if made[0].uid:
            self._owners[made[0].uid] = made
        return made

    def _owner(self, reference: OwnerReference) -> Owner:
        group = (reference.api_version or "").rpartition("/")[0]
        return Owner(
            self.string(group),
            self.string(reference.kind),
            self.string(reference.name),
            self.string(reference.uid),
            bool(reference.controller),
        )


def digest(text: bytes) -> bytes:
    """Sixteen bytes that stand for a text: two different texts do not share them."""
    return hashlib.blake2b(text, digest_size=16).digest()


def text_of(value: Scalar | None) -> str:
    """A quantity, port or annotation as the API would have sent it: ``true`` rather than ``True``."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
