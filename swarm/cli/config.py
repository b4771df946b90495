"""
``deepscan config``: the settings in force, a file to start from, a file checked.
"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The settings in force, a file to start from, a file checked.")


@app.command()
def show(config: Annotated[Path | None, typer.Option(help="Settings file to use.")] = None) -> None:
    """The settings in force and where each came from."""
    from swarm.cli.settings_text import shown

    typer.echo(shown(config))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("deepscan.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write a settings file with every key, its default and its meaning."""
    from swarm.cli.output import replace
    from swarm.cli.settings_text import template
    from swarm.errors import ConfigurationError

    if path.exists() and not force:
        raise ConfigurationError("the file exists", where=str(path), mend="add --force to replace it")
    replace(path, template())
    typer.echo(f"wrote {path}", err=True)


@app.command()
def validate(
    path: Annotated[Path, typer.Argument(help="The file to check.")] = Path("deepscan.toml"),
) -> None:
    """Check a settings file: unknown keys, wrong values."""
    from swarm.cli.gates import check_rules
    from swarm.settings import load
    from swarm.sources.prices import price_rows

    settings = load(file=path, environment={}).settings
    check_rules(settings.fail_on)
    price_rows(settings.prices)
    typer.echo(f"{path}: valid")
