"""
1536 MiB are 1.5 GiB and 85 minutes are 1.4 hours, but 4 GiB are not 4 GB and 3 pods are not 3 nodes.

A :class:`Measure` is a number with its dimension as a text writes it. Two agree when the one is the other, rounded to
what is written; numbers without a unit must be equal.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

DURATION, SIZE, MONEY, PERCENT, COUNT = "s", "B", "USD", "%", ""
NEARLY = Decimal("0.02")
"""Rounding may change a measure by at most this share: ``1 h`` is no rounding of 85 minutes."""

_UNITS: dict[str, tuple[str, Decimal]] = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), (DURATION, Decimal("0.001"))),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), (DURATION, Decimal(1))),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), (DURATION, Decimal(60))),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), (DURATION, Decimal(3600))),
    **dict.fromkeys(("d", "day", "days"), (DURATION, Decimal(86400))),
    **dict.fromkeys(("week", "weeks"), (DURATION, Decimal(604800))),
    **dict.fromkeys(("%", "percent"), (PERCENT, Decimal(1))),
    **dict.fromkeys(("USD", "dollar", "dollars"), (MONEY, Decimal(1))),
    **dict.fromkeys(("B", "byte", "bytes"), (SIZE, Decimal(1))),
    **{
        f"{p}{b}": (SIZE, Decimal(1024) ** n)
        for n, p in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), 1)
        for b in ("", "B")
    },
    **{f"{p}B": (SIZE, Decimal(1000) ** n) for n, p in enumerate(("k", "M", "G", "T", "P"), 1)},
    "KB": (SIZE, Decimal(1000)),
}
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_NAMES = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_ONE = re.compile(rf"(?P<money>\$)?(?P<number>{_NUMBER})(?:[ \u00a0\u202f-]?(?P<unit>{_NAMES})(?![\w%/]))?")
_MORE = re.compile(
    rf"(?:,? and | )?(?P<number>{_NUMBER})[ \u00a0\u202f]?(?P<unit>min|mins|minutes?|s|sec|seconds?|h|hours?)(?![\w/])"
)
_AFTER = re.compile(r"[\w%]|[.,:/=@+-]\w")


@dataclass(frozen=True)
class Measure:
    """A value in the base of its dimension (seconds, bytes, dollars, percent), and half of the last place written."""

    dimension: str
    value: Decimal
    slack: Decimal = Decimal(0)

    def says(self, known: "Measure") -> bool:
        """Whether it is the known measure, rounded to what is written here."""
        if self.dimension != known.dimension:
            return False
        off = abs(self.value - known.value)
        return off == 0 or (
            self.dimension != COUNT and off <= self.slack and off <= NEARLY * abs(known.value)
        )


def measure_at(text: str, start: int) -> tuple[Measure, int] | None:
    """The measure that begins at a place of a text, and where it ends; None where none does."""
    found = _ONE.match(text, start)
    if not found:
        return None
    unit, digits = found["unit"] or ("USD" if found["money"] else ""), found["number"].replace(",", "")
    dimension, size = _UNITS.get(unit, (COUNT, Decimal(1)))
    value, end = Decimal(digits) * size, found.end()
    step = Decimal(1).scaleb(-len(digits.partition(".")[2])) * size
    while dimension == DURATION and (more := _MORE.match(text, end)) and _UNITS[more["unit"]][1] < size:
        size = _UNITS[more["unit"]][1]
        digits = more["number"].replace(",", "")
        step = Decimal(1).scaleb(-len(digits.partition(".")[2])) * size
        value, end = value + Decimal(digits) * size, more.end()
    if _AFTER.match(text, end) and not re.match(r"/\d+(?![\w/.])", text[end:]):
        return None
    return Measure(dimension, value, step / 2), end


_KEY_UNITS = {"s": (DURATION, 1), "bytes": (SIZE, 1), "hours": (DURATION, 3600), "percent": (PERCENT, 1)}


def measure_of(key: str, value: int | float) -> tuple[Measure, list[str]]:
    """The measure of a typed fact, whose key ends in its unit, and the words of the key that say what it is of."""
    words = key.split("_")
    amount = Decimal(str(value))
    if "usd" in words:
        return Measure(MONEY, amount), [word for word in words if word != "usd"]
    if words[-1] in _KEY_UNITS and len(words) > 1:
        dimension, size = _KEY_UNITS[words[-1]]
        return Measure(dimension, amount * size), words[:-1]
    return Measure(COUNT, amount), words
