"""
A list of 150,000 pods is 1.5 GB of JSON; it must be read in the memory of a few of them.

The byte stream is cut at item borders every 128 KB, while the text is still in the CPU's cache, and each cut
is decoded as a list of its own. An unescaped quote cannot stand inside a JSON string, so the border
``},{"metadata":`` is either a border or the like in a nested list; a cut there leaves text that does not
decode, and the border before it is tried. Nothing is moved about: pieces are joined once, when they are due.
"""

from collections.abc import Callable

import msgspec

CUT = 1 << 17
"""Bytes that are decoded at a time: larger cuts fall out of the second-level cache."""

_ITEMS = b'"items":['


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
        self._pieces: list[bytes] = []
        self._in_items = False
        self._edge = b""

    def feed(self, piece: bytes) -> None:
        """The next piece of the body; it should be small (16 to 200 KB)."""
        self._pieces.append(piece)
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
        self._pieces = []

    def salvage(self) -> None:
        """Take the whole items that are left of a body that broke off."""
        if self._in_items and self._edge:
            self._joined()
            self._cut()

    def _joined(self) -> bytes:
        """All pieces as one."""
        if len(self._pieces) != 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0]

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
        self._pieces = [text[first - 1 :]]
        self._length = len(self._pieces[0])
        self._in_items = True
        return True

    def _cut(self) -> bool:
        """Take everything before the last border; False if no border gives whole items yet."""
        *before, last = self._pieces
        at = last.rfind(self._edge)
        if at < 0 and before:  # it may lie across two pieces
            before, last = [], self._joined()
            at = last.rfind(self._edge)
        while at >= 0:
            try:
                self._take(b"".join((*before, memoryview(last)[: at + 1], b"]")))
            except msgspec.DecodeError:
                at = last.rfind(self._edge, 0, at)
                continue
            self._pieces = [b"[", last[at + 2 :]]
            self._length = len(last) - at - 1
            return True
        return False

    def _take_whole(self, text: bytes) -> None:
        """A body of another shape: pretty-printed, without items, items null."""
        whole = _whole(text)
        self.token = (whole.metadata.token if whole.metadata else None) or self.token
        if whole.items:
            self._take(msgspec.json.encode(whole.items))
        self._pieces = []

    def _read_head(self, text: bytes) -> None:
        head = _head(text)
        self.token = (head.metadata.token if head.metadata else None) or self.token
