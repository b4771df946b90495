"""
People write ``24h`` and ``10m``; a scan counts seconds.
"""

import re

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds_of(value: object) -> float:
    """
    Seconds of a duration such as ``90s``, ``10m``, ``1h30m``, ``7d``, or a plain number of seconds.

    ValueError says what a duration looks like.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        raise ValueError("a duration looks like 90s, 10m, 1h30m or 7d")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def text_of(seconds: float) -> str:
    """A duration as it is written in settings: the largest units that divide it evenly."""
    for unit in ("w", "d", "h", "m"):
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:g}{unit}"
    return f"{seconds:g}s"
