"""
Nobody hands out production access to try a tool; a support bundle is on the desk already.

A recording is read whole when it is opened, through the same decoders as a live cluster. What is absent was not
collected, which is not the same as empty; a broken file is a gap that names it.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from scanners.facts.gaps import Reading, SliceState
from scanners.facts.inventory import Target
from scanners.facts.log import ContainerLog
from scanners.facts.slices import KUBERNETES, POD_LOGS, Slice
from scanners.semantics.split_secrets import redact_lines, redact_text
from scanners.semantics.times import instant
from swarm.errors import UnreadableRecording
from swarm.sources.kubernetes.objects import facts_of
from swarm.sources.recorded.documents import MalformedDocument, documents
from swarm.sources.recorded.files import Entry, Refused, entries
from swarm.sources.recorded.layout import (
    MANIFEST,
    distinct,
    log_file,
    namespace_by_place,
    slice_by_place,
    table,
    unfold,
)
from swarm.sources.recorded.metrics import RecordedMetrics
from swarm.sources.recorded.scope import Held, narrowed
from swarm.sources.source import Counters, Read

LOG_LINES = 60
_STAMP = re.compile(
    rb'"?(?:creationTimestamp|lastTransitionTime|lastTimestamp|firstTimestamp|eventTime|lastObservedTime|finishedAt'
    rb"|startedAt|startTime|completionTime|lastHeartbeatTime|lastScheduleTime|lastSuccessfulTime|renewTime)\"?"
    rb"""\s*:\s*["']?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)"""
)
_KIND = re.compile(rb'"?kind"?\s*:\s*"?([A-Z][A-Za-z]+)')


class RecordedSource:
    """A recorded cluster behind the same face as a live one."""

    def __init__(self, path: Path, *, namespaces: tuple[str, ...] = (), name: str = "") -> None:
        self.counters = Counters(requests=0, bytes=0, objects=0, pages=0)
        self.warnings: list[str] = []
        self._path = path
        self._namespaces = namespaces
        self._name = name or path.name
        self._raw: list[dict[str, Any]] = []
        self._logs: list[ContainerLog] = []
        self._states: dict[str, list[Reading]] = defaultdict(list)
        self._listed: set[str] = set()
        self._manifest: dict[str, Any] = {}
        self._stated: list[Reading] = []
        self._places: dict[str, set[str | None]] = defaultdict(set)
        self._version = ""
        self._newest = b""
        self._skipped = 0
        self._facts: dict[Slice, Sequence[Any]] = {}
        self._metrics = RecordedMetrics()

    async def open(self) -> Target:
        """Read the recording. UnreadableRecording if there is no Kubernetes object in it."""
        refused = Refused()
        for count, entry in enumerate(entries(self._path, refused)):
            self._take(entry)
            if count % 50 == 0:
                await asyncio.sleep(0)
        facts, unknown, broken = facts_of(distinct(self._raw))
        self._listed |= {slice_.name for slice_ in facts}  # events of no interest were collected all the same
        self._mark_broken(broken)
        self._facts = {slice_: self._in_scope(found) for slice_, found in facts.items()}
        self._facts[POD_LOGS] = sorted(
            self._in_scope(self._logs), key=lambda log: (log.namespace, log.name, log.container)
        )
        cluster_uid = self._cluster_uid()
        manifests = bool(self._raw) and not any(item.get("status") for item in self._raw)
        self._raw.clear()
        self._tell(refused, unknown)
        if not any(self._facts.values()) and not self._listed:
            raise UnreadableRecording(
                "there is no Kubernetes object in it",
                where=str(self._path),
                cause="; ".join(self.warnings[:3]),
                mend="point --from at a capture, a support bundle or a folder of `kubectl get -o json` output",
            )
        self.counters.objects = sum(len(found) for found in self._facts.values())
        stated = table(self._manifest.get("target"))
        return Target(
            id=cluster_uid or redact_text(str(stated.get("id") or "")) or self._name,
            name=redact_text(str(stated.get("name") or self._name)),
            provider="recorded",
            cluster_uid=cluster_uid,
            version=redact_text(self._version),
            manifests=manifests,
        )

    async def read(self, slice_: Slice, having: Mapping[Slice, Sequence[Any]]) -> Read:
        """The slice as it was recorded."""
        if slice_.origin == "prometheus":
            return self._metrics.read(slice_, self._stated)
        if slice_.origin != "kubernetes":
            return Read(objects=[], readings=[])
        facts = list(self._facts.get(slice_, ()))
        readings = self._readings(slice_, len(facts))
        return Read(facts, [each for reading in readings for each in self._narrowed(slice_, reading)])

    def now(self) -> float:
        """When it was recorded: the time that it states, else the newest timestamp in it. Never the wall clock."""
        stated = instant(str(self._manifest.get("captured_at") or ""))
        if stated is not None:
            return stated
        newest = max(self._newest, self._metrics.newest)
        return (instant(newest.decode() + "Z") if newest else None) or 0.0

    def stop(self, state: SliceState, detail: str, mend: str = "") -> None:
        """Nothing is under way once it is open."""

    async def close(self) -> None:
        """Nothing is held open."""

    def _take(self, entry: Entry) -> None:
        self.counters.bytes += len(entry.data)
        if self._metrics.take(entry.path, entry.data):
            return
        log = log_file(entry.path)
        if log is not None:
            lines = entry.data.decode(errors="replace").splitlines()
            tail = redact_lines(lines[-LOG_LINES:])
            self._logs.append(
                ContainerLog(
                    namespace=log.namespace,
                    name=log.pod,
                    container=log.container,
                    previous=log.previous,
                    lines=tail,
                    truncated=len(lines) > LOG_LINES,
                )
            )
            return
        if entry.path.endswith((".log", ".txt")) and self._path.name.removesuffix(".gz") != entry.path:
            return
        self._take_objects(entry)

    def _take_objects(self, entry: Entry) -> None:
        place = slice_by_place(entry.path)
        try:
            for document in documents(entry.data):
                if self._is_special(entry.path, document, place):
                    continue
                found = unfold(document, place)
                self._raw += found.objects
                self._skipped += found.skipped
                self._listed |= {slice_.name for slice_ in found.listed}
                namespace = namespace_by_place(entry.path)
                for slice_ in found.held:
                    self._places[slice_.name].add(namespace)
                for slice_ in sorted(found.cut, key=lambda s: s.name):
                    self._gap(slice_.name, SliceState.TRUNCATED, f"{entry.path} is one page of a longer list")
        except MalformedDocument as broken:
            self._broken(entry, str(broken), place)
        self._newest = max([self._newest, *_STAMP.findall(entry.data)])

    def _is_special(self, path: str, document: Any, place: Slice | None) -> bool:
        name = path.rsplit("/", 1)[-1]
        if name == MANIFEST and isinstance(document, dict):
            self._manifest = document
            self._state(path, document.get("readings") or [])
            return True
        if name == "cluster_version.json" and isinstance(document, dict):
            self._version = str(table(document.get("info")).get("gitVersion") or document.get("string") or "")
            return True
        if name.endswith("-errors.json"):
            if place is not None and document:
                self._gap(
                    place.name,
                    SliceState.DENIED if "forbidden" in str(document) else SliceState.FAILED,
                    redact_text(str(document))[:300],
                )
            return True
        return False

    def _state(self, path: str, readings: Any) -> None:
        """What a capture says of how each slice was read. MalformedDocument where that cannot be understood."""
        try:
            self._stated += [
                msgspec.structs.replace(row, detail=redact_text(row.detail), mend=redact_text(row.mend))
                for row in msgspec.convert(readings, list[Reading])
            ]
        except msgspec.ValidationError as wrong:
            raise MalformedDocument(f"its readings: {wrong}") from None

    def _broken(self, entry: Entry, why: str, place: Slice | None) -> None:
        kinds = {kind.decode() for kind in _KIND.findall(entry.data)}
        slices = {
            slice_.name for slice_ in KUBERNETES if slice_.kind in kinds or f"{slice_.kind}List" in kinds
        }
        if place is not None:
            slices.add(place.name)
        if (
            entry.path.rsplit("/", 1)[-1] == MANIFEST
        ):  # what it said of gaps is lost: nothing is sure to be whole
            slices = {slice_.name for slice_ in KUBERNETES}
        told = redact_text(f"{entry.path} cannot be read: {why}")
        self.warnings.append(told)
        for name in sorted(slices):
            self._gap(name, SliceState.PARTIAL, told)

    def _gap(self, slice_name: str, state: SliceState, detail: str) -> None:
        mend = "record it again, and check the collector's permissions"
        self._states[slice_name].append(Reading(slice_name, state, detail=detail, mend=mend))

    def _mark_broken(self, broken: Sequence[str]) -> None:
        """An object that cannot be read may be the one that a claim of absence overlooks."""
        by_kind = {slice_.kind: slice_ for slice_ in KUBERNETES if slice_.kind}
        self.warnings += [f"one object cannot be read: {name}" for name in list(broken)[:20]]
        for kind, names in groupby(sorted(broken), lambda name: name.partition(" ")[0].rstrip(":")):
            first, *others = names
            more = f", and {len(others)} more" if others else ""
            self._gap(by_kind[kind].name, SliceState.PARTIAL, f"it cannot be read: {first}{more}")

    def _tell(self, refused: Refused, unknown: int) -> None:
        skipped = self._skipped + unknown + refused.skipped
        if skipped:
            self.warnings.append(
                f"skipped in the recording, as no Kubernetes object of a kind that is read: {skipped}"
            )
        places = {slice_by_place(name) for name in refused.objects}
        for slice_ in KUBERNETES if None in places else places:
            if slice_ is not None and (self._facts.get(slice_) or slice_.name in self._listed):
                self._gap(slice_.name, SliceState.PARTIAL, "files that may hold more of it were not read")
        self.warnings += [redact_text(f"not read: {entry}") for entry in refused.entries[:20]]
        if len(refused.entries) > 20:
            self.warnings.append(f"{len(refused.entries) - 20} more entries were not read")

    def _readings(self, slice_: Slice, objects: int) -> list[Reading]:
        stated = [row for row in self._stated if row.slice == slice_.name]
        gaps = self._states.get(slice_.name, [])
        if stated:
            return [*stated, *gaps]
        if gaps and not objects:
            lost = {SliceState.PARTIAL: SliceState.FAILED}
            return [msgspec.structs.replace(gap, state=lost.get(gap.state, gap.state)) for gap in gaps]
        if gaps:
            return [
                Reading(slice_.name, SliceState.PARTIAL, objects=objects, detail=g.detail, mend=g.mend)
                for g in gaps
            ]
        if objects or slice_.name in self._listed:
            return [Reading(slice_.name, SliceState.COMPLETE, objects=objects)]
        recorder = (
            f"`kubectl get {slice_.plural} -A -o json`"
            if slice_.kind
            else "logs/<namespace>/<pod>/<container>.log"
        )
        detail, mend = "the recording holds none of it", f"record it too: {recorder}"
        return [Reading(slice_.name, SliceState.NOT_COLLECTED, detail=detail, mend=mend)]

    def _narrowed(self, slice_: Slice, reading: Reading) -> list[Reading]:
        held = Held(self._facts, self._places, {row.slice for row in self._stated})
        return narrowed(slice_, reading, held, self._namespaces)

    def _in_scope(self, facts: Sequence[Any]) -> list[Any]:
        if not self._namespaces:
            return list(facts)
        return [fact for fact in facts if not fact.namespace or fact.namespace in self._namespaces]

    def _cluster_uid(self) -> str:
        for item in self._raw:
            metadata = table(item.get("metadata"))
            if item.get("kind") == "Namespace" and metadata.get("name") == "kube-system":
                return str(metadata.get("uid") or "")
        return ""
