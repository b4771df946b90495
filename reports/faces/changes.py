"""
Two scans side by side at a prompt: only what is different, a line each.
"""

import io
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from reports.changes import ChangeGroup, changes, unchanged
from reports.diff import Diff, with_baseline
from reports.page import page_of
from reports.text import one_line
from reports.words import moment

LINES = 40
"""Lines of one group that are shown; the JSON has all."""


def text(diff: Diff, width: int = 80) -> str:
    """The comparison as plain text."""
    page = io.StringIO()
    print_changes(diff, Console(file=page, width=width, no_color=True, force_terminal=False, _environ={}))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def styled(diff: Diff) -> str:
    """The comparison as stdout can show it: its width and colours (``NO_COLOR`` and ``FORCE_COLOR`` are honoured)."""
    console = Console()
    with console.capture() as taken:
        print_changes(diff, console)
    return taken.get()


def print_changes(diff: Diff, console: Console) -> None:
    """Print the comparison."""
    page = page_of(with_baseline(diff.new, diff.old))
    blocks = [
        Text.assemble(("deepscan diff", "bold"), f"  {one_line(page.name)}"),
        Text(f"from {moment(diff.old.scan.now)} to {moment(diff.new.scan.now)}", style="dim"),
        *(Text(f"warning: {one_line(warning)}", style="yellow") for warning in diff.warnings),
        Text(),
        *lines_of(changes(page.report), LINES),
        Text(unchanged(page.report), style="dim"),
    ]
    for block in blocks:
        console.print(block, markup=False, highlight=False, emoji=False)


def lines_of(groups: Iterable[ChangeGroup], most: int) -> Iterable[Text]:
    """Each group's title and its first lines."""
    for group in groups:
        yield Text(group.title, style="bold")
        for line in group.lines[:most]:
            note = f" ({one_line(line.note)})" if line.note else ""
            yield Text.assemble(f"  {line.mark} ", one_line(line.text), (note, "dim"))
        if len(group.lines) > most:
            yield Text(f"  … and {len(group.lines) - most} more", style="dim")
