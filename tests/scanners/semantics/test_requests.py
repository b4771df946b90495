"""What a pod takes from its node (checks.md S1)."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.facts.pod import Container, PodTemplate, Port
from scanners.semantics.requests import (
    effective_limits,
    effective_requests,
    free_on,
    host_ports_on,
    places_are_known,
    used_on,
)
from tests.scanners.semantics.world import GPU, inventory, node, pod, template


def container(cpu: str = "", *, gpus: str = "", sidecar: bool = False, init: bool = False) -> Container:
    return Container(
        name="c",
        requests={"cpu": cpu} if cpu else {},
        limits={GPU: gpus} if gpus else {},
        sidecar=sidecar,
        init=init,
    )


@pytest.mark.parametrize(
    ("said", "of", "cpu"),
    [
        ("containers add up", PodTemplate(containers=(container("1"), container("500m"))), "1.5"),
        (
            "the largest init step counts where it is more than all containers",
            PodTemplate(containers=(container("1"),), init_containers=(container("4"), container("2"))),
            "4",
        ),
        (
            "a sidecar runs beside the containers",
            PodTemplate(containers=(container("1"),), init_containers=(container("2", sidecar=True),)),
            "3",
        ),
        (
            "a sidecar runs beside the init containers after it",
            PodTemplate(
                containers=(container("1"),), init_containers=(container("2", sidecar=True), container("3"))
            ),
            "5",
        ),
        (
            "and not beside those before it",
            PodTemplate(
                containers=(container("1"),), init_containers=(container("4"), container("2", sidecar=True))
            ),
            "4",
        ),
        (
            "pod-level requests replace the containers', overhead comes on top",
            PodTemplate(containers=(container("1"),), resources={"cpu": "8"}, overhead={"cpu": "250m"}),
            "8.25",
        ),
    ],
)
def test_cpu_of_a_pod(said: str, of: PodTemplate, cpu: str) -> None:
    assert effective_requests(of)["cpu"] == Decimal(cpu), said


def test_a_limit_stands_for_an_absent_request() -> None:
    of = template({"memory": "1Gi"}, {"memory": "2Gi", "cpu": "2", GPU: "4"})
    assert effective_requests(of) == {"memory": 1024**3, "cpu": 2, GPU: 4}
    assert effective_limits(of) == {"memory": 2 * 1024**3, "cpu": 2, GPU: 4}


def test_a_request_of_nothing_is_no_request() -> None:
    assert effective_requests(template({"cpu": "0", GPU: "0"})) == {}


def test_only_assigned_unfinished_pods_take_room() -> None:
    of = template({"cpu": "2"})
    world = inventory(
        node("a"),
        pod("runs", of, "a"),
        pod("starts", of, "a", phase="Pending"),
        pod("lost", of, "a", phase="Unknown"),
        pod("goes", of, "a", deleted="2026-03-04T11:00:00Z"),
        pod("done", of, "a", phase="Succeeded"),
        pod("evicted", of, "a", phase="Failed"),
        pod("waits", of),
    )
    assert used_on(world, "a") == {"cpu": 8, "pods": 4}
    assert free_on(world, world.nodes[0])["cpu"] == 24
    assert free_on(world, world.nodes[0])["pods"] == 106
    assert used_on(world, "elsewhere") == {}


def test_more_can_be_held_than_a_node_offers_by_now() -> None:
    world = inventory(node("a", gpus=8, offers={GPU: "6"}), pod("p", template({GPU: "8"}), "a"))
    assert free_on(world, world.nodes[0])[GPU] == -2


def test_host_ports_are_taken_by_node() -> None:
    of = template(host_ports=(Port(9100), Port(53, protocol="UDP")))
    world = inventory(node("a"), pod("p", of, "a"), pod("done", of, "b", phase="Succeeded"))
    assert host_ports_on(world, "a") == {("TCP", 9100), ("UDP", 53)}
    assert not host_ports_on(world, "b")


def test_running_pods_without_a_node_leave_single_nodes_unmeasured() -> None:
    of = template()
    assert places_are_known(inventory(pod("p", of, "a"), pod("q", of)))
    assert not places_are_known(inventory(pod("p", of, phase="Running")))


millis = st.integers(0, 8000)
containers = st.lists(st.tuples(millis, st.booleans()), max_size=5)


@given(plain=st.lists(millis, max_size=4), init=containers, overhead=millis)
def test_the_formula_said_another_way(plain: list[int], init: list[tuple[int, bool]], overhead: int) -> None:
    of = PodTemplate(
        containers=tuple(container(f"{amount}m") for amount in plain),
        init_containers=tuple(
            container(f"{amount}m", sidecar=sidecar, init=True) for amount, sidecar in init
        ),
        overhead={"cpu": f"{overhead}m"},
    )
    steps = [
        amount + sum(other for other, sidecar in init[:place] if sidecar)
        for place, (amount, _) in enumerate(init)
    ]
    together = sum(plain) + sum(amount for amount, sidecar in init if sidecar)
    expected = max([together, *steps]) + overhead
    assert effective_requests(of).get("cpu", Decimal(0)) * 1000 == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "a", "b", "c"]),
            st.sampled_from(["Pending", "Running", "Succeeded", "Failed", "Unknown"]),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_what_nodes_carry_sums_to_what_pods_ask(drawn: list[tuple[str, str, int]]) -> None:
    templates = [template({"cpu": f"{number}50m"}, {GPU: str(number)}) for number in range(4)]
    pods = [pod(f"p{i}", templates[which], on, phase=phase) for i, (on, phase, which) in enumerate(drawn)]
    world = inventory(*pods)
    asked: dict[str, Decimal] = defaultdict(Decimal)
    for one in pods:
        if one.holds_room:
            for resource, amount in effective_requests(one.template).items():
                asked[resource] += amount
    carried: dict[str, Decimal] = defaultdict(Decimal)
    for name in "abc":
        for resource, amount in used_on(world, name).items():
            carried[resource] += amount
    assert carried.pop("pods", 0) == sum(1 for one in pods if one.holds_room)
    assert carried == asked
