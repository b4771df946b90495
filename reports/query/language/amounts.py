"""
"The last two hours", "for more than 90 min", "three times in a row" and "over 90 %" are four different filters.

Numbers and durations of a question, told apart by the words beside them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.query.language.tokens import Token

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90,
    "couple": 2, "half": 0.5, "once": 1, "twice": 2, "thrice": 3,
}  # fmt: skip
_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "wk": 604800, "week": 604800, "weeks": 604800, "month": 2592000, "months": 2592000,
}  # fmt: skip
_COMPACT = re.compile(r"(?:\d+(?:\.\d+)?(?:d|h|hrs?|min|m|s|w))+")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(d|hrs?|h|min|m|s|w)")
_WHOLE = {"today": 86400, "tonight": 86400, "overnight": 86400, "yesterday": 172800}
_RECENT = frozenset(
    {"last", "past", "previous", "within", "during", "since", "recent", "in", "latest", "this"}
)
_LONGER = frozenset(
    {
        "more",
        "longer",
        "over",
        "least",
        "for",
        "exceeding",
        "beyond",
        "older",
        "than",
        "above",
        ">",
        ">=",
        "≥",
        "exceeds",
        "min",
        "minimum",
    }
)
_FILLER = frozenset({"the", "of", "at", "a", "an", "to", "about", "or", "and", "by", "ending", "half"})
_COUNTED = frozenset(
    {
        "times",
        "time",
        "x",
        "kills",
        "kill",
        "failures",
        "restarts",
        "runs",
        "or",
        "fails",
        "attempts",
        "consecutive",
        "successive",
    }
)
_LESS = frozenset({"under", "below", "less", "fewer", "most", "<", "maximum", "max"})
_LIMITS = frozenset({"top", "first", "worst", "biggest", "limit"})


@dataclass(slots=True)
class Amounts:
    """What the numbers of a question mean, and the words that are no numbers."""

    window_s: int | None = None
    lasting_s: int | None = None
    at_least: float | None = None
    at_most: float | None = None
    limit: int | None = None
    rest: list[Token] = field(default_factory=list)


def amounts(found: Sequence[Token]) -> Amounts:
    """Durations, counts and shares, and what is left of the question."""
    read = Amounts()
    place = 0
    while place < len(found):
        taken = _duration(found, place, read) or _number(found, place, read)
        if not taken:
            read.rest.append(found[place])
        place += taken or 1
    return read


def _duration(found: Sequence[Token], place: int, read: Amounts) -> int:
    """A duration at that place: how many words it takes."""
    text = found[place].text
    before = _before(found, place)
    if found[place].quoted:
        return 0
    if text in _WHOLE:
        read.window_s = _WHOLE[text]
        return 1
    if _COMPACT.fullmatch(text):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PIECE.findall(text))
        return _set(read, seconds, before, 1)
    if text in ("night", "hour", "day", "week", "month") and before & {"last", "past", "this", "previous"}:
        return _set(read, _UNITS.get(text, 86400), {"last"}, 1)
    number, words = _amount(found, place)
    if number is None or place + words >= len(found):
        return 0
    while place + words < len(found) and found[place + words].text in ("a", "an", "of"):
        words += 1
    unit = _UNITS.get(found[place + words].text) if place + words < len(found) else None
    return _set(read, number * unit, before, words + 1) if unit else 0


def _set(read: Amounts, seconds: float, before: set[str], words: int) -> int:
    if seconds <= 0:
        return 0
    if before & _RECENT or not before & _LONGER:
        read.window_s = int(seconds)
    else:
        read.lasting_s = int(seconds)
    return words


def _before(found: Sequence[Token], place: int) -> set[str]:
    """The words before an amount that say what it is for: those that touch it, and those before words of no weight."""
    words: set[str] = set()
    for token in reversed(found[max(0, place - 5) : place]):
        if token.text not in _RECENT | _LONGER | _FILLER:
            break
        words.add(token.text)
    return words - _FILLER


def _amount(found: Sequence[Token], place: int) -> tuple[float | None, int]:
    """A number in digits or in words, and how many words it takes."""
    text = found[place].text
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text), 1
    if text in _NUMBERS:
        return _NUMBERS[text], 1
    return None, 0


def _number(found: Sequence[Token], place: int, read: Amounts) -> int:
    """A share, a count or a number of rows at that place: how many words it takes."""
    text = found[place].text
    following = [token.text for token in found[place + 1 : place + 3]]
    before = found[place - 1].text if place else ""
    if match := re.fullmatch(r"(\d+)x", text):
        read.at_least = float(match[1])
        return 1
    bounds = {token.text for token in found[max(0, place - 3) : place]}
    number, words = _amount(found, place)
    if number is None or text in ("a", "an", "one", "couple", "half"):
        return 0
    if following[:1] and following[0] in ("%", "percent", "per"):
        _bound(read, number / 100, bounds, 0)
        return 2 + (following[0] == "per")
    if before in _LIMITS:
        read.limit = int(number) if 0 < number <= 10_000 else None
        return words
    if text in ("once", "twice", "thrice") or set(following) & _COUNTED or before in (">=", "≥", "least"):
        _bound(read, number, bounds, 1)
        return words + (following[:1] == ["times"] or following[:1] == ["x"])
    return 0


def _bound(read: Amounts, number: float, before: set[str], step: int) -> None:
    """A bound above or below; ``more than`` a count begins ``step`` further up, ``less than`` one that much lower."""
    strict = bool(before & {"than", ">", "<", "over", "above", "below", "under"})
    if before & _LESS:
        read.at_most = max(0.0, number - step * strict)
    else:
        read.at_least = number + step * strict
