"""
``deepscan mcp``: finished reports for other people's agents, by the Model Context Protocol.
"""

from pathlib import Path
from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan mcp  ·  serve the remembered scans to the program that starts this one, by stdin and stdout

deepscan mcp --from report.json  ·  serve one finished report (repeat for several)

deepscan mcp --http 8765  ·  serve on 127.0.0.1:8765, with the token that is printed
"""


def mcp(
    reports: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="REPORT.json", help="A finished JSON report to serve (repeat)."),
    ] = None,
    http: Annotated[
        int | None,
        typer.Option(
            "--http", metavar="PORT", min=0, max=65535, help="Serve HTTP on loopback; 0 takes a free port."
        ),
    ] = None,
    history: o.Remembered = None,
    config: o.Config = None,
) -> None:
    """Serve finished reports to agents (Model Context Protocol), read only. It starts no scan."""
    from swarm.cli.serving import serve

    serve(tuple(reports or ()), http, history, config)
