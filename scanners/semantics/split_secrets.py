"""
A secret does not stop at the end of a line: armoured keys stand on thirty, terminals fold tokens at eighty characters.

:func:`redact_lines` hides what one line holds, then what only several lines together show; their number stays, so that
a line can be cited by its number.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from scanners.semantics.redaction import PASSES, PLACEHOLDER, placeholder, redact_line, without_controls
from scanners.semantics.secret_rules import (
    HARMLESS_VALUE,
    NAME_AT_END,
    PEM_BEGIN,
    PEM_END,
    SECRET_NAME,
    TOKENS,
)
from scanners.semantics.secret_shapes import looks_random, unwrapped

SHORTEST_VALUE = 3
"""Characters below which a value is taken for none."""
REMEMBERED = 256
"""Characters up to which a value is remembered with what became of it: labels repeat themselves."""
WORDS_IN_ARMOUR = 2
"""Words of a line up to which it may belong to a key whose end was cut off (``DEK-Info: AES-128-CBC,…`` has two)."""
_LONE = re.compile(r"(?P<before>[\s\"'|>+]*)(?P<word>[A-Za-z0-9+/_=.~-]{4,})(?P<after>[\s\"',;\\+]*)")
_TAIL = re.compile(r"(?P<word>[A-Za-z0-9+/_=.~:$-]{2,})[\s\"'\\+]*$")
_HEAD = re.compile(r"[\s\"'|>+]*(?P<word>[A-Za-z0-9+/_=.~-]+)")
_ALONE = re.compile(r"(?P<before>[\s\"'|>+-]*)(?P<word>[^\s\"']{3,})(?P<after>[\s\"',;\\]*)")
_FOLDED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_RAGGED = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9+/=]).{4,}|(?=.*[a-z].*[A-Z]).{6,}")
_NUMBERED = re.compile(r"[0-9.:TZ/_-]+")


def redact_text(text: str) -> str:
    """A text of several lines, as :func:`redact_lines` hides them."""
    broken = "\n" in text or "\\n" in text
    return "\n".join(redact_lines(text.split("\n"))) if broken else redact_line(text)


def redact_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines with every secret hidden, those too that run over several of them. As many lines as were given."""
    told = tuple(map(without_controls, lines))
    for _ in range(PASSES):
        before, told = told, _looked_through(told)
        if told == before or not any("‹" in line for line in told):
            break
    return told


def _looked_through(lines: Sequence[str]) -> tuple[str, ...]:
    told = list(lines)
    _hide_across(told)
    told = [redact_line(_within(line, _hide_across)) for line in told]
    _hide_rest(told)
    return tuple(_within(line, _hide_rest) for line in told)


def _within(line: str, hide: Callable[[list[str]], None]) -> str:
    """A line whose own line breaks are spelled out, as JSON and Python write them."""
    if "\\n" not in line:
        return line
    parts = line.split("\\n")
    hide(parts)
    return "\\n".join(parts)


def _hide_across(lines: list[str]) -> None:
    """What no line shows alone."""
    _hide_armour(lines)
    _hide_folded(lines)
    _hide_seams(lines)
    _hide_named(lines)


def redact_value(name: str, value: str) -> str:
    """The value of a label or variable: as a text, and hidden where its name says what it is."""
    return _value(name, value) if len(value) <= REMEMBERED else _value.__wrapped__(name, value)


@lru_cache(maxsize=1 << 16)
def _value(name: str, value: str) -> str:
    told = redact_text(value)
    if told != value or len(value) < SHORTEST_VALUE or not SECRET_NAME.search(name):
        return told
    return value if HARMLESS_VALUE.fullmatch(value) else placeholder("credential", value, chosen=True)


def kinds_in(text: str) -> list[str]:
    """The kinds of secret that a text holds, each as often as it was found; placeholders are none."""
    told = redact_text(text)
    if told == without_controls(text):
        return []
    known, found = (Counter(PLACEHOLDER.findall(each)) for each in (text, told))
    return re.findall(r"‹secret:([a-z-]+)", "".join((found - known or found).elements()))


def _hide_armour(lines: list[str]) -> None:
    """What stands between BEGIN and END; before an END whose BEGIN was cut off; after a BEGIN without an END."""
    begun: int | None = None
    for index, line in enumerate(lines):
        begins, ends = PEM_BEGIN.search(line), PEM_END.search(line)
        if ends and begun is None and not begins:
            first = index
            while first and _LONE.fullmatch(lines[first - 1]):
                first -= 1
            _cover(lines, first, index, "private-key")
        elif ends and begun is not None:
            _cover(lines, begun, index, "private-key")
        begun = index if begins and not (ends and ends.start() > begins.start()) else None if ends else begun
    if begun is not None:
        last = begun
        while last + 1 < len(lines) and len(lines[last + 1].split()) <= WORDS_IN_ARMOUR:
            last += 1
        _cover(lines, begun, last, "private-key")


def _hide_folded(lines: list[str]) -> None:
    """Base64 folded to equal lines, the last one shorter."""
    index = 0
    while index < len(lines):
        words: list[str] = []
        for line in lines[index:]:
            found = _LONE.fullmatch(line)
            if not (found and _FOLDED.fullmatch(found["word"])) or (
                words and len(found["word"]) > len(words[0])
            ):
                break
            words.append(found["word"])
            if len(found["word"]) < len(words[0]):
                break
        joined = "".join(words)
        if len(words) > 1 and (
            looks_random(joined) or PLACEHOLDER.search(redact_line(unwrapped(joined) or ""))
        ):
            _cover(lines, index, index + len(words) - 1, "high-entropy")
        index += max(len(words) - 1, 1)


def _hide_seams(lines: list[str]) -> None:
    """Tokens of a known shape that begin on one line and end on a later one."""
    for index in range(len(lines) - 1):
        tail = _TAIL.search(lines[index])
        if tail is None:
            continue
        joined, last = tail["word"], index
        for line in lines[index + 1 : index + 5]:
            head = _HEAD.match(line)
            if head is None:
                break
            joined, last = joined + head["word"], last + 1
            if not _LONE.fullmatch(line):
                break
        kind, secret = _over_seam(tail["word"], joined)
        if secret:
            _cut_out(lines, index, tail.start("word") + joined.index(secret), secret, kind)


def _over_seam(tail: str, joined: str) -> tuple[str, str]:
    """The kind and the text of a secret that begins in the tail of a line and goes on after it; empty for none."""
    for rule in TOKENS:
        found = rule.pattern.search(joined)
        if found and found.end() > len(tail) > found.start() and not rule.pattern.search(tail):
            return (rule.kind, found.group()) if not rule.judge or rule.judge(found.group()) else ("", "")
    word = tail.rpartition("=")[2] if not tail.endswith("=") else tail
    noise = word + joined[len(tail) :]
    ragged = _RAGGED.fullmatch(word) and _RAGGED.fullmatch(joined[len(tail) :])
    return ("high-entropy", noise) if ragged and not looks_random(word) and looks_random(noise) else ("", "")


def _cut_out(lines: list[str], index: int, start: int, secret: str, kind: str) -> None:
    """Take a secret that starts in a line out of it and of those that follow."""
    told = placeholder(kind, secret)
    left = secret
    for here in range(index, len(lines)):
        if not left:
            return
        if here > index:
            head = _HEAD.match(lines[here])
            start = head.start("word") if head else 0
        size = next(size for size in range(len(left), -1, -1) if lines[here].startswith(left[:size], start))
        lines[here] = lines[here][:start] + told + lines[here][start + size :]
        left = left[size:]


def _hide_named(lines: list[str]) -> None:
    """The value of a name that stands alone at the end of the line before (``password:``, ``--token \\``)."""
    for index, (line, next_) in enumerate(pairwise(lines)):
        found = _ALONE.fullmatch(next_)
        if found and "‹" not in next_ and NAME_AT_END.search(line):
            told = placeholder("credential", found["word"], chosen=True)
            lines[index + 1] = found["before"] + told + found["after"]


def _hide_rest(lines: list[str]) -> None:
    """The rest of a secret that was hidden up to the very end of a line: a lone ragged word on the next."""
    for index in range(len(lines) - 1):
        ended = lines[index].rstrip(" \"'\\+")
        found = _LONE.fullmatch(lines[index + 1])
        if not found or not ended.endswith("›") or _NUMBERED.fullmatch(found["word"]):
            continue
        known = [*PLACEHOLDER.finditer(ended)]
        if known and known[-1].end() == len(ended) and _RAGGED.fullmatch(found["word"]):
            lines[index + 1] = found["before"] + known[-1].group() + found["after"]


def _cover(lines: list[str], first: int, last: int, kind: str) -> None:
    """Hide whole lines, but what stands before an armour's head and after its foot."""
    told = placeholder(kind, "".join(line.strip() for line in lines[first : last + 1]))
    begins, ends = PEM_BEGIN.search(lines[first]), PEM_END.search(lines[last])
    before = PEM_END.sub(told, lines[first][: begins.start()]) if begins else ""
    after = lines[last][ends.end() :] if ends else ""
    for index in range(first, last + 1):
        lines[index] = told
    lines[first] = before + lines[first]
    lines[last] += after
