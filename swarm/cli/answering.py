"""
``deepscan ask`` at work: the question is understood before anything is read, and only what it needs is read.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic_core import from_json

from reports.assemble import assemble
from reports.faces.answer_files import csv_text, json_text, markdown_text
from reports.faces.answer_terminal import print_answer, text
from reports.query.answer import Answer
from reports.query.asking import ask
from reports.query.catalogue import codes_of, reads_ledger
from reports.query.grammar import understood
from reports.query.query import Query
from reports.query.understanding import NotUnderstood, Unread
from reports.report import Report
from reports.text import one_line
from scanners.scanner import catalogue
from swarm.cli.failure import Exit, say
from swarm.cli.ledger import READS
from swarm.cli.output import Destination, destinations, to_stdout
from swarm.cli.output import replace as write_file
from swarm.cli.prompt import model_for
from swarm.cli.scan import Request, moment_of, plan_for, progress_of, run_of
from swarm.cli.stored import report_named
from swarm.cli.targets import targets
from swarm.collector import search_rarely
from swarm.coordinator import scan, shift_for
from swarm.errors import ConfigurationError
from swarm.history.nights import LAST, report_in
from swarm.model.door import ModelFailed
from swarm.model.translating import translated, translation_of
from swarm.settings import Settings, load

FACES: Mapping[str, Callable[[Answer], str]] = {
    "terminal": text, "json": json_text, "markdown": markdown_text, "csv": csv_text,
}  # fmt: skip
SHOWN = 3
"""Words and examples named in an error."""


@dataclass(frozen=True)
class Asked:
    """The question, the stored scan that it is put to (None where nobody named one), and all else that was typed."""

    question: str
    scan: str | None
    request: Request


@dataclass(frozen=True)
class Meant:
    """What the question was taken for, by whom, and the words that had no part in it."""

    query: Query
    told_by: str
    unread: Sequence[Unread] = ()


def reply(asked: Asked) -> Exit:
    """Answer, and say how it ended: 2 for a question that was not understood, 3 for a target that was not read."""
    request = asked.request
    if request.verbose:
        logging.getLogger().setLevel(logging.INFO)
    settings = load(request.flags, file=request.config).settings
    wanted = destinations(request.formats, None, FACES)
    if request.show_prompt:
        return _shown(asked.question, settings)
    meant = _meant(asked.question, settings)
    report, unreadable = _report(asked, settings, meant.query)
    answer = ask(report, meant.query)
    notes = [*_unused(meant.unread), *answer.notes]
    answer = answer.model_copy(update={"question": asked.question, "told_by": meant.told_by, "notes": notes})
    for destination in sorted(wanted, key=lambda one: one.path is None):
        _write(answer, destination)
    return Exit.INCOMPLETE if unreadable else Exit.DONE


def _meant(question: str, settings: Settings) -> Meant:
    """The query of the model that is configured, else, and where it gives none, of the grammar."""
    model = model_for(settings, show_prompt=False)
    if model is not None:
        try:
            return Meant(asyncio.run(translated(question, model)), "model")
        except ModelFailed as failed:
            say(failed, word="warning")
    found = understood(question)
    if isinstance(found, NotUnderstood):
        raise _not_understood(found)
    return Meant(found.query, "grammar", found.unread)


def _not_understood(found: NotUnderstood) -> ConfigurationError:
    known = [f"understood: {', '.join(map(one_line, found.understood))}"] if found.understood else []
    unknown = [f"not understood: {', '.join(_word(each) for each in found.unread)}"] if found.unread else []
    examples = "\n".join(f'    deepscan ask "{example}"' for example in found.examples)
    mend = "\n  ".join([*known, *unknown, f"ask for example:\n{examples}"])
    return ConfigurationError(f"the question was not understood: {found.why}", mend=mend)


def _word(unread: Unread) -> str:
    near = f" (did you mean {unread.nearest}?)" if unread.nearest else ""
    return f"{one_line(unread.word)}{near}"


def _unused(unread: Sequence[Unread]) -> list[str]:
    return [f"had no part in the query: {', '.join(map(_word, unread))}"] if unread else []


def _shown(question: str, settings: Settings) -> Exit:
    """Print what a model would be sent; nothing is sent or read."""
    model = model_for(settings, show_prompt=True)
    assert model is not None
    body = model.written(translation_of(question))
    to_stdout(lambda: sys.stdout.write(f"{body}\n"))
    return Exit.DONE


def _report(asked: Asked, settings: Settings, query: Query) -> tuple[Report, bool]:
    """The report that the question is put to, and whether a target of it could not be read."""
    request = asked.request
    live = bool(request.contexts or request.in_cluster or request.demo)
    if asked.scan is not None and (live or request.recordings):
        what = "a finished scan and a target were both given"
        raise ConfigurationError(what, where="--scan", mend="leave one of them out")
    finished = [path for path in request.recordings if _is_report(path)]
    if finished and (live or len(request.recordings) > 1):
        what = "a finished report is asked alone"
        raise ConfigurationError(what, where=f"--from {finished[0]}", mend="leave the other targets out")
    if finished:
        return report_in(finished[0], "--from"), False
    if live or request.recordings:
        return _scanned(request, settings, query)
    return report_named(asked.scan or LAST, request.history, request.config), False


def _is_report(path: Path) -> bool:
    """Whether a file is a finished report rather than a recording."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(64).lstrip()[:1] != b"{":
            return False
    try:
        data = from_json(path.read_bytes())
    except ValueError:
        return False
    return isinstance(data, dict) and "schema_version" in data


def _scanned(request: Request, settings: Settings, query: Query) -> tuple[Report, bool]:
    """A scan of the targets by the checks that the query needs, as far back as it asks."""
    if query.window_s is not None and request.flags.get("since") is None:
        settings = settings.model_copy(update={"since": max(float(query.window_s), settings.since)})
    plan = plan_for(settings, moment_of(request.now))
    needed = codes_of(query)
    if needed is not None:
        plan = replace(plan, checks=[check for check in plan.checks if check.code in needed])
        unasked = [check for check in catalogue().values() if check.code in needed]
        plan = replace(plan, skipped=[check for check in unasked if check not in plan.checks])
    if reads_ledger(query):
        plan = replace(plan, also=READS)
    specs = targets(request, settings)
    search_rarely()
    started = datetime.now(UTC)
    shift = shift_for(specs, settings)
    scanned = asyncio.run(scan(specs, plan, progress_of(request.quiet, several=len(specs) > 1), shift))
    refused = [one.unreadable for one in scanned if one.unreadable is not None]
    for error in refused:
        say(error)
    report = assemble(run_of(settings, scanned, started, "ask"), [one.result for one in scanned], catalogue())
    return report, bool(refused)


def _write(answer: Answer, destination: Destination) -> None:
    face = FACES[destination.format]
    if destination.path is not None:
        write_file(destination.path, face(answer))
        sys.stderr.write(f"wrote {destination.path}\n")
    elif destination.format == "terminal":
        to_stdout(lambda: print_answer(answer))
    else:
        to_stdout(lambda: sys.stdout.buffer.write(face(answer).encode()))
