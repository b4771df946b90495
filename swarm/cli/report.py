"""
``deepscan report SCAN``: a stored scan rendered again, whole or for one owner.
"""

from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan report last --format html=report.html  ·  the last scan as a page

deepscan report s-c491 --owner vision --format markdown=-  ·  what one team is asked to look at

deepscan report scan.json  ·  a JSON report, for the terminal
"""


def report(
    scan: Annotated[str, typer.Argument(metavar="SCAN", help="last, a stored scan's id, a JSON report.")],
    owner: Annotated[str | None, typer.Option(metavar="TEAM", help="Only this owner's problems.")] = None,
    formats: o.Formats = None,
    output_dir: o.OutputFolder = None,
    history: o.Remembered = None,
    config: o.Config = None,
) -> None:
    """Render a stored scan again in any format, whole or for one owner."""
    from swarm.cli.again import render

    render(scan, owner, tuple(formats or ()), output_dir, history, config)
