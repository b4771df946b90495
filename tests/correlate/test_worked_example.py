"""
The example of correlation.md 12.2, as far as its kinds exist: three incidents and a habit, with the
published scores.
"""

from dataclasses import asdict

import pytest

from correlate import Correlation, correlate
from scanners.facts import slices
from scanners.facts.quota import ResourceQuota
from scanners.facts.workload import Deployment
from scanners.finding import Confidence, Evidence, Severity
from scanners.kinds import Kind
from tests.correlate.worlds import (
    Sighted,
    at,
    cronjob,
    deployment,
    inventory,
    job,
    node,
    pod_of,
    recovered,
    seen,
)  # fmt: skip


def _evicted() -> list[Deployment]:
    return [deployment(f"loader-{number}") for number in range(6)]


def world() -> Correlation:
    gpu07, notebook = node("gpu-07"), deployment("nb")
    nightly, waiting = cronjob("train"), job("fine-tune", "team-b")
    habits = [deployment(f"web-{number:02d}", "shop") for number in range(60)]
    idle = deployment("idle-nb", "lab")
    quota = ResourceQuota(name="team-b", namespace="team-b", uid="q")
    owners = [*_evicted(), nightly]
    sighted: Sighted = [
        seen(
            Kind.NODE_PRESSURE, gpu07, code="NOD102", since=10, until=10, node="gpu-07",
            facts={"condition": "MemoryPressure"},
        ),
        seen(
            Kind.MEMORY_HOG, notebook, code="OOM104", since=11, until=11, confidence=Confidence.LIKELY,
            pods=[pod_of(notebook, on="gpu-07")],
            facts={"usage_bytes": 212 * 2**30, "request_bytes": 0, "usd_per_month": 98 * 730 / 24},
        ),
        *(
            seen(
                Kind.POD_EVICTED, owner, code="OOM105", since=10 - number / 2, until=7,
                pods=[pod_of(owner, on="gpu-07")], facts={"resource": "memory"}, discriminator="gpu-07",
                evidence=[
                    Evidence(subject=owner, path=f"status.{n}", value=1, observed_at=at(10 - number / 2))
                    for n in range(2)
                ],
            )
            for number, owner in enumerate(owners)
        ),
        seen(Kind.RUNS_FAILING, nightly, code="JOB111", since=4, until=4),
        seen(
            Kind.QUOTA_EXHAUSTED, quota, code="QTA101", since=30, until=9,
            facts={"resource": "requests.nvidia.com/gpu", "refused_owners": ["fine-tune"]},
        ),
        seen(Kind.PODS_NOT_CREATED, waiting, code="WRK114", since=28, until=9, facts={"gpus": 8}),
        seen(
            Kind.WORKLOAD_UNAVAILABLE, deployment("run", "team-b"), code="WRK106", since=20, until=9,
            facts={"resource": "requests.nvidia.com/gpu"},
        ),
        seen(
            Kind.GPU_NODE_IDLE, idle, code="GPU102", severity=Severity.MEDIUM, confidence=Confidence.DERIVED,
            since=None, facts={"gpus": 1, "usd_per_month": 1310.0},
        ),
        *(
            seen(
                Kind.POLICY_MISSING, habit, code="OOM117", severity=Severity.LOW,
                confidence=Confidence.DERIVED, since=None,
            )
            for habit in habits
        ),
        recovered(Kind.POD_EVICTED, deployment("old"), code="OOM105", pods=[], discriminator="gpu-02"),
    ]  # fmt: skip
    return correlate(
        inventory({slices.NODES: [gpu07], slices.DEPLOYMENTS: [notebook, *_evicted(), *habits, idle]}),
        sighted,
    )


@pytest.fixture(name="told", scope="module")
def _told() -> Correlation:
    return world()


def test_four_problems_in_the_published_order_and_with_the_published_scores(told: Correlation) -> None:
    assert [(p.rank, p.root.code, p.severity, p.score) for p in told.problems] == [
        (1, "OOM104", "high", 64.0),
        (2, "QTA101", "high", 51.4),
        (3, "GPU102", "medium", 36.0),
        (4, "OOM117", "low", 20.6),
    ]


def test_the_parts_of_the_scores_are_those_of_the_page(told: Correlation) -> None:
    parts = [tuple(asdict(p.score_parts).values()) for p in told.problems]
    assert parts[0] == (0.8, 0.826, 0.8, 0.605, 0.992)
    assert parts[1] == (1.0, 0.528, 0.8, 0.0, 0.688)
    assert parts[2] == pytest.approx((0.9, 0.313, 0.4, 0.5, 0.5), abs=0.003)
    assert parts[3] == (0.9, 0.259, 0.2, 0.0, 0.5)


def test_the_hog_explains_the_pressure_the_evictions_and_the_failed_run(told: Correlation) -> None:
    hog = told.problems[0]
    kinds = {finding.id: finding.kind for finding in told.findings}
    assert sorted({kinds[id_] for id_ in hog.findings}) == [
        "MemoryHog", "NodePressure", "PodEvicted", "RunsFailing",
    ]  # fmt: skip
    assert len(hog.findings) == 10
    assert {link.rule for link in hog.chain} == {"R-101", "R-102", "R-601"}
    assert hog.impact.workloads == 7


def test_what_has_recovered_is_told_and_never_ranked(told: Correlation) -> None:
    old = [finding for finding in told.findings if finding.state == "recovered"]
    assert [(finding.severity, finding.problem) for finding in old] == [("info", None)]


def test_no_edge_joins_what_only_happened_at_the_same_time(told: Correlation) -> None:
    assert not set(told.problems[0].findings) & set(told.problems[1].findings)
    assert told.problems[1].contributes == []
