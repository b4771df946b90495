"""
What the guards of some rules tell apart beyond the two worlds of each rule.
"""

from typing import Any

from scanners.kinds import Kind
from tests.correlate.rule_worlds import APP, LOST, ONE, RANK, TRAIN, pair, unplaced
from tests.correlate.test_rules import fired
from tests.correlate.worlds import at, pod_of


def losing(**facts: Any) -> tuple[Kind, dict[str, Any]]:
    return Kind.JOB_FAILING, {"subject": TRAIN, "pods": [pod_of(TRAIN)], "facts": facts}


WAITS = (Kind.POD_UNSCHEDULABLE, {"subject": TRAIN, "pods": [pod_of(TRAIN)]})


def test_a_job_whose_only_trouble_is_a_waiting_pod_is_explained_by_the_wait() -> None:
    assert fired(pair(WAITS, losing(failed_pods=1))) == {"R-216"}


def test_a_job_that_lost_pods_before_one_waited_is_not() -> None:
    assert fired(pair(WAITS, losing(failed_pods=3))) == set()
    assert fired(pair(WAITS, losing(failed_pods=0, failed_indexes="1,4"))) == set()


def test_other_pods_that_wait_explain_nothing() -> None:
    other = (Kind.POD_UNSCHEDULABLE, {"subject": TRAIN, "pods": [pod_of(TRAIN, 7)]})
    assert fired(pair(other, losing(failed_pods=1))) == set()


def test_a_verdict_that_asks_for_the_lost_device_needs_no_second_sum() -> None:
    lost = (Kind.GPU_NOT_ALLOCATABLE, {"subject": ONE, "facts": LOST})
    whole = unplaced("not-advertised", gpus=8, largest_free_block=0, blocked_by=["Node/gpu-01"])
    elsewhere = unplaced("not-advertised", gpus=8, largest_free_block=0, blocked_by=["Node/gpu-02"])
    assert fired(pair(lost, whole)) == {"R-108"}
    assert fired(pair(lost, elsewhere)) == set()


def test_a_later_attempt_of_a_job_fails_for_reasons_of_its_own() -> None:
    evicted = (Kind.POD_EVICTED, {"subject": TRAIN, "since": 29, "pods": [pod_of(TRAIN, 1)]})
    peer, later = pod_of(TRAIN, template=RANK), pod_of(TRAIN, template=RANK, created=at(20))
    assert fired(pair(evicted, (Kind.JOB_FAILED, {"subject": TRAIN, "pods": [peer]}))) == {"R-504"}
    assert fired(pair(evicted, (Kind.JOB_FAILED, {"subject": TRAIN, "pods": [later]}))) == set()


def test_a_service_does_not_crash_because_one_replica_is_out_of_reach() -> None:
    gone = (Kind.POD_UNREACHABLE, {"subject": APP, "pods": [pod_of(APP, 1)]})
    assert fired(pair(gone, (Kind.CRASH_LOOP, {"subject": APP, "pods": [pod_of(APP)]}))) == set()
