"""What is believed of a sentence, and why another one is not, case by case."""

from itertools import pairwise

import pytest

from correlate.problem import Link, Problem
from reports.narration.grounding import Ground
from reports.narration.shown import Shown, aliases, shown
from scanners.finding import Confidence, Finding, Severity
from scanners.kinds import Kind
from tests.reports.build import finding, problem, ref, seen

NODE = ref("Node", "gpu-7")
WEB = ref("Deployment", "web", "shop", "apps")
JOB = ref("CronJob", "nightly", "data", "batch")
PRESSED = finding(
    1, "NOD102", Kind.NODE_PRESSURE, "Node pressure",
    "gpu-7 has had MemoryPressure for 38 min: 59.8 MiB left, threshold 100 MiB",
    Severity.HIGH, NODE, [seen("e-1", NODE, "status.conditions[0].reason", "KubeletHasInsufficientMemory")],
)  # fmt: skip
EVICTED = finding(
    2, "OOM105", Kind.POD_EVICTED, "Pods evicted", "3 pods evicted from gpu-7 within 2 h", Severity.HIGH, WEB,
    [seen("e-2", WEB, "status.reason", "Evicted")],
)  # fmt: skip
SHORT = finding(
    3, "WRK106", Kind.WORKLOAD_UNAVAILABLE, "Rollout stuck", "1 of 4 replicas available", Severity.HIGH, WEB,
    [seen("e-3", WEB, "status.availableReplicas", 1)],
)  # fmt: skip
FAILING = finding(
    4, "JOB111", Kind.RUNS_FAILING, "Runs fail", "no success in 3 due runs, last success 73 h ago", Severity.HIGH, JOB,
    [seen("e-4", JOB, "status.lastSuccessfulTime", "2026-11-16T01:00:00Z")],
)  # fmt: skip
EVERYTHING = [PRESSED, EVICTED, SHORT, FAILING]


def about(*found: Finding, confidence: Confidence = Confidence.OBSERVED) -> tuple[Ground, Shown]:
    """The ground of one problem, whose findings follow from each other in order."""
    whole: Problem = problem(found[0], *found[1:])
    whole.confidence = confidence
    whole.chain = [
        Link(source=cause.id, target=effect.id, relation="runs-on", rule="R-1", strength=0.9)
        for cause, effect in pairwise(found)
    ]
    one = shown(whole, {each.id: each for each in found})
    return Ground.of([one], aliases([one])), one


def why(ground: Ground, one: Shown, text: str, *ids: str, before: tuple[str, ...] = ()) -> str:
    """Why a sentence in real names is refused; empty where it is believed."""
    return ground.judged(ground.names.hide(text), ids, one, before).why


@pytest.mark.parametrize(
    "text",
    [
        "gpu-7 has had MemoryPressure for 38 min, which led to: Deployment shop/web: 3 pods evicted from gpu-7.",
        "Deployment shop/web: 3 pods evicted from gpu-7 because gpu-7 has had MemoryPressure.",
        "Because gpu-7 has had MemoryPressure for 38 minutes, Deployment web: three pods evicted from gpu-7.",
        "Node gpu-7 has had MemoryPressure; Deployment web: 3 pods were evicted from gpu-7 within 120 min.",
    ],
)
def test_cause_and_effect_as_in_the_chain_are_believed(text: str) -> None:
    assert why(*about(PRESSED, EVICTED, SHORT), text, "e-1", "e-2") == ""


@pytest.mark.parametrize(
    "text",
    [
        "Deployment shop/web: 3 pods evicted from gpu-7, which led to: gpu-7 has had MemoryPressure for 38 min.",
        "gpu-7 has had MemoryPressure for 38 min because Deployment web: 3 pods evicted from gpu-7.",
        "gpu-7 has had MemoryPressure for 38 min as a result of 3 pods evicted from gpu-7.",
        "Because Deployment web: 3 pods evicted from gpu-7, gpu-7 has had MemoryPressure.",
    ],
)
def test_cause_and_effect_turned_around_are_not(text: str) -> None:
    assert why(*about(PRESSED, EVICTED, SHORT), text, "e-1", "e-2")


def test_this_led_to_points_to_the_sentence_before_it() -> None:
    ground, one = about(PRESSED, EVICTED, SHORT)
    text = "This led to: Deployment shop/web: 3 pods evicted from gpu-7."
    assert why(ground, one, text, "e-2", before=(PRESSED.id,)) == ""
    assert why(ground, one, text, "e-2", before=(SHORT.id,))
    assert why(ground, one, text, "e-2")


def test_a_possible_cause_is_told_as_a_possible_one() -> None:
    ground, one = about(PRESSED, EVICTED, confidence=Confidence.POSSIBLE)
    cause, effect = "gpu-7 has had MemoryPressure", "Deployment shop/web: 3 pods evicted from gpu-7"
    assert why(ground, one, f"{cause}, which may have led to: {effect}", "e-1", "e-2") == ""
    assert why(ground, one, f"{cause}, which led to: {effect}", "e-1", "e-2")
    assert why(ground, one, f"{effect} because {cause}", "e-1", "e-2")


def test_numbers_stay_with_what_they_count() -> None:
    ground, one = about(PRESSED, EVICTED, SHORT)
    assert why(ground, one, "Deployment shop/web: 3 pods evicted from gpu-7 within 2 h.", "e-2") == ""
    assert why(ground, one, "Deployment shop/web: 2 pods evicted from gpu-7 within 3 h.", "e-2")
    assert why(ground, one, "gpu-7 has had MemoryPressure: 100 MiB left, threshold 59.8 MiB.", "e-1")
    assert why(ground, one, "Deployment shop/web: 4 of 1 replicas available.", "e-3")


def test_a_finding_of_another_object_is_told_by_name() -> None:
    ground, one = about(PRESSED, SHORT)
    assert why(ground, one, "Deployment shop/web has 1 of 4 replicas available.", "e-3") == ""
    assert why(ground, one, "1 of 4 replicas available.", "e-3")
    assert why(ground, one, "gpu-7 has 1 of 4 replicas available.", "e-3")
    assert why(ground, one, "StatefulSet shop/web has 1 of 4 replicas available.", "e-3")
    assert why(ground, one, "Deployment data/web has 1 of 4 replicas available.", "e-3")


def test_a_denial_keeps_what_it_is_limited_to() -> None:
    ground, one = about(FAILING)
    assert why(ground, one, "CronJob data/nightly: no success in 3 due runs.", "e-4") == ""
    assert why(ground, one, "CronJob data/nightly: no success.", "e-4")
    assert why(ground, one, "CronJob data/nightly: success in 3 due runs.", "e-4")


def test_evidence_must_be_that_of_what_is_told() -> None:
    ground, one = about(*EVERYTHING)
    text = "Deployment shop/web has 1 of 4 replicas available."
    assert why(ground, one, text, "e-3") == ""
    assert "no evidence of this problem" in why(ground, one, text, "e-99")
    assert "does not tell of" in why(ground, one, text, "e-3", "e-4")
    assert why(ground, one, text, "e-2")


def test_a_sentence_of_endless_readings_is_refused_in_time() -> None:
    ground, one = about(PRESSED)
    assert why(ground, one, ", ".join(["gpu-7"] * 50), "e-1")
    assert why(ground, one, "gpu-7 has had MemoryPressure, " * 12, "e-1")
