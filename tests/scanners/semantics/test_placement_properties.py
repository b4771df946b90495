"""What must hold of placement in every world, whatever its nodes and pods."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.facts.fact import SelectorTerm
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import NodeTerm, Pod, PodTemplate, Port, Toleration
from scanners.semantics.changes import try_all
from scanners.semantics.placement import demand_of, obstacles
from scanners.semantics.requests import effective_requests
from scanners.semantics.rooms import rooms
from scanners.semantics.scheduling import Cause, explain_pending, feasible_if, would_fit
from tests.scanners.semantics.world import GPU, inventory, node, pod, template

TAINTS = (
    "dedicated=ml:NoSchedule",
    "node.kubernetes.io/not-ready:NoExecute",
    "soft=yes:PreferNoSchedule",
    f"{GPU}=p:NoSchedule",
)

templates = st.builds(
    lambda cpu, gpus, zone, tolerates, port, pinned: template(
        {"cpu": str(cpu)},
        {GPU: str(gpus)} if gpus else {},
        node_selector={"zone": zone} if zone else {},
        tolerations=(Toleration("dedicated", "Exists"),) if tolerates else (),
        host_ports=(Port(80),) if port else (),
        required_nodes=(NodeTerm((SelectorTerm("zone", "NotIn", (pinned,)),)),) if pinned else None,
    ),
    st.integers(1, 6),
    st.sampled_from([0, 0, 1, 4, 8]),
    st.sampled_from(["", "", "a", "c"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "", "b"]),
)

nodes = st.builds(
    lambda cpu, slots, gpus, lost, zone, taints, cordoned: node(
        "n",
        cpu=str(cpu),
        slots=str(slots),
        gpus=gpus,
        labels={"zone": zone},
        taints=taints,
        unschedulable=cordoned,
        offers={GPU: str(max(0, gpus - lost))} if gpus is not None else {},
    ),
    st.integers(1, 8),
    st.integers(1, 4),
    st.sampled_from([None, None, 4, 8]),
    st.sampled_from([0, 0, 1, 8]),
    st.sampled_from("ab"),
    st.lists(st.sampled_from(TAINTS), max_size=2, unique=True),
    st.booleans(),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Inventory, Pod]:
    drawn = draw(st.lists(nodes, max_size=6))
    named = [renamed(one, f"n{place}") for place, one in enumerate(drawn)]
    pods = [
        pod(f"p{place}", draw(templates), draw(st.sampled_from([one.name for one in named])))
        for place in range(draw(st.integers(0, 6)) if named else 0)
    ]
    waiting = pod("waiting", draw(templates))
    return inventory(waiting, *named, *pods), waiting


def renamed(one: Node, name: str) -> Node:
    return Node(
        **{field: getattr(one, field) for field in one.__struct_fields__} | {"name": name, "uid": name}
    )


def takes(world: Inventory, of: PodTemplate, one: Node) -> bool:
    """The scheduler's filters said as plainly as they can be."""
    there = [other for other in world.pods if other.node == one.name and not other.finished]
    hard = [t for t in one.taints if t.effect != "PreferNoSchedule"]
    if one.unschedulable or any(t.key != "dedicated" or not of.tolerations for t in hard):
        return False
    if any(one.labels.get(key) != value for key, value in of.node_selector.items()):
        return False
    if of.required_nodes and one.labels.get("zone") in of.required_nodes[0].expressions[0].values:
        return False
    if of.host_ports and any(other.template.host_ports for other in there):
        return False
    if len(there) >= int(one.allocatable["pods"]):
        return False
    for resource, wanted in effective_requests(of).items():
        used = sum(
            (effective_requests(other.template).get(resource, Decimal(0)) for other in there), Decimal(0)
        )
        if used + wanted > int(one.allocatable.get(resource, "0")):
            return False
    return True


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_a_node_takes_a_pod_if_all_filters_pass(drawn: tuple[Inventory, Pod]) -> None:
    world, waiting = drawn
    for one in world.nodes:
        assert would_fit(world, waiting.template, one) is takes(world, waiting.template, one)


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_a_verdict_is_feasible_exactly_where_a_node_takes_the_pod(drawn: tuple[Inventory, Pod]) -> None:
    world, waiting = drawn
    found = explain_pending(world, [waiting])
    fitting = tuple(one.name for one in world.nodes if takes(world, waiting.template, one))
    assert found.feasible_nodes == fitting
    assert (found.cause is Cause.FEASIBLE_NOW) is bool(fitting)
    assert feasible_if(world, waiting) is bool(fitting)
    assert found.smallest_change


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_nodes_that_count_as_alike_fail_alike(drawn: tuple[Inventory, Pod]) -> None:
    world, waiting = drawn
    demand = demand_of(waiting.template)
    tried = try_all(demand, rooms(world))
    assert sorted(room.node.name for one in tried for room in one.rooms) == [one.name for one in world.nodes]
    for one in tried:
        for room in one.rooms:
            told = [(found.predicate, found.name, found.never) for found in obstacles(demand, room)]
            assert told == [(found.predicate, found.name, found.never) for found in one.obstacles]


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_what_a_verdict_names_would_help(drawn: tuple[Inventory, Pod]) -> None:
    """Emptying and mending the nearest node makes it take the pod, where one thing was short there."""
    world, waiting = drawn
    found = explain_pending(world, [waiting])
    there = [one for one in world.pods if one.node in found.nearest_nodes]
    if (
        found.cause in (Cause.SHORT, Cause.FRAGMENTED, Cause.CPU_OR_MEMORY, Cause.SLOTS, Cause.HOST_PORT)
        and there
    ):
        assert feasible_if(world, waiting, pods=there)
    if found.cause is Cause.CORDON and found.smallest_change.count(" and ") == 0:
        assert feasible_if(world, waiting, nodes=found.nearest_nodes)


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_a_verdict_does_not_depend_on_the_order_of_facts(drawn: tuple[Inventory, Pod]) -> None:
    world, waiting = drawn
    again = inventory(*reversed(world.pods), *reversed(world.nodes))
    assert explain_pending(again, [waiting]) == explain_pending(world, [waiting])
