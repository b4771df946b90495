"""
``deepscan checks``: every fault that this version names.
"""

from typing import Annotated

import typer


def checks(
    concern: Annotated[str | None, typer.Option(help="Only this concern.")] = None,
) -> None:
    """The catalogue of checks: code, concern, severity, title."""
    from swarm.cli.pages import table

    for code, of, severity, title in table():
        if concern in (None, of):
            typer.echo(f"{code:8} {of:14} {severity:9} {title}")
