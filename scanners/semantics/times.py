"""
The API speaks in RFC 3339, people in hours, and a clock that is a minute off makes negative ages.
"""

from datetime import UTC, datetime
from functools import lru_cache

SLACK = 60.0
"""Seconds of clock difference between components that are tolerated (checks.md S6)."""

DAY = 86400.0
HOUR = 3600.0
MINUTE = 60.0


@lru_cache(maxsize=4096)
def instant(text: str) -> float | None:
    """Epoch seconds of an RFC 3339 time; None for an empty or malformed one."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def rfc3339(moment: float) -> str:
    """Epoch seconds as the API writes a time: ``2026-03-04T10:12:00Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(text: str, now: float) -> float | None:
    """Seconds from a time to ``now``, never negative; None where the time is unknown."""
    moment = instant(text)
    return None if moment is None else max(0.0, now - moment)


def lasts(text: str, now: float, seconds: float) -> bool:
    """Whether a state that began at ``text`` has lasted that long. An unknown beginning counts: the state is there."""
    seen = age(text, now)
    return seen is None or seen >= seconds


def within(text: str, now: float, seconds: float) -> bool:
    """Whether a known moment lies in the last ``seconds`` (with slack)."""
    seen = age(text, now)
    return seen is not None and seen <= seconds + SLACK


def latest(*times: str) -> str:
    """The latest of some times, ``""`` if all are unknown."""
    return max((t for t in times if instant(t) is not None), key=lambda t: instant(t) or 0.0, default="")


def earliest(*times: str) -> str:
    """The earliest of some times, ``""`` if all are unknown."""
    return min((t for t in times if instant(t) is not None), key=lambda t: instant(t) or 0.0, default="")


def spoken(seconds: float | None) -> str:
    """A duration for people: ``40 s``, ``12 min``, ``3 h 12 min``, ``61 h``, ``9 d``; a dash where unknown."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * MINUTE:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 12 * HOUR:
        hours, rest = divmod(round(seconds / MINUTE), 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    if seconds < 4 * DAY:
        return f"{seconds / HOUR:.0f} h"
    return f"{seconds / DAY:.0f} d"
