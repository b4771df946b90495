"""
A list of 150,000 pods is 1.5 GB of JSON; it must be read in the memory of a few of them.

The byte stream is cut at item borders every 128 KB, while the text is still in the CPU's cache, and each cut
is decoded as a list of its own. An unescaped quote cannot stand inside a JSON string, so the border
``},{"metadata":`` is either a border or the like in a nested list; a cut there leaves text that does not
decode, and the border before it is tried. Nothing is moved about: pieces are joined once, when they are due.

Who set which field (managedFields) is a third of a pod's text and near half of its decoding, and nobody reads it: it is
left out of the pieces that are joined.
"""

from collections.abc import Callable
from typing import Any

import msgspec

CUT = 1 << 17
"""Bytes that are decoded at a time: larger cuts fall out of the second-level cache."""

_ITEMS = b'"items":['
_FIELDS = b',"managedFields":['
_AFTER = b']},"spec":{'
"""What follows the end of the managedFields of an object that has a spec: they are the last of its metadata."""

_NEAR = 1 << 14
"""Bytes in which the next managedFields are looked for: farther apart they cost nothing."""

_SLACK = 64
"""Bytes by which the distance between those of two siblings may differ, so that they are found at once."""


class _Meta(msgspec.Struct, rename={"token": "continue"}):
    token: str | None = None


class _Head(msgspec.Struct):
    kind: str | None = None
    metadata: _Meta | None = None


class _Whole(_Head):
    items: list[msgspec.Raw] | None = None


_head = msgspec.json.Decoder(_Head).decode
_whole = msgspec.json.Decoder(_Whole).decode


class Cutter:
    """
    Feed it a list's body in pieces; it hands whole JSON arrays of items to ``take``.

    ``take`` raises :class:`msgspec.DecodeError` for a text that is not one whole array. ``token`` is the
    list's continue token, known before the items for typed lists, after them for custom resources, whose keys
    are sorted.
    """

    def __init__(self, take: Callable[[bytes], None], size: int = CUT) -> None:
        self.token = ""
        self._take = take
        self._size = size
        self._due = size
        self._length = 0
        self._before: list[bytes | memoryview] = []
        self._last = b""
        self._lean = Lean()
        self._in_items = False
        self._edge = b""

    def feed(self, piece: bytes) -> None:
        """The next piece of the body; it should be small (16 to 200 KB)."""
        self._before.append(self._last)
        if self._in_items:
            *parts, self._last = self._lean.of(piece)
            self._before += parts
        else:
            self._last = piece
        self._length += len(piece)
        if not self._in_items and not self._enter():
            return
        if self._length >= self._due and self._edge:
            self._due = self._size if self._cut() else 2 * self._length

    def finish(self) -> None:
        """
        The body has ended. :class:`msgspec.DecodeError` if it broke off; what was taken before stays taken.
        """
        text = self._joined()
        if not self._in_items:
            self._take_whole(text)
            return
        end = text.rfind(b"]")
        if end < 0:
            raise msgspec.DecodeError("the list breaks off")
        self._read_head(b"{" + text[end + 1 :].strip().removeprefix(b","))
        self._take(text[: end + 1])
        self._last = b""

    def salvage(self) -> None:
        """Take the whole items that are left of a body that broke off."""
        if self._in_items and self._edge:
            self._joined()
            self._cut()

    def _joined(self) -> bytes:
        """All that is left, as one."""
        if self._before:
            self._last = b"".join((*self._before, self._last))
            self._before = []
        return self._last

    def _enter(self) -> bool:
        """Find where the items begin, and how one looks: the border between two is made of its first key."""
        text = self._joined()
        start = text.find(_ITEMS)
        first = start + len(_ITEMS)
        colon = text.find(b":", first)
        if start < 0 or colon < 0:
            return False
        opening = text[first : colon + 1]
        if opening.startswith(b'{"') and opening.endswith(b'":') and len(opening) < 64:
            self._edge = b"}," + opening
        self._read_head(text[:start].rstrip(b", \r\n\t") + b"}")
        self._last = text[first - 1 :]
        self._length = len(self._last)
        self._in_items = True
        return True

    def _cut(self) -> bool:
        """Take everything before the last border; False if no border gives whole items yet."""
        at = self._last.rfind(self._edge)
        if at < 0:  # it may lie across two pieces
            at = self._joined().rfind(self._edge)
        while at >= 0:
            try:
                self._take(b"".join((*self._before, memoryview(self._last)[: at + 1], b"]")))
            except msgspec.DecodeError:
                at += sum(map(len, self._before))
                at = self._joined().rfind(self._edge, 0, at)
                continue
            self._before, self._last = [b"["], self._last[at + 2 :]
            self._length = len(self._last) + 1
            return True
        return False

    def _take_whole(self, text: bytes) -> None:
        """A body of another shape: pretty-printed, without items, items null."""
        whole = _whole(text)
        self.token = (whole.metadata.token if whole.metadata else None) or self.token
        if whole.items:
            self._take(msgspec.json.encode(whole.items))
        self._last = b""

    def _read_head(self, text: bytes) -> None:
        head = _head(text)
        self.token = (head.metadata.token if head.metadata else None) or self.token


class Lean:
    """
    Cuts the managedFields out of the pieces of a list. Both marks hold a quote that nothing escapes, so neither can
    stand inside a string of JSON.
    """

    def __init__(self) -> None:
        self._apart = 0
        self._ahead = 0

    def of(self, piece: bytes) -> list[Any]:
        """
        What is left of a piece without those that begin and end in it: views of it, and as last part bytes.

        Siblings are of one length: ``_apart`` bytes lie between the end of one object's and the beginning of the
        next, ``_ahead`` before the first of the next piece.
        """
        view, parts, start = memoryview(piece), [], 0
        at = self._next(piece, 0, self._ahead)
        while at >= 0:
            end = piece.find(b"]", at + len(_FIELDS))
            if end < 0 or not piece.startswith(_AFTER, end):
                break
            parts.append(view[start:at])
            start = end + 1
            at = self._next(piece, start, start + self._apart)
            if at >= 0:
                self._apart = at - start
        expected = start + self._apart if start else self._ahead
        self._ahead = max(expected - len(piece), 0)
        return [*parts, piece[start:]]

    def _next(self, piece: bytes, start: int, expected: int) -> int:
        """Where the next ones begin; -1 if they are not near. That they are missed costs their decoding."""
        if expected >= len(piece):
            return -1
        at = piece.find(_FIELDS, max(start, expected - _SLACK), expected + _SLACK)
        return at if at >= 0 else piece.find(_FIELDS, start, start + _NEAR)
