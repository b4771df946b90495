"""
Every place of a report where text of a cluster may stand, filled with one payload at once.
"""

from typing import Any

from reports.report import Report
from reports.text import one_line

PLAIN = "zq"
_COUNTERPARTS: dict[tuple[int, str], tuple[Report, Report | None]] = {}
"""By the report's identity, which is kept with it: one serves all payloads."""

OURS = {
    "schema_version", "id", "id_scheme", "now", "started_at", "finished_at", "observed_at", "onset",
    "last_seen", "first_seen", "until", "as_of", "severity", "confidence", "state", "role", "relation", "rule",
    "source", "effect", "provider", "saving", "told_by", "code", "finding", "problem", "from", "to", "contributes",
    "findings", "checks", "revision", "scan", "basis", "effective_basis", "target", "cluster", "cluster_uid",
    "slice", "expired", "unused", "discriminator",
}  # fmt: skip
"""Keys whose values are not text: ids, times, words of closed lists, codes."""


def attacked(report: Report, payload: str) -> Report:
    """The report with the payload behind every text of it."""
    return Report.model_validate(_attacked(report.model_dump(mode="python", by_alias=True), payload))


def counterpart(report: Report, payload: str) -> Report:
    """The report with a plain word in place of the payload, or without one where cleaning leaves nothing of it."""
    word = PLAIN if one_line(payload) else ""
    kept = _COUNTERPARTS.setdefault((id(report), word), (report, None))
    if kept[1] is None:
        kept = _COUNTERPARTS[id(report), word] = (report, attacked(report, word))
    assert kept[1] is not None
    return kept[1]


def slots(value: Any, key: str = "") -> int:
    """How many texts that is."""
    if isinstance(value, str):
        return int(key not in OURS)
    if isinstance(value, dict):
        return sum(slots(item, _named(name, value)) for name, item in value.items())
    return sum(slots(item, key) for item in value) if isinstance(value, list) else 0


def _attacked(value: Any, payload: str, key: str = "") -> Any:
    if isinstance(value, str):
        return value if key in OURS else f"{value}{payload}"
    if isinstance(value, dict):
        return {name: _attacked(item, payload, _named(name, value)) for name, item in value.items()}
    return [_attacked(item, payload, key) for item in value] if isinstance(value, list) else value


def _named(name: str, of: dict[str, Any]) -> str:
    """A finding's own ``kind`` is of a closed list, an object's is text."""
    return "state" if name == "kind" and "code" in of else name
