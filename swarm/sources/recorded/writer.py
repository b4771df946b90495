"""
What one cluster said tonight, in one file that other people's tools open too.

The layout is that of Troubleshoot's support bundles: ``cluster-resources/pods/<namespace>.json``,
``cluster-resources/nodes.json``, logs under ``cluster-resources/pods/logs``. ``deepscan.json`` adds when it
was captured and how each slice was read. Lists are written to disk as they stream past; the archive takes
its name only when it is whole.
"""

import os
import re
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from scanners.facts.gaps import Reading
from scanners.facts.inventory import Target
from scanners.facts.log import ContainerLog
from scanners.facts.slices import Slice
from scanners.semantics.times import rfc3339
from swarm.errors import ConfigurationError, DeepscanError
from swarm.sources.recorded.documents import dump_json
from swarm.sources.recorded.layout import MANIFEST
from swarm.sources.recorded.metrics import metrics_file, redacted_answer
from swarm.sources.recorded.redacted import redacted

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class CaptureWriter:
    """Collects redacted objects under a temporary folder; :meth:`pack` makes the archive of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Slice, set[tuple[str, str]]] = {}
        self._files: set[Path] = set()

    def take(self, slice_: Slice, text: bytes) -> None:
        """A JSON array of objects of one slice, as the list path cuts it. An object that came before is left out."""
        seen = self._seen.setdefault(slice_, set())
        fresh: dict[str, list[bytes]] = defaultdict(list)
        for item in msgspec.json.decode(text):
            metadata = item.get("metadata") or {}
            place = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
            if place not in seen:
                seen.add(place)
                fresh[place[0]].append(dump_json(redacted(item)))
        for namespace, items in fresh.items():
            self._append(slice_, namespace, items)

    def take_logs(self, logs: Sequence[ContainerLog]) -> None:
        """Log tails, redacted by the source already."""
        for log in logs:
            name = f"{_safe(log.container)}{'-previous' if log.previous else ''}.log"
            path = (
                self._folder / "cluster-resources/pods/logs" / _safe(log.namespace) / _safe(log.name) / name
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in log.lines), encoding="utf-8")

    def take_metrics(self, name: str, body: bytes) -> None:
        """The answer of a Prometheus to one query, by the query's name."""
        path = self._folder / metrics_file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(redacted_answer(body) + b"\n")

    def pack(
        self, path: Path, target: Target, moment: float, readings: Sequence[Reading], version: str
    ) -> int:
        """Write the archive to ``path``, whole or not at all; returns its size in bytes."""
        for file in self._files:
            with file.open("ab") as out:
                out.write(b"\n]}\n")
        stated = {
            "captured_at": rfc3339(moment),
            "deepscan_version": version,
            "target": {"id": target.id, "name": target.name},
            "readings": [
                {name: getattr(reading, name) for name in reading.__struct_fields__} for reading in readings
            ],
        }
        (self._folder / MANIFEST).write_bytes(dump_json(stated) + b"\n")
        cluster_version = self._folder / "cluster-resources/cluster_version.json"
        cluster_version.parent.mkdir(parents=True, exist_ok=True)
        cluster_version.write_bytes(
            dump_json({"info": {"gitVersion": target.version}, "string": target.version}) + b"\n"
        )
        with _renamed_when_whole(path) as temporary:
            _archive(self._folder, temporary, moment)
        return path.stat().st_size

    def _append(self, slice_: Slice, namespace: str, items: list[bytes]) -> None:
        name = f"{slice_.plural}/{_safe(namespace)}.json" if slice_.namespaced else f"{slice_.plural}.json"
        path = self._folder / "cluster-resources" / name
        first = path not in self._files
        if first:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files.add(path)
        with path.open("ab") as out:
            out.write(_head(slice_) if first else b",\n")
            out.write(b",\n".join(items))


def _head(slice_: Slice) -> bytes:
    api_version = f"{slice_.group}/v1" if slice_.group else "v1"
    return f'{{"apiVersion":"{api_version}","kind":"{slice_.kind}List","metadata":{{}},"items":[\n'.encode()


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name) or "_"


def _archive(folder: Path, to: Path, moment: float) -> None:
    with tarfile.open(to, "w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                member = tarfile.TarInfo(path.relative_to(folder).as_posix())
                member.size, member.mtime, member.mode = path.stat().st_size, int(moment), 0o600
                with path.open("rb") as file:
                    archive.addfile(member, file)


@contextmanager
def _renamed_when_whole(path: Path) -> Iterator[Path]:
    if path.exists() and not path.is_file():  # a rename would put the archive in the place of a device
        raise ConfigurationError(
            "a capture needs a file", where=str(path), mend="name one that ends in .tar.gz"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
    except OSError as error:
        raise DeepscanError(
            "the capture cannot be written",
            where=str(path),
            cause=str(error.strerror),
            mend="choose another path",
        ) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
