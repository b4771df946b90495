"""The faces of an answer: every figure with its unit, no name broken, text of the cluster inert."""

import csv
import io
import json
from dataclasses import replace

import pytest

from reports.faces.answer import cell_text
from reports.faces.answer_files import csv_text, json_text, markdown_text
from reports.faces.answer_terminal import text
from reports.query.answer import Answer, Unit
from reports.query.asking import ask
from reports.query.query import Query, View
from reports.report import Report
from scanners.finding import JsonValue
from tests.reports.query.worlds import answer, demo, demo_without
from tests.reports.sample import HOSTILE


def _hostile() -> Report:
    """The demo's report in which a tenant named objects to hurt readers."""
    found = []
    for finding in demo().findings:
        subject = replace(finding.subject, name=HOSTILE + "=cmd()")
        facts = finding.facts | {"container": "=HYPERLINK(1)", "holders": [{"owner": "@evil", "amount": 1}]}
        facts |= {"cause": HOSTILE, "smallest_change": "-2+3", "schedule": "+1"}
        found.append(replace(finding, subject=subject, facts=facts, message=HOSTILE))
    return demo().model_copy(update={"findings": found})


EVERYTHING = [
    Query(views=(view,), namespaces=(HOSTILE,) if number % 2 else ()) for number, view in enumerate(View)
]


@pytest.mark.parametrize("query", EVERYTHING, ids=lambda query: query.views[0].value)
def test_text_of_the_cluster_is_inert_in_every_face(query: Query) -> None:
    told = ask(_hostile(), query)
    page = text(told)
    assert page.isprintable() or not set(page) & set("\x1b\u202e\u200b\x9b")
    marked = markdown_text(told)
    outside = [
        line for line in marked.splitlines() if not line.startswith("Query (")
    ]  # which is a span of code
    assert "<script>" not in "\n".join(outside) and "\x1b" not in marked and "\u202e" not in marked
    sheet = csv_text(told)
    assert "\x1b" not in sheet and "\u202e" not in sheet
    for row in csv.reader(io.StringIO(sheet)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    raw = json_text(told)
    assert "\u202e" not in raw and "\x1b" not in raw and json.loads(raw)["scan"] == told.scan


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "count", "–"), ([], "names", "–"), (0, "count", "0"),
        (4294967296, "bytes", "4 GiB"), (11520, "seconds", "3 h 12 min"),
        (0.6071, "ratio", "61 %"), (16029.08, "usd", "$16,029"), (None, "usd", "–"), (61.0, "hours", "61.0 h"),
        ("2026-11-19T01:31:00Z", "time", "2026-11-19 01:31Z"),
        (["a", "b"], "names", "a, b"), (16.286, "gpus", "16.286"),
        ("x\ny\x1b[31m", "text", "x y"),
    ],
)  # fmt: skip
def test_a_cell_says_its_unit_and_an_unknown_is_a_dash(value: JsonValue, unit: Unit, shown: str) -> None:
    assert cell_text(value, unit) == shown


@pytest.mark.parametrize(
    "question",
    ["OOM kills", "GPU allocation ratio", "stale PVC mounts", "what is going on", "failing cronjobs"],
)
def test_a_page_of_eighty_columns_breaks_no_name(question: str) -> None:
    told = answer(question, demo())
    page = text(told, 80)
    assert max(map(len, page.splitlines())) <= 80
    names = {
        str(cell)
        for table in told.tables
        for row in table.rows
        for cell in row.cells
        if isinstance(cell, str)
    }
    words = [word for name in names if " " not in name and not name.endswith("Z") for word in [name]]
    assert words and all(word in page for word in words)
    assert all(row.finding is None or row.finding in page for table in told.tables for row in table.rows)


def test_the_first_line_states_the_filters_and_the_two_instants() -> None:
    first = text(answer("OOM kills in namespace airflow of the last 2 hours", demo()), 200).splitlines()[0]
    assert first == (
        "Containers killed for memory: namespace airflow, the last 2 h; "
        "from 2026-11-19T00:00:00Z to 2026-11-19T02:00:00Z (2 h)"
    )


def test_the_query_is_shown_with_the_answer() -> None:
    told = answer("OOM kills in namespace airflow", demo())
    shown = '{"views": ["oom-kills"], "namespaces": ["airflow"]}'
    assert shown in text(told, 200) and shown in markdown_text(told)
    assert Answer.model_validate_json(json_text(told)).query == told.query


def test_what_was_not_seen_stands_in_every_face() -> None:
    told = answer("OOM kills", demo_without("pods"))
    for face in (text(told, 400), markdown_text(told), csv_text(told), json_text(told)):
        assert "cannot tell: " in face and "denied" in face and "mend" in face
