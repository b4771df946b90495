"""
Gzip spares nine tenths of the wire; inflating it at once would throw the text out of the CPU's cache before
it is decoded.
"""

import zlib
from collections.abc import Iterator
from typing import Any, Protocol

_zlib: Any
try:
    from isal import isal_zlib

    _zlib = isal_zlib
except ImportError:  # no wheel for this platform: twice the time, the same bytes
    _zlib = zlib

LIBRARY: str = _zlib.__name__
"""Which library inflates: ``isal.isal_zlib``, or ``zlib`` where isal has no wheel."""

STEP = 1 << 14
"""Compressed bytes that are inflated at a time: about one cut of text."""

PLAIN_STEP = 1 << 17
GZIP = 31
"""Window bits of zlib that mean: with a gzip header."""

InflateErrors: tuple[type[Exception], ...] = (zlib.error, _zlib.error)
"""What a broken gzip body raises."""


class Pieces(Protocol):
    """A body's pieces as text."""

    def of(self, chunk: bytes) -> Iterator[bytes]:
        """The text that a chunk from the wire gives, in small steps."""

    @property
    def whole(self) -> bool:
        """Whether the encoding itself says that the body is complete."""


class Plain:
    """A body that was sent as it is."""

    whole = True

    def of(self, chunk: bytes) -> Iterator[bytes]:
        """The chunk in small steps."""
        for start in range(0, len(chunk), PLAIN_STEP):
            yield chunk[start : start + PLAIN_STEP]


class Gzip:
    """A gzip body. InflateErrors for one that is broken."""

    def __init__(self) -> None:
        self._inflater: Any = _zlib.decompressobj(GZIP)

    @property
    def whole(self) -> bool:
        """Whether the end mark has been seen."""
        return bool(self._inflater.eof)

    def of(self, chunk: bytes) -> Iterator[bytes]:
        """The chunk's text in small steps."""
        view = memoryview(chunk)
        for start in range(0, len(chunk), STEP):
            yield self._inflater.decompress(view[start : start + STEP])


def pieces(encoding: str) -> Pieces:
    """How to read a body of that Content-Encoding."""
    return Gzip() if encoding.strip().lower() == "gzip" else Plain()
