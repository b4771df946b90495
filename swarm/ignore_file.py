"""
What is silenced must stand where the team reads it, with a reason and an end; a typing mistake must not silence more.

``deepscan-ignore.toml`` lies beside the settings: beside the file that ``--config`` or ``DEEPSCAN_CONFIG`` names, else
in the current folder and in the user's settings folder. A table per entry::

    [[suppress]]
    id = "p-0123456789ab"         # of a problem or finding; or code and kind, namespace, name (patterns)
    reason = "the pool is drained on Friday"
    until = 2026-12-01            # the last day on which it counts; at most 180 days off
    by = "ada"
"""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import ValidationError

from reports.suppressions import LONGEST, Suppression
from swarm.errors import ConfigurationError
from swarm.settings import FILE_NAME, nearest

NAME = "deepscan-ignore.toml"
TABLE = "suppress"


def places(config: Path | None, environment: Mapping[str, str] | None = None) -> list[Path]:
    """Where suppressions may lie, the file that a new one is written to first; none of them need exist."""
    environment = os.environ if environment is None else environment
    named = config or (Path(environment["DEEPSCAN_CONFIG"]) if environment.get("DEEPSCAN_CONFIG") else None)
    if named is not None:
        return [named.parent / NAME]
    here, user = Path(NAME), user_config_path("deepscan") / NAME
    only_users = user.with_name(FILE_NAME).is_file() and not Path(FILE_NAME).is_file() and not here.is_file()
    return [user, here] if only_users else [here, user]


def suppressions(paths: Sequence[Path], today: date) -> list[Suppression]:
    """
    Every entry of the files that exist, expired ones too.

    ConfigurationError names the file, the entry and the mend: an unknown key, no reason, an end that is too far off.
    """
    return [entry for path in paths if path.is_file() for entry in entries_of(read(path), path, today)]


def entries_of(text: str, path: Path, today: date) -> list[Suppression]:
    """The entries of one file's text. ConfigurationError as :func:`suppressions`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise ConfigurationError(
            f"the suppressions cannot be read: {broken}", where=str(path), mend="mend the TOML"
        ) from None
    for key in data:
        if key != TABLE:
            raise ConfigurationError(
                f"there is no table named {key}", where=str(path), mend=f"write entries as [[{TABLE}]]"
            )
    tables = data.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(
            f"{TABLE} is no list of tables", where=str(path), mend=f"write entries as [[{TABLE}]]"
        )
    return [entry_of(table, f"{path}, entry {number}", today) for number, table in enumerate(tables, start=1)]


def with_entry(text: str, entry: Suppression) -> str:
    """The text of a file with one more entry at its end; what is there is kept to the letter."""
    values = entry.model_dump(exclude_none=True)
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value != ""]
    before = text.rstrip("\n") + "\n\n" if text.strip() else ""
    return before + "\n".join([f"[[{TABLE}]]", *lines]) + "\n"


def read(path: Path) -> str:
    """The text of a file of suppressions. ConfigurationError where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as broken:
        raise ConfigurationError(
            f"the suppressions cannot be read: {broken}", where=str(path), mend="mend the file, or its mode"
        ) from None


def entry_of(table: Mapping[str, Any], where: str, today: date) -> Suppression:
    """One entry, checked. ConfigurationError as :func:`suppressions`; ``where`` it was written."""
    for key in table:
        if key not in Suppression.model_fields:
            raise ConfigurationError(
                f"there is no key named {key}", where=where, mend=nearest(key, Suppression.model_fields)
            )
    try:
        entry = Suppression.model_validate(table)
    except ValidationError as wrong:
        raise _explained(wrong, where) from None
    if entry.until - today > LONGEST:
        raise ConfigurationError(
            f"until {entry.until} is more than {LONGEST.days} days off",
            where=where,
            mend=f"at most {today + LONGEST}; look at it again then",
        )
    return entry


_MENDS = {
    "reason": 'say why, as in reason = "the pool is drained on Friday"',
    "until": "write the last day on which it counts, like 2026-12-01",
    "id": "copy it from the report: p- or f- and 12 hexadecimal digits",
}
_SAID = {
    "missing": "is missing",
    "string_too_short": "is missing",
    "string_pattern_mismatch": "is no id of a problem or finding",
}


def _explained(wrong: ValidationError, where: str) -> ConfigurationError:
    first = wrong.errors(include_url=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    said = _SAID.get(first["type"]) or str(first["msg"]).removeprefix("Value error, ")
    mend = _MENDS.get(key, "name a finding or problem by id, or a code with kind, namespace or name")
    return ConfigurationError(f"{key} {said}".strip(), where=where, mend=mend)


def _toml(value: object) -> str:
    """A TOML value: a date as it is, text as a basic string (JSON's, but that delete must be escaped too)."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
