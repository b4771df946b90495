"""
Environment variables and arguments are where people put passwords, and where one service names another.

checks.md S15: of both only three things survive: ``host:port`` names, listed numbers, listed identity keys.
What follows a secret's name is not even searched, and of a URL with userinfo only the part behind the last
``@``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from scanners.semantics.split_secrets import redact_text

IDENTITY_VARIABLES = frozenset({"DAGSTER_RUN_JOB_NAME", "DAGSTER_RUN_STEP_KEY"})
"""Variables by which an engine says what a pod runs (orchestrators reference, ``in: env``)."""

NUMBERS = frozenset({"WORLD_SIZE", "NPROC_PER_NODE", "OMP_NUM_THREADS"})
"""Variables and arguments whose whole numbers are kept, besides ``*_PARALLEL_SIZE``."""

DEFAULT_PORTS = {
    "amqp": 5672, "amqps": 5671, "clickhouse": 9000, "grpc": 443, "http": 80, "https": 443, "kafka": 9092,
    "mongodb": 27017, "mysql": 3306, "nats": 4222, "postgres": 5432, "postgresql": 5432, "redis": 6379,
    "rediss": 6379,
}  # fmt: skip
"""Ports that a URL may leave out (IANA service names; the projects' own where IANA has none)."""

_SECRETISH = re.compile(r"pass|pwd|secret|token|credential|api_?-?key|private", re.IGNORECASE)
_LINK = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+]*)://|(?<![\w.:/@%$-]))"
    r"(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
    r"(?::(?P<port>\d{1,5}))?(?![\w.@:%-])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_SLEEPS = re.compile(
    r"(?:\S*/)?(?:(?:tini|dumb-init)\s+(?:-\S+\s+)*)?(?:(?:\S*/)?(?:ba|da|z)?sh\s+-\w*c\s+)?"
    r"(?:exec\s+)?(?:\S*/)?(?:sleep\s+(?:infinity|inf|\d{6,}|[1-9]\d*d)|tail\s+-[fF]\s+/dev/null)\s*;?"
)
_HERE = ("localhost", "127.", "0.0.0.0")  # noqa: S104 - text to leave out, nothing is bound


def links(texts: Iterable[str]) -> tuple[str, ...]:
    """
    The distinct ``host:port`` names in some texts, lower case, sorted; none that follow a secret's name.

    A text without a colon has neither a port nor a scheme.
    """
    searched = (redact_text(text) for text in texts if ":" in text)
    return tuple(sorted({link for text in searched for word in text.split() for link in _in_word(word)}))


def paired(values: Mapping[str, str]) -> Iterator[str]:
    """Links that are written as two variables, ``X_HOST`` and ``X_PORT``."""
    for name, host in values.items():
        port = values.get(f"{name.removesuffix('_HOST')}_PORT", "") if name.endswith("_HOST") else ""
        if port.isdecimal():
            yield f"{host}:{port}"


def listed(values: Mapping[str, str]) -> dict[str, str]:
    """The variables that are kept: numbers as sent, visible devices as a count, identity keys as sent."""
    kept: dict[str, str] = {}
    for name, value in values.items():
        if name == "CUDA_VISIBLE_DEVICES":
            count = _devices(value)
            kept |= {name: count} if count else {}
        elif name in IDENTITY_VARIABLES:
            kept[name] = redact_text(value)
        elif is_number(name) and value.isdecimal():
            kept[name] = value
    return kept


def arguments(words: list[str]) -> dict[str, str]:
    """Listed numbers of a command line (``--tensor-parallel-size 4``), under their variable's name."""
    kept: dict[str, str] = {}
    for place, word in enumerate(words):
        flag, _, value = word.partition("=")
        name = flag.lstrip("-").replace("-", "_").upper()
        value = value or (words[place + 1] if place + 1 < len(words) else "")
        if flag.startswith("-") and is_number(name) and value.isdecimal():
            kept[name] = value
    return kept


def only_sleeps(words: list[str]) -> bool:
    """Whether a command line does nothing but wait: ``sleep infinity``, ``tail -f /dev/null``, also through a shell."""
    return _SLEEPS.fullmatch(" ".join(words).strip()) is not None


def is_number(name: str) -> bool:
    """Whether the whole number under that name is kept."""
    return name in NUMBERS or name.endswith("_PARALLEL_SIZE")


def searchable(values: Mapping[str, str], words: list[str]) -> Iterator[str]:
    """The texts in which links may be looked for: none under a secret's name, none after a secret's flag."""
    for name, value in values.items():
        if "://" in value or not _SECRETISH.search(name):
            yield value
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if not (before.startswith("-") and "=" not in before and _SECRETISH.search(before)):
            yield word


def _in_word(word: str) -> Iterator[str]:
    scheme = ""
    if "@" in word:
        scheme = word.partition("://")[0].rpartition(":")[2] + "://" if "://" in word else ""
        word = scheme + word.rpartition("@")[2]
    elif _SECRETISH.search(word.partition("://")[0]):
        return
    for found in _LINK.finditer(word):
        host = found["host"].lower()
        port = found["port"] or DEFAULT_PORTS.get(
            (found["scheme"] or "").lower().rpartition("+")[0] or (found["scheme"] or "").lower()
        )
        named = any(letter.isalpha() for letter in host) or _ADDRESS.fullmatch(host)
        if port and named and 0 < int(port) < 65536 and not host.startswith(_HERE):
            yield f"{host}:{int(port)}"


def _devices(value: str) -> str:
    words = [word for word in value.replace(" ", "").split(",") if word]
    if value.strip().lower() == "all":
        return ""
    return "0" if not words or words[0].lower() in ("none", "void", "nodevfiles", "-1") else str(len(words))
