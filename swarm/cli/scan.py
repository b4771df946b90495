"""
From what was typed to an exit status: settings, targets, the scan, the report, the gates.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from reports.arithmetic import coverage
from reports.assemble import Run, assemble
from reports.report import Report, Scope
from reports.suppressions import suppressed
from scanners.facts.cloud import Provider
from scanners.facts.slices import POD_LOGS
from scanners.scanner import Scanner, catalogue
from scanners.semantics.times import HOUR, instant, rfc3339
from swarm.cli.failure import Exit, say
from swarm.cli.gates import check_rules, tripped
from swarm.cli.output import destinations, write
from swarm.cli.prompt import model_for, shown
from swarm.cli.targets import night_before, targets
from swarm.collector import search_rarely
from swarm.coordinator import scan, shift_for
from swarm.errors import ConfigurationError
from swarm.history.nights import memory_of, remembered
from swarm.ignore_file import places, suppressions
from swarm.model.wording import worded
from swarm.progress import Lines, Live, Progress, Quiet
from swarm.settings import Settings, load
from swarm.sources.prices import price_rows
from swarm.target import Plan, Scanned
from swarm.version import installed

LAST_MOMENT = 250_000_000_000
"""The year 9892: later ones leave no room for schedules to be reckoned in."""


@dataclass(frozen=True)
class Request:
    """What was typed, before any of it is believed."""

    contexts: tuple[str, ...] = ()
    kubeconfig: Path | None = None
    in_cluster: bool = False
    recordings: tuple[Path, ...] = ()
    accounts: tuple[tuple[Provider, str], ...] = ()
    demo: bool = False
    fleet: Path | None = None
    now: str | None = None
    formats: tuple[str, ...] = ()
    output_dir: Path | None = None
    baseline: str | None = None
    history: str | None = None
    config: Path | None = None
    quiet: bool = False
    verbose: bool = False
    show_prompt: bool = False
    flags: Mapping[str, Any] = field(default_factory=dict)


def execute(request: Request) -> Exit:
    """Scan as asked and write the report; the exit status is the contract's."""
    if request.verbose:
        logging.getLogger().setLevel(logging.INFO)
    settings = load(request.flags, file=request.config).settings
    check_rules(settings.fail_on)
    silenced = suppressions(places(request.config), datetime.now(UTC).date())
    wanted = destinations(request.formats, request.output_dir)
    specs = targets(request, settings)
    memory = memory_of(
        _baseline(request),
        request.history,
        settings.history,
        live=any(spec.provider != "recorded" for spec in specs),
        checks=tuple(settings.check),
        keep=settings.history_keep,
    )
    plan = plan_for(settings, moment_of(request.now))
    model = model_for(settings, show_prompt=request.show_prompt)
    started = datetime.now(UTC)
    search_rarely()
    shift = shift_for(specs, settings)
    progress = progress_of(request.quiet, several=len(specs) > 1)
    scanned = asyncio.run(scan(specs, plan, progress, shift))
    run = run_of(settings, scanned, started, "nightly")
    report = suppressed(assemble(run, [each.result for each in scanned], catalogue()), silenced)
    for each in scanned:
        if each.unreadable is not None:
            say(each.unreadable)
    if request.show_prompt:
        return shown(report, settings, model)
    report = worded(report, settings, model, None if request.quiet else sys.stderr.write)
    report = remembered(report, memory, partial(say, word="warning"))
    write(report, wanted)
    return _status(report, scanned, settings)


def run_of(settings: Settings, scanned: Sequence[Scanned], started: datetime, profile: str) -> Run:
    """What the report tells of a run that is over: its moment is the latest of its targets'."""
    moments = [each.result.now for each in scanned if each.result.now is not None]
    return Run(
        scope=Scope(namespaces=settings.namespace, concerns=settings.concern, skipped=settings.skip),
        now=rfc3339(max(moments, default=started.timestamp())),
        started_at=rfc3339(started.timestamp()),
        finished_at=rfc3339(datetime.now(UTC).timestamp()),
        deepscan_version=installed(),
        profile=profile,
        window_hours=settings.since / HOUR,
    )


def plan_for(settings: Settings, now: float | None = None) -> Plan:
    """The checks that the settings choose, and under which numbers they look."""
    chosen = [check for check in catalogue().values() if _chosen(check, settings)]
    return Plan(
        checks=chosen,
        skipped=[check for check in catalogue().values() if check not in chosen],
        limits=settings.limits,
        ages=settings.check_ages,
        window=settings.since,
        now=now,
        deadline=settings.deadline,
        unread=frozenset() if settings.logs else frozenset({POD_LOGS}),
        prices=price_rows(settings.prices),
    )


def _chosen(check: Scanner, settings: Settings) -> bool:
    if check.code in settings.skip:
        return False
    asked = bool(settings.concern or settings.check)
    return not asked or check.concern in settings.concern or check.code in settings.check


def _baseline(request: Request) -> str | None:
    """What was asked for; the demo alone has a night before of its own, unless a history is to be its memory."""
    elsewhere = (
        request.contexts
        or request.recordings
        or request.accounts
        or request.in_cluster
        or request.history
        or request.fleet
    )
    if request.demo and request.baseline is None and not elsewhere:
        return str(night_before())
    return request.baseline


def moment_of(now: str | None) -> float | None:
    """``--now`` in epoch seconds. ConfigurationError for what is no time."""
    if now is None:
        return None
    moment = instant(now)
    if moment is None or not 0 < moment < LAST_MOMENT:
        raise ConfigurationError(
            f"{now} is no time", where="--now", mend="write it like 2026-03-04T10:12:00Z"
        )
    return moment


def progress_of(quiet: bool, *, several: bool = False) -> Progress:
    """How progress is told on this stderr; ``several`` targets get a line each."""
    if quiet:
        return Quiet()
    from rich.console import Console

    console = Console(stderr=True)
    drawn = sys.stderr.isatty() and not console.is_dumb_terminal and not os.environ.get("CI")
    return Live(console, several=several) if drawn else Lines()


def _status(report: Report, scanned: Sequence[Scanned], settings: Settings) -> Exit:
    if report.scan.partial:
        return Exit.INTERRUPTED
    if tripped(report, settings.fail_on):
        return Exit.GATE
    if any(each.unreadable for each in scanned) or coverage(report.checks) < settings.min_coverage:
        return Exit.INCOMPLETE
    return Exit.DONE
