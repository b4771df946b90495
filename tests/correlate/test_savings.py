"""
Whatever findings speak of the same GPUs, their dollars are counted once, on the first holder of the published order.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import fsum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlate import correlate
from correlate.engine import Correlation
from correlate.savings import ORDER
from reports.arithmetic import waste
from scanners.facts import slices
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Container, Pod, PodTemplate
from scanners.finding import Finding, Severity
from scanners.kinds import Kind
from scanners.semantics.dollars import FREE, Stake, dollars_of, held_dollars, node_dollars
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.price_tables import built_in
from tests.correlate.worlds import Sighted, deployment, inventory, node, pod_of, pool, seen

TYPES = {"p4d.24xlarge": 8, "g5.12xlarge": 4, "p5.4xlarge": 1, "home-grown": 8}
KINDS = {
    "NOD101": Kind.NODE_NOT_READY, "GPU114": Kind.GPU_NOT_ALLOCATABLE, "GPU101": Kind.GPU_NODE_IDLE,
    "GPU102": Kind.MEMORY_HOG, "GPU103": Kind.MEMORY_HOG, "GPU107": Kind.POOL_UNDERUSED,
    "GPU119": Kind.RECLAIM_BLOCKED,
}  # fmt: skip


def gpu_node(name: str, instance_type: str = "p4d.24xlarge", **labels: str) -> Node:
    gpus = {"nvidia.com/gpu": str(TYPES[instance_type])}
    return node(
        name, provider_id="aws:///us-east-1a/i-0", capacity=gpus, allocatable=gpus,
        labels={
            "node.kubernetes.io/instance-type": instance_type,
            "topology.kubernetes.io/region": "us-east-1",
        } | labels,
    )  # fmt: skip


def holder(name: str, on: Node, gpus: int) -> Pod:
    container = Container(name="main", image="i", requests={"nvidia.com/gpu": str(gpus)})
    return pod_of(deployment(name), on=on.name, template=PodTemplate(containers=(container,)))


def world(nodes: Sequence[Node], pods: Sequence[Pod] = ()) -> Inventory:
    return inventory({slices.NODES: nodes, slices.PODS: pods, slices.PRICES: built_in()})


def of_code(told: Correlation, code: str) -> Finding:
    return next(finding for finding in told.findings if finding.code == code)


def idle(found: Inventory, nodes: Sequence[Node], name: str = "a100") -> Any:
    return seen(
        Kind.GPU_NODE_IDLE, pool(name), code="GPU101", severity=Severity.MEDIUM, touches=nodes,
        facts={"gpus": 8, **node_dollars(found, nodes).facts},
    )  # fmt: skip


def test_the_formula_of_two_nodes_is_written_out_and_its_sum_is_the_sum() -> None:
    nodes = [gpu_node("a"), gpu_node("b")]
    found = world(nodes)
    problem = correlate(found, [idle(found, nodes)]).problems[0]
    assert problem.impact.usd_per_month == round(2 * 21.957642 * 730, 2)
    assert problem.impact.usd_low == problem.impact.usd_high == problem.impact.usd_per_month
    assert problem.impact.usd_formula == "2 nodes × 21.957642 USD/h × 730 h"
    assert problem.impact.saving == "cash"
    assert problem.score_parts.waste > 0


def test_a_node_that_has_no_price_leaves_the_dollars_unknown_and_never_zero() -> None:
    nodes = [gpu_node("a", "home-grown")]
    found = world(nodes)
    told = correlate(found, [idle(found, nodes)])
    assert told.problems[0].impact.usd_per_month is None
    assert told.problems[0].impact.usd_formula is None
    assert told.problems[0].impact.saving == "none"
    total, split = waste(told.problems)
    assert total is None
    assert split.cash is None


def test_a_priced_node_beside_an_unpriced_one_is_a_sum_that_says_so() -> None:
    nodes = [gpu_node("a"), gpu_node("b", "home-grown")]
    found = world(nodes)
    impact = correlate(found, [idle(found, nodes)]).problems[0].impact
    assert impact.usd_per_month == round(21.957642 * 730, 2)
    assert impact.usd_formula == "1 node × 21.957642 USD/h × 730 h (1 without price)"


def test_the_blocker_of_an_idle_node_names_the_finding_that_holds_the_dollars() -> None:
    nodes = [gpu_node("a")]
    found = world(nodes)
    blocked = seen(
        Kind.RECLAIM_BLOCKED, deployment("bi"), code="GPU119", severity=Severity.MEDIUM, touches=nodes,
        facts={"node": "a", **node_dollars(found, nodes).facts},
    )  # fmt: skip
    told = correlate(found, [idle(found, nodes), blocked])
    facts = of_code(told, "GPU119").facts
    assert facts["usd_per_month"] is None
    assert facts["usd_formula"] is None
    assert facts["usd_counted_in"] == of_code(told, "GPU101").id
    assert waste(told.problems)[0] == round(21.957642 * 730, 2)


def test_a_lost_gpu_of_an_idle_node_is_counted_as_lost_and_the_rest_as_idle() -> None:
    nodes = [gpu_node("a")]
    found = world(nodes)
    lost = seen(
        Kind.GPU_NOT_ALLOCATABLE, nodes[0], code="GPU114", node="a",
        facts={"gpus_expected": 8, "gpus_allocatable": 7},
    )  # fmt: skip
    told = correlate(found, [idle(found, nodes), lost])
    eighth = 21.957642 * 730 / 8
    assert of_code(told, "GPU114").facts["usd_per_month"] == pytest.approx(eighth, abs=0.01)
    rest = of_code(told, "GPU101").facts
    assert rest["usd_per_month"] == pytest.approx(7 * eighth, abs=0.01)
    assert rest["usd_elsewhere"] == pytest.approx(eighth, abs=0.01)
    assert rest["usd_formula"] == "7 GPUs × 2.7447 USD/h × 730 h"


def test_a_lost_gpu_that_a_pod_still_holds_is_counted_as_lost_and_not_as_held_in_vain_too() -> None:
    there = gpu_node("a")
    pods = [holder("idle", there, 1), holder("busy", there, 6)]
    found = world([there], pods)
    lost = seen(
        Kind.GPU_NOT_ALLOCATABLE, there, code="GPU114", node="a", pods=pods,
        facts={"gpus_expected": 8, "gpus_allocatable": 6},
    )  # fmt: skip
    in_vain = seen(
        Kind.IDLE_HOLDER, deployment("idle"), code="GPU102", pods=pods[:1],
        facts=held_dollars(found, pods[:1]).facts,
    )  # fmt: skip
    told = correlate(found, [lost, in_vain])
    assert of_code(told, "GPU102").facts["usd_per_month"] is None
    assert of_code(told, "GPU102").facts["usd_counted_in"] == of_code(told, "GPU114").id
    assert waste(told.problems)[0] == pytest.approx(21.957642 * 730 / 4, abs=0.01)


def test_pods_that_hold_and_do_not_use_are_capacity_and_not_cash() -> None:
    there = gpu_node("a")
    pods = [holder("train", there, 4)]
    found = world([there], pods)
    held = held_dollars(found, pods)
    assert held.usd_per_month == round(21.957642 * 730 / 2, 2)
    assert held.saving == "capacity"
    assert held_dollars(found, pods, 1).formula == "1 GPU × 2.7447 USD/h × 730 h"


def test_a_slice_of_a_device_costs_its_part_of_it() -> None:
    gpus = {"nvidia.com/mig-3g.20gb": "2", "nvidia.com/gpu": "7"}
    there = node(
        "a", provider_id="aws:///us-east-1a/i-0", capacity=gpus, allocatable=gpus,
        labels={"node.kubernetes.io/instance-type": "p4d.24xlarge", "nvidia.com/gpu.product": "NVIDIA-A100"},
    )  # fmt: skip
    container = Container(name="main", image="i", requests={"nvidia.com/mig-3g.20gb": "1"})
    pod = pod_of(deployment("nb"), on="a", template=PodTemplate(containers=(container,)))
    told = held_dollars(world([there], [pod]), [pod])
    assert told.usd_per_month == pytest.approx(21.957642 * 730 / 8 * 3 / 7, abs=0.01)


def test_a_finding_with_a_price_and_no_devices_keeps_its_dollars() -> None:
    told = correlate(
        inventory(), [seen(Kind.GPU_NODE_IDLE, pool("p"), code="GPU102", facts={"usd_per_month": 1310.0})]
    )
    assert told.problems[0].impact.usd_per_month == 1310.0


@st.composite
def clusters(draw: st.DrawFn) -> tuple[Inventory, Sighted]:
    """Nodes with pods on them, and findings of every code that speak of any of both, truly or not."""
    nodes = [gpu_node(f"n{i}", draw(st.sampled_from(sorted(TYPES)))) for i in range(draw(st.integers(1, 4)))]
    pods = [
        holder(f"w{i}", draw(st.sampled_from(nodes)), draw(st.integers(1, 8)))
        for i in range(draw(st.integers(0, 5)))
    ]
    found = world(nodes, pods)
    sighted = [
        _finding(draw, found, nodes, pods, draw(st.sampled_from(sorted(KINDS))), number)
        for number in range(draw(st.integers(1, 8)))
    ]
    return found, sighted


def _finding(
    draw: st.DrawFn, found: Inventory, nodes: Sequence[Node], pods: Sequence[Pod], code: str, number: int
) -> Any:
    words: dict[str, Any] = {"code": code, "severity": Severity.MEDIUM, "discriminator": str(number)}
    some = draw(st.lists(st.sampled_from(nodes), min_size=1, unique_by=lambda one: one.name))
    if code in ("NOD101", "GPU114"):
        facts = {"gpus_expected": 8, "gpus_allocatable": draw(st.integers(0, 8))}
        return seen(KINDS[code], some[0], facts=facts, **words)
    if code in ("GPU102", "GPU103"):
        theirs = draw(st.lists(st.sampled_from(pods), unique_by=lambda pod: pod.uid)) if pods else []
        wasted = draw(st.none() | st.integers(0, 8)) if code == "GPU103" else None
        facts = held_dollars(found, theirs, wasted).facts
        return seen(KINDS[code], deployment(f"d{number}"), pods=theirs, facts=facts, **words)
    if code == "GPU107":
        stakes = [Stake(one.name, Fraction(draw(st.integers(1, 9))), FREE) for one in some]
        return seen(KINDS[code], pool(f"p{number}"), facts=dollars_of(found, stakes).facts, **words)
    return seen(KINDS[code], pool(f"p{number}"), facts=node_dollars(found, some).facts, **words)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters())
def test_no_gpu_is_counted_twice_on_any_cluster(cluster: tuple[Inventory, Sighted]) -> None:
    found, sighted = cluster
    told = correlate(found, sighted)
    by_id = {finding.id: finding for finding in told.findings}
    held: dict[str, list[tuple[str, Fraction]]] = defaultdict(list)
    for finding in told.findings:
        counted_in = finding.facts.get("usd_counted_in")
        if counted_in:
            assert finding.facts["usd_per_month"] is None
            assert ORDER.index(by_id[str(counted_in)].code) <= ORDER.index(finding.code)
            assert not by_id[str(counted_in)].facts.get("usd_counted_in")
            continue
        for stake in finding.facts.get("usd_stakes") or ():  # type: ignore[union-attr]
            held[stake["node"]].append((stake["of"], Fraction(str(stake["gpus"]))))  # type: ignore[index,call-overload]
    for name, stakes in held.items():
        assert len({of for of, _ in stakes}) == len(stakes), stakes
        assert sum(gpus for _, gpus in stakes) <= physical_gpus(found.index.nodes[name]) + Fraction(1, 100)
    total, split = waste(told.problems)
    assert total == pytest.approx(
        fsum(
            float(finding.facts["usd_per_month"])  # type: ignore[arg-type]
            for finding in told.findings
            if finding.facts.get("usd_per_month") is not None and finding.problem
        ),
        abs=0.05,
    ) or (total is None and not any(f.facts.get("usd_per_month") for f in told.findings))
    dear = node_dollars(found, found.nodes).usd_per_month or 0.0
    assert (total or 0.0) <= dear + 0.05
    assert fsum(amount for _, amount in split if amount) == pytest.approx(total or 0.0, abs=0.05)
