"""
What a finding says falls into claims, and a claim may be repeated, moved or left out, but not bent.

:func:`claims_of` lists the claims of one shown finding, each as the tokens that it is made of: the phrases of its own
message, its typed facts, the codes of its evidence, its place, and the mechanism of its kind where that is known for
sure. A sentence that is believed is put together of these and of nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reports.narration.lexicon import spoken_kind, stems
from reports.narration.lexing import Illegible, Token, tokens_of
from reports.narration.measures import measure_of
from reports.narration.mechanisms import mechanisms
from reports.narration.phrases import REASON, Reader, Tokens, Unit, units_of_message
from reports.narration.shown import Piece, Shown, is_value
from reports.narration.testimony import ours
from scanners.semantics.aliases import Aliases

_TITLE, _MECHANISMS = 100, 200
"""Where the segments of titles and of mechanisms are numbered from."""
_CODED_FACTS = frozenset(["reason", "class", "cause", "signal"])
_NAMED_FACTS = frozenset(["container", "image", "storage_class"])
_CODE = re.compile(r"[A-Z][A-Za-z]*[a-z][A-Z][A-Za-z]*")
"""How Kubernetes writes a reason."""
TOLD_FACTS = frozenset(["exit_code", "limit_bytes", "request_bytes", "restart_count"])
"""Facts whose key says what their number is of, whatever it stands beside; the message tells the other numbers."""


@dataclass(frozen=True)
class Claims:
    """The claims of one finding; ``label`` is its object, ``reader`` takes sentences apart as its own."""

    piece: Piece
    label: Tokens
    units: tuple[Unit, ...]
    reader: Reader

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
            or (not known.kind and said.kind in self.reader.kinds.get(said.text, ()))
        )
        return kind_fits and (not said.space or said.space == known.space)


def claims_of(piece: Piece, one: Shown, names: Aliases) -> Claims:
    """The claims of one piece of a problem."""
    finding = piece.finding
    reader = Reader(names.names, _kinds(one, names))
    label = _label(piece, names, reader)
    kind = spoken_kind(finding.subject.kind)
    units = list(units_of_message(ours(finding, names), label, kind, reader))
    if piece is one.pieces[0]:
        title = units_of_message(names.hide(finding.title), label, kind, reader, _TITLE)
        units += (unit for unit in title if unit.segment == _TITLE)
    units += _attributes(piece, names, reader)
    for number, text in enumerate(mechanisms(finding), _MECHANISMS):
        units.append(Unit("core", reader.content(names.hide(text)), number, REASON, points=True))
    return Claims(piece, label, tuple(unit for unit in units if unit.tokens), reader)


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
        for token in Reader(names.names, {}).tokens(ours(finding, names)):
            if token.kind:
                found.setdefault(token.text, set()).add(token.kind)
        if finding.node:
            found.setdefault(names.hide(finding.node), set()).add(spoken_kind("Node"))
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _label(piece: Piece, names: Aliases, reader: Reader) -> Tokens:
    """The object of the finding as it may be named."""
    subject = piece.finding.subject
    content = Reader(names.names, {}).content(names.hide(subject.name))
    if len(content) == 1 and content[0].kind_of == "name":
        several = len(reader.kinds.get(content[0].text, ())) > 1
        space = names.hide(subject.namespace) if subject.namespace else ""
        return (replace(content[0], space=space, kind=spoken_kind(subject.kind) if several else ""),)
    return content


def _attributes(piece: Piece, names: Aliases, reader: Reader) -> Iterator[Unit]:
    """The typed facts, the codes of the evidence and the place of the finding."""
    finding = piece.finding
    for key, value in finding.facts.items():
        if isinstance(value, str) and is_value(value) and key in _CODED_FACTS:
            yield from _coded(value, key)
        elif isinstance(value, str) and is_value(value) and key in _NAMED_FACTS:
            yield Unit("attribute", (*_words(key), *reader.content(names.hide(value))))
        elif isinstance(value, int | float) and not isinstance(value, bool) and key in TOLD_FACTS:
            measure, words = measure_of(key, value)
            yield from _measured(Token("measure", "", measure), _words("_".join(words)))
    for row in piece.rows:
        if isinstance(row.value, str) and is_value(row.value):
            yield from _coded(row.value, row.path.split(".")[-1])
    if finding.subject.namespace:
        space = reader.content(names.hide(finding.subject.namespace))
        yield Unit("attribute", (*_words("in"), *space))
        yield Unit("attribute", (*_words("in_namespace"), *space))
    if finding.node and finding.count == 1 and finding.subject.name != finding.node:
        yield Unit("attribute", (*_words("on"), *reader.content(names.hide(finding.node))))


def _coded(value: str, key: str) -> Iterator[Unit]:
    """A code such as ``OOMKilled``, alone or behind the word for its field; plain words are no codes."""
    try:
        tokens = tuple(tokens_of(value, {}))
    except Illegible:
        return
    if len(tokens) == 1 and tokens[0].kind_of == "code" and _CODE.fullmatch(value):
        yield Unit("attribute", tokens)
        yield Unit("attribute", (*_words(key), *tokens))


def _measured(token: Token, words: Tokens) -> Iterator[Unit]:
    """A number before and behind the words of its key."""
    yield Unit("attribute", (token, *words))
    yield Unit("attribute", (*words, token))


def _words(key: str) -> Tokens:
    """The words of a key."""
    return tuple(Token("word", stem) for word in key.lower().split("_") for stem in stems(word))
