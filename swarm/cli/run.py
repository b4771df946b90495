"""
``deepscan run``: scan, and write the report.
"""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """Examples:

deepscan run --demo  ·  see what it finds, without a cluster

deepscan run  ·  scan the current context of the kubeconfig

deepscan run --from bundle.tar.gz --format markdown=-  ·  scan a recording or a support bundle

deepscan run --context prod --format json=scan.json --format html=scan.html --fail-on high
"""

_WHERE = "Where to look"
_WHAT = "What to look for"
_OUT = "What to write"


def run(
    context: Annotated[
        list[str] | None, typer.Option(help="Context to scan (repeat; 'all' = every context).", rich_help_panel=_WHERE)
    ] = None,
    kubeconfig: Annotated[Path | None, typer.Option(help="Kubeconfig to use.", rich_help_panel=_WHERE)] = None,
    in_cluster: Annotated[
        bool, typer.Option("--in-cluster", help="Use the pod's own service account.", rich_help_panel=_WHERE)
    ] = False,
    recording: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="PATH", help="Scan a recording: folder, archive or file (repeat).", rich_help_panel=_WHERE),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Scan the demo cluster that comes with deepscan.", rich_help_panel=_WHERE)
    ] = False,
    namespace: Annotated[
        list[str] | None, typer.Option(help="Only this namespace (repeat).", rich_help_panel=_WHERE)
    ] = None,
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="The moment that ages count from (RFC 3339).", rich_help_panel=_WHERE)
    ] = None,
    concern: Annotated[
        list[str] | None, typer.Option(help="Only this concern (repeat).", rich_help_panel=_WHAT)
    ] = None,
    check: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only this check (repeat).", rich_help_panel=_WHAT)
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Leave this check out (repeat).", rich_help_panel=_WHAT)
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="24h", help="What counts as recent.", rich_help_panel=_WHAT)
    ] = None,
    no_logs: Annotated[
        bool, typer.Option("--no-logs", help="Read no logs of failed containers.", rich_help_panel=_WHAT)
    ] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT=PATH", help="json, markdown, html or terminal; '-' is stdout (repeat).", rich_help_panel=_OUT),
    ] = None,
    output_dir: Annotated[
        Path | None, typer.Option(help="Folder for a report in every format.", rich_help_panel=_OUT)
    ] = None,
    fail_on: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Exit 1 if: high, new:high, ... (repeat).", rich_help_panel=_OUT)
    ] = None,
    min_coverage: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Exit 3 if less was measured.", rich_help_panel=_OUT)
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(metavar="10m", help="How long a target may take.", rich_help_panel=_WHERE)
    ] = None,
    max_requests_per_second: Annotated[
        float | None, typer.Option(help="Per target.", rich_help_panel=_WHERE)
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="none", help="What to compare with; this version keeps no history: none.", rich_help_panel=_OUT)
    ] = None,
    no_llm: Annotated[
        bool, typer.Option("--no-llm", help="Ask no language model; this version never does.", rich_help_panel=_OUT)
    ] = False,
    history: Annotated[str | None, typer.Option(hidden=True)] = None,
    prometheus: Annotated[str | None, typer.Option(hidden=True)] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file to use instead of those found.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")] = False,
) -> None:
    """Scan, and write the report. With no target flag: the current context of the kubeconfig."""
    from swarm.cli.scan import Request, execute

    request = Request(
        contexts=tuple(context or ()),
        kubeconfig=kubeconfig,
        in_cluster=in_cluster,
        recordings=tuple(recording or ()),
        demo=demo,
        now=now,
        formats=tuple(formats or ()),
        output_dir=output_dir,
        absent={"--baseline": baseline, "--history": history, "--prometheus": prometheus},
        config=config,
        quiet=quiet,
        verbose=verbose,
        flags={
            "namespace": namespace,
            "concern": concern,
            "check": check,
            "skip": skip,
            "since": since,
            "logs": False if no_logs else None,
            "fail_on": fail_on,
            "min_coverage": min_coverage,
            "deadline": deadline,
            "max_requests_per_second": max_requests_per_second,
        },
    )
    raise typer.Exit(execute(request))
