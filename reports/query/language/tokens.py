"""
"PVCs", "pvc" and "pvc's" are one word; ``data-pipelines`` is a name and not two words.

A question in tokens, each with its stem, and phrases found in them, the longest first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from reports.query.language.vocabulary import PHRASES, Meaning
from reports.query.language.words import JOINED, STOP

_TOKEN = re.compile(
    r"`(?P<tick>[^`]+)`|\"(?P<double>[^\"]+)\"|(?<!\w)'(?P<single>[^']+)'(?!\w)"
    r"|(?P<word>[^\W_][\w.:*/'-]*|\*[\w.*/-]+)|(?P<sign>>=|<=|[<>≥≤%,;&])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the question: as written, in lower case, by its stem; whether it stood in quotes."""

    raw: str
    text: str
    stem: str
    quoted: bool = False


def tokens(question: str) -> list[Token]:
    """The words and signs of a question, in order."""
    found: list[Token] = []
    text = re.sub(r"(?i)\bcan't\b", "cannot", question.replace("’", "'"))
    text = re.sub(r"(?i)\bwon't\b", "will not", text)
    for match in _TOKEN.finditer(re.sub(r"(?i)n't\b", " not", text)):
        quoted = match["tick"] or match["double"] or match["single"]
        raw = quoted or match["word"] or match["sign"]
        raw = raw if quoted else raw.rstrip(".:'")
        found.extend([Token(raw, raw.lower(), raw, True)] if quoted else _split(raw))
    return found


def _split(raw: str) -> Iterator[Token]:
    """A word with hyphens or slashes is several words only if they are a phrase of the field."""
    text = raw.lower().removesuffix("'s")
    parts = [part for part in re.split(r"[-/]", text) if part]
    if len(parts) > 1 and (tuple(map(stem, parts)) in phrases() or all(part in JOINED for part in parts)):
        for part in parts:
            yield Token(part, part, stem(part))
    elif raw:
        yield Token(raw.removesuffix("'s"), text, stem(text))


@cache
def stem(word: str) -> str:
    """What the forms of a word have in common; it need not be a word."""
    if len(word) <= 3 or not word.isalpha():
        return word[:-1] if word == "pvs" else word
    word = re.sub(r"ies$", "y", word)
    word = re.sub(r"(?<=[sxz])es$", "", word) if not word.endswith("sses") else word[:-2]
    word = re.sub(r"(?<!s)s$", "", word)
    if len(word) > 5:
        word = re.sub(r"(?:ing|ed)$", "", word)
    word = re.sub(r"([^aeiouls])\1$", r"\1", word)
    return re.sub(r"e$", "", word) if len(word) > 3 else word


@cache
def phrases() -> Mapping[tuple[str, ...], Meaning]:
    """Every phrase of the vocabulary by the stems of its words; words without weight are left out of long ones."""
    found: dict[tuple[str, ...], Meaning] = {}
    for words, meaning in PHRASES:
        for phrase in words.split(","):
            stems = tuple(map(stem, phrase.split()))
            found.setdefault(stems, meaning)
            shorter = tuple(stem(word) for word in phrase.split() if word not in STOP)
            if len(shorter) > 1:
                found.setdefault(shorter, meaning)
    return found


@cache
def longest() -> int:
    """Words of the longest phrase."""
    return max(map(len, phrases()))


@cache
def known_words() -> Mapping[str, str]:
    """Every word of the vocabulary, by its stem."""
    return {stem(word): word for words, _ in PHRASES for word in words.replace(",", " ").split()}


def is_known(token: Token) -> bool:
    """Whether a word is of the vocabulary, alone."""
    return not token.quoted and (token.stem,) in phrases()


def is_plain(token: Token) -> bool:
    """Whether a word carries no filter by itself."""
    return not token.quoted and (token.text in STOP or not token.text[0].isalnum())


def matched(found: Sequence[Token]) -> tuple[list[tuple[str, Meaning]], list[Token]]:
    """
    The phrases in some tokens, in order, and the words that are part of none. Phrases may have words without weight
    between theirs.
    """
    meanings: list[tuple[str, Meaning]] = []
    rest: list[Token] = []
    place = 0
    while place < len(found):
        hit = _at(found, place)
        if hit is None:
            rest.append(found[place])
            place += 1
            continue
        end, meaning = hit
        meanings.append((" ".join(token.text for token in found[place:end]), meaning))
        place = end
    return meanings, rest


def _at(found: Sequence[Token], place: int) -> tuple[int, Meaning] | None:
    """The longest phrase that begins at a place: its end and its meaning."""
    if found[place].quoted:
        return None
    best: tuple[int, Meaning] | None = None
    for stems, end in _runs(found, place):
        if meaning := phrases().get(stems):
            best = (end, meaning)
    return best


def _runs(found: Sequence[Token], place: int) -> Iterable[tuple[tuple[str, ...], int]]:
    """Runs of words from a place on, whole and without words of no weight, shorter before longer."""
    whole: list[str] = []
    bare: list[str] = []
    for end in range(place, min(len(found), place + longest() + 4)):
        token = found[end]
        if token.quoted or not token.text[0].isalnum():
            return
        whole.append(token.stem)
        if end == place or token.text not in STOP:
            bare.append(token.stem)
        if len(whole) <= longest():
            yield tuple(whole), end + 1
        if token.text not in STOP and bare != whole:
            yield tuple(bare), end + 1
