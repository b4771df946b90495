"""A spreadsheet reads the figures as figures and every word of a cluster as a word."""

import csv
import io
from dataclasses import replace

import pytest

from reports.faces import FACES
from reports.faces.csv import COLUMNS, harmless
from reports.report import Report
from tests.reports.sample import sample

FOCUS = {
    "ResourceId", "ResourceName", "ResourceType", "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity",
    "ConsumedUnit", "BillingCurrency",
}  # fmt: skip
"""Columns of the FinOps Open Cost and Usage Specification, version 1, that the table has."""


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FACES["csv"](report), newline="")))


def test_columns_are_those_of_focus_or_begin_with_x() -> None:
    assert {name for name in COLUMNS if not name.startswith("x_")} == FOCUS
    assert tuple(rows(sample())[0]) == COLUMNS


def test_every_finding_is_a_row_in_the_reports_order() -> None:
    found = [row for row in rows(sample()) if row["x_RowType"] == "finding"]
    assert [row["x_FindingId"] for row in found] == [finding.id for finding in sample().findings]
    priced = [
        (row["x_FindingId"], row["x_UsdPerMonth"], row["BillingCurrency"])
        for row in found
        if row["x_UsdPerMonth"]
    ]
    assert priced == [("f-0009", "12900.0", "USD")]


def test_an_unknown_is_an_empty_cell_and_no_zero() -> None:
    (policy,) = [row for row in rows(sample()) if row["x_Code"] == "NET101"]
    assert (policy["x_Onset"], policy["ResourceId"], policy["x_UsdPerMonth"]) == ("", "", "")


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\n=1", "'=1"),
        ("  =1", "'=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20SUM(1)", "'\uff20SUM(1)"),
        ("\u200b=1", "'=1"),
        ("\ufeff=1", "'=1"),
        ('"=1', "\"'=1"),
        ("a;=cmd()", "a;'=cmd()"),
        ("a, -5", "a, '-5"),
        ("3-5 of a=b", "3-5 of a=b"),
        ("ml/web", "ml/web"),
    ],
)
def test_no_cell_is_a_formula(words: str, cell: str) -> None:
    assert harmless(words) == cell


def test_numbers_stay_numbers() -> None:
    table = FACES["csv"](sample()).splitlines()[1]
    assert ',1,"2026-11-18T22:48:00Z"' in table


def test_a_name_that_is_a_formula_is_defused_in_the_table() -> None:
    report = sample()
    first, *rest = report.findings
    name = '=HYPERLINK("https://evil.example","x")'
    hostile = report.model_copy(
        update={"findings": [replace(first, subject=replace(first.subject, name=name)), *rest]}
    )
    assert rows(hostile)[0]["ResourceName"] == "'" + name.replace(',"', ',"')
    assert not [cell for row in rows(hostile) for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]
