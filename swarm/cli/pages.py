"""
A finding with a code is only useful where the code can be looked up.
"""

from scanners.scanner import Scanner, catalogue
from swarm.errors import ConfigurationError
from swarm.settings import nearest


def page_of(code: str) -> str:
    """A check's page with its needs and thresholds, as Markdown. ConfigurationError names the nearest code."""
    check = catalogue().get(code.upper())
    if check is None:
        raise ConfigurationError(f"there is no check named {code}", mend=nearest(code.upper(), catalogue()))
    return "\n".join(
        [f"# {check.code} · {check.title}", "", check.page, "", *_needs(check), *_thresholds(check)]
    )


def table() -> list[tuple[str, str, str, str]]:
    """The catalogue: code, concern, severity, title."""
    return [(c.code, c.concern, str(c.severity), c.title) for c in catalogue().values()]


def _needs(check: Scanner) -> list[str]:
    lines = ["## What it reads", ""]
    for slice_ in check.needs:
        whole = " (whole: the check speaks of what is absent from it)" if slice_ in check.complete else ""
        lines.append(f"- `{slice_.name}`{whole}")
    lines += [f"- `{slice_.name}`, if it may: sharpens the answer" for slice_ in check.sharpened_by]
    return lines


def _thresholds(check: Scanner) -> list[str]:
    if not check.thresholds:
        return []
    rows = [f"{t.name} = {t.default:g}{f'  # {t.unit}' if t.unit else ''}" for t in check.thresholds]
    return ["", "## Thresholds", "", "```toml", f"[checks.{check.code}]", *rows, "```"]
