"""
Answers of Prometheus in a case: a few words a series, expanded into the very bodies that its API would send.

``metrics:`` in the head of a case maps the name of a query to a list of series, each with ``labels`` and ``values`` in
the notation of ``promtool test rules``: ``0x288`` (289 zeros), ``5+2x3`` (5 7 9 11), ``_x6`` (6 samples missing). The
last value stands at ``until`` (default: the case's ``now``), the others each 5 min before. An instant query takes the
last. A text in place of the list is a body as it was recorded.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanners.semantics.times import instant
from swarm.sources.prometheus.queries import NAMED, STEP

_PART = re.compile(r"(?P<start>-?[\d.e]+)(?P<delta>[+-][\d.e]+)?(?:x(?P<count>\d+))?|_(?:x(?P<missing>\d+))?")
_SELECTOR = re.compile(r"\{(?P<labels>[^{}]*)\}")
_LABEL = re.compile(r'(?P<name>\w+)=(?P<value>"(?:[^"\\]|\\.)*")')


def bodies(told: Mapping[str, Any], now: float) -> dict[str, bytes]:
    """The raw bodies of a case's answers, by query."""
    return {name: _body(name, answer, now) for name, answer in told.items()}


def shown_by(answers: Mapping[str, bytes], path: str, moment: float) -> list[float]:
    """
    What the recorded answers hold where a path of metric evidence points: a query of ours, narrowed by a selector.
    """
    plain = _SELECTOR.sub(lambda found: found[0] if "=~" in found[0] or "!=" in found[0] else "", path)
    [name] = [query.name for query in NAMED.values() if query.promql == plain]
    labels = {found["name"]: json.loads(found["value"]) for found in _LABEL.finditer(path)}
    assert labels, f"{path} selects nothing"
    found = []
    for series in json.loads(answers[name])["data"]["result"]:
        if labels.items() <= series["metric"].items():
            samples = series["values"] if "values" in series else [series["value"]]
            found += [float(text) for at, text in samples if abs(at - moment) < 1]
    return found


def _body(name: str, answer: Any, now: float) -> bytes:
    if isinstance(answer, str):
        return answer.encode()
    kind = "matrix" if NAMED[name].range else "vector"
    result = [_series(one, now, kind) for one in answer]
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}}).encode()


def _series(told: Mapping[str, Any], now: float, kind: str) -> dict[str, Any]:
    until = instant(str(told["until"])) if "until" in told else now
    assert until is not None
    values = list(_expanded(str(told["values"])))
    first = until - STEP * (len(values) - 1)
    samples = [[first + STEP * place, value] for place, value in enumerate(values) if value is not None]
    key, shown = ("values", samples) if kind == "matrix" else ("value", samples[-1])
    return {"metric": told["labels"], key: shown}


def _expanded(notation: str) -> Iterator[str | None]:
    for word in notation.split():
        part = _PART.fullmatch(word)
        assert part, f"{word} is not in promtool's notation"
        if part["start"] is None:
            yield from [None] * int(part["missing"] or 1)
        else:
            start, delta = float(part["start"]), float(part["delta"] or 0)
            yield from (f"{start + delta * place:.17g}" for place in range(int(part["count"] or 0) + 1))
