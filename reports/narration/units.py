"""
What a finding says falls into claims, and a claim may be repeated, moved or left out, but not bent.

:func:`units_of` lists the claims of one shown finding, each as the tokens that it is made of: the phrases of its own
message, its typed facts, the codes of its evidence, its place, and the mechanism of its kind where that is known for
sure. A sentence that is believed is put together of these and of nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reports.narration.lexicon import JOINERS, NEGATIONS, OPENERS, spoken_kind, stems
from reports.narration.lexing import PRONOUNS, Illegible, Token, phrased, tokens_of
from reports.narration.measures import COUNT, SIZE, measure_of
from reports.narration.mechanisms import mechanisms
from reports.narration.shown import Piece, Shown, is_value
from reports.narration.testimony import TESTIMONY, ours
from scanners.semantics.aliases import Aliases

Part = Literal["core", "phrase", "attribute", "label"]

BESIDE = 5
"""The part of what stands behind a semicolon: it is neither what was seen first nor the reason of it."""
_REASON = re.compile(r"[A-Z][A-Za-z]*[a-z][A-Z][A-Za-z]*")
"""How Kubernetes writes a reason."""
REASON = 9
"""The part of the mechanisms."""
TOLD_FACTS = frozenset(["exit_code", "limit_bytes", "request_bytes", "restart_count"])
"""Facts whose key says what their number is of, whatever it stands beside; the message tells the other numbers."""


@dataclass(frozen=True)
class Unit:
    """
    One claim. A ``phrase`` stands only beside the core of its ``segment``. ``part`` counts the colons before it (:data:`BESIDE`, :data:`REASON`).
    ``needs`` are phrases without which it would say more than was seen. ``leads``: the finding's object may be named
    right before it (``must_lead``: must be); ``points``: it begins with a pronoun and needs something that it points to.
    ``listed`` counts what stands in parentheses, which keeps its order; ``follows`` is the segment whose subject it shares.
    """

    part_of: Part
    tokens: tuple[Token, ...]
    segment: int = -1
    part: int = 0
    needs: tuple[tuple[Token, ...], ...] = ()
    leads: bool = False
    points: bool = False
    must_lead: bool = False
    listed: int = 0
    follows: int = -1


@dataclass(frozen=True)
class Claims:
    """The claims of one finding; ``label`` is its object, ``kinds`` and ``places`` what is known of every name."""

    piece: Piece
    label: tuple[Token, ...]
    units: tuple[Unit, ...]
    kinds: Mapping[str, frozenset[str]]

    def same(self, said: Token, known: Token) -> bool:
        """Whether a token of a sentence says what a known one says."""
        if said.kind_of != known.kind_of:
            return False
        if said.kind_of == "measure":
            return said.measure is not None and known.measure is not None and said.measure.says(known.measure)
        if said.text != known.text:
            return False
        kind_fits = (
            not said.kind
            or said.kind == known.kind
            or (not known.kind and said.kind in self.kinds.get(said.text, ()))
        )
        return kind_fits and (not said.space or said.space == known.space)


def claims_of(piece: Piece, one: Shown, names: Aliases) -> Claims:
    """The claims of one piece of a problem."""
    finding = piece.finding
    kinds = _kinds(one, names)
    label = _label(piece, names, kinds)
    kind = spoken_kind(finding.subject.kind)
    units = list(_of_message(ours(finding, names), label, names, kinds, 0, kind))
    if piece is one.pieces[0]:
        units += _of_message(names.hide(finding.title), label, names, kinds, 100, kind)
    units += _attributes(piece, names, kinds)
    for number, text in enumerate(mechanisms(finding)):
        tokens = _lexed(names.hide(text), names, kinds)
        units.append(Unit("core", _content(tokens), segment=200 + number, part=REASON, points=True))
    return Claims(piece, label, tuple(unit for unit in units if unit.tokens), kinds)


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


def _kinds(one: Shown, names: Aliases) -> dict[str, frozenset[str]]:
    """How the kinds of each name are called."""
    found: dict[str, set[str]] = {}
    for piece in one.pieces:
        finding = piece.finding
        known = [
            finding.subject,
            finding.workload,
            finding.delivered_by,
            *finding.layers,
            *(r.ref for r in piece.rows),
        ]
        for reference in known:
            if reference is not None:
                found.setdefault(names.hide(reference.name), set()).add(spoken_kind(reference.kind))
        for token in _lexed(ours(finding, names), names, {}):
            if token.kind:
                found.setdefault(token.text, set()).add(token.kind)
        if finding.node:
            found.setdefault(names.hide(finding.node), set()).add(spoken_kind("Node"))
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _label(piece: Piece, names: Aliases, kinds: Mapping[str, frozenset[str]]) -> tuple[Token, ...]:
    """The object of the finding as it may be named."""
    subject = piece.finding.subject
    tokens = _lexed(names.hide(subject.name), names, {})
    space = names.hide(subject.namespace) if subject.namespace else ""
    if len(tokens) == 1 and tokens[0].kind_of == "name":
        kind = spoken_kind(subject.kind)
        spoken = kinds.get(tokens[0].text, frozenset())
        return (Token("name", tokens[0].text, space=space, kind=kind if len(spoken) > 1 else ""),)
    return _content(tokens)


def _lexed(text: str, names: Aliases, kinds: Mapping[str, frozenset[str]]) -> list[Token]:
    """The tokens of a text of ours; none where it holds what no sentence may."""
    try:
        return phrased(joined(tokens_of(text, names.names), kinds))
    except Illegible:
        return []


def _content(tokens: Iterable[Token]) -> tuple[Token, ...]:
    return tuple(token for token in tokens if token.kind_of != "mark")


def _of_message(
    text: str,
    label: tuple[Token, ...],
    names: Aliases,
    kinds: Mapping[str, frozenset[str]],
    base: int,
    kind: str,
) -> Iterator[Unit]:
    """
    The claims of a message: cut at punctuation and joiners into segments, these at openers into core and phrases.

    What stands in parentheses is a phrase of the core before it.
    """
    part, first, host, depth, joiner = 0, True, base, 0, ""
    for number, (segment, sign) in enumerate(_segments(text, names, kinds)):
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
            yield from _of_segment(
                chunks, label, base + number, part, kind, first=first, points=points, follows=follows
            )
            first = False
        joiner = sign
        depth = max(0, depth + (sign == "(") - (sign == ")"))
        part = BESIDE if sign in (";", ".") else min(part + (sign == ":"), BESIDE)


def _of_segment(
    chunks: list[tuple[Token, ...]], label: tuple[Token, ...], number: int, part: int, kind: str, 
    *, first: bool, points: bool, follows: int,
) -> Iterator[Unit]:  # fmt: skip
    core, *phrases = chunks
    named = (
        bool(label)
        and core[: len(label)] == label
        or (core[:1] and label[:1] and core[0].text == label[0].text)
    )
    if named and len(core) > len(label):
        core = core[len(label) :]
    counted = core[0].kind_of == "measure"
    bound = any(token.text in NEGATIONS for token in core) or any(
        token.measure is not None and token.measure.dimension == COUNT and token.measure.value == 0
        for token in core
    )
    needs = tuple(phrase for phrase in phrases if not _is_time(phrase)) if bound else ()
    leads = first or counted or (part == 0 and core[0].text in ("no", "none", "nothing"))
    yield Unit(
        "core", core, number, part, needs, leads=leads, points=points, must_lead=bool(named), follows=follows
    )
    if label and not named and len(core) > len(label) and core[-len(label) :] == label:
        yield Unit("core", core[: -len(label)], number, part, needs, leads=True, must_lead=True)
    if named and len(core) > 1 and core[0].measure is not None and core[0].measure.dimension == SIZE:
        yield Unit("core", core[1:], number, part, needs, leads=leads, must_lead=True)
    if first and len(core) > 1 and core[0].text == kind:
        yield Unit("core", core[1:], number, part, needs, leads=True, must_lead=True)
    for phrase in phrases:
        yield Unit("phrase", phrase, number, part)


def _has_subject(chunk: tuple[Token, ...]) -> bool:
    """Whether what follows an "and" says what it is about, and does not share the subject of what stands before it."""
    return chunk[0].kind_of in ("name", "measure") or chunk[0].text in ("no", "none", "nothing", "anything")


def _is_time(phrase: tuple[Token, ...]) -> bool:
    return phrase[0].measure is not None and phrase[0].measure.dimension == "s"


def _segments(
    text: str, names: Aliases, kinds: Mapping[str, frozenset[str]]
) -> Iterator[tuple[list[Token], str]]:
    """The segments of a text, and the sign behind each; testimony is none."""
    for piece in text.split(TESTIMONY):
        segment: list[Token] = []
        for token in _lexed(piece, names, kinds):
            if (
                token.kind_of == "mark"
                and token.text not in PRONOUNS
                and token.text not in ("", "of", "at", "with")
            ):
                yield segment, token.text
                segment = []
            else:
                segment.append(token)
        yield segment, ":"


def _chunks(segment: list[Token]) -> Iterator[tuple[Token, ...]]:
    chunk: list[Token] = []
    for token in segment:
        if token.kind_of != "mark":
            chunk.append(token)
        elif token.text in ("", "at", "with"):
            yield tuple(chunk)
            chunk = []
    yield tuple(chunk)


def _attributes(piece: Piece, names: Aliases, kinds: Mapping[str, frozenset[str]]) -> Iterator[Unit]:
    """The typed facts, the codes of the evidence and the place of the finding."""
    finding = piece.finding
    for key, value in finding.facts.items():
        if isinstance(value, str) and is_value(value) and key in ("reason", "class", "cause", "signal"):
            yield from _coded(value, [key])
        elif isinstance(value, str) and is_value(value) and key in ("container", "image", "storage_class"):
            words = tuple(Token("word", stem) for word in key.split("_") for stem in stems(word))
            yield Unit("attribute", (*words, *_content(_lexed(names.hide(value), names, kinds))))
        elif isinstance(value, int | float) and not isinstance(value, bool) and key in TOLD_FACTS:
            measure, words_of = measure_of(key, value)
            yield from _measured(Token("measure", "", measure), words_of)
    for row in piece.rows:
        tail = row.path.replace("']", "").replace("['", ".").split(".")[-1].partition("[")[0]
        if isinstance(row.value, str) and is_value(row.value):
            yield from _coded(row.value, [tail])
    if finding.subject.namespace:
        space = _content(_lexed(names.hide(finding.subject.namespace), names, {}))
        yield Unit("attribute", (Token("word", "in"), *space))
        yield Unit("attribute", (Token("word", "in"), Token("word", "namespac"), *space))
    if finding.node and finding.count == 1 and finding.subject.name != finding.node:
        yield Unit(
            "attribute", (Token("word", "on"), *_content(_lexed(names.hide(finding.node), names, kinds)))
        )


def _coded(value: str, keys: Iterable[str]) -> Iterator[Unit]:
    """A code such as ``OOMKilled``, alone or behind the word for its field; plain words are no codes."""
    try:
        tokens = tokens_of(value, {})
    except Illegible:
        return
    if len(tokens) == 1 and tokens[0].kind_of == "code" and _REASON.fullmatch(value):
        yield Unit("attribute", tuple(tokens))
        for key in keys:
            yield Unit("attribute", (*(Token("word", stem) for stem in stems(key.lower())), *tokens))


def _measured(token: Token, keys: Iterable[str]) -> Iterator[Unit]:
    """A number before and behind the words of its key."""
    words = tuple(Token("word", stem) for key in keys for stem in stems(key.lower()))
    if words and not any(word.text in OPENERS for word in words):
        yield Unit("attribute", (token, *words))
        yield Unit("attribute", (*words, token))
