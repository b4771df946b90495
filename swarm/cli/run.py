"""
``deepscan run``: scan, and write the report.
"""

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan run --demo  ·  see what it finds, without a cluster

deepscan run  ·  scan the current context of the kubeconfig

deepscan run --from bundle.tar.gz --format markdown=-  ·  scan a recording or a support bundle

deepscan run --fleet clusters.toml --output-dir reports  ·  several clusters, one report

deepscan run --aws prod --gcp my-project --azure SUBSCRIPTION  ·  every cluster found there, and what stands by it

deepscan run --context prod --format json=scan.json --format html=scan.html --fail-on high

deepscan run --context prod --fail-on new:high  ·  fail only on what the night before did not have
"""


def run(
    context: o.Contexts = None,
    kubeconfig: o.Kubeconfig = None,
    in_cluster: o.InCluster = False,
    recording: o.Recordings = None,
    demo: o.Demo = False,
    fleet: o.Fleet = None,
    aws: o.Aws = None,
    gcp: o.Gcp = None,
    azure: o.Azure = None,
    namespace: o.Namespaces = None,
    now: o.Now = None,
    deadline: o.Deadline = None,
    max_requests_per_second: o.RequestRate = None,
    max_memory: o.Memory = None,
    concern: o.Concerns = None,
    check: o.Checks = None,
    skip: o.Skipped = None,
    since: o.Since = None,
    prices: o.Prices = None,
    no_logs: o.NoLogs = False,
    formats: o.Formats = None,
    output_dir: o.OutputFolder = None,
    fail_on: o.Gates = None,
    min_coverage: o.MinCoverage = None,
    baseline: o.Baseline = None,
    history: o.History = None,
    prometheus: o.Prometheus = None,
    model: o.Model = None,
    model_url: o.ModelUrl = None,
    no_llm: o.NoModel = False,
    show_prompt: o.ShowPrompt = False,
    llm_budget_usd: o.ModelBudget = None,
    llm_max_calls: o.ModelCalls = None,
    config: o.Config = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Scan, and write the report. With no target flag: the current context of the kubeconfig."""
    typed = dict(locals())
    from swarm.cli.scan import execute
    from swarm.cli.typed import request_of

    raise typer.Exit(execute(request_of(typed)))
