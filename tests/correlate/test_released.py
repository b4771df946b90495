"""What only checks look at makes place for what is told of it, and is then missed by nobody."""

import pytest
from pydantic_core import to_json

from correlate import correlate
from scanners.facts.slices import ALL, EVENTS, NODES, PODS
from swarm.target import LOOKED_AT_ONLY
from tests.correlate.rule_worlds import WORLDS
from tests.correlate.test_determinism import everything
from tests.correlate.worlds import inventory


@pytest.mark.parametrize("rule", sorted(WORLDS))
def test_correlation_does_without_what_was_released(rule: str) -> None:
    for cluster, sighted in WORLDS[rule]:
        before = correlate(cluster, sighted)
        told = to_json([before.findings, before.problems, before.warnings], by_alias=True)
        rest = inventory({slice_: cluster.all(slice_) for slice_ in ALL}, readings=cluster.readings)
        rest.release(*LOOKED_AT_ONLY)
        after = correlate(rest, sighted)
        assert to_json([after.findings, after.problems, after.warnings], by_alias=True) == told


def test_what_was_released_is_an_error_and_never_nothing() -> None:
    objects, _ = everything()
    cluster = inventory(objects)
    assert cluster.index.pods_by_namespace == {}
    cluster.release(PODS, EVENTS)
    assert cluster.has(PODS)
    with pytest.raises(LookupError, match="released"):
        _ = cluster.pods
    with pytest.raises(LookupError, match="released"):
        _ = cluster.index.pods_by_namespace
    assert list(cluster.nodes) == objects[NODES]
