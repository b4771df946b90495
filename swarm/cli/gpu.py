"""
``deepscan gpu``: where the GPU-hours go.
"""

from pathlib import Path
from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan gpu --demo

deepscan gpu --context prod --since 7d  ·  the ledger of a cluster, and a strip with a sign per GPU

deepscan gpu scan.json --format json=-  ·  the ledger of a finished report
"""


def gpu(
    report: Annotated[
        Path | None, typer.Argument(metavar="[REPORT.json]", help="A finished JSON report instead of a scan.")
    ] = None,
    context: o.Contexts = None,
    kubeconfig: o.Kubeconfig = None,
    in_cluster: o.InCluster = False,
    recording: o.Recordings = None,
    demo: o.Demo = False,
    now: o.Now = None,
    deadline: o.Deadline = None,
    max_requests_per_second: o.RequestRate = None,
    since: o.Since = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT=PATH", help="json or terminal; '-' is stdout (repeat)."),
    ] = None,
    config: o.Config = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Print the GPU-hour ledger and a strip with a sign per GPU, of a cluster or of a finished report."""
    typed = dict(locals())
    from swarm.cli.ledger import show
    from swarm.cli.typed import request_of

    raise typer.Exit(show(request_of(typed), report))
