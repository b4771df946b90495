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
    typed = dict(locals())
    from swarm.cli.collect import collect
    from swarm.cli.typed import request_of

    raise typer.Exit(collect(request_of(typed), output))
