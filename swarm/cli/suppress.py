"""
``deepscan suppress``: leave a problem out of the ranking for a while, with a reason that others can read.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swarm.cli import options as o

if TYPE_CHECKING:
    from datetime import date

EXAMPLES = """Examples:

deepscan suppress p-0123456789ab --reason "drained on Friday" --until 2026-12-01

deepscan suppress --list  ·  every suppression in force or expired

deepscan suppress --expired  ·  those whose end has come
"""


def suppress(
    id_: Annotated[
        str | None, typer.Argument(metavar="ID", help="A problem's or finding's id, from the report.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it may be left out.")] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="DATE", help="The last day (UTC) on which it counts, at most 180 days off."
        ),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who decided; default the user's name.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the suppressions.")] = False,
    expired: Annotated[bool, typer.Option("--expired", help="List those whose end has come.")] = False,
    config: o.Config = None,
) -> None:
    """Leave a problem or finding out of the ranking and the gates for a while; deepscan-ignore.toml keeps it."""
    from datetime import UTC, datetime

    from swarm.errors import ConfigurationError
    from swarm.ignore_file import places

    today = datetime.now(UTC).date()
    paths = places(config)
    if list_ or expired:
        _print(paths, today, only_expired=expired)
    elif id_ is None:
        raise ConfigurationError(
            "there is no ID", where="suppress", mend="name a problem or finding, or say --list"
        )
    else:
        _add(paths[0], {"id": id_, "reason": reason, "until": until, "by": by}, today)


def _add(path: Path, typed: dict[str, str | None], today: "date") -> None:
    from swarm.cli.output import replace
    from swarm.errors import ConfigurationError
    from swarm.ignore_file import entries_of, entry_of, read, with_entry

    given = {key: value for key, value in typed.items() if value is not None}
    entry = entry_of({"by": _user()} | given, "suppress", today)
    if entry.until < today:
        raise ConfigurationError(f"until {entry.until} is over", where="suppress", mend="name a day to come")
    text = read(path) if path.is_file() else ""
    for known in entries_of(text, path, today):
        if known.id == entry.id and known.until >= today:
            what = f"{entry.id} is suppressed until {known.until} already"
            raise ConfigurationError(what, where=str(path), mend="change the entry there")
    text = with_entry(text, entry)
    entries_of(text, path, today)
    replace(path, text)
    typer.echo(f"wrote {path}: {entry.entry} is suppressed until {entry.until}", err=True)


def _print(paths: list[Path], today: "date", *, only_expired: bool) -> None:
    from reports.text import one_line
    from swarm.ignore_file import suppressions

    entries = suppressions(paths, today)
    for entry in sorted(entries, key=lambda entry: (entry.until, entry.entry)):
        over = entry.until < today
        if over or not only_expired:
            by = f"  ({one_line(entry.by)})" if entry.by else ""
            about = f"{'expired' if over else 'active '}  {one_line(entry.entry)}"
            typer.echo(f"{entry.until}  {about}  {one_line(entry.reason)}{by}")
    if not entries:
        typer.echo(f"no suppressions in {' or '.join(map(str, paths))}", err=True)


def _user() -> str:
    """The user's name, or nothing where the system knows none (a container without a passwd entry)."""
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return ""
