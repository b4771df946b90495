"""
Other people's scripts read the report; what stands in it is a promise.

These models are the contract's JSON, schema version 1: fields are added, never renamed or dropped. Every face
is a view of this one object.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from correlate.problem import Problem
from reports.ledger import Ledger
from reports.text import escaped
from scanners.facts.gaps import SliceState
from scanners.finding import Finding, JsonValue, Reference
from scanners.scanner import CheckState

SCHEMA_VERSION: Literal["1"] = "1"
ID_SCHEME = 1
"""Raised when the way ids are made changes: findings of two schemes are incomparable, not resolved."""


class TargetRow(BaseModel):
    """One target of the scan; nodes and pods are null where they could not be read."""

    id: str
    provider: Literal["kubernetes", "recorded", "aws", "gcp", "azure"]
    name: str
    cluster_uid: str | None = None
    version: str | None = None
    nodes: int | None = None
    pods: int | None = None


class Scope(BaseModel):
    """What the scan was asked to look at; empty lists mean everything."""

    namespaces: list[str] = Field(default_factory=list)
    concerns: list[str] = Field(default_factory=list)
    skipped: list[str] = Field(default_factory=list)


class ModelUse(BaseModel):
    """
    What a language model cost, when one was asked for words; ``summary`` is what it told of the whole and was
    believed.
    """

    name: str
    calls: int
    tokens_in: int
    tokens_out: int
    usd: float | None
    fallbacks: int
    summary: str = ""


class Scan(BaseModel):
    """
    The scan itself. ``started_at`` and ``finished_at`` are the wall clock's, ``now`` the moment that ages
    count from.
    """

    id: str
    id_scheme: int = ID_SCHEME
    scope: Scope
    now: str
    window_hours: float | None = None
    started_at: str
    finished_at: str
    deepscan_version: str
    profile: str
    partial: bool = False
    targets: list[TargetRow]
    model: ModelUse | None = None


class SeverityCounts(BaseModel):
    """How many of each severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0


class SavingSplit(BaseModel):
    """Recoverable dollars a month by kind of saving; null = not known."""

    cash: float | None = None
    capacity: float | None = None
    commitment: float | None = None


class Summary(BaseModel):
    """
    The report in numbers. The last four are null without a baseline and count problems: ``new`` and ``persisting``
    are all of this report's (worse, better and recurring ones persist), the others are the baseline's.
    """

    problems: SeverityCounts
    findings: SeverityCounts
    coverage_percent: float
    waste_usd_per_month: float | None = None
    waste_by_saving: SavingSplit = Field(default_factory=SavingSplit)
    blocked_workloads: int = 0
    new: int | None = None
    persisting: int | None = None
    resolved: int | None = None
    incomparable: int | None = None


class CoverageRow(BaseModel):
    """How one slice was read in one scope, and which checks it blinds."""

    target: str
    slice: str
    scope: str
    state: SliceState
    objects: int
    detail: str = ""
    mend: str = ""
    checks: list[str] = Field(default_factory=list)


class CheckRow(BaseModel):
    """How one check ended on one target."""

    code: str
    target: str
    revision: str
    state: CheckState
    title: str = ""
    why: str = ""
    thresholds: dict[str, JsonValue] = Field(default_factory=dict)


class AgentRow(BaseModel):
    """One agent's work: a target and a concern."""

    target: str
    concern: str
    state: Literal["done", "partial", "timed-out", "failed"]
    seconds: Annotated[float, Field(ge=0)]
    requests: int
    findings: int


class SuppressedRow(BaseModel):
    """
    A finding that somebody decided not to be told of, for a while and with a reason. ``entry`` says what the
    suppression is about; an ``expired`` one silences nothing, an ``unused`` one matched nothing in this scan.
    """

    finding: str
    reason: str
    until: str
    by: str
    expired: bool = False
    entry: str = ""
    unused: bool = False


class ResolvedRow(BaseModel):
    """A finding of the baseline that is gone."""

    finding: str
    code: str
    subject: Reference
    title: str
    last_seen: str | None = None


class IncomparableRow(BaseModel):
    """A finding of the baseline that is not here, though nobody may call it resolved; ``why`` says why."""

    finding: str
    code: str
    subject: Reference
    title: str
    why: str


class Baseline(BaseModel):
    """The report that this one was compared with: the id and the moment of its scan."""

    scan: str
    now: str


class Report(BaseModel):
    """The whole report, problems in order of rank."""

    model_config = ConfigDict(title="deepscan report")

    schema_version: Literal["1"] = SCHEMA_VERSION
    scan: Scan
    summary: Summary
    problems: list[Problem]
    findings: list[Finding]
    coverage: list[CoverageRow]
    checks: list[CheckRow]
    ledger: Ledger | None = None
    agents: list[AgentRow]
    suppressed: list[SuppressedRow] = Field(default_factory=list)
    resolved: list[ResolvedRow] = Field(default_factory=list)
    incomparable: list[IncomparableRow] = Field(default_factory=list)
    baseline: Baseline | None = None
    trends: None = None
    warnings: list[str] = Field(default_factory=list)

    def to_json(self) -> str:
        """
        JSON text, two spaces deep, the contract's keys, a newline at the end; hidden characters are escapes.
        """
        return "".join(self.json_pieces())

    def json_pieces(self) -> Iterator[str]:
        """
        The JSON text in pieces, one a finding or problem: the whole of a large report takes several times its
        length while it is put together.
        """
        rest = escaped(
            self.model_copy(update={name: [] for name in _LONG}).model_dump_json(by_alias=True, indent=2)
        )
        for name, rows in _LONG.items():
            before, rest = rest.split(f'\n  "{name}": []', 1)
            yield f'{before}\n  "{name}": ['
            separator = ""
            for row in getattr(self, name):
                text = escaped(rows.dump_json(row, by_alias=True, indent=2).decode())
                yield separator + "\n    " + text.replace("\n", "\n    ")
                separator = ","
            yield "\n  ]" if separator else "]"
        yield rest + "\n"


_LONG: dict[str, TypeAdapter[Any]] = {"problems": TypeAdapter(Problem), "findings": TypeAdapter(Finding)}
"""The lists of a report that may be long, in their order in it, and what writes a row of each."""
