"""Why pods have no node, and the one change that would give them one (correlation.md 4.1)."""

import pytest

from scanners.facts.fact import SelectorTerm
from scanners.facts.pod import NodeTerm, Port
from scanners.finding import Confidence
from scanners.semantics.scheduling import (
    Cause,
)
from tests.scanners.semantics.world import A100, FOUR, GPU, gpu_template, holder, node, pod, template, verdict


def test_fragmented_eight_are_free_at_most_three_on_a_node() -> None:
    nodes = [node(f"gpu-{i}", gpus=8) for i in range(4)]
    held = [holder("gpu-0", 5), holder("gpu-1", 6), holder("gpu-2", 6), holder("gpu-3", 7)]
    found = verdict(*nodes, *held)
    assert found.cause is Cause.FRAGMENTED
    assert found.smallest_change == f"free 1 {GPU} on node gpu-0 (4 wanted, largest free block is 3)"
    assert (found.resource, found.requested, found.short) == (GPU, 4, 1)
    assert (found.free, found.largest_free_block) == (8, 3)
    assert [(ref.kind, ref.name) for ref in found.blocked_by] == [
        ("Node", "gpu-0"),
        ("Deployment", "train-gpu-0"),
    ]
    assert found.confidence is Confidence.DERIVED


def test_exactly_enough_in_all_is_fragmented_too() -> None:
    nodes = [node(f"gpu-{i}", gpus=8) for i in range(2)]
    assert verdict(*nodes, holder("gpu-0", 6), holder("gpu-1", 6)).cause is Cause.FRAGMENTED


def test_short_less_is_free_in_all_than_is_asked() -> None:
    found = verdict(node("gpu-0", gpus=8), node("gpu-1", gpus=8), holder("gpu-0", 7), holder("gpu-1", 6))
    assert found.cause is Cause.SHORT
    assert (found.short, found.free, found.largest_free_block) == (2, 3, 2)


def test_cpu_nodes_are_no_reason_for_a_gpu_pod() -> None:
    found = verdict(node("cpu-0"), node("gpu-0", gpus=8), holder("gpu-0", 8))
    assert found.cause is Cause.SHORT
    assert found.nearest_nodes == ("gpu-0",)
    assert found.reasons == {f"insufficient {GPU}": 1, f"offers no {GPU}": 1}


def test_the_devices_are_free_and_cpu_binds() -> None:
    eater = pod("eater", template({"cpu": "30"}), "gpu-0", owner="Deployment/web")
    found = verdict(node("gpu-0", gpus=8), eater, of=gpu_template(4, "8"))
    assert found.cause is Cause.CPU_OR_MEMORY
    assert found.smallest_change == "free 6 cpu on node gpu-0 (8 wanted, largest free block is 2)"
    assert found.blocked_by[-1].name == "web"


def test_a_cpu_pod_is_short_of_cpu_and_gpu_nodes_stay_out_of_it() -> None:
    found = verdict(
        node("cpu-0", cpu="8"),
        pod("busy", template({"cpu": "6"}), "cpu-0"),
        node("gpu-0", gpus=8, taints=[f"{GPU}=present:NoSchedule"]),
        of=template({"cpu": "4"}),
    )
    assert (found.cause, found.resource) == (Cause.SHORT, "cpu")
    assert found.smallest_change == "free 2 cpu on node cpu-0 (4 wanted, largest free block is 2)"


def test_the_control_plane_is_never_advised() -> None:
    found = verdict(
        node("worker", cpu="2"),
        pod("busy", template({"cpu": "2"}), "worker"),
        node("master", taints=["node-role.kubernetes.io/control-plane:NoSchedule"]),
        of=template({"cpu": "1"}),
    )
    assert (found.cause, found.nearest_nodes) == (Cause.SHORT, ("worker",))


def test_a_pool_is_tainted_and_the_pod_does_not_tolerate_it() -> None:
    nodes = [node(f"gpu-{i}", gpus=8, taints=["dedicated=ml:NoSchedule"]) for i in range(2)]
    found = verdict(*nodes, node("cpu-0"), of=FOUR)
    assert found.cause is Cause.TAINT
    assert found.smallest_change == "tolerate taint dedicated=ml:NoSchedule"
    assert found.alternatives == ()
    assert [ref.name for ref in found.blocked_by] == ["gpu-0", "gpu-1"]


def test_a_pool_for_others_is_no_reason_while_the_own_one_is_only_full() -> None:
    theirs = [node(f"theirs-{i}", gpus=8, taints=["team=x:NoSchedule"]) for i in range(2)]
    found = verdict(*theirs, node("ours", gpus=8, labels={"agentpool": "ours"}), holder("ours", 6))
    assert (found.cause, found.nearest_nodes) == (Cause.SHORT, ("ours",))


def test_a_taint_on_one_node_of_a_pool_is_what_has_happened() -> None:
    found = verdict(
        node("gpu-0", gpus=8, taints=["maintenance=true:NoSchedule"]),
        node("gpu-1", gpus=8),
        holder("gpu-1", 6),
    )
    assert found.cause is Cause.TAINT
    assert found.smallest_change == "tolerate taint maintenance=true:NoSchedule"


def test_a_node_that_is_not_ready_should_come_back() -> None:
    lost = ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]
    found = verdict(node("gpu-0", gpus=8, taints=lost), node("gpu-1", gpus=8), holder("gpu-1", 8))
    assert found.cause is Cause.TAINT
    assert found.smallest_change == "bring node gpu-0 back (taint node.kubernetes.io/unreachable:NoSchedule)"


def test_a_pool_that_is_not_ready_as_a_whole_has_not_been_planned_so() -> None:
    lost = ["node.kubernetes.io/unreachable:NoSchedule"]
    ours = [node(f"gpu-{i}", gpus=8, taints=lost, labels={"agentpool": "ours"}) for i in range(2)]
    found = verdict(*ours, node("gpu-9", gpus=8), holder("gpu-9", 6))
    assert found.cause is Cause.TAINT
    assert found.alternatives == ("bring node gpu-1 back (taint node.kubernetes.io/unreachable:NoSchedule)",)


def test_a_cordoned_node_with_room_is_the_smallest_change() -> None:
    found = verdict(node("gpu-0", gpus=8), node("gpu-7", gpus=8, unschedulable=True), holder("gpu-0", 5))
    assert (found.cause, found.smallest_change) == (Cause.CORDON, "uncordon node gpu-7")
    assert [ref.name for ref in found.blocked_by] == ["gpu-7"]


def test_two_cordoned_nodes_are_told_both() -> None:
    found = verdict(*(node(f"gpu-{i}", gpus=8, unschedulable=True) for i in range(2)))
    assert found.smallest_change == "uncordon node gpu-0"
    assert found.alternatives == ("uncordon node gpu-1",)


def test_a_cordoned_node_without_room_is_not() -> None:
    found = verdict(
        node("gpu-0", gpus=8),
        holder("gpu-0", 5),
        node("gpu-7", gpus=8, unschedulable=True),
        holder("gpu-7", 5),
    )
    assert (found.cause, found.nearest_nodes) == (Cause.SHORT, ("gpu-0",))


def test_a_node_about_to_be_scaled_away_is_not_waited_for() -> None:
    going = node("gpu-7", gpus=8, taints=["ToBeDeletedByClusterAutoscaler=1:NoSchedule"])
    found = verdict(node("gpu-0", gpus=8), going, holder("gpu-0", 5))
    assert (found.cause, found.nearest_nodes) == (Cause.SHORT, ("gpu-0",))


@pytest.mark.parametrize("suffix", ["-SHARED", "-MIG-1g.10gb", ""])
def test_the_selector_wants_a_product_that_no_node_has(suffix: str) -> None:
    wanted = A100 + suffix if suffix else "NVIDIA-H100-80GB-HBM3"
    of = gpu_template(1, node_selector={"nvidia.com/gpu.product": wanted})
    found = verdict(node("gpu-0", gpus=8), node("cpu-0"), of=of)
    assert found.cause is Cause.PRODUCT
    assert found.smallest_change == (
        f"drop the demand for nvidia.com/gpu.product={wanted} (node gpu-0 has {A100})"
    )


def test_the_selector_wants_a_zone_without_gpus() -> None:
    zone = "topology.kubernetes.io/zone"
    of = gpu_template(1, node_selector={zone: "a"})
    found = verdict(node("cpu-0", labels={zone: "a"}), node("gpu-0", gpus=8, labels={zone: "b"}), of=of)
    assert (found.cause, found.nearest_nodes) == (Cause.ZONE, ("gpu-0",))


def test_affinity_that_nothing_matches_names_the_term() -> None:
    terms = (
        NodeTerm((SelectorTerm("tier", "In", ("gold", "silver")), SelectorTerm("generation", "Gt", ("3",)))),
    )
    found = verdict(node("n", labels={"generation": "4"}), of=template({"cpu": "1"}, required_nodes=terms))
    assert (found.cause, found.smallest_change) == (
        Cause.SELECTOR,
        "drop the demand for tier in (gold, silver)",
    )


def test_of_ored_terms_the_nearest_is_told() -> None:
    far = NodeTerm((SelectorTerm("a", "Exists"), SelectorTerm("b", "Exists"), SelectorTerm("c", "Exists")))
    near = NodeTerm((SelectorTerm("disk", "In", ("ssd",)),))
    found = verdict(node("n"), of=template({"cpu": "1"}, required_nodes=(far, near)))
    assert found.smallest_change == "drop the demand for disk=ssd"


def test_nodes_outside_the_selector_are_no_reason() -> None:
    of = gpu_template(4, node_selector={"pool": "a"})
    found = verdict(
        node("a", gpus=8, labels={"pool": "a"}),
        holder("a", 6),
        node("b", gpus=8, labels={"pool": "b"}),
        of=of,
    )
    assert (found.cause, found.nearest_nodes, found.free) == (Cause.SHORT, ("a",), 2)


def test_more_than_any_node_has() -> None:
    found = verdict(node("gpu-0", gpus=8), node("gpu-1", gpus=4), of=gpu_template(16))
    assert found.cause is Cause.LARGER_THAN_ANY_NODE
    assert found.smallest_change == (f"ask for at most 8 {GPU} a pod, or add a larger node (16 wanted)")


def test_more_than_any_node_that_is_meant_for_it_has() -> None:
    gpu_pool = node("gpu-0", gpus=8, cpu="96", taints=[f"{GPU}=present:NoSchedule"])
    found = verdict(node("cpu-0"), gpu_pool, of=template({"cpu": "64"}))
    assert found.cause is Cause.LARGER_THAN_ANY_NODE
    assert found.smallest_change == "ask for at most 32 cpu a pod, or add a larger node (64 wanted)"


def test_no_single_node_has_both() -> None:
    found = verdict(node("gpu-0", gpus=8, cpu="8"), node("gpu-1", gpus=1, cpu="64"), of=gpu_template(8, "32"))
    assert found.cause is Cause.LARGER_THAN_ANY_NODE
    assert found.smallest_change == f"add a node that offers 32 cpu and 8 {GPU} together"


def test_no_node_offers_the_device() -> None:
    found = verdict(node("cpu-0"), of=gpu_template(1))
    assert (found.cause, found.smallest_change) == (
        Cause.NOT_ADVERTISED,
        f"add a node that offers {GPU}: none does",
    )


def test_the_plugin_is_down_on_every_gpu_node() -> None:
    nodes = [node(f"gpu-{i}", gpus=8, offers={GPU: "0"}) for i in range(2)]
    found = verdict(*nodes, node("cpu-0"))
    assert found.cause is Cause.NOT_ADVERTISED
    assert found.smallest_change == f"bring 8 {GPU} back on node gpu-0, which offers no {GPU}"
    assert {ref.name for ref in found.blocked_by} == {"gpu-0", "gpu-1"}


def test_the_machine_type_tells_of_devices_that_never_registered() -> None:
    labels = {"node.kubernetes.io/instance-type": "p4de.24xlarge"}
    found = verdict(node("gpu-0", labels=labels), node("cpu-0"))
    assert (found.cause, found.nearest_nodes) == (Cause.NOT_ADVERTISED, ("gpu-0",))


def test_one_lost_device_is_missed_by_a_pod_that_wants_them_all() -> None:
    found = verdict(node("gpu-0", gpus=8, offers={GPU: "7"}), of=gpu_template(8))
    assert found.cause is Cause.NOT_ADVERTISED
    assert found.smallest_change == f"bring 1 {GPU} back on node gpu-0, which offers 7 of 8 {GPU}"


def test_a_lost_device_goes_before_taking_one_from_others() -> None:
    found = verdict(node("gpu-0", gpus=8), holder("gpu-0", 5), node("gpu-1", gpus=8, offers={GPU: "0"}))
    assert (found.cause, found.nearest_nodes) == (Cause.NOT_ADVERTISED, ("gpu-1",))


def test_cut_cards_are_not_missing_whole_ones() -> None:
    cut = node("gpu-0", gpus=0, capacity={"nvidia.com/mig-1g.10gb": "56"})
    found = verdict(cut, of=gpu_template(1))
    assert (found.cause, found.smallest_change) == (
        Cause.NOT_ADVERTISED,
        f"add a node that offers {GPU}: none does",
    )


def test_all_pod_slots_are_taken() -> None:
    found = verdict(
        node("n", slots="2"), pod("a", template(), "n"), pod("b", template(), "n"), of=template({"cpu": "1"})
    )
    assert (found.cause, found.smallest_change) == (Cause.SLOTS, "free a pod slot on node n (2 are taken)")


def test_the_host_port_is_taken() -> None:
    of = template(host_ports=(Port(8080),))
    found = verdict(node("n"), pod("first", of, "n"), of=of)
    assert (found.cause, found.smallest_change) == (Cause.HOST_PORT, "free host port 8080/TCP on node n")


def test_a_daemonset_pod_can_only_run_on_its_node() -> None:
    pinned = (NodeTerm(fields=(SelectorTerm("metadata.name", "In", ("n1",)),)),)
    found = verdict(
        node("n0"),
        node("n1", cpu="1"),
        pod("busy", template({"cpu": "1"}), "n1"),
        of=template({"cpu": "500m"}, required_nodes=pinned),
    )
    assert (found.cause, found.nearest_nodes) == (Cause.SHORT, ("n1",))


def test_several_things_together_where_nothing_alone_would_do() -> None:
    eater = pod("eater", template({"cpu": "30"}), "gpu-0")
    found = verdict(node("gpu-0", gpus=8), eater, holder("gpu-0", 6), of=gpu_template(4, "8"))
    assert found.cause is Cause.SHORT
    assert found.smallest_change == (
        f"free 2 {GPU} on node gpu-0 (4 wanted, largest free block is 2)"
        " and free 7 cpu on node gpu-0 (8 wanted)"
    )
