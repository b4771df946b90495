"""
The command line parses and hands over; it must answer ``--help`` before anybody wonders whether it hangs.

One module per command. Each is light: what it needs to work is imported when it runs.
"""

from typing import Annotated

import typer

from swarm.cli import (
    ask,
    capture,
    checks,
    config,
    diff,
    doctor,
    explain,
    gpu,
    history,
    mcp,
    permissions,
    report,
    run,
    show,
    suppress,
)
from swarm.cli.accounts import WithOptionalValues

app = typer.Typer(
    name="deepscan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from swarm.version import installed

        typer.echo(f"deepscan {installed()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """
    A swarm of read-only agents that finds why AI and data pipelines on Kubernetes wait, fail or waste money.

    Start with: deepscan run --demo
    """


app.command("run", cls=WithOptionalValues, epilog=run.EXAMPLES)(run.run)
app.command("doctor", cls=WithOptionalValues, epilog=doctor.EXAMPLES)(doctor.doctor)
app.command("capture", epilog=capture.EXAMPLES)(capture.capture)
app.command("gpu", epilog=gpu.EXAMPLES)(gpu.gpu)
app.command("ask", epilog=ask.EXAMPLES)(ask.ask)
app.command("explain")(explain.explain)
app.command("checks")(checks.checks)
app.command("permissions", epilog=permissions.EXAMPLES)(permissions.permissions)
app.command("diff", epilog=diff.EXAMPLES)(diff.diff)
app.command("history", epilog=history.EXAMPLES)(history.history)
app.command("report", epilog=report.EXAMPLES)(report.report)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("mcp", epilog=mcp.EXAMPLES)(mcp.mcp)
app.command("suppress", epilog=suppress.EXAMPLES)(suppress.suppress)
app.add_typer(config.app, name="config")


def main() -> None:
    """The command line, guarded: exit statuses are the contract's."""
    from swarm.cli.failure import guarded

    guarded(app)
