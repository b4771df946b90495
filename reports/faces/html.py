"""
A page about a cluster is opened by many browsers on machines that we do not know, and cluster text is written
by tenants.

One static file: everything inline, nothing fetched, a content security policy that names style and script by
hash, every value escaped, complete without script.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.faces import drawing, ledger_drawing
from reports.faces.detail import fitting
from reports.ledger_view import amount
from reports.page import SHOWN, page_of
from reports.report import Report
from reports.words import DASH, counted, dollars, is_command, sentence

BUDGET = 2 * 1024 * 1024


def text(report: Report) -> str:
    """The report as one HTML file of at most 2 MB."""
    page = page_of(report)
    template = _environment().get_template("report.html.j2")
    style, script = _asset("report.css"), _asset("report.js")
    inline = f"style-src {_hash(style)}; script-src {_hash(script)}"
    policy = f"default-src 'none'; {inline}; base-uri 'none'; form-action 'none'"
    return fitting(
        lambda detail: template.render(
            page=page,
            detail=detail,
            shown=SHOWN,
            policy=Markup(policy),  # noqa: S704 (our own words and hashes)
            style=Markup(style),  # noqa: S704 (our own file)
            script=Markup(script),  # noqa: S704 (our own file)
            dash=DASH,
        ),
        BUDGET,
    )


def _hash(source: str) -> str:
    """The source expression of an inline element: its exact text between the tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


@cache
def _asset(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=amount, counted=counted, dollars=dollars, sentence=sentence)
    environment.tests["command"] = is_command
    environment.globals.update(chain=drawing.chain, meter=drawing.meter)
    environment.globals.update(
        ledger_bar=ledger_drawing.ledger_bar, strip_of=ledger_drawing.strip_of, stands=ledger_drawing.stands
    )
    return environment
