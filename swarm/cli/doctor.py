"""
``deepscan doctor``: what a run would be able to see, found out before it runs.
"""

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan doctor  ·  the current context: reached, allowed, covered, and the line that mends each gap

deepscan doctor --context prod --namespace ml --verbose

deepscan doctor --in-cluster --min-coverage 95 --format json=-  ·  a gate for whoever rolls it out
"""


def doctor(
    context: o.Contexts = None,
    kubeconfig: o.Kubeconfig = None,
    in_cluster: o.InCluster = False,
    recording: o.Recordings = None,
    demo: o.Demo = False,
    aws: o.Aws = None,
    gcp: o.Gcp = None,
    azure: o.Azure = None,
    namespace: o.Namespaces = None,
    deadline: o.Deadline = None,
    max_requests_per_second: o.RequestRate = None,
    concern: o.Concerns = None,
    check: o.Checks = None,
    skip: o.Skipped = None,
    prometheus: o.Prometheus = None,
    prices: o.Prices = None,
    model: o.Model = None,
    model_url: o.ModelUrl = None,
    no_logs: o.NoLogs = False,
    formats: o.DoctorFormats = None,
    min_coverage: o.MinCoverage = None,
    config: o.Config = None,
    verbose: o.Verbose = False,
) -> None:
    """
    Reach each target, ask what the identity may do, print the coverage that a run would get and how to mend each gap.

    Changes nothing. Exit status 3 where a target cannot be reached, or a run would cover less than --min-coverage.
    """
    typed = dict(locals())
    from swarm.cli.consult import consult
    from swarm.cli.typed import request_of

    raise typer.Exit(consult(request_of(typed)))
