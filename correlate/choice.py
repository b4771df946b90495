"""
Every fault can blame another; the story to believe is the one that needs the fewest and likeliest causes.

Chooses the roots of one connected component: exactly where few candidates are free, else greedily with swaps
(correlation.md section 7.5). Costs are compared after rounding.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum, log

from correlate.observation import Observation
from scanners.finding import Severity, State
from scanners.kinds import Role

THETA = 0.6
"""From here on something is explained, and "cause" is said rather than "possible contributor"."""

LAMBDA = 0.5
EXACT = 12
"""Free candidates up to which every subset is tried."""

SWAPS = 5_000
WEIGHTS = {
    Severity.CRITICAL: 4.0,
    Severity.HIGH: 3.0,
    Severity.MEDIUM: 1.5,
    Severity.LOW: 0.0,
    Severity.INFO: 0.0,
}
PRIORS = {Role.ROOT: 0.9, Role.EITHER: 0.5, Role.SYMPTOM: 0.05}
CHRONIC = 0.7

Reaches = Mapping[str, Mapping[str, float]]
"""For each candidate: what it reaches, and how surely."""


def weight(observation: Observation) -> float:
    """What it costs to leave a finding unexplained."""
    return WEIGHTS[observation.finding.severity]


def cost(observation: Observation) -> float:
    """What it costs to call a finding a root: less for what is likely to be one and surely seen."""
    prior = PRIORS[observation.kind.role]
    if observation.finding.state is State.CHRONIC:
        prior *= CHRONIC
    return LAMBDA - log(prior * observation.certainty)


def covered(strengths: Iterable[float]) -> float:
    """How surely something is explained by several causes together."""
    left = 1.0
    for strength in sorted(strengths):
        left *= 1.0 - strength
    return 1.0 - left


def explains(strength: float) -> bool:
    """Whether that much is an explanation; rounded, so that .75 * .8 is .6."""
    return round(strength, 9) >= THETA


@dataclass(slots=True)
class Choice:
    """
    One component to explain: its findings, what each candidate reaches, and the place of each in causal
    order.
    """

    members: Mapping[str, Observation]
    reaches: Reaches
    place: Mapping[str, int]

    def roots(self) -> list[str]:
        """The ids of the chosen roots, in order."""
        elements = [id_ for id_, member in sorted(self.members.items()) if member.is_element]
        reached_by = self._reached_by(elements)
        forced = [e for e in elements if not explains(covered(reached_by[e].values()))]
        left = [e for e in elements if e not in forced and not self._explained(e, forced, reached_by)]
        chosen = list(forced)
        if left:
            free = self._free(left, forced, reached_by)
            search = self._exactly if len(free) <= EXACT else self._greedily
            chosen += search(free, forced, left, reached_by)
            chosen += [e for e in left if e not in chosen and not self._explained(e, chosen, reached_by)]
        return sorted(chosen)

    def _reached_by(self, elements: Iterable[str]) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {element: {} for element in elements}
        for candidate in sorted(self.reaches):
            for target, strength in self.reaches[candidate].items():
                if target in found:
                    found[target][candidate] = strength
        return found

    def _explained(self, element: str, roots: Iterable[str], reached_by: Reaches) -> bool:
        by = reached_by[element]
        return explains(covered(by[root] for root in roots if root in by))

    def _free(self, left: Sequence[str], forced: Sequence[str], reached_by: Reaches) -> list[str]:
        """Candidates that could explain something that the forced roots do not."""
        useful = {candidate for element in left for candidate in reached_by[element]}
        useful |= {element for element in left if self.members[element].is_candidate}
        return sorted(useful - set(forced))

    def _exactly(
        self, free: Sequence[str], forced: Sequence[str], left: Sequence[str], reached_by: Reaches
    ) -> list[str]:
        subsets = (list(subset) for size in range(len(free) + 1) for subset in combinations(free, size))
        return min(subsets, key=lambda subset: self._price(subset, forced, left, reached_by))

    def _greedily(
        self, free: Sequence[str], forced: Sequence[str], left: Sequence[str], reached_by: Reaches
    ) -> list[str]:
        """
        By newly explained weight per cost; then members that are not needed go, then each single swap is
        tried.
        """
        gain = _Gain(self, free, forced, left, reached_by)
        chosen = gain.choose()
        price = self._price(chosen, forced, left, reached_by)
        for member in sorted(chosen):
            without = [other for other in chosen if other != member]
            cheaper = self._price(without, forced, left, reached_by)
            if cheaper < price:
                chosen, price = without, cheaper
        tries = max(1, SWAPS * 20 // max(1, len(left) * max(1, len(chosen))))
        swaps = ((old, new) for old in sorted(chosen) for new in free if new not in chosen)
        for _, (old, new) in zip(range(tries), swaps, strict=False):
            if old in chosen and new not in chosen:
                swapped = sorted([*(other for other in chosen if other != old), new])
                cheaper = self._price(swapped, forced, left, reached_by)
                if cheaper < price:
                    chosen, price = swapped, cheaper
        return chosen

    def _price(
        self, subset: Sequence[str], forced: Sequence[str], left: Sequence[str], reached_by: Reaches
    ) -> tuple[float, int, float, int, list[str]]:
        """
        F of section 7.5 as far as the subset decides it; then fewer roots, more cover, further upstream,
        smaller id.
        """
        roots = [*forced, *subset]
        covers = [
            1.0 if e in subset else covered(reached_by[e][r] for r in roots if r in reached_by[e])
            for e in left
        ]
        missed = [
            weight(self.members[e]) for e, cover in zip(left, covers, strict=True) if not explains(cover)
        ]
        price = fsum(cost(self.members[root]) for root in subset) + 2 * fsum(missed)
        upstream = sum(self.place[root] for root in subset)
        return round(price, 9), len(subset), -round(fsum(covers), 9), upstream, sorted(subset)


class _Gain:
    """
    The greedy search: what each candidate would newly explain, looked at again only when it comes to the
    front.
    """

    def __init__(
        self,
        choice: Choice,
        free: Sequence[str],
        forced: Sequence[str],
        left: Sequence[str],
        reached_by: Reaches,
    ) -> None:
        self._choice, self._free, self._left = choice, free, left
        self._missing = {
            e: 1.0 - covered(reached_by[e][r] for r in forced if r in reached_by[e]) for e in left
        }

    def choose(self) -> list[str]:
        chosen: list[str] = []
        waiting = sorted((-self._worth(candidate), candidate) for candidate in self._free)
        while waiting and waiting[0][0] < 0:
            _, candidate = waiting.pop(0)
            worth = self._worth(candidate)
            if waiting and -worth > waiting[0][0]:
                waiting.append((-worth, candidate))
                waiting.sort()
            elif worth > 0:
                chosen.append(candidate)
                self._take(candidate)
        return chosen

    def _worth(self, candidate: str) -> float:
        gained = []
        for element in self._touched(candidate):
            missing = self._missing[element]
            after = (
                0.0 if element == candidate else missing * (1.0 - self._choice.reaches[candidate][element])
            )
            if not explains(1.0 - missing) and explains(1.0 - after):
                gained.append(weight(self._choice.members[element]))
        member = self._choice.members[candidate]
        return round(fsum(gained) / cost(member), 9)

    def _take(self, candidate: str) -> None:
        for element in self._touched(candidate):
            share = 1.0 if element == candidate else self._choice.reaches[candidate][element]
            self._missing[element] *= 1.0 - share

    def _touched(self, candidate: str) -> list[str]:
        own = [candidate] if candidate in self._missing else []
        return own + sorted(e for e in self._choice.reaches.get(candidate, ()) if e in self._missing)
