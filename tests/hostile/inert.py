"""
What "nothing happens" means in each face: a list of hits, empty where it holds.

A page is also compared with the same page of the same report without payloads: its structure must be the same.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import xmlschema
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from reports.faces import FACES
from reports.faces.terminal import print_report
from reports.report import Report

SCHEMAS = Path(__file__).parents[1] / "reports" / "schemas"
SGR = re.compile(r"\x1b\[[0-9;]*m")
FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
LINKS = ("a", "img", "script", "iframe", "object", "embed", "form", "link", "meta", "base", "input", "button")


class Shape(HTMLParser):
    """Elements and attributes of a page in their order, without its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.urls: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            if name in ("href", "src", "action", "srcset", "data", "style", "content") or name.startswith(
                "on"
            ):
                self.urls.append(f"{name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self.shape.append(("!--", ()))

    def handle_decl(self, decl: str) -> None:
        self.shape.append((f"!{decl}", ()))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("?", ()))

    def unknown_decl(self, data: str) -> None:
        self.shape.append(("![", ()))


def unprintable(text: str, newline: str = "\n") -> set[str]:
    """Characters of a text that a terminal acts on or an eye cannot see."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {hex(ord(c)) for c in set(text) - set(newline) if unicodedata.category(c) in kinds}


_USUAL: dict[tuple[str, int], tuple[Report, str]] = {}


def usual_face(face: str, tame: Report) -> str:
    """A face of the report that is compared with, rendered once."""
    key = face, id(tame)
    if key not in _USUAL:
        _USUAL[key] = tame, FACES[face](tame)
    return _USUAL[key][1]


def terminal(report: Report, _: Report) -> list[str]:
    """No escape byte in a pipe, and none but our own colours on a terminal."""
    hits = [f"plain: {found}" for found in sorted(unprintable(FACES["terminal"](report)))]
    page = io.StringIO()
    print_report(
        report, Console(file=page, force_terminal=True, color_system="truecolor", width=80, _environ={})
    )
    coloured = page.getvalue()
    hits += [f"coloured: {found}" for found in sorted(unprintable(SGR.sub("", coloured)))]
    return hits + [f"a colour of theirs: {code!r}" for code in sorted(set(SGR.findall(coloured)) - _ours())]


@cache
def _ours() -> frozenset[str]:
    from tests.hostile.reports import tame

    page = io.StringIO()
    print_report(
        tame(), Console(file=page, force_terminal=True, color_system="truecolor", width=80, _environ={})
    )
    return frozenset(SGR.findall(page.getvalue()))


def html(report: Report, tame: Report) -> list[str]:
    """The same elements as without payloads, and no link but to a place in the page."""
    page, before = Shape(FACES["html"](report)), Shape(usual_face("html", tame))
    hits = _differing(page.shape, before.shape)
    hits += [f"url: {url}" for url in page.urls if url not in before.urls and not url.startswith("href=#")]
    return hits + [f"character {found}" for found in sorted(unprintable(FACES["html"](report)))]


def markdown(report: Report, tame: Report) -> list[str]:
    """The report as Markdown, see :func:`markdown_text`."""
    return markdown_text(FACES["markdown"](report), usual_face("markdown", tame))


def markdown_text(text: str, before: str) -> list[str]:
    """Made into HTML, raw HTML let through and bare links made into links: the same elements, none of them a link."""
    page, usual = Shape(_rendered(text)), Shape(_rendered(before))
    hits = _differing(page.shape, usual.shape)
    hits += [f"active: {tag}" for tag, _ in page.shape if tag in LINKS and tag != "a"]
    hits += [f"url: {url}" for url in page.urls if not url.startswith("style=text-align:")]
    hits += [f"mention: {found}" for found in re.findall(r"(?<![\w`])@\w+(?!`)", _prose(text))]
    hits += [f"host: {found}" for found in re.findall(r"(?i)(?<!\w)www\.\w+", _prose(text))]
    return hits + [f"character {found}" for found in sorted(unprintable(text))]


@cache
def _renderer() -> MarkdownIt:
    """As GitHub does: addresses with a scheme and those of mail become links, bare words with a dot do not."""
    made = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert made.linkify is not None
    made.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    return made


def _rendered(text: str) -> str:
    return str(_renderer().render(text)).replace("<code>@</code>", "@")  # how the face breaks a mention


def _prose(text: str) -> str:
    """Markdown without its code."""
    text = re.sub(r"^( *)(`{3,})[^\n]*\n.*?\n\1\2`*$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)


def csv_table(report: Report, _: Report) -> list[str]:
    """The report as a table, see :func:`csv_text`."""
    return csv_text(FACES["csv"](report))


def csv_text(text: str) -> list[str]:
    """No cell is a formula, whichever separator a spreadsheet takes; every row has as many cells."""
    hits = []
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in row:
                start = cell.lstrip(" \"'\t\r\n\u00a0")
                if start and start[0] in FORMULA and "'" not in cell[: cell.index(start[0])]:
                    hits.append(f"{separator!r}: {cell[:60]!r}")
    widths = {len(row) for row in csv.reader(io.StringIO(text, newline=""))}
    hits += [f"columns: {widths}"] * (len(widths) != 1)
    return hits + [f"character {found}" for found in sorted(unprintable(text, "\r\n"))]


@cache
def _sarif() -> Draft7Validator:
    return Draft7Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8")))


@cache
def _junit() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


def sarif(report: Report, tame: Report) -> list[str]:
    """Valid, as many results of the same levels, and no message with a link or a placeholder."""
    text = FACES["sarif"](report)
    log, usual = json.loads(text), json.loads(usual_face("sarif", tame))
    hits = [error.message[:100] for error in _sarif().iter_errors(log)]
    told, before = (
        [(r["ruleId"], r["level"], r["partialFingerprints"]) for r in each["runs"][0]["results"]]
        for each in (log, usual)
    )
    hits += ["other results"] * (told != before)
    for message in _messages(log["runs"][0]["results"]) + _messages(log["runs"][0]["invocations"]):
        if re.search(r"(?<!\\)\]\(", message) or re.search(r"(?<!\{)(\{\{)*\{\d+\}", message):
            hits.append(f"syntax: {message[:80]}")
    return hits + [f"character {found}" for found in sorted(unprintable(text))]


def _messages(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _messages(item)]
    if isinstance(value, dict):
        own = [value["message"]["text"]] if isinstance(value.get("message"), dict) else []
        return own + [found for item in value.values() for found in _messages(item)]
    return []


def junit(report: Report, tame: Report) -> list[str]:
    """Valid, and the same outcome of the same number of cases."""
    text = FACES["junit"](report)
    hits = [str(error.reason)[:100] for error in _junit().iter_errors(text)]
    outcomes = [
        [[child.tag for child in case] for case in ET.fromstring(each).iter("testcase")]
        for each in (text, usual_face("junit", tame))
    ]
    hits += ["other outcomes"] * (outcomes[0] != outcomes[1])
    return hits + [f"character {found}" for found in sorted(unprintable(text))]


def prometheus(report: Report, tame: Report) -> list[str]:
    """Read by Prometheus' own client: the same families with as many samples of the same values."""
    text = FACES["prometheus"](report)
    told, before = (
        [
            (f.name, sorted(s.value for s in f.samples))
            for f in text_string_to_metric_families(FACES["prometheus"](each))
        ]
        for each in (report, tame)
    )
    hits = ["other series"] * (told != before)
    return hits + [f"character {found}" for found in sorted(unprintable(text))]


def json_report(report: Report, _: Report) -> list[str]:
    """Every value parses to what the cluster said, and the file itself is safe to print."""
    text = FACES["json"](report)
    hits = ["not faithful"] * (json.loads(text) != report.model_dump(mode="json", by_alias=True))
    return hits + [f"character {found}" for found in sorted(unprintable(text))]


FACE_CHECKS = {
    "terminal": terminal, "html": html, "markdown": markdown, "csv": csv_table, "sarif": sarif, "junit": junit,
    "prometheus": prometheus, "json": json_report,
}  # fmt: skip
"""Every face that ``--format`` knows, by its name."""


def _differing(shape: Sequence[Any], usual: Sequence[Any]) -> list[str]:
    if shape == usual:
        return []
    at = next(
        (n for n, (one, two) in enumerate(zip(shape, usual, strict=False)) if one != two),
        min(len(shape), len(usual)),
    )
    return [f"element {at} of {len(usual)}: {shape[at : at + 2]} for {usual[at : at + 2]}"]
