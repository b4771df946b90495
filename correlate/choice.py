"""
Every fault can blame another; the story to believe is the one that needs the fewest and likeliest causes.

Chooses the roots of one connected component: exactly where few candidates are free, else greedily with swaps
(correlation.md section 7.5). Costs are compared after rounding.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import combinations, islice
from math import fsum, log
from typing import NamedTuple

from correlate.observation import Observation
from scanners.finding import Severity, State
from scanners.kinds import Role

THETA = 0.6
"""From here on something is explained, and "cause" is said rather than "possible contributor"."""

LAMBDA = 0.5
EXACT = 12
"""Free candidates up to which every subset is tried."""

SWAPS = 200_000
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
"""For each finding: what it reaches, and how surely."""


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


class Gap(NamedTuple):
    """Elements that the forced roots leave open and that the same candidates reach in the same way."""

    reached_by: Mapping[str, float]
    missing: float
    weight: float
    size: int
    itself: str = ""


@dataclass(slots=True)
class Choice:
    """One component to explain: its findings, what each reaches, and the place of each in causal order."""

    members: Mapping[str, Observation]
    reaches: Reaches
    place: Mapping[str, int]

    def roots(self) -> list[str]:
        """The ids of the chosen roots, in order."""
        elements = sorted((id_ for id_, member in self.members.items() if member.is_element), key=self._place)
        reached_by = self._reached_by(elements)
        forced = self._forced(elements, reached_by)
        missing = {e: 1.0 - covered(s for c, s in reached_by[e].items() if c in forced) for e in elements}
        left = [e for e in elements if e not in forced and not explains(1.0 - missing[e])]
        chosen: set[str] = set()
        if left:
            free = self._free(left, forced, reached_by)
            search = Search(self, free, self._gaps(left, free, missing, reached_by))
            chosen = set(search.exactly() if len(free) <= EXACT else search.greedily())
        roots = {**forced, **dict.fromkeys(chosen)}
        unexplained = [
            e for e in left if not explains(covered(s for c, s in reached_by[e].items() if c in roots))
        ]
        return sorted({*roots, *unexplained})

    def _place(self, id_: str) -> int:
        return self.place[id_]

    def _reached_by(self, elements: Iterable[str]) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {element: {} for element in elements}
        for source in sorted(self.reaches):
            for target, strength in self.reaches[source].items():
                if target in found:
                    found[target][source] = strength
        return found

    def _forced(self, elements: Iterable[str], reached_by: Reaches) -> dict[str, None]:
        """
        What no candidate reaches, in causal order: a symptom without a cause still explains what follows it.
        """
        forced: dict[str, None] = {}
        for element in elements:
            by = reached_by[element].items()
            usable = [strength for c, strength in by if self.members[c].is_candidate or c in forced]
            if not explains(covered(usable)):
                forced[element] = None
        return forced

    def _free(self, left: Sequence[str], forced: Mapping[str, None], reached_by: Reaches) -> list[str]:
        """Candidates that could explain something that the forced roots do not."""
        useful = {candidate for element in left for candidate in [element, *reached_by[element]]}
        return sorted(id_ for id_ in useful if id_ not in forced and self.members[id_].is_candidate)

    def _gaps(
        self, left: Sequence[str], free: Sequence[str], missing: Mapping[str, float], reached_by: Reaches
    ) -> list[Gap]:
        """What is left, alike taken together: forty evictions of one node are one question."""
        candidates = set(free)
        alike: dict[tuple[object, ...], list[str]] = {}
        for element in left:
            by = tuple(sorted((c, s) for c, s in reached_by[element].items() if c in candidates))
            itself = element if element in candidates else ""
            alike.setdefault((itself, missing[element], by), []).append(element)
        return [
            Gap(
                {c: s for c, s in reached_by[group[0]].items() if c in candidates},
                missing[group[0]],
                fsum(weight(self.members[element]) for element in group),
                len(group),
                group[0] if group[0] in candidates else "",
            )
            for group in alike.values()
        ]


class Search:
    """The least costly set of free candidates for what is left (correlation.md 7.5)."""

    def __init__(self, choice: Choice, free: Sequence[str], gaps: Sequence[Gap]) -> None:
        self._free, self._gaps = free, gaps
        self._costs = {candidate: cost(choice.members[candidate]) for candidate in free}
        self._place = choice.place

    def exactly(self) -> list[str]:
        """Every subset is tried."""
        subsets = (
            list(subset) for size in range(len(self._free) + 1) for subset in combinations(self._free, size)
        )
        return min(subsets, key=self._price)

    def greedily(self) -> list[str]:
        """
        By newly explained weight per cost, looked at again only when it comes to the front; then members that
        are not needed go, and each single swap is tried.
        """
        chosen = self._grown()
        price = self._price(chosen)
        for member in sorted(chosen):
            without = [other for other in chosen if other != member]
            if self._price(without) < price:
                chosen, price = without, self._price(without)
        swaps = ((old, new) for old in sorted(chosen) for new in self._free)
        for old, new in islice(swaps, max(1, SWAPS // len(self._gaps))):
            if old in chosen and new not in chosen:
                swapped = sorted([*(other for other in chosen if other != old), new])
                if self._price(swapped) < price:
                    chosen, price = swapped, self._price(swapped)
        return chosen

    def _price(self, subset: Sequence[str]) -> tuple[float, int, float, int, list[str]]:
        """F as far as the subset decides it; then fewer roots, more cover, further upstream, smaller id."""
        members = set(subset)
        covers = [self._cover(gap, members) for gap in self._gaps]
        missed = [gap.weight for gap, cover in zip(self._gaps, covers, strict=True) if not explains(cover)]
        price = fsum(self._costs[root] for root in subset) + 2 * fsum(missed)
        cover = fsum(gap.size * cover for gap, cover in zip(self._gaps, covers, strict=True))
        upstream = sum(self._place[root] for root in subset)
        return round(price, 9), len(subset), -round(cover, 9), upstream, sorted(subset)

    def _cover(self, gap: Gap, members: Set[str]) -> float:
        if gap.itself in members:
            return 1.0
        return 1.0 - gap.missing * (1.0 - covered(s for c, s in gap.reached_by.items() if c in members))

    def _grown(self) -> list[str]:
        touched: dict[str, list[int]] = {candidate: [] for candidate in self._free}
        for number, gap in enumerate(self._gaps):
            for candidate in [*gap.reached_by, *([gap.itself] if gap.itself else [])]:
                touched[candidate].append(number)
        missing = [gap.missing for gap in self._gaps]
        waiting = [(-self._worth(c, touched[c], missing), c) for c in self._free]
        heapify(waiting)
        chosen: list[str] = []
        while waiting and waiting[0][0] < 0:
            _, candidate = heappop(waiting)
            worth = self._worth(candidate, touched[candidate], missing)
            if waiting and -worth > waiting[0][0]:
                heappush(waiting, (-worth, candidate))
            elif worth > 0:
                chosen.append(candidate)
                for number in touched[candidate]:
                    missing[number] *= 1.0 - self._share(candidate, self._gaps[number])
        return chosen

    def _share(self, candidate: str, gap: Gap) -> float:
        return 1.0 if gap.itself == candidate else gap.reached_by[candidate]

    def _worth(self, candidate: str, touched: Iterable[int], missing: Sequence[float]) -> float:
        gained = [
            self._gaps[number].weight
            for number in touched
            if not explains(1.0 - missing[number])
            and explains(1.0 - missing[number] * (1.0 - self._share(candidate, self._gaps[number])))
        ]
        return round(fsum(gained) / self._costs[candidate], 9)
