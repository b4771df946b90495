"""Who may stay on a tainted node (checks.md S3)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.facts.node import Taint
from scanners.facts.pod import Toleration
from scanners.semantics.tolerations import (
    blocking_taints,
    cordon_blocks,
    cordoned,
    daemon_tolerations,
    leaving,
    spoken,
    tolerates,
)
from tests.scanners.semantics.world import node, taint, template

DEDICATED = taint("dedicated=gpu:NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        (Toleration("dedicated", "Equal", "gpu", "NoSchedule"), True),
        (Toleration("dedicated", "", "gpu", "NoSchedule"), True),
        (Toleration("dedicated", "Equal", "cpu", "NoSchedule"), False),
        (Toleration("dedicated", "Equal", "gpu", "NoExecute"), False),
        (Toleration("dedicated", "Equal", "gpu"), True),
        (Toleration("dedicated", "Exists"), True),
        (Toleration("dedicated", "Exists", effect="NoExecute"), False),
        (Toleration("other", "Exists"), False),
        (Toleration("", "Exists"), True),
        (Toleration("", "Exists", effect="NoExecute"), False),
        (Toleration("dedicated", "Sounds", "gpu"), False),
    ],
)
def test_a_toleration_of_dedicated_gpu(toleration: Toleration, tolerated: bool) -> None:
    assert tolerates([toleration], DEDICATED) is tolerated


@pytest.mark.parametrize(
    ("operator", "value", "tolerated"),
    [("Gt", "950", True), ("Gt", "990", False), ("Lt", "990", False), ("Gt", "x", False)],
)
def test_numeric_tolerations_compare_the_taints_value(operator: str, value: str, tolerated: bool) -> None:
    assert tolerates([Toleration("sla", operator, value)], taint("sla=990:NoSchedule")) is tolerated


def test_preferring_not_to_is_no_refusal() -> None:
    assert not blocking_taints(template(), node("n", taints=["old=yes:PreferNoSchedule"]))


def test_a_cordon_is_not_told_as_a_taint() -> None:
    flagged, tainted = (
        node("n", unschedulable=True),
        node("m", taints=["node.kubernetes.io/unschedulable:NoSchedule"]),
    )
    for found in (flagged, tainted):
        assert cordoned(found)
        assert cordon_blocks((), found)
        assert not blocking_taints(template(), found)
    assert not cordoned(node("k"))


def test_pods_of_a_daemonset_stay_on_cordoned_and_unreachable_nodes() -> None:
    automatic = daemon_tolerations(template())
    assert not cordon_blocks(automatic, node("n", unschedulable=True))
    assert tolerates(automatic, taint("node.kubernetes.io/unreachable:NoExecute"))
    assert not tolerates(automatic, taint("node.kubernetes.io/unreachable:NoSchedule"))
    assert not tolerates(automatic, taint("node.kubernetes.io/network-unavailable:NoSchedule"))
    on_host = daemon_tolerations(template(host_network=True))
    assert tolerates(on_host, taint("node.kubernetes.io/network-unavailable:NoSchedule"))


def test_nodes_on_their_way_out() -> None:
    assert leaving(node("n", taints=["ToBeDeletedByClusterAutoscaler=17:NoSchedule"]))
    assert leaving(node("n", deleted="2026-03-04T11:59:00Z"))
    assert not leaving(node("n", taints=["dedicated=gpu:NoSchedule"], unschedulable=True))


def test_a_taint_is_told_as_kubectl_writes_it() -> None:
    assert [spoken(taint(text)) for text in ("a=b:NoSchedule", "spot:NoExecute")] == [
        "a=b:NoSchedule",
        "spot:NoExecute",
    ]


KEYS, VALUES, EFFECTS = ("", "a", "b"), ("", "x", "y"), ("", "NoSchedule", "NoExecute")
TOLERATIONS = [
    Toleration(*parts) for parts in itertools.product(KEYS, ("", "Equal", "Exists"), VALUES, EFFECTS)
]
TAINTS = [
    Taint(*parts) for parts in itertools.product(("a", "b"), VALUES, (*EFFECTS[1:], "PreferNoSchedule"))
]


def naive(toleration: Toleration) -> set[Taint]:
    """The taints that a toleration covers, by striking out what it rules out."""
    covered = set(TAINTS)
    if toleration.key:
        covered &= {t for t in TAINTS if t.key == toleration.key}
    if toleration.effect:
        covered &= {t for t in TAINTS if t.effect == toleration.effect}
    if toleration.operator != "Exists":
        covered &= {t for t in TAINTS if t.value == toleration.value}
    return covered


@given(
    st.lists(st.sampled_from(TOLERATIONS), max_size=4),
    st.lists(st.sampled_from(TAINTS), max_size=4, unique=True),
)
def test_what_blocks_is_what_no_toleration_covers(tolerations: list[Toleration], taints: list[Taint]) -> None:
    covered = set().union(*(naive(one) for one in tolerations))
    expected = [t for t in taints if t.effect != "PreferNoSchedule" and t not in covered]
    found = blocking_taints(
        template(tolerations=tuple(tolerations)), node("n", taints=[spoken(t) for t in taints])
    )
    assert list(found) == expected
