"""
Reports are pasted where people talk: merge requests, tickets, chats, and those turn text into pages.

So text of a cluster may start no link, no mention, no markup and no table cell; values stand in code spans
that no run of backticks can close.
"""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.faces.detail import fitting
from reports.ledger_view import PoolView, amount, bar
from reports.page import SHOWN, page_of
from reports.report import Report
from reports.text import one_line
from reports.words import DASH, counted, dollars, is_command, sentence

BUDGET = 1024 * 1024

_ESCAPED = re.compile(r"[\\`*\[\]~|>]|(?<![^\W_])_+|_+(?![^\W_])|\$(?=\D)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_MENTION = re.compile(r"(?<!\w)@(?=\w)|(?<=\w)@(?=[\w-]+\.)")
"""An ``@`` that calls somebody, or makes an address of mail; not the one before a digest."""
_HOST = re.compile(r"(?<!\w)(www)\.", re.IGNORECASE)
_LIST = re.compile(r"^(?:[#+=-]|\d+(?=[.)](?:\s|$)))")


def text(report: Report) -> str:
    """The report as Markdown (GitHub's dialect), at most 1 MiB."""
    page = page_of(report)
    template = _environment().get_template("report.md.j2")
    return fitting(lambda detail: _rendered(template.render(page=page, detail=detail, shown=SHOWN)), BUDGET)


def inert(words: object) -> Markup:
    """Text that stays text in Markdown and in the HTML made of it; in one line."""
    line = _ENTITY.sub("&amp;", one_line(str(words)))
    line = _ESCAPED.sub(_with_backslashes, line).replace("<", "&lt;").replace("://", ":\\//")
    line = _MENTION.sub("`@`", _HOST.sub(r"\1\\.", line))
    return Markup(_LIST.sub(_as_text, line))  # noqa: S704 (escaped above)


def code(words: object) -> Markup:
    """A code span whose fence is longer than any run of backticks inside. Not for table cells: pipes stay."""
    line = one_line(str(words)) or DASH
    fence = "`" * (_longest_run(line) + 1)
    pad = " " * (line.startswith("`") or line.endswith("`"))
    return Markup(f"{fence}{pad}{line}{pad}{fence}")  # noqa: S704 (fenced)


def block(words: str, language: str = "") -> Markup:
    """A fenced block."""
    fence = "`" * max(3, _longest_run(words) + 1)
    return Markup(f"{fence}{language}\n{words.rstrip()}\n{fence}")  # noqa: S704 (fenced)


def _bar(pool: PoolView) -> str:
    return bar(pool.segments)


def _strips(pool: PoolView) -> str:
    """A line per strip, names in a column of their own."""
    names = [one_line(strip.name) for strip in pool.strips]
    wide = max(map(len, names), default=0)
    lines = [f"{name:<{wide}}  {strip.signs}" for name, strip in zip(names, pool.strips, strict=True)]
    return "\n".join([*lines, *filter(None, [pool.rest])])


def _with_backslashes(match: re.Match[str]) -> str:
    return "".join(f"\\{character}" for character in match.group())


def _as_text(match: re.Match[str]) -> str:
    return match.group() + "\\" if match.group()[0].isdigit() else "\\" + match.group()


def _longest_run(words: str) -> int:
    return max((len(run) for run in re.findall("`+", words)), default=0)


def _rendered(page: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


def _final(value: Any) -> Markup:
    """Every ``{{ }}`` of the template ends here: what is not made by this module is made inert."""
    return value if isinstance(value, Markup) else inert(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        finalize=_final,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=amount, bar=_bar, strips=_strips)
    environment.filters.update(code=code, block=block, counted=counted, dollars=dollars, sentence=sentence)
    environment.tests["command"] = is_command
    return environment
