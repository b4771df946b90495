"""Other people's scripts read the report: its schema is published, kept, and true."""

import json

import jsonschema
import pytest

from reports.assemble import assemble
from reports.load import ReportNotRead, load
from reports.report import Report
from reports.schema import generated, published
from reports.text import clean
from tests.reports.sample import CATALOGUE, RUN, sample


def test_the_published_schema_is_that_of_the_models() -> None:
    assert published() == generated(), "run: python -m reports.schema > reports/schema.json"


@pytest.mark.parametrize("report", [sample(), assemble(RUN, [], CATALOGUE)], ids=["full", "empty"])
def test_reports_are_valid(report: Report) -> None:
    schema = json.loads(published())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(report.to_json()), schema, cls=jsonschema.Draft202012Validator)


def test_the_contract_names_the_ends_of_a_hop_from_and_to() -> None:
    hop = json.loads(sample().to_json())["problems"][0]["chain"][0]
    assert set(hop) == {"from", "to", "relation", "rule", "strength"}


def test_a_report_comes_back_as_it_was() -> None:
    report = sample()
    assert load(report.to_json()) == report
    assert load(report.to_json().encode()).to_json() == report.to_json()


def test_the_text_of_the_json_is_safe_to_print() -> None:
    written = sample().to_json()
    assert clean(written) == written
    assert "\u202e" in json.loads(written)["problems"][3]["root"]["subject"]["name"]


def test_fields_of_a_later_version_are_let_be() -> None:
    data = json.loads(sample().to_json())
    data["scan"]["moon_phase"] = "full"
    assert load(json.dumps(data)) == sample()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<html>", "not JSON"),
        ("[]", "not a deepscan report"),
        ('{"kind": "List"}', "no schema_version"),
        ('{"schema_version": "2"}', "schema version '2', and this deepscan reads version 1"),
        ('{"schema_version": "1"}', "broken: scan: Field required"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(ReportNotRead, match=told):
        load(text)
