"""
A number without its unit is a riddle, and a zero that means "unknown" is a lie.

Every face writes figures in the same way: unknown is a dash, money says its currency, a count agrees with its
noun.
"""

import json
import re
from collections.abc import Iterable, Sequence

from scanners.finding import Confidence, JsonValue, Reference, Severity
from scanners.semantics.times import age, instant, spoken

DASH = "–"
SHAPES = {
    Severity.CRITICAL: "◆", Severity.HIGH: "▲", Severity.MEDIUM: "■", Severity.LOW: "●", Severity.INFO: "○",
}  # fmt: skip
"""Severity by shape first: colour alone says nothing to one reader in twelve."""

HOW_KNOWN = {
    Confidence.OBSERVED: "observed (a status field says so)",
    Confidence.DERIVED: "derived (arithmetic on fields)",
    Confidence.LIKELY: "likely (a causal rule with time order)",
    Confidence.POSSIBLE: "possible (not an established cause)",
}


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 pod``, ``1,400 pods``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def dollars(amount: float | None) -> str:
    """``$12,900``, ``$4.20``; a dash where unknown."""
    if amount is None:
        return DASH
    return f"${amount:,.2f}" if 0 < abs(amount) < 10 else f"${amount:,.0f}"


def moment(time: str | None) -> str:
    """``2026-11-19 02:00Z``; a dash where unknown, the text itself where it is no time in UTC."""
    if not time:
        return DASH
    return f"{time[:10]} {time[11:16]}Z" if instant(time) is not None and time.endswith("Z") else time


def since(time: str | None, now: str) -> str:
    """How long ago, for people: ``3 h 12 min``; a dash where unknown."""
    return spoken(age(time or "", instant(now) or 0.0))


def percent(share: float) -> str:
    """``94.1 %``, ``100 %``."""
    return f"{share:g} %"


def named(subject: Reference) -> str:
    """``Deployment ml/web``: a kind and a place."""
    return f"{subject.kind} {subject.place}"


def names(text: str, subject: Reference) -> bool:
    """Whether a text already says which object it is about."""
    return re.search(rf"(?<![\w.-]){re.escape(subject.name)}(?![\w-])", text) is not None


def plain(value: JsonValue, limit: int = 400) -> str:
    """A value of a field as one reads it; structures as compact JSON; long ones cut with a mark."""
    if value is None:
        return DASH
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(parts: Iterable[str], most: int = 0) -> str:
    """``a, b and c``; past ``most``: ``a, b and 7 more``."""
    items: Sequence[str] = list(parts)
    if most and len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else DASH


def is_command(text: str) -> bool:
    """Whether a check or a way back is a line to type, and not a sentence."""
    return text.startswith("kubectl ")


def sentence(text: str) -> str:
    """The text with a full stop."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…:" else text + "."
