"""
Two sentences can only be compared when both are taken apart in the same way.

A text under aliases becomes :class:`Token`s: names, measures, codes, the stems of words that carry a claim, and marks
where a phrase ends. Letters outside of ASCII are none of ours: a look-alike letter makes a text unreadable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reports.narration.lexicon import JOINERS, NUMBERS, OPENERS, PHRASES, TIMES, spoken_kind, stems
from reports.narration.measures import COUNT, DURATION, Measure, measure_at

Class = Literal["name", "measure", "code", "word", "mark"]


@dataclass(frozen=True)
class Token:
    """
    A part of a sentence that means something. ``space`` is the namespace before a name, ``kind`` the kind that was
    named with it; ``mark`` tokens are where a phrase ends: punctuation, a joiner, or ``""`` before a phrase that opens.
    """

    kind_of: Class
    text: str
    measure: Measure | None = None
    space: str = ""
    kind: str = ""


POINTERS = frozenset(["it", "its", "they", "their", "them", "of", "at", "with"])
"""Words without a claim that tell how the words around them hang together."""
PRONOUNS = frozenset(["it", "its", "they", "their", "them"])


class Illegible(ValueError):
    """A character or sign that no sentence of ours holds."""


PLAIN = str.maketrans({
    "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": ";", "‑": "-", "×": "x", "\u00a0": " ", "\u202f": " ",
    "…": ".",
})  # fmt: skip
"""Typography that models like; everything else outside of ASCII is refused."""

_NAME = re.compile(
    r"(?:(?P<kind>[A-Z][A-Za-z]+)/)?(?:(?P<space>[A-Z]+-\d+)/)?(?P<name>[A-Z]+-\d+)(?![\w-]|[./]\w)(?:'s)?"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+\d\d:\d\d)?)?(?![\w-])")
_PAIR = re.compile(r"(\d+)/(\d+)(?![\w/.])")
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?(?:-[A-Za-z]+)*(?![\w]|[./:=@+~-]\w)")
_CODE = re.compile(r"[A-Za-z0-9_~$*][\w./:=@+*~$#%'\[\]{}-]*")
_MARKS = frozenset(",;:().")
_TIME_WORD = Token("word", stems("times")[0])
_SKIPPED = frozenset(" \n\t\"'-/")
_CAMEL = re.compile(r"[A-Z]?[a-z]+[A-Z]|[A-Z]{2,}[a-z]{2,}")


def tokens_of(text: str, names: Mapping[str, str]) -> list[Token]:
    """The tokens of a text under aliases. Illegible where it holds what cannot be compared."""
    text = text.translate(PLAIN)
    if not text.isascii():
        raise Illegible("a letter or sign outside of plain English")
    for pattern, one in PHRASES:
        text = re.sub(pattern.pattern, one, text, flags=re.IGNORECASE)
    found: list[Token] = []
    place = 0
    while place < len(text):
        place = _next(text, place, names, found)
    return found


def _next(text: str, place: int, names: Mapping[str, str], found: list[Token]) -> int:
    letter = text[place]
    if letter in _SKIPPED:
        return place + 1
    name = _NAME.match(text, place)
    if name and name["name"] in names and (not name["space"] or name["space"] in names):
        kind = spoken_kind(name["kind"] or "")
        found.append(Token("name", name["name"], space=name["space"] or "", kind=kind))
        return name.end()
    if moment := _TIME.match(text, place):
        found.append(Token("code", moment.group()))
        return moment.end()
    if pair := _PAIR.match(text, place):
        found.extend(_count(Decimal(number)) for number in pair.groups())
        return pair.end()
    if measured := measure_at(text, place):
        measure, end = measured
        found.append(Token("measure", "", measure))
        return end
    if letter in _MARKS:
        found.append(Token("mark", letter))
        return place + 1
    if (word := _WORD.match(text, place)) and not _CAMEL.search(word.group()):
        found.extend(token for part in word.group().split("-") for token in _worded(part.lower()))
        return word.end()
    if code := _CODE.match(text, place):
        plain = code.group().rstrip(".:'")
        found.append(Token("code", plain))
        return place + len(plain)
    raise Illegible(f"the sign {letter!r}")


def _worded(word: str) -> list[Token]:
    if word in NUMBERS:
        return [_count(Decimal(NUMBERS[word]))]
    if word in TIMES:
        return [_count(Decimal(TIMES[word])), _TIME_WORD]
    if word in JOINERS or word in POINTERS:
        return [Token("mark", word)]
    return [Token("word", stem) for stem in stems(word)]


def _count(number: Decimal) -> Token:
    return Token("measure", "", Measure(COUNT, number))


def phrased(tokens: list[Token]) -> list[Token]:
    """
    The tokens with a mark before each phrase that may be left out or moved: one that a preposition opens, a duration,
    a number of times. ``for`` before a duration says nothing more than the duration.
    """
    found: list[Token] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if token == Token("word", "for") and _is_duration(following):
            continue
        opens = token.kind_of == "word" and token.text in OPENERS
        is_times = token.kind_of == "measure" and following == _TIME_WORD
        own = (_is_duration(token) or is_times) and not (
            found and found[-1].text in OPENERS | {"last", "to", "until"}
        )
        if (opens or own) and found and found[-1].kind_of != "mark":
            found.append(Token("mark", ""))
        found.append(token)
    return found


def _is_duration(token: Token | None) -> bool:
    return token is not None and token.measure is not None and token.measure.dimension == DURATION
