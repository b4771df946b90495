"""
Whoever sets up a nightly scan wants to know now what it will be blind to, and a script wants to read the answer.

These models are what ``deepscan doctor --format json=PATH`` writes; the text that people read is a view of them.
"""

from typing import Literal

from pydantic import BaseModel, Field

from reports.report import CheckRow, CoverageRow
from reports.text import escaped

SCHEMA_VERSION: Literal["1"] = "1"

ProbeState = Literal["ok", "warning", "not-configured", "failed"]


class Fault(BaseModel):
    """Why a target could not be looked at: what, where, the line that mends it."""

    what: str
    where: str = ""
    mend: str = ""


class Gap(BaseModel):
    """
    A slice that a run would not read whole. ``blinds`` are checks that would be not measured or partial for it,
    ``dulls`` those that would run and say less; ``mend`` is the one line that ends it.
    """

    slice: str
    state: str
    detail: str = ""
    mend: str = ""
    blinds: list[str] = Field(default_factory=list)
    dulls: list[str] = Field(default_factory=list)


class TargetCheckup(BaseModel):
    """
    One target. ``latency_ms`` is the median round trip, ``clock_skew_seconds`` how far the server's clock is
    ahead of this machine's; both null for recordings and what was not reached. ``as_of`` is the moment that a recording
    states. ``checks`` are the verdicts that a run would give, ``coverage`` how it would read each slice,
    ``excess`` what the identity may do and no scan does.
    """

    id: str | None = None
    name: str
    provider: str
    reached: bool
    error: Fault | None = None
    server: str | None = None
    version: str | None = None
    latency_ms: float | None = None
    clock_skew_seconds: float | None = None
    as_of: str | None = None
    coverage_percent: float
    gaps: list[Gap] = Field(default_factory=list)
    excess: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    checks: list[CheckRow] = Field(default_factory=list)
    coverage: list[CoverageRow] = Field(default_factory=list)


class ProbeRow(BaseModel):
    """One thing beside the targets: the settings, a metrics server, a price table; and the checks that hang on it."""

    name: str
    state: ProbeState
    detail: str = ""
    mend: str = ""
    checks: list[str] = Field(default_factory=list)


class Checkup(BaseModel):
    """All targets and probes; ``coverage_percent`` is what a run over all of them would have."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    deepscan_version: str
    coverage_percent: float
    targets: list[TargetCheckup]
    probes: list[ProbeRow]

    def to_json(self) -> str:
        """JSON text, a newline at the end; hidden characters are escapes."""
        return escaped(self.model_dump_json(indent=2)) + "\n"
