"""
A key looks like noise; so do digests, uids and pod hashes, which findings are made of.

Judges of one word: whether chance made it, and what it holds when it is base64, hexadecimal or percent-encoded text.
"""

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise
from urllib.parse import unquote

ENTROPY = 3.4
"""Bits a character, below which a word repeats itself too much for a key (random base64 of 24 has about 4.3)."""
SHORTEST = 24
"""Characters from which a word with capitals, small letters and digits may be a key by its looks alone."""
PLAIN_SHORTEST = 32
"""The same for a word of digits and letters of one case, which pod names are made of, though not at such length."""
SPELLED = 0.6
"""
Share of a word that stands in runs of three small letters and more (``NodeUnpublishVolume2``: all of it but the 2),
from which it is made of words. Random base62 has 0.2 with a deviation of 0.12 at 24 characters.
"""
TURNS = 0.25
"""
Share of neighbouring characters that change between capital, small letter and digit, below which a word is no noise.
Random base62 has 0.62, random base36 0.40.
"""
RESTLESS = 0.55
"""The same, from which a word is noise though runs of small letters stand in it: words' humps are longer."""
SEPARATED = 8
"""Characters a separator, below which a word is a path or a name of many parts, which are looked at one by one."""

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_UID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KNOWN_IDS = re.compile(r"^(?:raysubmit|Standard)_|sha(?:1|224|256|384|512)[-_:]")
_KINDS = (re.compile(r"[A-Z]"), re.compile(r"[a-z]"), re.compile(r"[0-9]"))
_SEPARATORS = re.compile(r"[/_-]")
_RUNS = re.compile(r"[A-Z]?[a-z]{3,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_SPOKEN = re.compile(r"[\t\n\r -~\u00a0-\uffef]*")


def looks_random(word: str) -> bool:
    """Whether a whole word was made by chance: long, of mixed characters, and no digest, uid or id of a known kind."""
    return not _KNOWN_IDS.search(word) and _noise(_UID.sub("", word))


def noise_in(word: str) -> list[str]:
    """What was made by chance in a word: all of it, else parts of it between strokes; empty for none."""
    if _KNOWN_IDS.search(word) or len(word) < SHORTEST:
        return []
    if looks_random(word):
        return [word]
    parts = [part for part in word.split("/") if looks_random(part)]
    return parts or [part for part in re.split(r"[/_+-]+", word) if _noise(part)]


def turns(word: str) -> float:
    """Share of neighbouring letters and digits that change between capital, small letter and digit; 0 without any."""
    kinds = [
        "A" if sign.isupper() else "a" if sign.islower() else "0" if sign.isdigit() else "" for sign in word
    ]
    pairs = [(one, next_) for one, next_ in pairwise(kinds) if one and next_]
    return sum(1 for one, next_ in pairs if one != next_) / len(pairs) if pairs else 0.0


def entropy(word: str) -> float:
    """Bits a character, by how often each occurs in the word itself."""
    total = len(word)
    return -sum(count / total * math.log2(count / total) for count in Counter(word).values())


def unwrapped(word: str) -> str | None:
    """The text in a word that is base64 (both alphabets, with or without padding) or hexadecimal; None for noise."""
    if _HEXADECIMAL.fullmatch(word) and len(word) % 2 == 0:
        return _spoken(bytes.fromhex(word))
    if not _ENCODED.fullmatch(word):
        return None
    letters = word.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _spoken(base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True))
    except binascii.Error:
        return None


def unescaped(word: str) -> str:
    """A word without percent-encoding."""
    return unquote(word)


def pair_of_words(word: str) -> bool:
    """Whether a word is base64 of ``user:password``, as HTTP's basic authentication and registries write it."""
    text = unwrapped(word)
    return text is not None and ":" in text.strip(":")


def _noise(word: str) -> bool:
    if len(word) < SHORTEST or _HEXADECIMAL.fullmatch(word) or entropy(word) < ENTROPY or turns(word) < TURNS:
        return False
    capital, small, digit = (kind.search(word) is not None for kind in _KINDS)
    if capital and small:
        shuffled = _spelled(word) < SPELLED or turns(word) >= RESTLESS
        return shuffled and len(_SEPARATORS.findall(word)) * SEPARATED <= len(word)
    return digit and (capital or small) and len(word) >= PLAIN_SHORTEST and word.rstrip("=").isalnum()


def _spelled(word: str) -> float:
    return sum(len(run) for run in _RUNS.findall(word)) / len(word)


def _spoken(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text and _SPOKEN.fullmatch(text) else None
