"""
An identity that may not list nodes still learns which of its work waits or was evicted.
"""

import pytest

from scanners.facts.gaps import SliceState
from scanners.facts.slices import NODES
from scanners.finding import Confidence, Sighting
from scanners.scanner import CheckState, catalogue
from tests.scanners.cases import FIXTURES, load
from tests.scanners.test_checks import folder_of, reread


def seen(code: str, case: str) -> list[Sighting]:
    check = catalogue()[code]
    fixture = load(FIXTURES / folder_of(check) / f"{case}.yaml", code)
    denied = reread(fixture, NODES, SliceState.DENIED, 0)
    assert check.verdict(denied).state is CheckState.PARTIAL or check.verdict(denied).state is CheckState.RAN
    return check.sightings(denied)


@pytest.mark.parametrize("code", ["WRK104", "GPU111"])
def test_a_pod_that_waits_for_a_node_is_told_in_the_schedulers_words(code: str) -> None:
    [sighting] = seen(code, "faulty")
    assert "nodes were not read; the scheduler says: 0/" in sighting.message
    assert (sighting.cause_class, sighting.confidence) == ("unknown", Confidence.LIKELY)
    assert sighting.facts["blocked_by"] == []


def test_pods_that_were_evicted_for_memory_are_told() -> None:
    [sighting] = seen("OOM105", "faulty")
    assert sighting.facts["node_still_pressed"] is None
