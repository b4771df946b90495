"""The template narrator says what is wrong and what it did, adds nothing, and names the object."""

from dataclasses import replace

from correlate.problem import Alternative, Remediation
from reports.narration.template import in_order, mend, narrated
from scanners.finding import Confidence
from tests.reports.build import link, problem, step
from tests.reports.sample import DNS, EVICTED, FINDINGS, HOG, NAMES, OOM, POLICY, PRESSURE, STEP, sample

BY_ID = {finding.id: finding for finding in FINDINGS}


def test_the_chain_is_told_from_the_root_on() -> None:
    chain = [
        link(EVICTED, STEP, "implements", "R"),
        link(PRESSURE, EVICTED, "runs-on", "R"),
        link(HOG, PRESSURE, "runs-on", "R"),
    ]
    told = narrated(problem(HOG, PRESSURE, EVICTED, STEP, chain=chain), BY_ID)
    assert told.cause == (
        "nb-lena uses 212 Gi with a request of 0 on gpu-07. "
        "This led to: gpu-07 is under MemoryPressure since 10:02. "
        "That in turn led to: Job ml/preprocess: 6 pods were evicted between 10:02 and 10:05. "
        "That in turn led to: Workflow ml/train-llm-x8k2p: step train failed after 3 tries."
    )
    assert told.told_by == "template"


def test_a_cycle_is_walked_once() -> None:
    chain = [link(DNS, NAMES, "same", "R"), link(NAMES, DNS, "same", "R")]
    assert narrated(problem(DNS, NAMES, chain=chain), BY_ID).cause.count("led to") == 1


def test_what_is_only_possible_is_not_called_a_cause() -> None:
    doubtful = problem(DNS, NAMES, chain=[link(DNS, NAMES, "cluster", "R-701", 0.4)])
    doubtful.confidence = Confidence.POSSIBLE
    cause = narrated(doubtful, BY_ID).cause
    assert "may have contributed to" in cause
    assert "led to" not in cause


def test_many_consequences_are_counted() -> None:
    others = [replace(NAMES, id=f"f-9{n}") for n in range(40)]
    findings = {f.id: f for f in [DNS, *others]}
    told = narrated(problem(DNS, *others, chain=[link(DNS, f, "cluster", "R") for f in others]), findings)
    place = "Deployment serving/inference-gateway"
    assert f"Names are not resolved, 40 times ({place}, {place}, {place} and 37 more)" in told.cause


def test_findings_without_a_hop_are_covered_all_the_same() -> None:
    assert (
        "It also covers: Deployment serving/inference-gateway" in narrated(problem(DNS, NAMES), BY_ID).cause
    )


def test_the_title_names_the_object_as_a_word_of_its_own() -> None:
    assert narrated(problem(POLICY), BY_ID).title == "Namespace ml: No network policy"
    html = problem(replace(POLICY, title="No html policy"))
    assert narrated(html, BY_ID).title == "Namespace ml: No html policy"
    named = problem(replace(POLICY, title="No network policy: ml"))
    assert narrated(named, BY_ID).title == "No network policy: ml"


def test_a_second_cause_is_told() -> None:
    told = narrated(
        problem(DNS, alternatives=[Alternative(finding="f-x", statement="the node is down")]), BY_ID
    )
    assert told.cause.endswith("Another cause explains nearly as much: the node is down.")


def test_what_would_refute_it_is_its_evidence() -> None:
    assert narrated(problem(DNS), BY_ID).would_change == [
        "status.readyReplicas of Deployment kube-system/coredns no longer reads 0"
    ]
    assert narrated(problem(DNS, would_change=["x"]), BY_ID).would_change == ["x"]
    assert narrated(problem(POLICY), BY_ID).would_change == []


def test_a_remedy_without_words_gets_them_from_its_steps() -> None:
    steps = Remediation(text="", steps=[step("Look at the class."), step("Create the class")])
    assert mend(steps) == in_order(steps) == "Look at the class; then create the class."
    assert mend(Remediation(text="")).startswith("No remedy is written")


def test_every_problem_has_a_cause_and_a_remedy() -> None:
    for told in sample().problems:
        assert told.cause
        assert told.cause.endswith(".")
        assert told.remediation.text
        assert "up to" not in told.cause


def test_a_problem_whose_findings_are_missing_is_told_from_its_root() -> None:
    assert "killed 7 times" in narrated(problem(OOM), {}).cause
