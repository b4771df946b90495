"""
Logs and messages carry what somebody printed in a hurry: keys, tokens, passwords in URLs.

Known shapes first, then what stands before a secret, then what is wrapped (base64, hexadecimal, percent signs), then
entropy. What is hidden becomes ``‹secret:aws-key:7f3a›``: equal marks tell that two places hold the same secret; a
password that a person may have chosen has no mark (docs/decisions/0009). Digests, uids and pod names, which look as
random as keys, stay, because findings are made of them.
"""

import re
from hashlib import blake2b

from scanners.semantics.secret_rules import CONTEXTS, PEM, TOKENS, Rule
from scanners.semantics.secret_shapes import PLAIN_SHORTEST, looks_random, noise_in, unescaped, unwrapped

PLACEHOLDER = re.compile(r"‹secret:[a-z-]+(?::[0-9a-f]{4})?›")
"""What stands where a secret stood."""

_WORD = re.compile(r"(?<![\w‹+/-])[A-Za-z0-9+/_-]{12,}={0,2}(?![\w+/-])")
_HEXADECIMAL = re.compile(r"[0-9a-f]+")
_LONG_PART = re.compile(rf"[^/_+-]{{{PLAIN_SHORTEST},}}")
"""A part between strokes that is longer than names are."""
_PERCENT = re.compile(r"[^\s\"'‹›]*%[0-9A-Fa-f]{2}[^\s\"'‹›]*")
_RULES = (PEM, *TOKENS, *CONTEXTS)
_PLACES = {
    hint: [place for place, rule in enumerate(_RULES) if hint in rule.hints]
    for hint in sorted({hint for rule in _RULES for hint in rule.hints})
}
"""The rules that each hint calls for, by their place."""
_RARE = "~@=_$jqzxvw0.k"
_RAREST = {hint: next((sign for sign in _RARE if sign in hint), "") for hint in _PLACES}
_HINTS = {sign: tuple(hint for hint in _PLACES if _RAREST[hint] == sign) for sign in ("", *_RARE)}
"""Hints by the sign in them that fewest texts have: looked for only where it stands."""
PASSES = 5
"""How often a text is looked through while secrets are found in it."""
_DEPTH = 3
"""How many wrappings are taken off: base64 in base64 in a URL."""
_BREAKS = (("\\n", "\ue00a"), ("\\r", "\ue00d"), ("\\t", "\ue009"))
"""Breaks as JSON and Python spell them, whose letter is no part of the next word, and what stands for them."""
_CONTROL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ue009-\ue00d\ufe00-\ufe0f\ufeff"
    r"\U000e0000-\U000e007f]"
)


def redact_line(line: str) -> str:
    """
    A line with everything hidden that looks like a secret, and without control, bidi and zero-width
    characters.
    """
    text = without_controls(line)
    if "\\" not in text:
        return _settled(text)
    for spelled, sign in _BREAKS:
        text = text.replace(spelled, sign)
    text = _settled(text)
    for spelled, sign in _BREAKS:
        text = text.replace(sign, spelled)
    return text


def _settled(text: str) -> str:
    """Looked through again while something is found: what was hidden may have stood before another secret."""
    for _ in range(PASSES):
        before, text = text, _hidden(text, _DEPTH)
        if text == before:
            break
    return text


def without_controls(text: str) -> str:
    """A text without ANSI sequences, control, bidi and zero-width characters; tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub("", text.replace("\t", " "))


def _hidden(text: str, depth: int) -> str:
    small = text.lower()
    hints = [hint for sign, hints in _HINTS.items() if sign in small for hint in hints if hint in small]
    for place in sorted({place for hint in hints for place in _PLACES[hint]}):
        rule = _RULES[place]
        text = rule.pattern.sub(lambda found, rule=rule: _replaced(found, rule), text)  # type: ignore[misc]
    if "%" in text:
        text = _PERCENT.sub(lambda found: _if_wrapped(found.group(), unescaped(found.group()), depth), text)
    return _WORD.sub(lambda found: _judged(found.group(), depth), text)


def _replaced(found: re.Match[str], rule: Rule) -> str:
    kept = found.groupdict().get("keep") or ""
    value = found.group()[len(kept) :]
    if rule.judge is not None and not rule.judge(value):
        return found.group()
    if known := PLACEHOLDER.search(value):
        return kept + known.group()
    return kept + placeholder(rule.kind, value, chosen=rule.chosen)


def placeholder(kind: str, value: str, *, chosen: bool = False) -> str:
    """What stands for a secret; without a mark where the value may be a person's choice and is not random."""
    plain = value.strip("\"'\\ ")
    if chosen and not looks_random(plain):
        return f"‹secret:{kind}›"
    mark = blake2b(plain.encode(), digest_size=2, key=b"deepscan placeholder 1").hexdigest()
    return f"‹secret:{kind}:{mark}›"


def _judged(word: str, depth: int) -> str:
    """A word of the base64 alphabet, hidden if a secret is wrapped in it or if chance made it."""
    if word.islower() and not _LONG_PART.search(word) and not _HEXADECIMAL.fullmatch(word):
        return word  # a name, or several of them joined: base64 of that length has a capital
    text = unwrapped(word)
    if text is not None and (wrapped := _if_wrapped(word, text, depth)) != word:
        return wrapped
    for noise in noise_in(word):
        word = word.replace(noise, placeholder("high-entropy", noise))
    return word


def _if_wrapped(word: str, text: str, depth: int) -> str:
    """The word, or the placeholder of the first secret in the text that it wraps."""
    if not depth or text == word:
        return word
    found = PLACEHOLDER.search(_hidden(text, depth - 1))
    return found.group() if found else word
