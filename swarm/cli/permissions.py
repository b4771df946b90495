"""
``deepscan permissions``: what the identity must be allowed, and nothing more.
"""

from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan permissions --kubernetes | kubectl apply -f -

deepscan permissions --kubernetes --check OOM101 --no-logs

deepscan permissions --aws > policy.json  ·  the IAM policy for an account

deepscan permissions --azure --check CLD111 | az role definition create --role-definition @-
"""


def permissions(
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="A ClusterRole for a Kubernetes cluster.")
    ] = False,
    aws: Annotated[bool, typer.Option("--aws", help="An IAM policy for an AWS account.")] = False,
    gcp: Annotated[bool, typer.Option("--gcp", help="A custom role for a Google Cloud project.")] = False,
    azure: Annotated[
        bool, typer.Option("--azure", help="A role definition for an Azure subscription.")
    ] = False,
    concern: o.Concerns = None,
    check: o.Checks = None,
    skip: o.Skipped = None,
    no_logs: o.NoLogs = False,
    name: Annotated[str, typer.Option(help="Name of the role.")] = "deepscan",
) -> None:
    """The least-privilege role or policy for the chosen checks, generated from them."""
    from swarm.cli.cloud_policies import policy
    from swarm.cli.roles import cluster_role
    from swarm.errors import ConfigurationError

    kinds = {"kubernetes": kubernetes, "aws": aws, "gcp": gcp, "azure": azure}
    asked = [kind for kind, wanted in kinds.items() if wanted]
    if len(asked) != 1:
        what = "which kind of target?" if not asked else "one kind of target at a time"
        mend = f"add one of {', '.join(f'--{kind}' for kind in kinds)}"
        raise ConfigurationError(what, where="deepscan permissions", mend=mend)
    flags = {"concern": concern, "check": check, "skip": skip, "logs": False if no_logs else None}
    if kubernetes:
        typer.echo(cluster_role(name, flags), nl=False)
    else:
        typer.echo(policy("aws" if aws else "gcp" if gcp else "azure", name, flags), nl=False)
