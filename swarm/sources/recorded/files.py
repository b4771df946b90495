"""
A support bundle comes from somebody else's machine, and an archive can say anything.

Entries are read in memory, one at a time, and never unpacked to disk: no path can leave, no link is followed, and sizes
and counts are capped. What was refused is told, not skipped in silence.
"""

import gzip
import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from swarm.errors import UnreadableRecording

MAX_ENTRIES = 200_000
MAX_FILE = 512 * 1024 * 1024
MAX_TOTAL = 4 * 1024 * 1024 * 1024
MAX_DEPTH = 32
"""Caps on what a recording may hold: far above a real cluster of 150,000 pods, far below a bomb."""

READ_ENDINGS = (".json", ".yaml", ".yml", ".log", ".txt", ".gz", ".ndjson")
OBJECT_ENDINGS = (".json", ".yaml", ".yml", ".gz", ".ndjson")


def spoken(name: str) -> str:
    """A file's name as text: bytes that are none are replaced, or no report could carry it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass
class Refused:
    """Entries that were not read, and why: a path that climbs out, a link, a file over the cap, a damaged entry."""

    entries: list[str] = field(default_factory=list)
    objects: set[str] = field(default_factory=set)
    """Those that may have held objects."""
    skipped: int = 0
    """Files whose names promise no objects; they were not opened."""

    def add(self, name: str, why: str) -> None:
        """Remember one entry; after a thousand only the count grows."""
        if name.lower().endswith(OBJECT_ENDINGS):
            self.objects.add(name)
        if len(self.entries) < 1000:
            self.entries.append(f"{spoken(name)}: {why}")


@dataclass(frozen=True)
class Entry:
    """One file of a recording: its path inside, and its bytes."""

    path: str
    data: bytes


def entries(path: Path, refused: Refused) -> Iterator[Entry]:
    """
    The files of a folder, an archive (``.tar``, ``.tar.gz``, ``.tgz``, ``.zip``) or the one file itself, gunzipped.

    UnreadableRecording if the archive itself is broken or over a cap that protects this machine.
    """
    walk = _folder if path.is_dir() else _archive_kind(path)
    total = 0
    for count, entry in enumerate(walk(path, refused)):
        total += len(entry.data)
        if count >= MAX_ENTRIES or total > MAX_TOTAL:
            raise UnreadableRecording(
                "the recording is larger than anything a cluster gives",
                where=str(path),
                mend=f"at most {MAX_ENTRIES} files and {MAX_TOTAL >> 30} GiB are read; scan a part of it",
            )
        yield entry


def _archive_kind(path: Path) -> "Callable[[Path, Refused], Iterator[Entry]]":
    name = path.name.lower()
    if not path.is_file():  # a pipe: to look at its kind would be to read it away
        return _single
    if name.endswith(".zip") or zipfile.is_zipfile(path):
        return _zip
    if name.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")) or tarfile.is_tarfile(path):
        return _tar
    return _single


def _single(path: Path, refused: Refused) -> Iterator[Entry]:
    yield from _opened(path.name, path.read_bytes(), refused)


def _folder(path: Path, refused: Refused) -> Iterator[Entry]:
    for folder, folders, names in os.walk(path, followlinks=False):
        folders.sort()
        if len(Path(folder).relative_to(path).parts) >= MAX_DEPTH:
            folders.clear()
        for name in sorted(names):
            file = Path(folder) / name
            inside = file.relative_to(path).as_posix()
            if file.is_symlink() or not file.is_file():
                refused.add(inside, "not a regular file")
            elif not name.lower().endswith(READ_ENDINGS):
                refused.skipped += 1
            elif file.stat().st_size > MAX_FILE:
                refused.add(inside, "over the size cap")
            else:
                yield from _read(inside, file, refused)


def _read(inside: str, file: Path, refused: Refused) -> Iterator[Entry]:
    try:
        data = file.read_bytes()
    except OSError as error:
        refused.add(inside, str(error.strerror))
        return
    yield from _opened(inside, data, refused)


def _tar(path: Path, refused: Refused) -> Iterator[Entry]:
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                name = _inside(member.name, refused)
                if name is None or member.isdir():
                    continue
                if not member.isreg() or member.issparse():
                    refused.add(member.name, "not a regular file")
                elif member.size > MAX_FILE:
                    refused.add(member.name, "over the size cap")
                elif name.lower().endswith(READ_ENDINGS):
                    file = archive.extractfile(member)
                    yield from _opened(name, file.read() if file else b"", refused)
                else:
                    refused.skipped += 1
    except (tarfile.TarError, EOFError, zlib.error, OSError) as broken:
        raise _broken(path, broken) from None


def _zip(path: Path, refused: Refused) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = _inside(member.filename, refused)
                if name is None or member.is_dir():
                    continue
                if (member.external_attr >> 16) & 0o170000 == 0o120000:
                    refused.add(member.filename, "not a regular file")
                elif member.file_size > MAX_FILE:
                    refused.add(member.filename, "over the size cap")
                elif name.lower().endswith(READ_ENDINGS):
                    with archive.open(member) as file:
                        yield from _opened(name, file.read(MAX_FILE), refused)
                else:
                    refused.skipped += 1
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as broken:
        raise _broken(path, broken) from None


def _inside(name: str, refused: Refused) -> str | None:
    """The entry's path inside the archive, or None if it tries to leave it."""
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or (pure.parts and ":" in pure.parts[0]):
        refused.add(name, "its path leaves the archive")
        return None
    if len(pure.parts) > MAX_DEPTH:
        refused.add(name, "nested too deep")
        return None
    return pure.as_posix()


def _opened(name: str, data: bytes, refused: Refused) -> Iterator[Entry]:
    """The entry, gunzipped with the same cap if it is a ``.gz``."""
    if data[:2] != b"\x1f\x8b":
        yield Entry(spoken(name), data)
        return
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(MAX_FILE + 1)
    except (OSError, EOFError, zlib.error) as broken:
        refused.add(name, f"damaged gzip ({broken})")
        return
    if len(plain) > MAX_FILE:
        refused.add(name, "over the size cap once unpacked")
        return
    yield Entry(spoken(name.removesuffix(".gz")), plain)


def _broken(path: Path, broken: Exception) -> UnreadableRecording:
    return UnreadableRecording(
        f"the archive cannot be read: {broken}", where=str(path), mend="it may be cut short: fetch it again"
    )
