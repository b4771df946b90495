"""
Half of what a cluster says of itself was written by somebody who can write what he likes.

A message of a finding is ours, with words of the cluster in it. Here the two are told apart, part by part: what is
testimony is neither sent to a model nor proves a sentence.
"""

import re

from reports.narration.lexicon import FREE, JOINERS, NEGATIONS, NEVER, NUMBERS, PREPOSITIONS, TIMES, stems
from reports.narration.lexing import PLAIN
from reports.narration.vocabulary import KNOWN
from scanners.finding import Finding
from scanners.semantics.aliases import Aliases
from scanners.semantics.redaction import redact_line

TESTIMONY = "(text of the cluster)"
OUR_TEXTS = frozenset({"smallest_change", "usd_formula", "price_basis"})
"""Facts that are sentences of ours."""

_PARTS = re.compile(r"([;:,()](?=\s|$|\)|;|:|,)|(?<=\s)\()")
_WORD = re.compile(r"(?<![\w./:=-])[A-Za-z]+(?:'[a-z]+)?(?:-[A-Za-z]+)*(?![\w=/@-]|[.:]\w)")
_REASON = re.compile(r"(?=.{5,32}$)(?:[A-Z]+|[a-z]+)[a-z]*(?:[A-Z]+[a-z]*){1,5}")
"""A code such as ``MemoryPressure``: one word, whatever it is made of."""
_SIGNS = re.compile(
    r"[\"`<>{}|\\]|\[|(?<!\w)=|=(?![A-Za-z])|[^\x00-\x7f]|(?:[A-Za-z]+_){3}|(?<![\w.-])-\w|\w-(?![\w-])|[A-Za-z0-9+]{33,}|"
    r"(?:[A-Za-z]+[_-]){2,}[A-Za-z]+[=/@]|[,:;]-"
)
"""Quotes, foreign letters, and codes that are sentences in disguise."""
_CLOSED = FREE | JOINERS | NEGATIONS | NUMBERS.keys() | PREPOSITIONS | TIMES.keys()


def ours(finding: Finding, names: Aliases) -> str:
    """The message of a finding under aliases, with every part that is testimony as :data:`TESTIMONY`."""
    said = [names.hide(value).casefold() for value in _texts(finding)]
    parts = _PARTS.split(redact_line(names.hide(finding.message)).translate(PLAIN))
    own = [part if _is_ours(part, said) else _around(part) for part in parts]
    return re.sub(rf"(?:{re.escape(TESTIMONY)}[\s;:,()]*)+", TESTIMONY + " ", "".join(own)).strip()


def _is_ours(part: str, said: list[str]) -> bool:
    plain = " ".join(part.split()).rstrip(". ").casefold()
    if plain.count(" ") >= 2 and any(plain in text for text in said):
        return False
    if _SIGNS.search(part) or any(pattern.search(part) for _, pattern in NEVER):
        return False
    said_words = (
        word for found in _WORD.findall(part) for word in found.split("-") if not _REASON.fullmatch(word)
    )
    return all(_is_known(word.lower()) for word in said_words)


def _is_known(word: str) -> bool:
    return word in _CLOSED or len(word) < 2 or all(stem in KNOWN for stem in stems(word))


def _around(part: str) -> str:
    """The mark, with the spaces that stood around the testimony."""
    before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{before}{TESTIMONY}{after}" if part.strip() else part


def _texts(finding: Finding) -> list[str]:
    values = [row.value for row in finding.evidence]
    values += [value for key, value in finding.facts.items() if key not in OUR_TEXTS]
    return [" ".join(value.split()) for value in values if isinstance(value, str) and " " in value.strip()]
