"""
A clause is believed when it is nothing but claims of one finding, whole, in any order that keeps their sense.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.narration.lexicon import JOINERS
from reports.narration.lexing import Token, phrased
from reports.narration.phrases import Unit
from reports.narration.units import Claims

MOST_STEPS = 4000
"""Steps that are taken to read one clause; one that is made to have endless readings is not believed."""
_BOUNDS = JOINERS | {",", ";", ":", ".", "(", ")", "with"}
"""Marks behind which another statement may begin."""
_APART = _BOUNDS - {"with", "(", ")"}
"""Marks that no claim has inside."""


@dataclass(frozen=True)
class Match:
    """How a clause is put together: its claims in order, and whether it names the finding's object."""

    units: tuple[Unit, ...]
    named: bool

    @property
    def parts(self) -> frozenset[int]:
        """The parts of the message that its cores come from."""
        return frozenset(unit.part for unit in self.units if unit.role == "core")


@dataclass(frozen=True)
class _Clause:
    content: tuple[Token, ...]
    before: tuple[str, ...]
    """The mark before each token; ``-`` where there is none."""


def matches(tokens: Sequence[Token], claims: Claims) -> Iterator[Match]:
    """The ways in which a clause is made of the claims of one finding."""
    clause = _clause(phrased(list(tokens)))
    for units in _ways(clause, claims, 0, iter(range(MOST_STEPS))):
        if _holds(units):
            yield Match(units, any(unit.tokens == claims.label for unit in units))


def _clause(tokens: Sequence[Token]) -> _Clause:
    content: list[Token] = []
    before: list[str] = []
    mark = ","
    for token in tokens:
        if token.kind_of == "mark":
            mark = token.text if mark in ("-", "", "of", "at") or token.text in _BOUNDS else mark
        else:
            content.append(token)
            before.append(mark)
            mark = "-"
    return _Clause(tuple(content), tuple(before))


def _ways(clause: _Clause, claims: Claims, start: int, steps: Iterator[int]) -> Iterator[tuple[Unit, ...]]:
    if start == len(clause.content):
        yield ()
        return
    for units, end in _fitting(clause, claims, start):
        if next(steps, None) is None:
            return
        for rest in _ways(clause, claims, end, steps):
            yield (*units, *rest)


def _fitting(clause: _Clause, claims: Claims, start: int) -> Iterator[tuple[tuple[Unit, ...], int]]:
    label = Unit("label", claims.label)
    for unit in claims.units:
        is_core = unit.role == "core"
        if _stands(unit.tokens, clause, claims, start):
            if not is_core or clause.before[start] in _BOUNDS or _after_label(clause, claims, start):
                yield (unit,), start + len(unit.tokens)
        elif is_core and claims.label and (within := _around_label(unit, clause, claims, start)):
            yield (unit, replace(label, role="attribute")), within
    opens = start == 0 or clause.before[start] in _BOUNDS
    if claims.label and opens and _stands(claims.label, clause, claims, start):
        yield (label,), start + len(claims.label)
    after = start + 1
    if (
        clause.content[start].text in ("in", "for")
        and claims.label
        and _stands(claims.label, clause, claims, after)
    ):
        yield (replace(label, role="attribute"),), after + len(claims.label)


def _stands(tokens: Sequence[Token], clause: _Clause, claims: Claims, start: int) -> bool:
    end = start + len(tokens)
    if end > len(clause.content) or any(mark in _APART for mark in clause.before[start + 1 : end]):
        return False
    return all(map(claims.same, clause.content[start:end], tokens))


def _after_label(clause: _Clause, claims: Claims, start: int) -> bool:
    first = start - len(claims.label)
    return first >= 0 and bool(claims.label) and _stands(claims.label, clause, claims, first)


def _around_label(unit: Unit, clause: _Clause, claims: Claims, start: int) -> int:
    """Where a core ends that has the object inside: ``container base of DAG-1 was killed``. 0 where it does not."""
    size = len(claims.label)
    for place in range(1, len(unit.tokens)):
        middle = start + place
        if (
            middle < len(clause.content)
            and clause.before[middle] == "of"
            and _stands(unit.tokens[:place], clause, claims, start)
            and _stands(claims.label, clause, claims, middle)
            and _stands(unit.tokens[place:], clause, claims, middle + size)
        ):
            return middle + size + len(unit.tokens) - place
    return 0


def _holds(units: Sequence[Unit]) -> bool:
    """Whether every claim stands where it keeps its sense: cores in their order, phrases beside their core."""
    cores = [place for place, unit in enumerate(units) if unit.role == "core"]
    orders = [units[place].segment for place in cores], [unit.listed for unit in units if unit.listed]
    if not cores or units[-1].role == "label" or any(order != sorted(set(order)) for order in orders):
        return False
    if sum(len(unit.tokens) + unit.must_lead for unit in units if unit.segment >= 0) < 2:
        return False
    for place, unit in enumerate(units):
        if unit.role == "label" and place > 0 and units[place + 1].role != "core":
            return False
        if unit.follows >= 0 and unit.follows not in orders[0]:
            return False
        if unit.role == "phrase" and units[_core_of(place, cores)].segment != unit.segment:
            return False
        if unit.role == "core":
            led = place > 0 and units[place - 1].role == "label"
            beside = {
                other.tokens
                for at, other in enumerate(units)
                if other.role == "phrase" and _core_of(at, cores) == place
            }
            if (led and not unit.leads) or (unit.must_lead and not led) or not set(unit.needs) <= beside:
                return False
    return True


def _core_of(place: int, cores: Sequence[int]) -> int:
    """The core that a phrase belongs to: the nearest one before it, else the first."""
    return max((core for core in cores if core < place), default=cores[0])
