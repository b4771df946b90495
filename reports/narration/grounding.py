"""
A model's sentence reads as true whether it is or not; here each one is taken apart and held against its evidence.

The attitude is that of an allow-list. A sentence is believed only if nothing in it is forbidden outright, its evidence
is of its own problem, each of its clauses is put together of the claims of one cited finding, and every cause that it
states is one of the problem's chain, cause before effect. What cannot be read is refused: a true sentence that is lost
costs a template sentence in its place, a false one costs the reader's trust in the whole report.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from reports.narration.clauses import Clauses, readings_of
from reports.narration.lexicon import NEVER
from reports.narration.lexing import Illegible, tokens_of
from reports.narration.matching import Match, matches
from reports.narration.mechanisms import EFFECT_BEHIND_COLON, REASON_BEHIND_COLON
from reports.narration.phrases import BESIDE, REASON, joined
from reports.narration.shown import Shown
from reports.narration.units import Claims, claims_of
from scanners.finding import Confidence
from scanners.semantics.aliases import Aliases


@dataclass(frozen=True)
class Verdict:
    """Why a sentence is refused (empty: it is believed), and the findings that its last clause tells of."""

    why: str = ""
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Way:
    """One finding that may have said a clause, and how."""

    claims: Claims
    match: Match

    @property
    def finding(self) -> str:
        return self.claims.piece.finding.id


class Ground:
    """What may be said of some problems, under the aliases of one prompt."""

    def __init__(self, several: Sequence[Shown], names: Aliases) -> None:
        self.several = tuple(several)
        self.names = names
        self._claims = {
            one.problem.id: {piece.finding.id: claims_of(piece, one, names) for piece in one.pieces}
            for one in several
        }
        self._after = {one.problem.id: _closure(one) for one in several}
        self._owner = {id_: one for one in several for id_ in one.evidence}

    @classmethod
    def of(cls, several: Sequence[Shown], names: Aliases) -> "Ground":
        """The ground of what one prompt showed."""
        return cls(several, names)

    def judged(
        self, text: str, evidence_ids: Sequence[str], one: Shown | None = None, before: Sequence[str] = ()
    ) -> Verdict:
        """
        Whether a sentence is believed. ``one`` is the problem that it must stay with; ``before`` the findings that the
        sentence before it told of, to which "this led to" may point.
        """
        for what, pattern in NEVER:
            if pattern.search(text):
                return Verdict(f"{what} has no place in it")
        if text.count("(") != text.count(")"):
            return Verdict("its parentheses do not close")
        owners = {id_: self._owner.get(id_) for id_ in evidence_ids}
        for id_, owner in owners.items():
            if owner is None or (one is not None and owner is not one):
                return Verdict(f"{id_[:40]} is no evidence of this problem")
        problems = {owner.problem.id: owner for owner in owners.values() if owner is not None}
        if len(problems) != 1:
            return Verdict("it must cite evidence of one problem")
        (problem,) = problems.values()
        cited = {problem.evidence[id_].finding.id for id_ in evidence_ids}
        return self._of_problem(text, problem, cited, before, must_name=one is None)

    def _of_problem(
        self, text: str, problem: Shown, cited: set[str], before: Sequence[str], *, must_name: bool
    ) -> Verdict:
        verdict = Verdict("its words are not those of the cited findings")
        for clauses in readings_of(text.strip().rstrip(".")):
            try:
                said = [self._ways(clause, problem, cited) for clause in clauses.texts]
            except Illegible as error:
                return Verdict(f"{error} has no place in it")
            unsaid = [text for text, ways in zip(clauses.texts, said, strict=True) if not ways]
            if unsaid:
                verdict = Verdict(f"not said so by the cited findings: {' '.join(unsaid[0].split())[:120]!r}")
                continue
            verdict = self._joined(clauses, said, problem, cited, before, must_name=must_name)
            if not verdict.why:
                return verdict
        return verdict

    def _ways(self, clause: str, problem: Shown, cited: Iterable[str]) -> list[_Way]:
        found = []
        for id_ in sorted(cited):
            claims = self._claims[problem.problem.id][id_]
            tokens = joined(tokens_of(clause, self.names.names), claims.reader.kinds)
            found += [_Way(claims, match) for match in matches(tokens, claims)]
        own = [way for way in found if way.match.named]
        return own or found

    def _joined(
        self, clauses: Clauses, said: Sequence[Sequence[_Way]], problem: Shown, cited: set[str], before: Sequence[str],
        *, must_name: bool,
    ) -> Verdict:  # fmt: skip
        """Whether the clauses hang together: all that is cited tells one of them, and no cause is turned around."""
        possible = problem.problem.confidence is Confidence.POSSIBLE
        if clauses.causes and clauses.flat and possible:
            return Verdict("its cause is only a possible one")
        why = "its clauses do not say which object they are about"
        for ways in product(*said):
            if not _named(ways, problem, must_name=must_name):
                continue
            why = self._caused(clauses, said, ways, problem, before)
            if why:
                continue
            told = {way.finding for way in ways}
            if told == cited:
                return Verdict(told=(ways[-1].finding,))
            why = "it cites evidence of a finding that it does not tell of"
        return Verdict(why)

    def _caused(
        self,
        clauses: Clauses,
        said: Sequence[Sequence[_Way]],
        ways: Sequence[_Way],
        problem: Shown,
        before: Sequence[str],
    ) -> str:
        after = self._after[problem.problem.id]
        for cause, effect in clauses.causes:
            sources = {way.finding for way in said[cause]} if cause >= 0 else set(before)
            targets = {way.finding for way in said[effect]}
            if not sources:
                return "there is nothing before it that could have led to this"
            if cause >= 0 and sources == targets == {ways[cause].finding}:
                if not _reasoned(ways[cause], ways[effect]):
                    return "the cited finding does not say that the one is the cause of the other"
            elif not all(target in after.get(source, ()) for source in sources for target in targets):
                return "the chain does not say that the one led to the other"
        return ""


def _named(ways: Sequence[_Way], problem: Shown, *, must_name: bool) -> bool:
    """Whether each clause says whose it is: by a name, as of the object before it, or as the root's own."""
    told: set[str] = set()
    known = set() if must_name else {problem.problem.root.subject}
    for way in ways:
        subject = way.claims.piece.finding.subject
        if not (way.match.named or subject in known or _is_telling(way)):
            return False
        if any(unit.points for unit in way.match.units) and way.finding not in told and not _says_what(way):
            return False
        known = {subject}
        told.add(way.finding)
    return True


def _is_telling(way: _Way) -> bool:
    """Whether one of the claims names an object that stands for itself, as a container does not."""
    return any(
        token.kind_of == "name" and not token.text.startswith(("CONTAINER-", "NS-"))
        for unit in way.match.units
        if unit.role == "core"
        for token in unit.tokens
    )


def _says_what(way: _Way) -> bool:
    """Whether the clause has the first part of the message, to which a pronoun of a later part points."""
    return any(unit.part == 0 for unit in way.match.units if unit.role == "core")


def _reasoned(cause: _Way, effect: _Way) -> bool:
    """Whether a finding's own message gives the one part as the reason of the other."""
    kind = effect.claims.piece.finding.kind
    if effect.match.parts == {0} and cause.match.parts == {REASON}:
        return True
    if kind in REASON_BEHIND_COLON:
        return (
            effect.match.parts == {0}
            and all(0 < part < BESIDE for part in cause.match.parts)
            and bool(cause.match.parts)
        )
    if kind in EFFECT_BEHIND_COLON:
        return (
            cause.match.parts == {0}
            and all(0 < part < BESIDE for part in effect.match.parts)
            and bool(effect.match.parts)
        )
    return False


def _closure(one: Shown) -> Mapping[str, frozenset[str]]:
    """What follows from each finding by the chain, however far."""
    direct: dict[str, set[str]] = {}
    for link in one.problem.chain:
        direct.setdefault(link.source, set()).add(link.target)
    found: dict[str, frozenset[str]] = {}
    for source in direct:
        seen: set[str] = set()
        edge = set(direct[source])
        while edge:
            seen |= edge
            edge = {target for reached in edge for target in direct.get(reached, ())} - seen
        found[source] = frozenset(seen - {source})
    return found
