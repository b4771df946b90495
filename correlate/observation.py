"""
A report carries words; causes run over nodes, claims and pods.

An observation is a finding together with what it stands on: the objects that rules walk from and to.
"""

from dataclasses import dataclass

from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.finding import Confidence, Finding, JsonValue, Severity, State
from scanners.kinds import Kind, Role

WORKLOAD_GROUPS = frozenset({"apps", "batch"})

CERTAINTY = {
    Confidence.OBSERVED: 1.0,
    Confidence.DERIVED: 0.9,
    Confidence.LIKELY: 0.8,
    Confidence.POSSIBLE: 0.5,
}
"""The numbers behind the words of confidence (correlation.md section 5)."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """
    A finding with its resolved subject, the pods involved (by uid), the other objects it is about, and epoch
    times.

    ``workload`` is the top owner where the subject is work itself, a pod or a claim; ``owners`` the layers
    between.
    """

    finding: Finding
    subject: Ref
    pods: tuple[Pod, ...] = ()
    touches: tuple[Ref, ...] = ()
    workload: Ref | None = None
    owners: tuple[Ref, ...] = ()
    nodes: tuple[str, ...] = ()
    onset: float | None = None
    last_seen: float | None = None

    @property
    def id(self) -> str:
        return self.finding.id

    @property
    def kind(self) -> Kind:
        return self.finding.kind

    @property
    def facts(self) -> dict[str, JsonValue]:
        return self.finding.facts

    @property
    def key(self) -> Key:
        """Identity of its subject, without uid."""
        return key_of(self.subject)

    @property
    def certainty(self) -> float:
        """Its confidence as a number."""
        return CERTAINTY[self.finding.confidence]

    @property
    def counts(self) -> bool:
        """Whether it is part of any explanation: what has recovered is not."""
        return self.finding.state is not State.RECOVERED

    @property
    def is_element(self) -> bool:
        """Whether it needs an explanation: it counts, and is medium or worse."""
        return self.counts and self.finding.severity.weight >= Severity.MEDIUM.weight

    @property
    def is_candidate(self) -> bool:
        """Whether it may be a cause."""
        return self.counts and self.kind.role is not Role.SYMPTOM
