"""
"PVCs", "pvc" and "pvc's" are one word; ``data-pipelines`` is a name and not two words.

A question in tokens, each with its stem, and phrases found in them, the longest first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from reports.query.language.vocabulary import PHRASES, Meaning

_TOKEN = re.compile(
    r"`(?P<tick>[^`]+)`|\"(?P<double>[^\"]+)\"|(?<!\w)'(?P<single>[^']+)'(?!\w)"
    r"|(?P<word>[^\W_][\w.:*/'-]*|\*[\w.*/-]+)|(?P<sign>>=|<=|[<>≥≤%,;&])"
)

STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "their",
        "them",
        "they",
        "there",
        "here",
        "i",
        "me",
        "my",
        "mine",
        "we",
        "us",
        "our",
        "you",
        "your",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "having",
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "let",
        "please",
        "show",
        "list",
        "give",
        "tell",
        "find",
        "get",
        "see",
        "look",
        "display",
        "print",
        "want",
        "need",
        "know",
        "like",
        "check",
        "report",
        "return",
        "any",
        "some",
        "all",
        "every",
        "each",
        "both",
        "which",
        "what",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "as",
        "into",
        "onto",
        "about",
        "per",
        "than",
        "then",
        "also",
        "just",
        "currently",
        "current",
        "now",
        "right",
        "still",
        "yet",
        "already",
        "ever",
        "really",
        "actually",
        "exactly",
        "only",
        "so",
        "such",
        "same",
        "more",
        "most",
        "much",
        "many",
        "few",
        "if",
        "but",
        "up",
        "out",
        "off",
        "over",
        "under",
        "between",
        "among",
        "within",
        "during",
        "while",
        "because",
        "due",
        "pod",
        "pods",
        "container",
        "containers",
        "cluster",
        "clusters",
        "namespace",
        "namespaces",
        "kubernetes",
        "k8s",
        "object",
        "objects",
        "resource",
        "resources",
        "thing",
        "things",
        "hello",
        "hi",
        "hey",
        "thanks",
        "there's",
        "what's",
        "s",
        "re",
        "ve",
        "name",
        "names",
        "kind",
        "count",
        "number",
        "amount",
        "total",
        "time",
        "times",
        "details",
        "detail",
        "info",
        "information",
        "data",
        "lately",
        "recently",
        "recent",
        "last",
        "past",
        "previous",
        "since",
        "ago",
        "long",
        "longer",
        "behind",
        "across",
        "against",
        "those",
        "one",
        "ones",
        "other",
        "others",
        "owner",
        "owners",
        "exit",
        "code",
        "codes",
        "reason",
        "reasons",
        "cause",
        "causes",
        "limit",
        "limits",
        "request",
        "requests",
        "smallest",
        "change",
        "message",
        "log",
        "logs",
        "line",
        "lines",
        "success",
        "successes",
        "latest",
        "newest",
        "oldest",
        "evidence",
        "id",
        "ids",
        "happened",
        "seen",
        "running",
        "run's",
        "near",
        "close",
        "nearly",
        "almost",
        "affected",
        "affecting",
        "hit",
        "hitting",
        "get",
        "gets",
        "got",
        "gotten",
        "becoming",
        "became",
        "go",
        "goes",
        "went",
        "going",
        "come",
        "team",
        "teams",
        "set",
        "sets",
        "service",
        "services",
        "production's",
        "me's",
        "first",
        "second",
        "order",
        "ordered",
        "sort",
        "sorted",
        "top",
        "need",
        "needed",
        "trying",
        "try",
        "tried",
        "use",
        "used",
        "using",
        "usage",
        "user",
        "users",
        "held",
        "holder",
        "holders",
        "hold",
        "holding",
        "shortage",
        "short",
        "peer",
        "peers",
        "port",
        "ports",
        "direction",
        "directions",
        "workloads'",
        "high",
        "low",
        "state",
        "status",
        "age",
        "old",
        "new",
        "day",
        "days",
        "week",
        "weeks",
        "hour",
        "hours",
        "minute",
        "minutes",
        "month",
        "months",
        "night",
        "nightly",
        "today",
        "yesterday",
        "tonight",
        "overnight",
        "least",
        "approximately",
        "around",
        "roughly",
        "group",
        "grouped",
        "together",
        "broken",
        "down",
        "keep",
        "keeps",
        "kept",
        "caused",
        "anything",
        "everything",
        "something",
        "someone",
        "somebody",
        "nothing",
        "summed",
        "descending",
        "ascending",
        "usd",
        "event",
        "events",
        "work",
        "works",
        "worked",
        "column",
        "columns",
        "table",
        "infrastructure",
        "reported",
        "listed",
        "stand",
        "stands",
        "per-pool",
        "together",
        "fast",
        "slow",
        "quickly",
        "please's",
        "explain",
        "describe",
        "tell's",
        "provide",
        "summarise's",
        "against",
        "across",
        "involving",
        "concerning",
        "regarding",
        "related",
    ]
)
"""Words that carry no filter; what matters of them is read before: numbers, times, places."""

NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "without",
        "except",
        "excluding",
        "exclude",
        "outside",
        "neither",
        "nor",
        "none",
        "cannot",
    ]
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
    found = []
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
    if len(parts) > 1 and (tuple(map(stem, parts)) in phrases() or all(part in _JOINED for part in parts)):
        for part in parts:
            yield Token(part, part, stem(part))
    elif raw:
        yield Token(raw.removesuffix("'s"), text, stem(text))


_JOINED = frozenset(
    [
        "out",
        "of",
        "memory",
        "oom",
        "killed",
        "kill",
        "cpu",
        "gpu",
        "only",
        "back",
        "off",
        "re",
        "schedule",
        "scheduled",
        "time",
        "timeout",
        "multi",
        "attach",
    ]
)


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
            if shorter := tuple(stem(word) for word in phrase.split() if word not in STOP):
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
