"""
Which namespace, which object: a name is known by where it stands, because every word may be one.

Names are taken from a question by the words around them ("in X", "namespace X", "cronjob X", quotes) and by their
form: hyphens, digits and stars make names of the words that the field does not know.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.query.language.tokens import Token, is_known, is_plain, phrases
from reports.query.language.words import KINDS, PREFIXES, PRODUCTS, STOP

_CODE = re.compile(r"[a-z]{3}\d{3}")
_NAME = re.compile(r"[a-z0-9*]([a-z0-9.*:-]*[a-z0-9*])?")
_FORM = re.compile(r".*[-*\d/].*")
_INSIDE = frozenset({"in", "inside", "within"})
_BUT = frozenset({"except", "excluding", "exclude", "outside", "without"})
_JOINS = frozenset({",", "and", "or", "&"})


@dataclass(slots=True)
class Places:
    """Names in a question, and the words that are none."""

    namespaces: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    rest: list[Token] = field(default_factory=list)


def places(found: Sequence[Token]) -> Places:
    """The namespaces, objects, checks and products that a question names, and what is left of it."""
    read = Places()
    place = 0
    while place < len(found):
        taken = _namespace(found, place, read) or _name(found, place, read)
        if not taken:
            read.rest.append(found[place])
        place += taken or 1
    return read


def _namespace(found: Sequence[Token], place: int, read: Places) -> int:
    """A namespace, or several, at that place: how many words they take."""
    word = found[place].text
    after = found[place + 1 :]
    but = word in _BUT or _is_turned(found, place)
    marker = word in ("namespace", "namespaces", "ns", "-n")
    if marker and after and _may_be_place(after, 0, sure=True) and not _opens_long_phrase(found, place):
        return _taken(found, place + 1, read.without if but else read.namespaces, 1, sure=True)
    if word in _INSIDE | _BUT and after:
        skip = 0
        while skip < len(after) and after[skip].text in ("the", "my", "our", "in", "all"):
            skip += 1
        marked = skip < len(after) and after[skip].text in ("namespace", "namespaces", "ns")
        skip += marked
        follows = after[skip + 1].text if skip + 1 < len(after) else ""
        sure = marked or follows in ("namespace", "namespaces", "ns")
        vague = word == "without" and not sure and skip < len(after) and not _FORM.fullmatch(after[skip].text)
        if (
            not vague
            and _may_be_place(after, skip, sure=sure)
            and (sure or not _ends_phrase(found, place, after[skip]))
        ):
            _forget_but(read, found, place)
            return _taken(
                found, place + 1 + skip, read.without if but else read.namespaces, 1 + skip, sure=sure
            )
    if (
        _NAME.fullmatch(word)
        and after
        and after[0].text in ("namespace", "ns")
        and _may_be_place(found, place, sure=True)
    ):
        beyond = after[1].text if len(after) > 1 else ""
        if (
            _FORM.fullmatch(word)
            or (not is_known(found[place]) and not _may_be_place(after, 1, sure=False))
            or not beyond
        ):
            read.namespaces.append(word)
            return 2
    return 0


def _is_turned(found: Sequence[Token], place: int) -> bool:
    """Whether "not", "except" or "other than" stands before a place."""
    words = [token.text for token in found[max(0, place - 2) : place]]
    return bool(words) and (words[-1] in {*_BUT, "not"} or words in (["other", "than"], ["rather", "than"]))


def _forget_but(read: Places, found: Sequence[Token], place: int) -> None:
    """The word that turned "in" into "not in" has been read with it."""
    if found[place].text in _INSIDE and _is_turned(found, place) and read.rest:
        read.rest.pop()


def _taken(found: Sequence[Token], place: int, into: list[str], words: int, *, sure: bool) -> int:
    """Take the name at a place and those that are joined to it; ``words`` stand before."""
    into.append(_named(found[place]))
    taken = words + 1
    place += 1
    if place < len(found) and found[place].text in ("namespace", "namespaces", "ns"):
        place, taken = place + 1, taken + 1
    while place + 1 < len(found) and found[place].text in _JOINS:
        skip = 1
        while place + skip + 1 < len(found) and found[place + skip].text in {*_JOINS, "in", "namespace"}:
            skip += 1
        if not _may_be_place(found, place + skip, sure=False) or not (
            sure or _is_joined(found, place + skip)
        ):
            break
        into.append(_named(found[place + skip]))
        place, taken = place + skip + 1, taken + skip + 1
    return taken


def _is_joined(found: Sequence[Token], place: int) -> bool:
    """Whether a word after "and" goes on with the list: it has the form of a name, or the list goes on or ends
    there."""
    ends = place + 1 == len(found) or found[place + 1].text in _JOINS
    return bool(_FORM.fullmatch(found[place].text)) or ends


def _may_be_place(found: Sequence[Token], place: int, *, sure: bool) -> bool:
    token = found[place] if place < len(found) else None
    if token is None or not _NAME.fullmatch(token.text):
        return token is not None and token.quoted
    if token.quoted:
        return True
    if (
        token.text in STOP
        or token.text in PRODUCTS
        or token.text in ("pending", "running", "total", "general")
    ):
        return False
    if _opens_phrase(found, place):
        return sure and not _opens_long_phrase(found, place)
    return not is_known(token) or sure


def _ends_phrase(found: Sequence[Token], place: int, name: Token) -> bool:
    """Whether a word behind "in" goes with the one before it ("the query in the database")."""
    return place > 0 and (found[place - 1].stem, name.stem) in phrases()


def _opens_phrase(found: Sequence[Token], place: int) -> bool:
    return is_known(found[place]) or _opens_long_phrase(found, place)


def _opens_long_phrase(found: Sequence[Token], place: int) -> bool:
    """Whether a phrase of several words of the field begins there ("in a network policy")."""
    stems = tuple(token.stem for token in found[place : place + 2])
    return len(stems) == 2 and any(phrase[:2] == stems for phrase in phrases())


def _name(found: Sequence[Token], place: int, read: Places) -> int:
    """A check, a product or an object at that place: how many words it takes."""
    token = found[place]
    text = token.text
    if token.quoted:
        read.names.append(token.raw)
        return 1
    if _CODE.fullmatch(text) and text[:3].upper() in PREFIXES:
        read.codes.append(text.upper())
        return 1
    if text in PRODUCTS or text.rstrip("s") in PRODUCTS:
        read.products.append((text if text in PRODUCTS else text.rstrip("s")).upper())
        return 1
    if text.startswith(("ns/", "namespace/")):
        read.namespaces.append(text.split("/", 1)[1])
        return 1
    if re.fullmatch(r"[a-z][\w.-]*/[\w.*/-]+", text):
        return _path(token, read)
    after = found[place + 1] if place + 1 < len(found) else None
    if text.rstrip("s") in KINDS and after and _may_be_name(after):
        read.rest.append(token)
        read.names.append(_named(after))
        return 2
    if _may_be_name(token):
        read.names.append(_named(token))
        return 1
    return 0


def _path(token: Token, read: Places) -> int:
    """``kind/name``, ``namespace/name`` or ``kind/namespace/name``."""
    parts = token.raw.split("/")
    kind = parts[0].lower().rstrip("s") in KINDS
    read.names.append("/".join(parts[1:] if kind else parts))
    return 1


def _may_be_name(token: Token) -> bool:
    """Whether a word has the form of an object's name and is no word of the field."""
    return token.quoted or (
        bool(_FORM.fullmatch(token.text) and re.search("[a-z*]", token.text))
        and not is_known(token)
        and not is_plain(token)
    )


def _named(token: Token) -> str:
    return token.raw if token.quoted else token.text
