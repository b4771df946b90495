"""The generated lists as ready responses; pages of any other size are cut from them when asked for."""

from __future__ import annotations

import gzip
from pathlib import Path

from benchmarks.cluster.pages import LISTS, ListKind, page_body, split_items, start_of
from benchmarks.generate import Manifest
from benchmarks.server.answers import Answers, Framing, pieces

GZIP_FROM = 128 * 1024  # the API server compresses nothing smaller


class PagedList:
    """One list; a page that is wanted as it was generated is prebuilt, any other is made on the spot."""

    def __init__(
        self, kind: ListKind, folder: Path, manifest: Manifest, answers: Answers, framing: Framing
    ) -> None:
        self.kind = kind
        self.total = manifest["lists"][kind.name]["objects"]
        self.page_size = manifest["sizes"]["page"]
        self._folder = folder / kind.name
        self._answers, self._framing = answers, framing
        self._ready: dict[tuple[int, bool], bytes] = {}

    def warm(self) -> None:
        """Build every page in the form that clients are expected to ask for."""
        for page in range(max(1, -(-self.total // self.page_size))):
            self._page(page, self._framing is Framing.GZIP)

    def start(self, token: str) -> int:
        """The first item a token names (a list begins without one); BadToken when it is not of this list."""
        return start_of(self.kind.name, token) if token else 0

    def answer(self, start: int, limit: int, gzip_accepted: bool) -> bytes:
        """The page from this item on; a limit beyond the generated page's size, or none, is that size."""
        packed = gzip_accepted and self._framing is Framing.GZIP
        if (limit <= 0 or limit >= self.page_size) and start % self.page_size == 0:
            return self._page(start // self.page_size, packed)
        return self._framed(self._cut(start, limit if 0 < limit < self.page_size else self.page_size), packed)

    def _page(self, page: int, packed: bool) -> bytes:
        key = page, packed
        if key not in self._ready:
            self._ready[key] = self._built(page, packed)
        return self._ready[key]

    def _built(self, page: int, packed: bool) -> bytes:
        stored = (self._folder / f"{page:04d}.json.gz").read_bytes()
        plain = gzip.decompress(stored)
        if packed and len(plain) >= GZIP_FROM:
            return self._answers.streamed(pieces(stored), encoding="gzip")
        return self._framed(plain, packed=False)

    def _framed(self, plain: bytes, packed: bool) -> bytes:
        if packed and len(plain) >= GZIP_FROM:
            return self._answers.streamed(pieces(gzip.compress(plain, 1, mtime=0)), encoding="gzip")
        return self._answers.streamed(_by_item(plain) if self._framing is Framing.ITEM else [plain])

    def _cut(self, start: int, number: int) -> bytes:
        stop = min(self.total, start + number)
        items: list[str] = []
        for page in range(start // self.page_size, -(-stop // self.page_size)):
            body = gzip.decompress((self._folder / f"{page:04d}.json.gz").read_bytes())
            first = page * self.page_size
            wanted = split_items(body)[max(0, start - first) : stop - first]
            items += [item.decode() for item in wanted]
        return page_body(self.kind, items, stop, self.total)


def _by_item(body: bytes) -> list[bytes]:
    """A head, the items each with its comma, a tail: the writes of the streaming encoder."""
    head_end = body.index(b'"items":[') + len(b'"items":[')
    items = split_items(body)
    commas = [item + b"," for item in items[:-1]] + items[-1:]
    return [body[:head_end], *commas, body[body.rindex(b"]") :]]


def load_lists(folder: Path, manifest: Manifest, answers: Answers, framing: Framing) -> dict[str, PagedList]:
    """Every generated list by its path, warmed."""
    lists = {kind.path: PagedList(kind, folder, manifest, answers, framing) for kind in LISTS.values()}
    for paged in lists.values():
        paged.warm()
    return lists
