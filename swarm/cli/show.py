"""
``deepscan show ID``: one problem or finding of a scan, with its evidence.
"""

from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan show p-0803e901  ·  a problem of the last scan, by the beginning of its id

deepscan show f-2b1c --scan s-c491  ·  a finding of an earlier one

deepscan show p-0803e901 --scan report.json --format json=-
"""


def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A problem's or finding's id, or its beginning.")],
    scan: Annotated[
        str, typer.Option(metavar="SCAN", help="last, a stored scan's id, a JSON report.")
    ] = "last",
    formats: o.PlainFormats = None,
    history: o.Remembered = None,
    config: o.Config = None,
) -> None:
    """One problem or finding of a scan: what, why, the evidence, the mend."""
    from swarm.cli.again import show_one

    show_one(id_, scan, tuple(formats or ()), history, config)
