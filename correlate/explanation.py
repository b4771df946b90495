"""
What an engineer needs of an outage: where it begins, what it led to, and what else it might be.
"""

from dataclasses import dataclass, field

from correlate.observation import Observation
from correlate.problem import Link
from scanners.finding import Severity
from scanners.kinds import Role

AMBIGUOUS = 0.8
"""
An alternative explains at least this share of what the root does; the root's confidence falls by the same
factor.
"""


@dataclass(slots=True)
class Explanation:
    """
    A root, what it explains in causal order, by which hops, and who else could have done it.

    ``folded`` are findings of the same low check and owner, told in one problem with the root and caused by
    nothing.
    """

    root: Observation
    explained: list[Observation] = field(default_factory=list)
    chain: list[Link] = field(default_factory=list)
    contributes: list[str] = field(default_factory=list)
    alternatives: list[Observation] = field(default_factory=list)
    folded: list[Observation] = field(default_factory=list)

    @property
    def members(self) -> list[Observation]:
        """Every finding of the problem, the root first."""
        return [self.root, *self.explained, *self.folded]

    @property
    def certainty(self) -> float:
        """Confidence in the root as a number, after ambiguity."""
        return self.root.certainty * (AMBIGUOUS if self.alternatives else 1.0)

    @property
    def severity(self) -> Severity:
        """The worst of everything that it explains."""
        return max((member.finding.severity for member in self.members), key=lambda severity: severity.weight)

    @property
    def established(self) -> bool:
        """
        Whether the root can be a cause at all; a symptom that nothing reaches has a cause that was not seen.
        """
        return self.root.kind.role is not Role.SYMPTOM
