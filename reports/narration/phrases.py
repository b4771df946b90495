"""
A message of ours is a few statements strung together; to repeat one of them truly one must know where it ends.

:func:`units_of_message` cuts a text at punctuation and joiners into segments, and these, at the words that open a
phrase, into a core and phrases that may be moved or left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reports.narration.lexicon import JOINERS, NEGATIONS, OPENERS, spoken_kind
from reports.narration.lexing import PRONOUNS, Illegible, Token, phrased, tokens_of
from reports.narration.measures import COUNT, DURATION, SIZE
from reports.narration.testimony import TESTIMONY

Role = Literal["core", "phrase", "attribute", "label"]
Tokens = tuple[Token, ...]

BESIDE = 5
"""The part of what stands behind a semicolon: it is neither what was seen first nor the reason of it."""
REASON = 9
"""The part of the mechanisms."""


@dataclass(frozen=True)
class Unit:
    """
    One claim. A ``phrase`` stands only beside the core of its ``segment``. ``part`` counts the colons before it
    (:data:`BESIDE`, :data:`REASON`). ``needs`` are phrases without which it would say more than was seen. ``leads``:
    the finding's object may be named right before it (``must_lead``: must be); ``points``: it begins with a pronoun
    and needs what that points to. ``listed`` counts what stands in parentheses, which keeps its order; ``follows`` is
    the segment whose subject it shares.
    """

    role: Role
    tokens: Tokens
    segment: int = -1
    part: int = 0
    needs: tuple[Tokens, ...] = ()
    leads: bool = False
    points: bool = False
    must_lead: bool = False
    listed: int = 0
    follows: int = -1


@dataclass(frozen=True)
class Reader:
    """How texts under aliases are taken apart: which names there are, and how the kinds of each are called."""

    names: Mapping[str, str]
    kinds: Mapping[str, frozenset[str]]

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text of ours; none where it holds what no sentence may."""
        try:
            return phrased(joined(tokens_of(text, self.names), self.kinds))
        except Illegible:
            return []

    def content(self, text: str) -> Tokens:
        """Its tokens without marks."""
        return tuple(token for token in self.tokens(text) if token.kind_of != "mark")

    def segments(self, text: str) -> Iterator[tuple[list[Token], str]]:
        """The segments of a text, and the sign behind each; testimony is none."""
        for piece in text.split(TESTIMONY):
            segment: list[Token] = []
            for token in self.tokens(piece):
                if token.kind_of == "mark" and token.text not in _INSIDE:
                    yield segment, token.text
                    segment = []
                else:
                    segment.append(token)
            yield segment, ":"


_INSIDE = PRONOUNS | {"", "of", "at", "with"}
"""Marks that do not end a segment."""


@dataclass(frozen=True)
class _Segment:
    """A segment of a message: where it stands, and what it shares with what stands before it."""

    number: int
    part: int
    first: bool
    points: bool
    follows: int


def joined(tokens: list[Token], kinds: Mapping[str, frozenset[str]]) -> list[Token]:
    """The tokens with the word for a kind drawn into the name beside it: ``Deployment WORKLOAD-1`` is one name."""
    found: list[Token] = []
    for token in tokens:
        before = found[-1] if found else None
        if (
            token.kind_of == "name"
            and not token.kind
            and before
            and _kind_in(before, kinds.get(token.text, ()))
        ):
            found[-1] = _kinded(token, before)
        elif (
            before
            and before.kind_of == "name"
            and not before.kind
            and _kind_in(token, kinds.get(before.text, ()))
        ):
            found[-1] = _kinded(before, token)
        else:
            found.append(token)
    return found


def _kind_in(token: Token, kinds: Iterable[str]) -> bool:
    return token.kind_of in ("word", "code") and spoken_kind(token.text) in kinds


def _kinded(name: Token, kind: Token) -> Token:
    return Token("name", name.text, space=name.space, kind=spoken_kind(kind.text))


def units_of_message(text: str, label: Tokens, kind: str, reader: Reader, base: int = 0) -> Iterator[Unit]:
    """
    The claims of a message about an object (its name, its spoken kind); segments are numbered from ``base``.

    What stands in parentheses is a phrase of the core before it.
    """
    part, first, host, depth, joiner = 0, True, base, 0, ""
    for number, (segment, sign) in enumerate(reader.segments(text)):
        points = bool(segment) and segment[0].kind_of == "mark" and segment[0].text in PRONOUNS
        chunks = [chunk for chunk in _chunks(segment) if chunk]
        if depth and chunks:
            listed = tuple(token for chunk in chunks for token in chunk)
            yield Unit("phrase", listed, host, part, listed=number + 1)
        elif chunks and joiner == ")" and (_is_time(chunks[0]) or chunks[0][0].text in OPENERS):
            yield from (Unit("phrase", chunk, host, part) for chunk in chunks)
        elif chunks:
            follows = host if joiner in JOINERS and not _has_subject(chunks[0]) and not points else -1
            host = base + number
            yield from _of_segment(_Segment(host, part, first, points, follows), chunks, label, kind)
            first = False
        joiner = sign
        depth = max(0, depth + (sign == "(") - (sign == ")"))
        part = BESIDE if sign in (";", ".") else min(part + (sign == ":"), BESIDE)


def _of_segment(segment: _Segment, chunks: list[Tokens], label: Tokens, kind: str) -> Iterator[Unit]:
    core, *phrases = chunks
    named = bool(label) and core[0].text == label[0].text and len(core) > len(label)
    if named:
        core = core[len(label) :]
    needs = tuple(phrase for phrase in phrases if not _is_time(phrase)) if _is_bound(core) else ()
    leads = segment.first or core[0].kind_of == "measure"
    leads = leads or (segment.part == 0 and core[0].text in ("no", "none", "nothing"))
    unit = Unit(
        "core", core, segment.number, segment.part, needs,
        leads=leads, points=segment.points, must_lead=named, follows=segment.follows,
    )  # fmt: skip
    yield unit
    led = replace(unit, leads=True, must_lead=True)
    if label and not named and len(core) > len(label) and core[-len(label) :] == label:
        yield replace(led, tokens=core[: -len(label)])
    if named and len(core) > 1 and core[0].measure is not None and core[0].measure.dimension == SIZE:
        yield replace(led, tokens=core[1:])
    if segment.first and len(core) > 1 and core[0].text == kind:
        yield replace(led, tokens=core[1:])
    for phrase in phrases:
        yield Unit("phrase", phrase, segment.number, segment.part)


def _is_bound(core: Tokens) -> bool:
    """Whether a core denies something, or counts none: without its phrases it would deny more than was seen."""
    zeros = (t.measure is not None and t.measure.dimension == COUNT and t.measure.value == 0 for t in core)
    return any(token.text in NEGATIONS for token in core) or any(zeros)


def _has_subject(chunk: Tokens) -> bool:
    """Whether what follows an "and" says what it is about, and does not share the subject of what stands before it."""
    return chunk[0].kind_of in ("name", "measure") or chunk[0].text in ("no", "none", "nothing", "anything")


def _is_time(phrase: Tokens) -> bool:
    return phrase[0].measure is not None and phrase[0].measure.dimension == DURATION


def _chunks(segment: list[Token]) -> Iterator[Tokens]:
    chunk: list[Token] = []
    for token in segment:
        if token.kind_of != "mark":
            chunk.append(token)
        elif token.text in ("", "at", "with"):
            yield tuple(chunk)
            chunk = []
    yield tuple(chunk)
