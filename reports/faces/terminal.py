"""
Most reports are read in eighty columns, over ssh, at night, or piped into a file.

Sections A to C, the first cards, and what was not checked. Colour, width and terminal are the console's
affair; text of the cluster is put in as text, never as markup.
"""

import io
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.card import Card, EvidenceLine
from reports.faces.changes import lines_of
from reports.faces.ledger_text import ledger_line, pool_blocks
from reports.faces.stdout import Stdout
from reports.gaps import Gap
from reports.page import SHOWN, Page, page_of
from reports.report import Report
from reports.text import one_line
from reports.words import counted, listed, sentence
from scanners.finding import Severity

CARDS = 5
EVIDENCE = 3
CHANGES = 5
BRIEF = 160
GAPS = 30
"""Gaps, reasons and warnings shown; a fleet that cannot be read has thousands."""
STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}


def text(report: Report, width: int = 80) -> str:
    """The terminal report as plain text, for files and pipes."""
    page = io.StringIO()
    console = Console(
        file=page, width=width, no_color=True, force_terminal=False, highlight=False, _environ={}
    )
    print_report(report, console)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def print_report(report: Report, console: Console | None = None) -> None:
    """
    Print the report on a console of the caller's, else on stdout (``NO_COLOR`` and ``FORCE_COLOR`` are
    honoured).
    """
    page = page_of(report)
    console = console or Stdout()
    for block in _blocks(page):
        command = isinstance(block, Text) and block.no_wrap is True
        console.print(block, markup=False, highlight=False, emoji=False, soft_wrap=command)


def _blocks(page: Page) -> Iterable[RenderableType]:
    yield from _header(page)
    yield Text()
    if page.ledger:
        yield ledger_line(page.ledger)
        yield Text()
    yield _tiles(page)
    yield Text()
    yield Text(page.headline, style="bold")
    if page.words:
        yield Text(one_line(page.words))
    if page.cards:
        yield Text()
        yield _ranking(page)
    yield from _changes(page)
    for card in page.cards[:CARDS]:
        yield Text()
        yield _card(card)
        yield from _commands(card)
    if page.ledger:
        yield Text()
        yield from pool_blocks(page.ledger)
    if page.unread:
        yield Text()
        yield from _not_checked(page)
    yield from _outside(page)
    if page.silenced:
        yield Text()
        yield from _silenced(page)


def _header(page: Page) -> Iterable[Text]:
    yield Text.assemble(("deepscan", "bold"), "  ", (one_line(page.name), "bold"))
    yield Text("  ·  ".join(f"{label} {one_line(value)}" for label, value in page.header), style="dim")
    for warning in page.report.warnings[:GAPS]:
        yield Text(f"warning: {one_line(warning)}", style="yellow")


def _tiles(page: Page) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for tile in page.tiles:
        grid.add_row(
            Text(tile.label, style="dim"), Text(tile.value, style="bold"), Text(tile.note, style="dim")
        )
    return grid


def _ranking(page: Page) -> Group:
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("severity", no_wrap=True)
    table.add_column("code", no_wrap=True)
    table.add_column("problem", ratio=1)
    if page.priced:
        table.add_column("USD/mo", justify="right", no_wrap=True)
    table.add_column("since", no_wrap=True)
    for card in page.cards[:SHOWN]:
        problem = card.problem
        cells = [Text(str(problem.rank)), _severity(card), Text(problem.root.code), Text(_title(card))]
        table.add_row(*cells, *([Text(card.usd)] if page.priced else []), Text(card.since))
    left = len(page.cards) - SHOWN
    return Group(
        table, *([Text(f"… and {left} more, in the other formats", style="dim")] if left > 0 else [])
    )


def _changes(page: Page) -> Iterable[RenderableType]:
    """What the ranked list cannot show: problems of it carry their state there."""
    gone = [group for group in page.changes if any(line.rank is None for line in group.lines)]
    if gone:
        yield Text()
        yield Text(f"Changes since {page.since}" if page.since else "Changes", style="bold")
        for line in lines_of(gone, CHANGES):
            yield Padding(line, (0, 0, 0, 2))


def _silenced(page: Page) -> Iterable[Text]:
    yield Text("Suppressed", style="bold")
    for line in page.silenced[:CHANGES]:
        note = f" [{line.note}]" if line.note else ""
        yield Text(f"  {one_line(line.what)}: {one_line(line.reason)} ({line.by}, until {line.until}){note}")
    if len(page.silenced) > CHANGES:
        yield Text(f"  … and {len(page.silenced) - CHANGES} more, in the other formats", style="dim")


def _title(card: Card) -> str:
    where = f" [{card.where}]" if card.where else ""
    notes = " · ".join(part for part in (card.problem.owner, card.problem.state) if part)
    return one_line(card.problem.title) + one_line(where) + (f" ({one_line(notes)})" if notes else "")


def _severity(card: Card) -> Text:
    severity = card.problem.severity
    return Text(f"{card.shape} {severity.value}", style=STYLES[severity])


def _card(card: Card) -> Group:
    problem = card.problem
    head = Text.assemble(
        f"{problem.rank} ", _severity(card), f" {problem.root.code} ", (_title(card), "bold")
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, width=8)
    grid.add_column(ratio=1)
    for label, cell in _lines(card):
        grid.add_row(label, cell)
    return Group(head, Padding(grid, (0, 0, 0, 2)))


def _lines(card: Card) -> Iterable[tuple[str, Text]]:
    problem = card.problem
    yield "what", Text(one_line(problem.cause))
    for number, line in enumerate(card.evidence[:EVIDENCE]):
        yield "evidence" * (number == 0), _evidence(line)
    made = f" ({one_line(card.formula)})" if card.formula else ""
    yield "effect", Text(f"hits {card.hits}; USD a month {card.usd}{made}")
    yield "known", Text(card.known)
    if problem.unknowns:
        yield "unknown", Text(one_line("; ".join(problem.unknowns)))
    if problem.would_change:
        yield "unless", Text(one_line("; ".join(problem.would_change)))
    yield "fix", Text(one_line(problem.remediation.text))


def _commands(card: Card) -> Iterable[Text]:
    """
    Each on a line of its own, however long: a command that a terminal has wrapped itself can still be copied.
    """
    for step in card.problem.remediation.steps:
        if step.command:
            yield Text.assemble((f"    {step.effect:<11} ", "dim"), one_line(step.command), no_wrap=True)
        if step.undo:
            yield Text.assemble(("    undo        ", "dim"), (one_line(step.undo), "dim"), no_wrap=True)


def _evidence(line: EvidenceLine) -> Text:
    limit = f" (threshold {line.threshold})" if line.threshold != "–" else ""
    when = f", {line.time}" if line.time != "–" else ""
    return Text.assemble(
        f"{one_line(line.subject)} {one_line(line.path)} = ", (_brief(line.value), "bold"), limit, when
    )


def _brief(value: str) -> str:
    value = one_line(value)
    return value if len(value) <= BRIEF else value[: BRIEF - 1] + "…"


def _not_checked(page: Page) -> Iterable[RenderableType]:
    yield Text("Not checked", style="bold")
    for gap in page.gaps[:GAPS]:
        yield Padding(_gap(gap, page.several_targets), (0, 0, 0, 2))
    if len(page.gaps) > GAPS:
        yield Text(f"  … and {len(page.gaps) - GAPS} more gaps, in the other formats", style="dim")
    for agent in page.troubled_agents:
        yield Padding(
            Text(f"agent {agent.concern} on {one_line(page.target(agent.target))}: {agent.state}"),
            (0, 0, 0, 2),
        )
    for group in page.not_measured[:GAPS]:
        yield Padding(
            Text(f"not measured, {one_line(group.why) or 'no reason given'}: {group.codes}"), (0, 0, 0, 2)
        )


def _gap(gap: Gap, several: bool) -> Group:
    place = f"{one_line(gap.target)} " * several + f"{gap.slice} ({one_line(gap.scopes)})"
    lines = [
        Text.assemble((f"{gap.state} ", "yellow"), (place, "bold"), f" {sentence(one_line(gap.detail))}")
    ]
    if gap.checks:
        lines.append(Text(f"  checks  {listed(gap.checks, most=8)}", style="dim"))
    if gap.mend:
        lines.append(Text.assemble(("  mend    ", "dim"), one_line(gap.mend)))
    return Group(*lines)


def _outside(page: Page) -> Iterable[Text]:
    groups = [
        (page.not_applicable, "not applicable (nothing of their kind here)"),
        (page.not_configured, "not configured"),
        (page.skipped, "skipped"),
    ]
    parts = [
        f"{counted(number, 'check')} {words}"
        for members, words in groups
        if (number := sum(len(group.checks) for group in members))
    ]
    if parts:
        yield Text()
        yield Text(f"Outside the coverage: {'; '.join(parts)}.", style="dim")
