"""
A list of 150,000 pods is 1.5 GB of JSON; it must be read in the memory of a few of them.

The byte stream is cut at item borders every 128 KB, while the text is still in the CPU's cache, and each cut
is decoded as a list of its own. An unescaped quote cannot stand inside a JSON string, so the border
``},{"metadata":`` is either a border or the like in a nested list; a cut there leaves text that does not
decode, and the border before it is tried.
"""

from collections.abc import Callable

import msgspec

CUT = 1 << 17
"""Bytes that are decoded at a time: larger cuts fall out of the second-level cache."""

_ITEMS = b'"items":['
_OPEN, _CLOSE, _COMMA = b"[],"


Text = bytes | memoryview


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

    The text is lent for the call only. ``take`` raises :class:`msgspec.DecodeError` for a text that is not
    one whole array. ``token`` is the list's continue token, known before the items for typed lists, after
    them for custom resources, whose keys are sorted.
    """

    def __init__(self, take: Callable[[Text], None], size: int = CUT) -> None:
        self.token = ""
        self._take = take
        self._size = size
        self._due = size
        self._buffer = bytearray()
        self._in_items = False
        self._edge = b""

    def feed(self, piece: bytes) -> None:
        """The next piece of the body; it should be small (16 to 128 KB)."""
        buffer = self._buffer
        buffer += piece
        if not self._in_items and not self._enter():
            return
        if len(buffer) >= self._due and self._edge:
            self._due = self._size if self._cut() else 2 * len(buffer)

    def finish(self) -> None:
        """
        The body has ended. :class:`msgspec.DecodeError` if it broke off; what was taken before stays taken.
        """
        if not self._in_items:
            self._take_whole()
            return
        end = self._buffer.rfind(b"]")
        if end < 0:
            raise msgspec.DecodeError("the list breaks off")
        tail = bytes(self._buffer[end + 1 :]).strip()
        self._read_head(b"{" + tail.removeprefix(b","))
        self._take(memoryview(self._buffer)[: end + 1])
        self._buffer = bytearray()

    def salvage(self) -> None:
        """Take the whole items that are left of a body that broke off."""
        if self._in_items and self._edge:
            self._cut()

    def _enter(self) -> bool:
        """Find where the items begin, and how one looks: the border between two is made of its first key."""
        buffer = self._buffer
        start = buffer.find(_ITEMS)
        first = start + len(_ITEMS)
        colon = buffer.find(b":", first)
        if start < 0 or colon < 0:
            return False
        opening = bytes(buffer[first : colon + 1])
        if opening.startswith(b'{"') and opening.endswith(b'":') and len(opening) < 64:
            self._edge = b"}," + opening
        self._read_head(bytes(buffer[:start]).rstrip(b", \r\n\t") + b"}")
        del buffer[: first - 1]
        self._in_items = True
        return True

    def _cut(self) -> bool:
        """Take everything before the last border; False if no border gives whole items yet."""
        buffer = self._buffer
        at = buffer.rfind(self._edge)
        while at > 0:
            buffer[at + 1] = _CLOSE
            try:
                self._take(memoryview(buffer)[: at + 2])
            except msgspec.DecodeError:
                buffer[at + 1] = _COMMA
                at = buffer.rfind(self._edge, 0, at)
                continue
            self._drop(at + 1)
            return True
        return False

    def _drop(self, length: int) -> None:
        """Forget what was taken; the item's comma becomes the list's bracket."""
        try:
            del self._buffer[:length]
        except BufferError:  # somebody still holds a part of the text: leave it the old buffer
            self._buffer = bytearray(memoryview(self._buffer)[length:])
        self._buffer[0] = _OPEN

    def _take_whole(self) -> None:
        """A body of another shape: pretty-printed, without items, items null."""
        whole = _whole(bytes(self._buffer))
        self.token = (whole.metadata.token if whole.metadata else None) or self.token
        if whole.items:
            self._take(msgspec.json.encode(whole.items))
        self._buffer = bytearray()

    def _read_head(self, text: bytes) -> None:
        head = _head(text)
        self.token = (head.metadata.token if head.metadata else None) or self.token
