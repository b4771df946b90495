"""
Settings as text: what is in force and why, and a file with every key to start from.
"""

import json
from pathlib import Path
from typing import Any

from scanners.scanner import catalogue
from swarm.durations import text_of
from swarm.history.address import address_of
from swarm.sections import SECTIONS, AgeSettings
from swarm.settings import Settings, load

_LONG = ("since", "deadline", "prometheus_timeout", "llm_deadline", "llm_timeout")
_DURATIONS = frozenset({*_LONG, *(f"ages.{key}" for key in AgeSettings.model_fields)})


def shown(file: Path | None) -> str:
    """A line per setting: key, value, where it came from."""
    loaded = load(file=file)
    rows = [
        (key, _value(key, value), loaded.origins.get(key, "default")) for key, value in _flat(loaded.settings)
    ]
    width, middle = max(len(key) for key, _, _ in rows), max(len(value) for _, value, _ in rows)
    return "\n".join(f"{key:{width}} = {value:{middle}}  # {origin}" for key, value, origin in rows)


def template() -> str:
    """A settings file with every key at its default, commented out, thresholds of all checks included."""
    defaults = Settings()
    lines = ["# deepscan settings: uncomment what you change. Environment and flags win over this file.", ""]
    for key, field in Settings.model_fields.items():
        if key not in (*SECTIONS, "checks"):
            lines += [f"# {field.description}", f"# {key} = {_toml(key, getattr(defaults, key))}", ""]
    for name, table in SECTIONS.items():
        lines += ["", f"[{name}]"] if lines[-1] else [f"[{name}]"]
        for key, field in table.model_fields.items():
            value = getattr(getattr(defaults, name), key)
            lines.append(f"# {key} = {_toml(f'{name}.{key}', value)}  # {field.description}")
    for code, check in catalogue().items():
        if check.thresholds:
            lines += ["", f"[checks.{code}]  # {check.title}"]
            lines += [
                f"# {t.name} = {t.default:g}{f'  # {t.unit}' if t.unit else ''}" for t in check.thresholds
            ]
    return "\n".join(lines) + "\n"


def _flat(settings: Settings) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in settings.model_dump().items():
        if key == "checks":
            rows += [(f"checks.{c}.{n}", v) for c, names in value.items() for n, v in names.items()]
        elif isinstance(value, dict):
            rows += [(f"{key}.{inner}", v) for inner, v in value.items()]
        else:
            rows.append((key, value))
    return rows


def _value(key: str, value: Any) -> str:
    if key == "history" and value:
        address = address_of(value)
        return _toml(key, address.shown if address else value)
    return "–" if value is None else _toml(key, value)


def _toml(key: str, value: Any) -> str:
    if key in _DURATIONS:
        return f'"{text_of(value)}"'
    if value is None:
        return '""'
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value)
