"""
``deepscan history``: the scans that are remembered, the last one first.
"""

from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan history  ·  the last 30 scans

deepscan history --limit 400 --format json=-  ·  for a program

deepscan history --history postgresql://deepscan@db/history  ·  what a team remembers
"""


def history(
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the last ones first.")] = 30,
    formats: o.PlainFormats = None,
    history: o.Remembered = None,
    config: o.Config = None,
) -> None:
    """The scans that are remembered: when, of what, problems by severity, coverage."""
    from swarm.cli.list_of_scans import show

    show(limit, tuple(formats or ()), history, config)
