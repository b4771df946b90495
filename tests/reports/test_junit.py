"""A build server shows green only for what was looked at whole and found well."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from reports.assemble import assemble
from reports.faces import FACES
from reports.report import Report, SuppressedRow
from scanners.scanner import CheckState
from tests.reports.build import CLUSTER, row
from tests.reports.sample import CATALOGUE, CHECKS, CLAIM, RUN, TARGET, result, sample
from tests.reports.test_faces import many, quiet, unseen

SCHEMA = Path(__file__).parent / "schemas" / "junit-10.xsd"


@cache
def validator() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMA))


def document(report: Report) -> ET.Element:
    """The face, valid against the schema that Jenkins checks with, its counts right."""
    text = FACES["junit"](report)
    assert [str(error.reason) for error in validator().iter_errors(text)] == []
    root = ET.fromstring(text)
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(sum(case.find("failure") is not None for case in cases))
        assert suite.get("skipped") == str(sum(case.find("skipped") is not None for case in cases))
    return root


def outcomes(report: Report) -> dict[str, str]:
    """How each case ended, by code."""
    found = {}
    for case in document(report).iter("testcase"):
        ends = [child.tag for child in case if child.tag in ("failure", "skipped", "error")]
        found[(case.get("name") or "").split()[0]] = ends[0] if ends else "passed"
    return found


@pytest.mark.parametrize(
    "report", [sample(), unseen(), quiet(), many(120)], ids=["night", "unseen", "quiet", "many"]
)
def test_the_document_is_valid_and_has_a_case_for_every_check_and_target(report: Report) -> None:
    rows = {(check.code, check.target) for check in report.checks}
    told = {
        ((case.get("name") or "").split()[0], suite.get("id"))
        for suite in document(report)
        for case in suite.iter("testcase")
    }
    assert rows <= told
    assert {code for code, _ in told} == {c for c, _ in rows} | {finding.code for finding in report.findings}


def test_the_schema_would_object() -> None:
    assert not validator().is_valid("<testsuites><testsuite name='x'/></testsuites>")


def test_only_what_looked_whole_and_found_nothing_passes() -> None:
    ends = outcomes(sample())
    assert {code for code, end in ends.items() if end == "passed"} == {"JOB101", "NOD101"}
    assert ends["OOM102"] == ends["STO101"] == ends["QTA101"] == "failure"
    assert {code for code, end in ends.items() if end == "skipped"} == {
        "NET105",
        "NET110",
        "WEB101",
        "GPU102",
    }


@pytest.mark.parametrize("state", [state for state in CheckState if state is not CheckState.RAN])
def test_a_check_that_did_not_look_whole_never_passes_and_says_why(state: CheckState) -> None:
    checks = [row("JOB101", state, "the reason")]
    report = assemble(RUN, [replace(result(), checks=checks, findings=[], problems=[])], CATALOGUE)
    (case,) = document(report).iter("testcase")
    (skipped,) = case
    assert skipped.tag == "skipped"
    assert (skipped.get("message") or "").startswith(state.value.replace("-", " ") + ": the reason")


def test_a_failure_names_every_open_finding_of_the_check() -> None:
    (case,) = [c for c in document(sample()).iter("testcase") if (c.get("name") or "").startswith("STO101")]
    failure = case.find("failure")
    assert failure is not None and failure.text is not None
    assert failure.get("type") == "medium"
    assert failure.text.startswith(
        f"medium {CLAIM.id} PersistentVolumeClaim ml/scratch: claim scratch asks for"
    )


def test_what_a_blind_check_hints_at_is_no_failure_and_no_pass() -> None:
    (case,) = [c for c in document(sample()).iter("testcase") if (c.get("name") or "").startswith("NET110")]
    assert [child.tag for child in case] == ["skipped", "system-out"]
    assert "merely possible" in (case[1].text or "")


def test_a_check_whose_findings_are_all_suppressed_is_skipped_with_the_reason() -> None:
    rows = [SuppressedRow(finding=CLAIM.id, reason="known", until="2026-12-24", by="lena")]
    report = sample().model_copy(update={"suppressed": rows})
    (case,) = [c for c in document(report).iter("testcase") if (c.get("name") or "").startswith("STO101")]
    assert case[0].get("message") == "suppressed: known (until 2026-12-24)"


def test_a_suite_for_each_target_and_none_lost() -> None:
    other = TARGET.model_copy(update={"id": "other", "name": "test-eu", "cluster_uid": "other"})
    checks = [check.model_copy(update={"target": "other"}) for check in CHECKS]
    second = replace(result(), target=other, checks=checks, findings=[], problems=[], readings=[])
    suites = document(assemble(RUN, [result(), second], CATALOGUE)).findall("testsuite")
    assert [(suite.get("name"), suite.get("id")) for suite in suites] == [
        ("prod-gpu-eu", CLUSTER),
        ("test-eu", "other"),
    ]
    assert Counter(suite.get("failures") for suite in suites)["0"] == 1


def test_characters_that_xml_forbids_are_gone() -> None:
    bad = "".join(map(chr, range(32))) + "\x7f\x85\ufffe\uffff]]>&<![CDATA["
    report = sample()
    first, *rest = report.findings
    hostile = report.model_copy(update={"findings": [replace(first, message=bad, title=bad), *rest]})
    texts = "".join(document(hostile).itertext())
    assert "]]>&<![CDATA[" in texts
    assert not {"\ufffe", "\uffff", "\x7f", "\x00", "\x1b"} & set(texts)
