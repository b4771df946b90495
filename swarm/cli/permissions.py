"""
``deepscan permissions``: what the identity must be allowed, and nothing more.
"""

from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan permissions --kubernetes | kubectl apply -f -

deepscan permissions --kubernetes --check OOM101 --no-logs
"""


def permissions(
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="A ClusterRole for a Kubernetes cluster.")
    ] = False,
    concern: o.Concerns = None,
    check: o.Checks = None,
    skip: o.Skipped = None,
    no_logs: o.NoLogs = False,
    name: Annotated[str, typer.Option(help="Name of the ClusterRole.")] = "deepscan",
) -> None:
    """The least-privilege role for the chosen checks, generated from them."""
    from swarm.cli.roles import cluster_role
    from swarm.errors import ConfigurationError

    if not kubernetes:
        raise ConfigurationError(
            "which kind of target?", where="deepscan permissions", mend="add --kubernetes"
        )
    flags = {"concern": concern, "check": check, "skip": skip, "logs": False if no_logs else None}
    typer.echo(cluster_role(name, flags), nl=False)
