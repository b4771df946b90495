"""
``deepscan ask "QUESTION"``: answers from a scan, with object names and evidence.
"""

from pathlib import Path
from typing import Annotated

import typer

from swarm.cli import options as o

EXAMPLES = """Examples:

deepscan ask "which pods were OOM-killed in the last 24 hours?" --demo

deepscan ask "CronJobs that fail, with their last success"  ·  of the last scan that is remembered

deepscan ask "pods stuck in Pending for more than 30 minutes in ml-research" --from report.json

deepscan ask "GPU allocation ratio per node pool" --context prod  ·  scans by just the checks that it needs

deepscan ask "namespaces near a quota; nodes under pressure" --from bundle.tar.gz --format json=-
"""


def ask(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="In common English.")],
    scan: Annotated[
        str | None,
        typer.Option(metavar="SCAN", help="last (the default), a stored scan's id, a JSON report."),
    ] = None,
    context: o.Contexts = None,
    kubeconfig: o.Kubeconfig = None,
    in_cluster: o.InCluster = False,
    recording: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="PATH", help="A JSON report, or a recording to scan (repeat)."),
    ] = None,
    demo: o.Demo = False,
    now: o.Now = None,
    deadline: o.Deadline = None,
    max_requests_per_second: o.RequestRate = None,
    since: o.Since = None,
    prices: o.Prices = None,
    prometheus: o.Prometheus = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", metavar="FORMAT=PATH", help="terminal, json, markdown or csv; '-' is stdout (repeat)."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Language model that translates the question.")
    ] = None,
    model_url: o.ModelUrl = None,
    no_llm: o.NoModel = False,
    show_prompt: o.ShowPrompt = False,
    history: o.Remembered = None,
    config: o.Config = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Answer a question from a scan, with object names and evidence. No model is needed."""
    typed = dict(locals())
    from swarm.cli.answering import Asked, reply
    from swarm.cli.typed import request_of

    raise typer.Exit(reply(Asked(" ".join(question), scan, request_of(typed))))
