"""
Forty findings are forty tickets; one problem is one person's morning.

The contract's problem: a root finding, everything that it explains, how much it hurts, and what to do.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from scanners.finding import Confidence, Reference, Severity

Effect = Literal["read", "mutates", "destructive"]
Saving = Literal["cash", "capacity", "commitment", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreParts:
    """The five published parts of a score, each 0 to 1 (correlation.md section 8)."""

    confidence: float
    impact: float
    severity: float
    waste: float
    urgency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The finding at the bottom of it, said as a statement."""

    finding: str
    code: str
    concern: str
    subject: Reference
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One hop of the causal chain: which rule says that ``source`` causes ``target``, and how strongly."""

    source: Annotated[str, Field(alias="from")]
    target: Annotated[str, Field(alias="to")]
    relation: str
    rule: str
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another cause that explains nearly as much."""

    finding: str
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Who and what is hit. Dollars are null without prices, never zero."""

    workloads: int = 0
    pods: int = 0
    gpus: int = 0
    namespaces: list[str] = field(default_factory=list)
    usd_per_month: float | None = None
    usd_low: float | None = None
    usd_high: float | None = None
    usd_formula: str | None = None
    saving: Saving = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One step of a remedy. Commands come from our templates only, every slot quoted; deepscan runs none of
    them.
    """

    text: str
    command: str | None = None
    effect: Effect = "read"
    dry_run: str | None = None
    verify: str | None = None
    undo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediation:
    """What to do about a root, in order: look, mend, check, way back."""

    text: str
    steps: list[Step] = field(default_factory=list)
    patch: str | None = None
    simulation: None = None


@dataclass(slots=True, kw_only=True)
class Problem:
    """
    A root cause with every finding that it explains: what is ranked, told, priced and mended. Its ``cause`` is
    a narrator's.
    """

    rank: int = 0
    id: str
    title: str
    severity: Severity
    confidence: Confidence
    score: float
    score_parts: ScoreParts
    root: Root
    findings: list[str]
    chain: list[Link] = field(default_factory=list)
    contributes: list[str] = field(default_factory=list)
    unknowns: list[str] = field(default_factory=list)
    would_change: list[str] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)
    impact: Impact = field(default_factory=Impact)
    cause: str = ""
    remediation: Remediation
    owner: str | None = None
    state: Literal["new", "persisting", "worse", "better", "recurring"] | None = None
    first_seen: str | None = None
    told_by: Literal["template", "model"] = "template"
