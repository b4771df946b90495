"""
``deepscan capture``: collect only, for somebody else to look at.
"""

from pathlib import Path
from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan capture -o cluster.tar.gz

deepscan run --from cluster.tar.gz
"""


def capture(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.tar.gz", help="Archive to write.")],
    context: o.Context = None,
    kubeconfig: o.Kubeconfig = None,
    in_cluster: o.InCluster = False,
    namespace: o.Namespaces = None,
    no_logs: o.NoLogs = False,
    prometheus: o.Prometheus = None,
    deadline: o.Deadline = None,
    config: o.Config = None,
    quiet: o.Quiet = False,
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
        flags={
            "namespace": namespace,
            "logs": False if no_logs else None,
            "deadline": deadline,
            "prometheus": prometheus,
        },
    )
    raise typer.Exit(collect(request, output))
