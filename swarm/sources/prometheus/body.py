"""
An answer of Prometheus is text that anybody may have written: only what has the documented shape is taken.

The bodies of its HTTP API (``/api/v1/query``, ``/api/v1/query_range``) as typed structs; what does not fit is
:class:`Malformed`.
"""

import math
from array import array
from typing import NamedTuple

import msgspec

from scanners.facts.metric import Samples
from scanners.semantics.redaction import PLACEHOLDER
from scanners.semantics.split_secrets import redact_value

Labels = dict[str, str]


class Malformed(ValueError):
    """A body that is no successful answer of the kind that was asked for; its text says why."""


class Sampled(NamedTuple):
    """
    One series of an answer: its labels, and the value at each of its moments (epoch seconds); a vector has one. A
    cluster of thousands of GPUs has millions of samples: they are packed, eight bytes a number.
    """

    labels: Labels
    moments: Samples
    values: Samples

    @property
    def value(self) -> float:
        """The value of an instant query; NaN without one."""
        return self.values[0] if self.values else math.nan


class _Wire(msgspec.Struct, frozen=True, gc=False):
    metric: Labels = {}
    values: list[tuple[float, str]] = []
    value: tuple[float, str] | None = None


class _Data(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    result_type: str
    result: msgspec.Raw


class _Body(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    status: str
    data: _Data | None = None
    error: str = ""
    error_type: str = ""
    warnings: list[str] = []


class Answer(NamedTuple):
    """The series of one answer in the order of their labels, and what the server warned of."""

    series: list[Sampled]
    warnings: list[str]


_BODY = msgspec.json.Decoder(_Body)
_SERIES = msgspec.json.Decoder(list[_Wire])


def decoded(body: bytes, ranged: bool) -> Answer:
    """A body as series: a matrix for a range query, else a vector. :class:`Malformed` for anything else."""
    wanted = "matrix" if ranged else "vector"
    try:
        answer = _BODY.decode(body)
        if answer.status != "success" or answer.data is None:
            raise Malformed(answer.error or f"status {answer.status!r}")
        if answer.data.result_type != wanted:
            raise Malformed(f"a {answer.data.result_type}, not a {wanted}")
        series = _SERIES.decode(answer.data.result)
    except msgspec.DecodeError as mistake:
        raise Malformed(str(mistake)) from None
    ordered = sorted(series, key=lambda one: sorted(one.metric.items()))
    return Answer([_sampled(one) for one in ordered], answer.warnings)


def _sampled(one: _Wire) -> Sampled:
    """Values as Prometheus writes them, NaN for what is no finite number; Malformed for other text."""
    samples = [one.value] if one.value else one.values
    values = array("d", (_number(text) for _, text in samples))
    labels = {name: _told(name, value) for name, value in one.metric.items()}
    return Sampled(labels, array("d", (moment for moment, _ in samples)), values)


def _told(name: str, value: str) -> str:
    """A label's value, hidden where it holds a secret; else letter by letter, for it names an object of the API."""
    told = redact_value(name, value)
    return told if PLACEHOLDER.search(told) else value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Malformed(f"a sample of {text[:20]!r}") from None
    return value if math.isfinite(value) else math.nan
