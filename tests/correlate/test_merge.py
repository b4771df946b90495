"""
One fault is one finding, whoever saw it and however the pods are called.
"""

import pytest

from correlate import correlate
from correlate.merge import NARROWER
from scanners.facts import slices
from scanners.facts.quota import ResourceQuota
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from tests.correlate.worlds import deployment, inventory, job, pod_of, recovered, replicaset, scanner, seen

APP, TRAIN = deployment("app"), job("train")
QUOTA = ResourceQuota(name="team", namespace="ml", uid="q")


def codes(*sighted: object) -> list[str]:
    return sorted(finding.code for finding in correlate(inventory(), list(sighted)).findings)  # type: ignore[arg-type]


@pytest.mark.parametrize(("narrow", "broad"), [(c[0], b) for c in NARROWER for b in c[1:]])
def test_the_narrower_check_takes_the_other_in(narrow: str, broad: str) -> None:
    one = seen(Kind.CONTAINER_OOM, APP, code=narrow, facts={"container": "main"}, count=2)
    two = seen(Kind.CRASH_LOOP, APP, code=broad, facts={"container": "main", "exit_code": 137}, count=5)
    told = correlate(inventory(), [two, one])
    assert [(f.code, f.count, f.facts["exit_code"]) for f in told.findings] == [(narrow, 5, 137)]
    assert correlate(inventory(), [one, two]) == told


def test_two_containers_of_one_workload_stay_two_findings() -> None:
    one = seen(Kind.CONTAINER_OOM, APP, code="OOM101", facts={"container": "main"})
    two = seen(Kind.CRASH_LOOP, APP, code="WRK101", facts={"container": "proxy"})
    assert codes(one, two) == ["OOM101", "WRK101"]


def test_two_resources_of_one_quota_stay_two_findings() -> None:
    one = seen(Kind.QUOTA_EXHAUSTED, QUOTA, code="QTA101", facts={"resource": "pods"})
    two = seen(Kind.QUOTA_NEARLY_FULL, QUOTA, code="QTA102", facts={"resource": "limits.cpu"})
    assert codes(one, two) == ["QTA101", "QTA102"]


def test_different_subjects_never_merge() -> None:
    one, two = seen(Kind.CONTAINER_OOM, APP, code="OOM101"), seen(Kind.CRASH_LOOP, TRAIN, code="WRK101")
    assert codes(one, two) == ["OOM101", "WRK101"]


def test_what_has_recovered_does_not_swallow_what_is_broken() -> None:
    gone = recovered(Kind.CONTAINER_OOM, APP, code="OOM101")
    assert codes(gone, seen(Kind.CRASH_LOOP, APP, code="WRK101")) == ["OOM101", "WRK101"]


def test_one_check_that_sees_one_thing_twice_tells_it_once_and_at_its_worst() -> None:
    check = scanner("WRK101", Severity.MEDIUM)
    pods = [pod_of(APP, number) for number in range(4)]
    evidence = [Evidence(subject=pods[0], path="status.phase", value="x")]
    mild = Sighting(subject=APP, kind=Kind.CRASH_LOOP, message="mild", evidence=evidence, pods=pods[:3])
    grave = Sighting(
        subject=APP, kind=Kind.CRASH_LOOP, message="grave", evidence=evidence, pods=pods[2:],
        severity=Severity.HIGH, confidence=Confidence.DERIVED,
    )  # fmt: skip
    (finding,) = correlate(inventory(), [(check, [mild, grave])]).findings
    assert (finding.message, finding.severity, finding.count) == ("grave", "high", 4)
    assert len(finding.evidence) == 1
    assert finding.facts["sample_pods"] == ["app-2", "app-3"] or len(finding.facts["sample_pods"]) == 3  # type: ignore[arg-type]


def test_a_renamed_pod_changes_no_id() -> None:
    owner = replicaset("app-5d8f", APP)
    objects = {slices.DEPLOYMENTS: [APP], slices.REPLICASETS: [owner]}

    def told(name: str) -> list[str]:
        pod = pod_of(owner, name=name, uid=f"uid-{name}", on="n1")
        result = correlate(inventory(objects), [seen(Kind.CRASH_LOOP, pod, code="WRK101", pods=[pod])])
        return [*(f.id for f in result.findings), *(p.id for p in result.problems)]

    assert told("app-5d8f-x1") == told("app-5d8f-zz")
    pod = pod_of(owner, on="n1")
    (finding,) = correlate(inventory(objects), [seen(Kind.CRASH_LOOP, pod, pods=[pod])]).findings
    assert finding.subject.kind == "Deployment"
    assert [layer.kind for layer in finding.layers] == ["Deployment", "ReplicaSet"]
    assert finding.node == "n1"


def test_an_id_depends_on_code_target_subject_and_discriminator_alone() -> None:
    base = correlate(inventory(), [seen(Kind.CRASH_LOOP, APP, code="WRK101")]).findings[0].id
    same = correlate(
        inventory(), [seen(Kind.CRASH_LOOP, APP, code="WRK101", since=99, message="else", facts={"n": 1})]
    )
    assert same.findings[0].id == base
    others = [
        seen(Kind.CRASH_LOOP, APP, code="WRK102"),
        seen(Kind.CRASH_LOOP, TRAIN, code="WRK101"),
        seen(Kind.CRASH_LOOP, APP, code="WRK101", discriminator="main"),
    ]
    ids = {correlate(inventory(), [other]).findings[0].id for other in others}
    assert base not in ids
    assert len(ids) == 3


def test_low_findings_fold_into_one_problem_per_code_and_namespace() -> None:
    habits = [
        seen(Kind.POLICY_MISSING, deployment(f"d{n}", f"team-{n % 2}"), code="NET101", severity=Severity.LOW)
        for n in range(6)
    ]
    told = correlate(inventory(), habits)
    assert [len(problem.findings) for problem in told.problems] == [3, 3]
    assert {finding.role for finding in told.findings} == {"standalone"}
    assert all(finding.problem for finding in told.findings)


def test_info_without_a_cause_is_a_finding_and_no_problem() -> None:
    told = correlate(inventory(), [seen(Kind.POD_UNREACHABLE, APP, severity=Severity.INFO)])
    assert (told.problems, told.findings[0].problem) == ([], None)


def test_chronic_findings_are_told_a_level_lower() -> None:
    from scanners.finding import State

    told = correlate(inventory(), [seen(Kind.CRASH_LOOP, APP, state=State.CHRONIC)])
    assert told.findings[0].severity == "medium"
