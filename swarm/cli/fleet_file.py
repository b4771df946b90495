"""
Whoever watches forty clusters writes them down once, and a mistake in the list must not hide one of them.

A fleet file is TOML with a ``[[target]]`` table each: a name, where it is found, what to look at (``docs/fleet.md``).
"""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from swarm.errors import ConfigurationError
from swarm.settings import nearest


class FleetTarget(BaseModel):
    """One target: a context of a kubeconfig, or a recording. Relative paths count from the fleet file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(min_length=1)
    context: str = ""
    kubeconfig: str = ""
    recording: str = Field("", alias="from")
    namespace: list[str] = Field(default_factory=list)
    prometheus: str = ""

    @field_validator("namespace", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


KEYS = ("name", "context", "kubeconfig", "from", "namespace", "prometheus")


def read_fleet(path: Path) -> list[FleetTarget]:
    """
    The targets of a fleet file, in its order.

    ConfigurationError for a file that cannot be read, an unknown key (with the nearest known one), a name that stands
    twice, a target that is found nowhere or in two places.
    """
    content = _parsed(path)
    for key in content:
        if key != "target":
            raise ConfigurationError(
                f"there is no key named {key}", where=str(path), mend=nearest(key, ["target"])
            )
    rows = content.get("target")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        mend = "write a [[target]] table for each, with a name and a context or from"
        raise ConfigurationError("the fleet file lists no targets", where=str(path), mend=mend)
    found: dict[str, FleetTarget] = {}
    for number, row in enumerate(rows, start=1):
        target = _target(row, f"{path}, target {number}")
        if target.name in found:
            what = f"two targets are named {target.name}"
            raise ConfigurationError(what, where=f"{path}, target {number}", mend="give one another name")
        found[target.name] = target
    return list(found.values())


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            "there is no such fleet file", where=str(path), mend="check the path given to --fleet"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as broken:
        what = f"the fleet file cannot be read: {broken}"
        raise ConfigurationError(what, where=str(path), mend="mend the TOML, see docs/fleet.md") from None


def _target(row: dict[str, Any], where: str) -> FleetTarget:
    for key in row:
        if key not in KEYS:
            raise ConfigurationError(f"there is no key named {key}", where=where, mend=nearest(key, KEYS))
    try:
        target = FleetTarget.model_validate(row)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
        raise ConfigurationError(
            f"{key}: {first['msg']}", where=where, mend=f"got {first['input']!r}"
        ) from None
    if bool(target.context) == bool(target.recording):
        told = "has both context and from" if target.context else "has neither context nor from"
        raise ConfigurationError(
            f"{target.name} {told}", where=where, mend="name the one place to read it from"
        )
    if target.kubeconfig and not target.context:
        what = f"{target.name} has a kubeconfig and no context"
        raise ConfigurationError(what, where=where, mend="leave kubeconfig out, or name a context")
    return target
