"""
Targets are scanned apart, by different agents and perhaps on different machines; the report is one.

What one target brings to it: the swarm fills this, :func:`reports.assemble.assemble` joins them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from correlate.problem import Problem
from reports.ledger import TargetLedger
from reports.report import AgentRow, CheckRow, TargetRow
from scanners.facts.gaps import Reading
from scanners.finding import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetResult:
    """
    One target's share of a report.

    ``readings``: how each slice was read, per scope. ``checks``: a row per check, their ``target`` and that
    of ``agents`` being ``target.id``. ``problems`` in any order; ranks are given over all targets.
    ``ledger``: its GPU-hours, None without accelerators. ``partial``: collection was cut short (a deadline, Ctrl-C).
    ``now``: the moment that its ages count from, in epoch seconds.
    """

    target: TargetRow
    findings: Sequence[Finding] = ()
    problems: Sequence[Problem] = ()
    readings: Sequence[Reading] = ()
    checks: Sequence[CheckRow] = ()
    agents: Sequence[AgentRow] = ()
    ledger: TargetLedger | None = None
    warnings: Sequence[str] = ()
    partial: bool = False
    now: float | None = None
