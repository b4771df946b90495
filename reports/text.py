"""
A tenant may name a step in characters that repaint an engineer's terminal, turn a line around or hide a word.

All text of a cluster is hostile, in every face. It is made harmless here and nowhere else, in two ways:

* people's faces (terminal, Markdown, HTML) see :func:`cleaned` reports: ANSI sequences, control,
  bidirectional and zero-width characters are *gone*; whitespace is kept to spaces and line feeds;
* the JSON is other programs' input and stays faithful: nothing is dropped, but every such character is
  written as ``\\uXXXX`` (:func:`escaped`), so the text of the file is safe to print and parses to exactly
  what the cluster said.
"""

import re
from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)

ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor, screen
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links, strings
    r"|\x1b[ -/]*[0-~]"  # two-character escapes
)
_HIDDEN = (
    "\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ufdd0-\ufdef\ufffe\uffff"
)
HIDDEN = re.compile(f"[{_HIDDEN}]")
"""
Delete, the C1 controls, soft hyphen, marks of direction, joiners, variation selectors, tags, lone surrogates, and code
points that are no characters and that XML forbids.
"""
_CONTROL = re.compile(f"[\x00-\x09\x0b-\x1f{_HIDDEN}]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

LONGEST = 2000
"""Characters of one string in a face for people; the JSON report has all of it."""


def clean(text: str) -> str:
    """
    The text without anything that a terminal, a browser or a reader's eye could be fooled by; may hold
    newlines.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _BREAKS.sub("\n", ANSI.sub("", text)).replace("\t", " ")
    return _CONTROL.sub("", text)


def cut(text: str) -> str:
    """The text, or its first :data:`LONGEST` characters and a mark."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def one_line(text: str) -> str:
    """Cleaned text with every run of whitespace as one space."""
    return " ".join(clean(text).split())


def storable(text: str) -> str:
    """Text that UTF-8 can hold: file names may carry bytes that are no characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


def escaped(json_text: str) -> str:
    """JSON text with every hidden character as an escape; the values it parses to are the same."""
    plain = json_text.isascii() and "\x7f" not in json_text  # encoders escape the other control characters
    return json_text if plain else HIDDEN.sub(_as_escape, json_text)


def cleaned(model: Model) -> Model:
    """
    A copy of a report whose every string is :func:`clean`, and no longer than people read (patches are
    whole).
    """
    return type(model).model_validate(_walk(model.model_dump(mode="python", by_alias=True)))


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return cut(clean(str(value)))
    if isinstance(value, dict):
        return {
            _walk(key): clean(item) if key == "patch" and item else _walk(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_walk(item) for item in value]
    return value


def _as_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
