"""
``deepscan gpu`` at work: read only what the ledger needs, or a report that is there already.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from reports.assemble import assemble
from reports.faces.ledger_text import print_ledger, text
from reports.ledger import Ledger
from reports.ledger_view import LedgerView, ledger_view
from reports.report import Report
from reports.text import escaped, one_line
from scanners.facts.gaps import HAS_SOMETHING, SliceState
from scanners.facts.slices import EVENTS, GPU_METRICS, NODES, PODS, PRICES
from swarm.cli.failure import Exit, say
from swarm.cli.output import Destination, destinations, replace, to_stdout
from swarm.cli.scan import Request, moment_of, progress_of, run_of
from swarm.cli.targets import targets
from swarm.coordinator import scan
from swarm.errors import ConfigurationError
from swarm.history.nights import report_in
from swarm.settings import load
from swarm.sources.prices import price_rows
from swarm.target import Plan

READS = (NODES, PODS, EVENTS, PRICES, GPU_METRICS)
"""
What a ledger is made of, beside what is always read. Events tell which node lost its last GPU pod just now: it
is not idle yet.
"""

FACES = ("terminal", "json")
STRIPS = 32
"""Strips of a pool; a report has fewer."""


def show(request: Request, path: Path | None) -> Exit:
    """Print the ledger of a finished report, else of the targets; 3 if one, or its nodes, could not be read."""
    if request.verbose:
        logging.getLogger().setLevel(logging.INFO)
    wanted = _destinations(request.formats)
    report, unreadable = (_read(request, path), False) if path else _scanned(request)
    for destination in sorted(wanted, key=lambda one: one.path is None):
        _write(report, destination)
    for row in report.coverage:
        if row.slice in {slice_.name for slice_ in READS} and row.state not in _FINE:
            sys.stderr.write(f"gap: {one_line(f'{row.slice} ({row.scope}): {row.state} {row.detail}')}\n")
    return Exit.INCOMPLETE if unreadable or not _nodes_known(report) else Exit.DONE


_FINE = (SliceState.COMPLETE, SliceState.ABSENT)


def _destinations(formats: Sequence[str]) -> list[Destination]:
    wanted = destinations(formats, None)
    for one in wanted:
        if one.format not in FACES:
            what = f"the ledger alone has no format {one.format}"
            raise ConfigurationError(what, where="--format", mend=f"use one of {', '.join(FACES)}")
    return wanted


def _read(request: Request, path: Path) -> Report:
    if request.contexts or request.recordings or request.demo or request.in_cluster:
        what = "a report and a target were both given"
        raise ConfigurationError(what, where=str(path), mend="leave one of them out")
    return report_in(path, "the report")


def _scanned(request: Request) -> tuple[Report, bool]:
    """A report without checks, and whether some target could not be read."""
    settings = load(request.flags, file=request.config).settings
    started = datetime.now(UTC)
    plan = Plan(
        checks=(),
        ages=settings.check_ages,
        window=settings.since,
        now=moment_of(request.now),
        deadline=settings.deadline,
        also=READS,
        prices=price_rows(settings.prices),
    )
    specs = targets(request, settings)
    scanned = asyncio.run(scan(specs, plan, progress_of(request.quiet)))
    refused = [one.unreadable for one in scanned if one.unreadable is not None]
    for error in refused:
        say(error)
    run = run_of(settings, scanned, started, "gpu")
    return assemble(run, [one.result for one in scanned], {}), bool(refused)


def _nodes_known(report: Report) -> bool:
    """Whether nodes were read of every target; a report that lists no slice at all knows nothing."""
    read = {row.target for row in report.coverage if row.slice == NODES.name and row.state in HAS_SOMETHING}
    return read >= {row.id for row in report.scan.targets}


def _write(report: Report, destination: Destination) -> None:
    if destination.path is not None:
        replace(destination.path, _text(report, destination.format))
        sys.stderr.write(f"wrote {destination.path}\n")
    elif destination.format == "terminal" and report.ledger is not None:
        view = _view(report, report.ledger)
        to_stdout(lambda: print_ledger(view))
    else:
        to_stdout(lambda: sys.stdout.buffer.write(_text(report, destination.format).encode()))


def _text(report: Report, face: str) -> str:
    if face == "json":
        ledger = TypeAdapter(Ledger | None).dump_json(report.ledger, indent=2)
        return escaped(ledger.decode()) + "\n"
    if report.ledger is None:
        known = _nodes_known(report)
        return "There are no GPUs here.\n" if known else "Not known: the nodes were not read whole.\n"
    return text(_view(report, report.ledger))


def _view(report: Report, ledger: Ledger) -> LedgerView:
    return ledger_view(ledger, {row.id: row.name for row in report.scan.targets}, STRIPS)
