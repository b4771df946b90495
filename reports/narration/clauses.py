"""
"Because" is one word, and turned around it blames the victim.

A sentence is cut at the words that state a cause, and at semicolons, into clauses; between two of them stands which one
is the cause, or that neither is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reports.narration.lexicon import ANAPHORA, BACKWARD, FORWARD, PASSIVE


@dataclass(frozen=True)
class Clauses:
    """
    The clauses of a sentence, and the causes among them as pairs of places, cause first; place -1 is the sentence
    before. ``hedged``: every cause is said to be a possible one; ``flat``: one of them is said to be certain.
    """

    texts: tuple[str, ...]
    causes: tuple[tuple[int, int], ...] = ()
    hedged: bool = False
    flat: bool = False


_LINK = re.compile(
    rf"(?P<passive>{PASSIVE.pattern})|(?P<backward>{BACKWARD.pattern})|(?P<forward>{FORWARD.pattern})|(?P<beside>;)",
    re.IGNORECASE,
)
_FRONTED = re.compile(r"^\s*(?:because of|because|due to|as a result of|owing to)\s+(?=\w)", re.IGNORECASE)
_AS_RESULT = re.compile(r"^\s*as a (?:result|consequence),?\s+", re.IGNORECASE)


def readings_of(text: str) -> Iterator[Clauses]:
    """The ways to cut a sentence; more than one only where the cause comes first and a comma ends it."""
    if resulted := _AS_RESULT.match(text):
        rest = _cut(text[resulted.end() :])
        yield Clauses(rest.texts, (*rest.causes, (-1, 0)), rest.hedged, flat=True)
    elif fronted := _FRONTED.match(text):
        for comma in re.finditer(r",\s", text):
            cause, effect = text[fronted.end() : comma.start()], text[comma.end() :]
            if not _LINK.search(cause) and not _LINK.search(effect):
                yield Clauses((cause, effect), ((0, 1),), flat=True)
    else:
        yield _cut(text)


def _cut(text: str) -> Clauses:
    texts: list[str] = []
    causes: list[tuple[int, int]] = []
    hedged = flat = False
    place = 0
    for link in _LINK.finditer(text):
        before = text[place : link.start()]
        place = link.end()
        pointing = bool(ANAPHORA.match(before)) and bool(link["forward"])
        if not pointing:
            texts.append(before)
        left, right = len(texts) - 1, len(texts)
        if link["forward"]:
            causes.append((left, right))
            hedged, flat = hedged or bool(link["hedge"]), flat or not link["hedge"]
        elif not link["beside"]:
            causes.append((right, left))
            flat = True
    texts.append(text[place:])
    return Clauses(tuple(texts), tuple(causes), hedged, flat)
