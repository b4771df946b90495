"""
``deepscan explain CODE``: the page of a check, as its author wrote it.
"""

from typing import Annotated

import typer


def explain(code: Annotated[str, typer.Argument(help="A check's code, such as OOM102.")]) -> None:
    """What a check is, its thresholds, how to mend it, when it is wrong."""
    from swarm.cli.pages import page_of

    typer.echo(page_of(code))
