"""
A nightly scan is configured once and forgotten; a typing mistake in it must not be.

Settings come from files, then the environment, then flags; the later wins and each value remembers where it came from.
Unknown keys are refused with the nearest known name. This module is the one place that knows what can be set.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_config_path
from pydantic import Field, FiniteFloat, ValidationError, field_validator

from scanners.facts.inventory import Ages
from scanners.scanner import CONCERNS, catalogue
from scanners.semantics.quantities import quantity
from swarm.durations import seconds_of
from swarm.errors import ConfigurationError
from swarm.model.settings import KEY, ModelSettings
from swarm.sections import SECTIONS, STRICT, AgeSettings, AzureSettings, GcpSettings
from swarm.sources.cloud import Endpoints
from swarm.sources.prometheus.variables import VARIABLES

FILE_NAME = "deepscan.toml"
PREFIX = "DEEPSCAN_"
FLAG = "flag"
"""What the origin of a value is called that came from the command line."""

_OTHER_VARIABLES = frozenset({"DEEPSCAN_CONFIG", "DEEPSCAN_REQUIRE_REAL", "DEEPSCAN_LOG", KEY}) | VARIABLES


class Settings(ModelSettings):
    """Everything that can be set, with its default. Durations are seconds here and text like ``24h`` outside."""

    model_config = STRICT

    kubeconfig: str | None = Field(
        None, description="path of a kubeconfig; default $KUBECONFIG, ~/.kube/config"
    )
    context: list[str] = Field(default_factory=list, description="contexts to scan; 'all' = every one")
    namespace: list[str] = Field(default_factory=list, description="only these namespaces")
    concern: list[str] = Field(default_factory=list, description="only these concerns")
    check: list[str] = Field(default_factory=list, description="only these checks")
    skip: list[str] = Field(default_factory=list, description="leave these checks out")
    since: float = Field(86400.0, gt=0, description="the window of rates and of what counts as recent")
    deadline: float = Field(600.0, gt=0, description="how long one target may take")
    max_requests_per_second: float = Field(200.0, gt=0, description="per target")
    max_requests: int = Field(20000, gt=0, description="request budget of one target")
    processes: int = Field(
        0, ge=0, description="processes that scan; 0 = one a core, for several large targets"
    )
    max_memory: str = Field("", description="memory of all processes, as 2Gi; default half of the machine's")
    min_coverage: float = Field(0.0, ge=0, le=100, description="percent below which the exit status is 3")
    history: str | None = Field(
        None, repr=False, description="where scans are remembered: a path, postgresql://… or none"
    )
    history_keep: int = Field(400, ge=1, description="scans kept of the same targets and scope")
    fail_on: list[str] = Field(default_factory=list, description="gates: high, new:high, usd:5000")
    prices: list[str] = Field(
        default_factory=list, description="price tables that override the built-in ones; 'none' = no prices"
    )
    logs: bool = Field(True, description="read the capped logs of failed containers")
    prometheus: str = Field(
        "auto", description="URL of a Prometheus, none, or auto: look for it from inside the cluster"
    )
    prometheus_token_file: str = Field("", description="file that holds a bearer token for Prometheus")
    prometheus_ca_file: str = Field("", description="PEM file of the authority that Prometheus is trusted by")
    prometheus_timeout: float = Field(60.0, gt=0, description="how long one answer of Prometheus may take")
    gcp: GcpSettings = Field(default_factory=GcpSettings)
    azure: AzureSettings = Field(default_factory=AzureSettings)
    ages: AgeSettings = Field(default_factory=AgeSettings)
    checks: dict[str, dict[str, Annotated[FiniteFloat, Field(ge=0)]]] = Field(
        default_factory=dict, description="thresholds, by check code"
    )

    @field_validator("max_memory")
    @classmethod
    def _amount(cls, value: str) -> str:
        if value and (quantity(value) or 0) <= 0:
            raise ValueError("an amount of memory looks like 2Gi or 500M")
        return value

    @field_validator("since", "deadline", "prometheus_timeout", mode="before")
    @classmethod
    def _duration(cls, value: object) -> float:
        return seconds_of(value)

    @property
    def limits(self) -> dict[tuple[str, str], float]:
        """Thresholds that differ from their defaults, by (code, name)."""
        return {
            (code, name): int(value) if value.is_integer() else value
            for code, values in self.checks.items()
            for name, value in values.items()
        }

    @property
    def endpoints(self) -> Endpoints:
        """Where the clouds answer, as their sources take it."""
        return Endpoints(self.gcp.endpoint, self.azure.resource_manager, self.azure.authority)

    @property
    def check_ages(self) -> Ages:
        """The ages as the inventory carries them."""
        return Ages(**self.ages.model_dump())


@dataclass(frozen=True)
class Loaded:
    """Settings in force, and for each dotted key where its value came from."""

    settings: Settings
    origins: Mapping[str, str] = field(default_factory=dict)


def load(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    file: Path | None = None,
) -> Loaded:
    """
    The settings in force: files, then ``DEEPSCAN_*``, then flags that were given.

    ConfigurationError names the key, the place and the nearest known name.
    """
    environment = os.environ if environment is None else environment
    layers: list[tuple[str, Mapping[str, Any]]] = list(_files(directory or Path.cwd(), file, environment))
    layers.append(("environment", _from_environment(environment)))
    layers.append((FLAG, {key: value for key, value in (flags or {}).items() if value not in (None, [], ())}))
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, values in layers:
        _refuse_unknown(values, origin)
        _merge(merged, values, origins, origin)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as wrong:
        raise _explained(wrong, origins) from None
    _refuse_unknown_names(settings, origins)
    return Loaded(settings, origins)


def known_keys() -> list[str]:
    """Every dotted key that can be set, thresholds of checks included."""
    plain = [key for key in Settings.model_fields if key not in (*SECTIONS, "checks")]
    tables = [f"{name}.{key}" for name, table in SECTIONS.items() for key in table.model_fields]
    checks = [f"checks.{code}.{t.name}" for code, check in catalogue().items() for t in check.thresholds]
    return [*plain, *tables, *checks]


def nearest(word: str, known: Iterable[str]) -> str:
    """The nearest known name as a help line, or a list of all of them where none is near."""
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[close[0]]}?" if close else f"known are {', '.join(names)}"


def _files(
    directory: Path, file: Path | None, environment: Mapping[str, str]
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    named = file or (Path(environment["DEEPSCAN_CONFIG"]) if environment.get("DEEPSCAN_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigurationError(
                "the settings file does not exist", where=str(named), mend="check the path"
            )
        yield str(named), _toml(named)
        return
    user = user_config_path("deepscan") / FILE_NAME
    if user.is_file():
        yield str(user), _toml(user)
    project = directory / "pyproject.toml"
    if project.is_file():
        tools = _toml(project).get("tool")
        table = tools.get("deepscan") if isinstance(tools, dict) else None
        if table is not None and not isinstance(table, dict):
            raise ConfigurationError(
                "deepscan is no table", where=f"{project.name} [tool]", mend="write [tool.deepscan]"
            )
        if table:
            yield f"{project.name} [tool.deepscan]", table
    local = directory / FILE_NAME
    if local.is_file():
        yield FILE_NAME, _toml(local)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as broken:
        raise ConfigurationError(
            f"the settings cannot be read: {broken}", where=str(path), mend="mend the TOML"
        ) from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """``DEEPSCAN_SINCE=12h``, ``DEEPSCAN_AGES__WAIT=60s``, ``DEEPSCAN_CHECKS__OOM102__KILLS=3``; lists by commas."""
    values: dict[str, Any] = {}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in _OTHER_VARIABLES:
            continue
        path = variable.removeprefix(PREFIX).split("__")
        keys = [path[0].lower()]
        keys += [
            part.upper() if keys[0] == "checks" and depth == 0 else part.lower()
            for depth, part in enumerate(path[1:])
        ]
        place = values
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                what = f"{key} is set as a whole and in part"
                raise ConfigurationError(what, where=variable, mend="keep one of the two variables")
        place[keys[-1]] = _typed(keys[0], environment[variable])
    return values


def _typed(key: str, text: str) -> Any:
    known = Settings.model_fields.get(key)
    if known is not None and known.annotation == list[str]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _refuse_unknown(values: Mapping[str, Any], origin: str) -> None:
    for key, value in values.items():
        if key not in Settings.model_fields:
            _unknown(key, Settings.model_fields, origin)
        if key in SECTIONS and isinstance(value, dict):
            for name in value:
                if name not in SECTIONS[key].model_fields:
                    _unknown(name, SECTIONS[key].model_fields, f"{origin} [{key}]")
        if key == "checks" and isinstance(value, dict):
            for code, thresholds in value.items():
                _refuse_unknown_thresholds(code, thresholds, origin)


def _refuse_unknown_thresholds(code: str, thresholds: Any, origin: str) -> None:
    if code not in catalogue():
        _unknown(code, catalogue(), f"{origin} [checks]")
    known = [threshold.name for threshold in catalogue()[code].thresholds]
    for name in thresholds if isinstance(thresholds, dict) else ():
        if name not in known:
            _unknown(name, known, f"{origin} [checks.{code}]")


def _refuse_unknown_names(settings: Settings, origins: Mapping[str, str]) -> None:
    for concern in settings.concern:
        if concern not in CONCERNS:
            _unknown(concern, CONCERNS, _place("concern", origins), "concern")
    for key in ("check", "skip"):
        for code in getattr(settings, key):
            if code not in catalogue():
                _unknown(code, catalogue(), _place(key, origins), "check")


def _unknown(word: str, known: Iterable[str], where: str, what: str = "key") -> None:
    raise ConfigurationError(f"there is no {what} named {word}", where=where, mend=nearest(word, known))


def _merge(
    into: dict[str, Any], values: Mapping[str, Any], origins: dict[str, str], origin: str, at: str = ""
) -> None:
    for key, value in values.items():
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}), value, origins, origin, f"{at}{key}.")
        else:
            into[key] = value
            origins[f"{at}{key}"] = origin


def _explained(wrong: ValidationError, origins: Mapping[str, str]) -> ConfigurationError:
    first = wrong.errors()[0]
    key = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
    message = str(first["msg"]).removeprefix("Value error, ")
    return ConfigurationError(f"{key}: {message}", where=_place(key, origins), mend=f"got {first['input']!r}")


def _place(key: str, origins: Mapping[str, str]) -> str:
    """Where a value was said, in words that its author typed."""
    origin = origins.get(key, "settings")
    return f"--{key.replace('_', '-')}" if origin == FLAG else origin
