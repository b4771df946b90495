"""
Most questions are asked in a few hundred words of the field, and those need no model to be understood.

A question is read in four steps: amounts of time and number, names, phrases of the field, and what is left. The
phrases vote for views; what is left is said, never guessed at.
"""

import difflib
from collections.abc import Sequence

from pydantic import ValidationError

from reports.query.answer import Column
from reports.query.catalogue import ELSEWHERE, VIEWS
from reports.query.definition import Definition
from reports.query.language.amounts import Amounts, amounts
from reports.query.language.places import Places, places
from reports.query.language.tokens import Token, is_plain, known_words, matched, tokens
from reports.query.language.vocabulary import ABSORBS, ANCHOR, Meaning
from reports.query.language.words import NEGATIONS
from reports.query.query import Order, Query, View
from reports.query.understanding import NotUnderstood, Understood, Unread

LONGEST = 1000
"""Characters of a question; more is no question."""
_GENERAL = (View.PROBLEMS, View.FINDINGS)
_VIEWS = 4

Said = Sequence[tuple[str, Meaning]]


def understood(question: str) -> Understood | NotUnderstood:
    """The query that common English means, or what of it was understood."""
    if len(question) > LONGEST:
        return NotUnderstood(f"a question has at most {LONGEST} characters, this one has {len(question)}")
    counted = amounts(tokens(question))
    named = places(counted.rest)
    said, rest = matched(named.rest)
    unread = [_unread(token) for token in rest if not is_plain(token) and not token.text.isdigit()]
    if turned := [token.text for token in rest if token.text in NEGATIONS]:
        return NotUnderstood(
            f"`{turned[0]}` turns the question in a way that no filter holds",
            _understood(said, named),
            unread,
        )
    views = _views(said, named)
    if not views:
        why = "no word of it says what is asked for" if question.strip() else "there is no question"
        return NotUnderstood(why, _understood(said, named), unread)
    try:
        return Understood(_query(views, said, named, counted, tokens(question)), unread)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])).replace("_s", "")
        return NotUnderstood(f"{place}: {first['msg']}", _understood(said, named), unread)


def _understood(said: Said, named: Places) -> list[str]:
    names = [*named.namespaces, *named.names, *named.codes, *named.products]
    return list(dict.fromkeys([*(words for words, _ in said), *names]))


def _unread(token: Token) -> Unread:
    near = difflib.get_close_matches(token.stem, known_words(), n=1, cutoff=0.75)
    return Unread(token.raw, known_words()[near[0]] if near and near[0] != token.stem else "")


def _views(said: Said, named: Places) -> list[View]:
    """The views that the words speak for: every one that is named outright, else the one with the most hints."""
    votes: dict[View, int] = {}
    strongest: dict[View, int] = {}
    for _, meaning in said:
        if meaning.view is not None:
            votes[meaning.view] = votes.get(meaning.view, 0) + meaning.weight
            strongest[meaning.view] = max(strongest.get(meaning.view, 0), meaning.weight)
    anchored = [view for view, weight in strongest.items() if weight >= ANCHOR]
    best = max(strongest.values(), default=0)
    if best >= 9:
        return [next(view for view in anchored if strongest[view] == best)]
    if anchored:
        absorbed = {other for view in anchored for other in ABSORBS.get(view, ())}
        return [view for view in anchored if view not in absorbed][:_VIEWS]
    if named.codes:
        return [View.FINDINGS]
    if votes:
        most = max(votes.values())
        return [next(view for view, count in votes.items() if count == most)]
    narrowed = any(
        meaning.severity or meaning.kinds or meaning.concern or meaning.state for _, meaning in said
    )
    if named.names or narrowed:
        return [View.FINDINGS]
    return []


def _query(
    views: Sequence[View], said: Said, named: Places, counted: Amounts, whole: Sequence[Token]
) -> Query:
    if views[0] in ELSEWHERE:
        return Query(views=tuple(views))
    meanings = [meaning for _, meaning in said]
    deep = any(meaning.view is View.PROBLEMS and meaning.weight > ANCHOR for meaning in meanings)
    concerns = {meaning.concern for meaning in meanings if meaning.concern}
    severities = [meaning.severity for meaning in meanings if meaning.severity]
    general = set(views) <= set(_GENERAL)
    codes = [*named.codes, *_codes(views, meanings)]
    return Query(
        views=tuple(views),
        codes=tuple(dict.fromkeys(codes)),
        concerns=tuple(sorted(concerns)) if general and not codes and not deep else (),
        namespaces=tuple(dict.fromkeys(named.namespaces)),
        without_namespaces=tuple(dict.fromkeys(named.without)),
        kinds=tuple(dict.fromkeys(kind for meaning in meanings for kind in meaning.kinds)),
        systems=tuple(dict.fromkeys(system for meaning in meanings for system in meaning.systems)),
        products=tuple(dict.fromkeys(named.products)),
        names=tuple(dict.fromkeys(named.names)),
        severity=min(severities, key=lambda one: one.weight, default=None),
        state=next((meaning.state for meaning in meanings if meaning.state), None),
        window_s=counted.window_s,
        lasting_s=counted.lasting_s,
        at_least=_measured(views, counted.at_least),
        at_most=_measured(views, counted.at_most),
        order=_order(views, whole),
        limit=counted.limit,
    )


def _codes(views: Sequence[View], meanings: Sequence[Meaning]) -> list[str]:
    """
    Checks that the words narrow a view to; none where some word asks for all of it.
    """
    if any(meaning.whole for meaning in meanings if meaning.view in views):
        return []
    codes = [code for meaning in meanings if meaning.view in views for code in meaning.codes]
    if View.PENDING in views and any(meaning.concern == "gpu" for meaning in meanings) and len(views) == 1:
        codes.append("GPU111")
    return codes


def _measured(views: Sequence[View], bound: float | None) -> float | None:
    """A bound, where one of the views has a measure that it can be for."""
    return bound if any(view in VIEWS and VIEWS[view].measure for view in views) else None


_RISING = frozenset({"lowest", "smallest", "least", "fewest", "shortest", "cheapest"})
_FALLING = frozenset({"highest", "largest", "biggest", "most", "longest", "worst"})
_OLD, _NEW = frozenset({"oldest", "earliest"}), frozenset({"newest", "latest", "youngest"})


def _order(views: Sequence[View], whole: Sequence[Token]) -> Order | None:
    """``sorted by COLUMN``, or ``oldest first`` where that is not the view's own order."""
    words = [token.text for token in whole]
    columns = {one.key: one for view in views if view in VIEWS for one in VIEWS[view].columns}
    for place, word in enumerate(words[:-1]):
        if word == "by" and place and words[place - 1] in ("sorted", "sort", "ordered", "order"):
            near = [key for key, one in columns.items() if words[place + 1] in _called(one)]
            if near:
                falling = bool({"descending", "desc", *_FALLING} & set(words[place + 2 :]))
                return Order(column=near[0], descending=falling)
        if words[place + 1] == "first" and word in _RISING | _FALLING | _OLD | _NEW and views[0] in VIEWS:
            return _by_word(word, VIEWS[views[0]])
    return None


def _called(column: Column) -> set[str]:
    return {column.key, *column.key.split("_"), *column.title.lower().split()}


def _by_word(word: str, definition: Definition) -> Order | None:
    """The view's first column in the order that a word asks for; None where that is its own order."""
    own = definition.order[0]
    key = own.lstrip("-")
    lasts = any(one.key == key and one.unit in ("seconds", "hours") for one in definition.columns)
    falling = word in _FALLING or word in (_OLD if lasts else _NEW)
    return None if falling == own.startswith("-") else Order(column=key, descending=falling)
