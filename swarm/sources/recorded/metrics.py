"""
What was measured is gone when the retention of a Prometheus ends; a recording keeps the answers beside the objects.

Raw API bodies as ``metrics/<query>.json``, read by the same decoders as live ones. No file of a slice means that nobody
asked; a file that is broken is a gap that names it.
"""

import re
from collections.abc import Sequence

import msgspec

from scanners.facts.gaps import HAS_SOMETHING, Reading, SliceState
from scanners.facts.slices import Slice
from scanners.semantics.split_secrets import redact_text, redact_value
from scanners.semantics.times import rfc3339
from swarm.sources.prometheus.queries import NAMED
from swarm.sources.prometheus.source import understood
from swarm.sources.source import Read

_FILE = re.compile(r"(?:^|/)metrics/(?P<name>[^/]+)\.json$")
_MOMENT = re.compile(rb"\[\s*(\d{9,11})(?:\.\d+)?\s*,\s*\"")


def metrics_file(name: str) -> str:
    """Where the answer to a query lies in a recording."""
    return f"metrics/{name}.json"


class RecordedMetrics:
    """The answers that a recording holds, by query."""

    def __init__(self) -> None:
        self._answers: dict[str, bytes] = {}

    def take(self, path: str, data: bytes) -> bool:
        """Keep a file that is the answer to a query of ours; whether it was one."""
        found = _FILE.search(path)
        if found is None or found["name"] not in NAMED:
            return False
        self._answers[found["name"]] = data
        return True

    @property
    def newest(self) -> bytes:
        """The moment of the newest sample as ``2026-03-04T10:12:00``, ``b""`` without any."""
        moments = (int(moment) for body in self._answers.values() for moment in _MOMENT.findall(body))
        newest = max(moments, default=0)
        return rfc3339(newest).removesuffix("Z").encode() if newest else b""

    def read(self, slice_: Slice, stated: Sequence[Reading]) -> Read:
        """
        The slice; ``stated`` is what the capture says of how it was read. No reading where nobody asked for it.
        """
        said = [reading for reading in stated if reading.slice == slice_.name]
        answers = {name: body for name, body in self._answers.items() if NAMED[name].slice == slice_.name}
        if not answers:
            return Read([], [_lost(reading) for reading in said])
        read = understood(slice_, answers, "the recording")
        if said and read.readings[0].state in HAS_SOMETHING:
            return Read(read.objects, said)
        return read


def _lost(reading: Reading) -> Reading:
    """A slice that was read with facts, whose files are not there: cut out of the archive on its way."""
    if reading.state not in HAS_SOMETHING or not reading.objects:
        return reading
    detail, mend = "the recording states answers of Prometheus that it does not hold", "record it again"
    return Reading(reading.slice, SliceState.FAILED, detail=detail, mend=mend)


def redacted_answer(body: bytes) -> bytes:
    """An answer with the values of its labels, its warnings and its errors redacted; samples stay as they are."""
    answer = msgspec.json.decode(body, type=_Answer)
    for one in answer.data.result:
        one.metric = {name: redact_value(name, value) for name, value in one.metric.items()}
    answer.warnings = [redact_text(text) for text in answer.warnings]
    return msgspec.json.encode(answer)


class _Labelled(msgspec.Struct, omit_defaults=True):
    metric: dict[str, str]
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    values: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Result(msgspec.Struct, rename="camel"):
    result_type: str
    result: list[_Labelled]


class _Answer(msgspec.Struct, omit_defaults=True):
    status: str
    data: _Result
    warnings: list[str] = []
