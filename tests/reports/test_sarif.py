"""Other tools read the findings by the official schema; a check that did not look is told there too."""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from reports.assemble import assemble
from reports.faces import FACES
from reports.faces.sarif import said
from reports.report import Report, SuppressedRow
from scanners.scanner import CheckState, catalogue
from tests.reports.sample import CATALOGUE, OOM, RUN, result, sample
from tests.reports.test_faces import many, unseen

SCHEMA = Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json"


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))


def run(report: Report) -> dict[str, Any]:
    """The one run of a log that is valid against the schema of OASIS."""
    log = json.loads(FACES["sarif"](report))
    assert [f"{list(e.absolute_path)}: {e.message}" for e in validator().iter_errors(log)] == []
    assert log["version"] == "2.1.0" and log["$schema"] == validator().schema["$id"]
    (only,) = log["runs"]
    return dict(only)


@pytest.mark.parametrize("report", [sample(), unseen(), many(120)], ids=["night", "unseen", "many"])
def test_the_log_is_valid_and_has_a_result_for_every_finding(report: Report) -> None:
    results = run(report)["results"]
    assert [each["ruleId"] for each in results] == [finding.code for finding in report.findings]
    prints = [each["partialFingerprints"]["deepscanFindingId/v1"] for each in results]
    assert prints == [finding.id for finding in report.findings]


def test_the_schema_would_object() -> None:
    log = json.loads(FACES["sarif"](sample()))
    log["runs"][0]["results"][0]["level"] = "high"
    assert not validator().is_valid(log)


def test_levels_come_from_severity_and_what_recovered_is_no_failure() -> None:
    report = sample()
    results = run(report)["results"]
    assert Counter((each["kind"], each["level"]) for each in results) == {
        ("fail", "error"): 10, ("fail", "warning"): 2, ("fail", "note"): 1, ("informational", "none"): 1,
    }  # fmt: skip
    (gone,) = [each for each in results if each["kind"] == "informational"]
    assert gone["properties"]["state"] == "recovered"


def test_objects_are_logical_locations_and_no_file_is_made_up() -> None:
    for result_, finding in zip(run(sample())["results"], sample().findings, strict=True):
        (location,) = result_["locations"]
        assert list(location) == ["logicalLocations"]
        (where,) = location["logicalLocations"]
        assert where["kind"] == "resource"
        assert where["fullyQualifiedName"].startswith(f"prod-gpu-eu/{finding.subject.kind}/")


def test_every_rule_of_the_catalogue_has_its_page() -> None:
    first = run(sample())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in first] == sorted({rule["id"] for rule in first})
    known = [rule for rule in first if rule["id"] in catalogue()]
    assert len(known) > 5
    for rule in known:
        assert rule["help"]["markdown"] == catalogue()[rule["id"]].page
        assert rule["properties"]["tags"] == [catalogue()[rule["id"]].concern]
    for each in run(sample())["results"]:
        assert first[each["ruleIndex"]]["id"] == each["ruleId"]


def test_a_report_without_results_still_tells_its_gaps() -> None:
    only = run(unseen())
    assert only["results"] == []
    told = only["invocations"][0]["toolExecutionNotifications"]
    blind = [
        row.code for row in unseen().checks if row.state in (CheckState.NOT_MEASURED, CheckState.PARTIAL)
    ]
    assert blind
    assert [each["associatedRule"]["id"] for each in told if "associatedRule" in each] == blind
    assert any("denied" in each["message"]["text"] for each in told)


def test_a_scan_that_was_cut_short_was_not_successful() -> None:
    cut = assemble(RUN, [replace(result(), partial=True)], CATALOGUE)
    assert run(cut)["invocations"][0]["executionSuccessful"] is False
    assert run(sample())["invocations"][0]["executionSuccessful"] is True


def test_what_is_suppressed_says_so() -> None:
    rows = [
        SuppressedRow(finding=OOM.id, reason="known", until="2026-12-24", by="lena"),
        SuppressedRow(finding="f-0001", reason="old", until="2026-01-01", by="lena", expired=True),
    ]
    found = run(sample().model_copy(update={"suppressed": rows}))["results"]
    told = {
        e["partialFingerprints"]["deepscanFindingId/v1"]: e["suppressions"]
        for e in found
        if "suppressions" in e
    }
    assert told == {OOM.id: [{"kind": "external", "justification": "known (until 2026-12-24)"}]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("limits {0} of {1}", "limits {{0}} of {{1}}"),
        ("see [here](https://evil.example)", r"see \[here\](https://evil.example)"),
        ("nodes [3] are lost", "nodes [3] are lost"),
        ("a\nb\x1b[31m", "a b"),
    ],
)
def test_text_of_the_cluster_spells_no_placeholder_and_no_link(words: str, message: str) -> None:
    assert said(words) == message
