"""
``deepscan diff``: what changed between two scans.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swarm.cli import options as o

if TYPE_CHECKING:
    from reports.diff import Diff

FORMATS = ("terminal", "json")
EXAMPLES = """Examples:

deepscan diff monday.json tuesday.json

deepscan diff s-c491fc22 last

deepscan diff main.json branch.json --format json=- --fail-on new:high
"""


def diff(
    old: Annotated[
        str, typer.Argument(metavar="A", help="The earlier scan: last, a stored scan's id, a JSON report.")
    ],
    new: Annotated[str, typer.Argument(metavar="B", help="The later scan, named in the same way.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT=PATH", help="terminal or json; '-' is stdout (repeat)."),
    ] = None,
    fail_on: o.Gates = None,
    history: o.Remembered = None,
    config: o.Config = None,
) -> None:
    """What is new, worse, better, resolved in B against A, and what nobody may call resolved (incomparable)."""
    from reports.diff import compare, with_baseline
    from swarm.cli.failure import Exit
    from swarm.cli.gates import check_rules, tripped
    from swarm.cli.output import destinations
    from swarm.cli.stored import report_named
    from swarm.errors import ConfigurationError
    from swarm.settings import nearest

    rules = fail_on or []
    check_rules(rules)
    wanted = destinations(formats or [], None)
    for each in wanted:
        if each.format not in FORMATS:
            what = f"a comparison has no format {each.format}"
            raise ConfigurationError(what, where="--format", mend=nearest(each.format, FORMATS))
    earlier, later = report_named(old, history, config), report_named(new, history, config)
    if earlier.scan.now > later.scan.now:
        typer.echo(f"warning: {old} is the later scan; diff takes the earlier one first", err=True)
    found = compare(earlier, later)
    for each in sorted(wanted, key=lambda d: d.path is None):
        _write(found, each.format, each.path)
    raise typer.Exit(Exit.GATE if tripped(with_baseline(later, earlier), rules) else Exit.DONE)


def _write(found: "Diff", name: str, path: Path | None) -> None:
    from reports.changes import diff_report
    from reports.faces.changes import styled, text
    from reports.text import escaped
    from swarm.cli.output import replace

    if name == "terminal" and path is None:
        typer.echo(styled(found), nl=False, color=True)
        return
    told = text(found) if name == "terminal" else escaped(diff_report(found).model_dump_json(indent=2)) + "\n"
    if path is None:
        typer.echo(told, nl=False)
    else:
        replace(path, told)
        typer.echo(f"wrote {path}", err=True)
