"""
"Pod is crashing" is a sighting; what an engineer needs is whose fault, since when, how sure, and where it can be seen.

The words of a finding live here: severity, confidence, the closed list of kinds that causal rules speak of, evidence.
A check yields :class:`Sighting`s; :mod:`correlate.merge` turns them into :class:`Finding`s, which are what is saved.
Those are dataclasses with slots, because a report holds thousands; pydantic validates them where one is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import msgspec

from scanners.facts.pod import Pod
from scanners.facts.ref import Named, Ref
from scanners.kinds import Kind

JsonValue = str | int | float | bool | None | list[Any] | dict[str, Any]


class Severity(StrEnum):
    """One scale for findings and problems; the contract says what each means."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def weight(self) -> int:
        """4 for critical down to 0 for info: greater is worse."""
        return _WEIGHTS[self]


_WEIGHTS = {Severity.CRITICAL: 4, Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1, Severity.INFO: 0}


class Confidence(StrEnum):
    """How it is known: a status field says so, arithmetic on fields, a typed rule with time order, or a guess."""

    OBSERVED = "observed"
    DERIVED = "derived"
    LIKELY = "likely"
    POSSIBLE = "possible"


class State(StrEnum):
    """Whether it is so now; ``recovered`` findings stay in the report and never rank."""

    ACTIVE = "active"
    RECOVERED = "recovered"
    CHRONIC = "chronic"


FindingRole = Literal["root", "symptom", "standalone"]
"""A finding's part in an explanation."""

Source = Literal["api", "event", "log", "metric", "cloud", "derived"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that anybody can go and look at: an object, a path in it, the value that stands there.

    ``path``: api and event: dotted JSON path with ``[n]`` and ``['key.with.dots']``; log: ``container:line``; derived:
    the formula. ``value`` is what stands at that path in the object as the API sent it; ``observed_at``
    when it became so.
    """

    subject: Named
    path: str
    value: JsonValue
    source: Source = "api"
    observed_at: str = ""
    threshold: JsonValue = None


class Sighting(msgspec.Struct, kw_only=True):
    """
    What one check saw on one object.

    ``subject`` is what a person would act on. ``message`` is one sentence with numbers. ``facts`` carry units in their
    keys. ``pods`` are the pods involved (they become ``count``, the samples, the node and the graph's neighbours);
    ``discriminator`` tells two findings of one check on one subject apart (a container, a resource) and must be
    stable from run to run. ``severity`` and ``confidence`` default to the scanner's. ``touches`` names
    other objects that the finding is about: a claim, a quota, a node.
    """

    subject: Named
    kind: Kind
    message: str
    evidence: Sequence[Evidence]
    facts: dict[str, JsonValue] = {}
    severity: Severity | None = None
    confidence: Confidence | None = None
    cause_class: str = ""
    discriminator: str = ""
    pods: Sequence[Pod] = ()
    touches: Sequence[Named] = ()
    node: str = ""
    count: int = 0
    state: State = State.ACTIVE
    onset: str = ""
    last_seen: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The contract's ``Ref``."""

    cluster: str
    group: str
    kind: str
    namespace: str = ""
    name: str
    uid: str | None = None

    @property
    def place(self) -> str:
        """``namespace/name``, or the name alone for what has no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """Evidence as the report carries it."""

    id: str
    source: Source
    ref: Reference
    threshold: JsonValue = None
    path: str
    value: JsonValue
    observed_at: str | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRef:
    """The pipeline, run and step that an object belongs to."""

    system: str
    pipeline: str | None = None
    run: str | None = None
    step: str | None = None
    attempt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRef:
    """The queue that work waits in: a dimension, never the owner."""

    system: str
    name: str


@dataclass(slots=True, kw_only=True)
class Finding:
    """
    One sighting on one object, merged and identified: the contract's finding, plus ``kind`` and ``cause_class``. Its
    ``role`` and ``problem`` are set once, when everything has been explained.
    """

    id: str
    code: str
    concern: str
    kind: Kind
    cause_class: str = ""
    title: str
    message: str
    severity: Severity
    confidence: Confidence
    subject: Reference
    workload: Reference | None = None
    node: str | None = None
    pipeline: PipelineRef | None = None
    layers: list[Reference] = field(default_factory=list)
    queue: QueueRef | None = None
    delivered_by: Reference | None = None
    discriminator: str = ""
    state: State = State.ACTIVE
    role: FindingRole = "standalone"
    problem: str | None = None
    onset: str | None = None
    last_seen: str | None = None
    count: int = 1
    facts: dict[str, JsonValue] = field(default_factory=dict)
    evidence: list[EvidenceRow] = field(default_factory=list)


def nobody(kind: str, name: str) -> Ref:
    """A subject that is a cause and no object: ``Registry``, ``FileServer``, ``NodePool``."""
    return Ref("", kind, "", name)
