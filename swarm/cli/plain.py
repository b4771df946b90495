"""
Not everything that is printed is a report: a list of scans or one finding is text, or JSON for a program.
"""

from collections.abc import Callable, Mapping, Sequence

import typer

from swarm.cli.output import destinations, replace
from swarm.errors import ConfigurationError


def write_plain(formats: Sequence[str], faces: Mapping[str, Callable[[], str]]) -> None:
    """Write what ``--format`` asks for, each by its name in ``faces``. ConfigurationError for a format that is not."""
    wanted = destinations(formats, None)
    for destination in wanted:
        if destination.format not in faces:
            raise ConfigurationError(
                f"this is not written as {destination.format}",
                where="--format",
                mend=f"use {' or '.join(faces)}",
            )
    for destination in wanted:
        text = faces[destination.format]()
        if destination.path is None:
            typer.echo(text, nl=False)
        else:
            replace(destination.path, text)
            typer.echo(f"wrote {destination.path}", err=True)
