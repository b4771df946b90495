"""
``deepscan capture``: collect only, for somebody else to look at.
"""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

deepscan capture -o cluster.tar.gz

deepscan run --from cluster.tar.gz
"""


def capture(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.tar.gz", help="Archive to write.")],
    context: Annotated[str | None, typer.Option(help="Context to collect; default the current one.")] = None,
    kubeconfig: Annotated[Path | None, typer.Option(help="Kubeconfig to use.")] = None,
    in_cluster: Annotated[bool, typer.Option("--in-cluster", help="Use the pod's own service account.")] = False,
    namespace: Annotated[list[str] | None, typer.Option(help="Only this namespace (repeat).")] = None,
    no_logs: Annotated[bool, typer.Option("--no-logs", help="Collect no logs of failed containers.")] = False,
    deadline: Annotated[str | None, typer.Option(metavar="10m", help="How long it may take.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file to use instead of those found.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Collect only: a redacted archive in the support-bundle layout that `deepscan run --from` and other tools open."""
    from swarm.cli.collect import collect
    from swarm.cli.scan import Request

    request = Request(
        contexts=(context,) if context else (),
        kubeconfig=kubeconfig,
        in_cluster=in_cluster,
        config=config,
        quiet=quiet,
        flags={"namespace": namespace, "logs": False if no_logs else None, "deadline": deadline},
    )
    raise typer.Exit(collect(request, output))
