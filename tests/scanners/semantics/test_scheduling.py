"""How sure a verdict is, who shares one, and what would be if its cause were undone (correlation.md 4.1)."""

from decimal import Decimal
from typing import Any

import pytest

from scanners.facts.indexes import UndeclaredSlice
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod, PodState
from scanners.facts.ref import ref_to
from scanners.facts.slices import NODES, PERSISTENTVOLUMECLAIMS, PODS
from scanners.finding import Confidence
from scanners.semantics.scheduling import (
    Cause,
    explain_pending,
    feasible_if,
    pending_groups,
    waiting_for_node,
    would_fit,
)
from tests.scanners.semantics.world import (
    FOUR,
    GPU,
    gpu_template,
    holder,
    inventory,
    node,
    pod,
    template,
    verdict,
)


def test_it_would_fit_and_still_waits() -> None:
    found = verdict(node("gpu-0", gpus=8), message="0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")
    assert (found.cause, found.feasible_nodes) == (Cause.FEASIBLE_NOW, ("gpu-0",))
    assert found.confidence is Confidence.LIKELY
    assert found.scheduler_says.startswith("0/1")


def test_an_empty_cluster() -> None:
    assert verdict().smallest_change == "add a node: the cluster has none"


def test_without_nodes_the_scheduler_is_quoted() -> None:
    waiting = pod("p", FOUR, message="0/9 nodes are available: 9 Insufficient nvidia.com/gpu.")
    found = explain_pending(inventory(waiting, unread=[NODES]), [waiting])
    assert (found.cause, found.confidence) == (Cause.UNKNOWN, Confidence.POSSIBLE)
    assert found.smallest_change.endswith("9 Insufficient nvidia.com/gpu.")
    assert found.unevaluated == ("nodes",)


@pytest.mark.parametrize(
    ("message", "agrees", "confidence"),
    [
        ("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", True, Confidence.DERIVED),
        ("0/1 nodes are available: 1 node(s) had untolerated taint(s).", False, Confidence.LIKELY),
    ],
)
def test_the_schedulers_text_is_a_cross_check(message: str, agrees: bool, confidence: Confidence) -> None:
    found = verdict(node("gpu-0", gpus=8), holder("gpu-0", 6), message=message)
    assert (found.cause, found.agrees, found.confidence) == (Cause.SHORT, agrees, confidence)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"unevaluated": ("pod-affinity",)}, "pod-affinity"),
        ({"scheduler": "volcano"}, "scheduler volcano"),
        ({"resource_claims": ("gpu",)}, "resource-claims"),
    ],
)
def test_what_was_not_evaluated_is_named_and_caps_confidence(more: dict[str, Any], named: str) -> None:
    found = verdict(node("gpu-0", gpus=8), holder("gpu-0", 6), of=gpu_template(4, **more))
    assert found.unevaluated == (named,)
    assert found.confidence is Confidence.LIKELY


def test_pods_read_in_part_leave_room_uncertain() -> None:
    waiting = pod("p", FOUR)
    world = inventory(waiting, node("gpu-0", gpus=8), holder("gpu-0", 6), partial=[PODS])
    found = explain_pending(world, [waiting])
    assert (found.unevaluated, found.confidence) == (("pods (read in part)",), Confidence.LIKELY)


def test_a_check_must_declare_what_placement_reads() -> None:
    waiting = pod("p", FOUR)
    with pytest.raises(UndeclaredSlice):
        explain_pending(
            inventory(waiting, node("n")).seen_by("X1", [PODS, NODES, PERSISTENTVOLUMECLAIMS]), [waiting]
        )


def test_pods_group_by_what_they_require() -> None:
    pods = [pod("a", FOUR), pod("b", gpu_template(4)), pod("c", gpu_template(2))]
    assert [[one.name for one in group] for group in pending_groups(inventory(*pods), pods)] == [
        ["a", "b"],
        ["c"],
    ]


def test_who_waits_for_a_node() -> None:
    pods = [
        pod("waits", FOUR),
        pod("starting", FOUR, "n", phase="Pending"),
        pod("gated", FOUR, state=PodState(gates=("kueue.x-k8s.io/admission",))),
        pod("going", FOUR, deleted="2026-03-04T11:59:00Z"),
    ]
    assert [one.name for one in waiting_for_node(inventory(*pods))] == ["waits"]


def test_what_is_not_told_of_cpu_memory_and_slots_does_not_refuse() -> None:
    world = inventory(node("n", gpus=8))
    bare = world.nodes[0].__class__(name="bare")
    assert would_fit(world, template({"cpu": "1"}), bare)
    assert not would_fit(world, FOUR, bare)
    assert would_fit(world, FOUR, world.nodes[0])


class TestUndoingACause:
    """Guards rerun placement with a cause undone."""

    def world(self) -> tuple[Inventory, Pod, Pod]:
        waiting, holds = pod("waiting", FOUR), holder("gpu-0", 8)
        facts = [node("gpu-0", gpus=8), node("gpu-1", gpus=8, offers={GPU: "0"}, unschedulable=True)]
        return inventory(waiting, holds, *facts), waiting, holds

    def test_nothing_undone_is_not_feasible(self) -> None:
        world, waiting, _ = self.world()
        assert not feasible_if(world, waiting)
        assert not feasible_if(world, waiting, nodes=["gpu-0"])

    def test_a_node_mended_takes_it(self) -> None:
        world, waiting, _ = self.world()
        assert feasible_if(world, waiting, nodes=["gpu-1"])

    def test_a_holder_gone_makes_room(self) -> None:
        world, waiting, holds = self.world()
        assert feasible_if(world, waiting, pods=[holds])

    def test_a_taint_by_plan_is_not_undone(self) -> None:
        waiting = pod("waiting", gpu_template(4, tolerations=()))
        world = inventory(waiting, node("gpu-0", gpus=8, taints=[f"{GPU}=present:NoSchedule"]))
        assert not feasible_if(world, waiting, nodes=["gpu-0"])


def test_amounts_are_told_in_words() -> None:
    big = template({"memory": "40Gi"})
    found = verdict(node("n", memory="64Gi"), pod("busy", big, "n"), of=big)
    assert (
        found.smallest_change == "free 16 GiB memory on node n (40 GiB wanted, largest free block is 24 GiB)"
    )
    assert found.short == Decimal(16 * 1024**3)
    assert ref_to(inventory(node("n")).nodes[0]) in found.blocked_by
