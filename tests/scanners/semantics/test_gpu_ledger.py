"""Where GPU-hours go: every hour in one row, exactly, and nothing that is not proven."""

import math
import random
from array import array
from fractions import Fraction
from typing import Any

import pytest

from scanners.facts import slices
from scanners.facts.fact import Condition
from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse, Series
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.price import InstancePrice
from scanners.semantics.gpu_idle import idle_gpu_nodes
from scanners.semantics.gpu_ledger import LedgerPool, gpu_ledger
from scanners.semantics.gpu_parts import WASTE, Cell, Part, apportioned, claimable, total
from scanners.semantics.gpu_standing import lost_gpus
from tests.scanners.semantics import world
from tests.scanners.semantics.world import A100, GPU, NOW, ago, gpu_template, holder, node, pod, template

POOL = "eks.amazonaws.com/nodegroup"
PRODUCT = "nvidia.com/gpu.product"
HOUR = 3600.0


def inventory(*facts: Any, window: float = 2 * HOUR, **more: Any) -> Inventory:
    """A world with measured use and prices in it, too."""
    uses = [fact for fact in facts if isinstance(fact, DeviceUse)]
    prices = [fact for fact in facts if isinstance(fact, InstancePrice)]
    others = [fact for fact in facts if not isinstance(fact, DeviceUse | InstancePrice)]
    known = world.inventory(*others, **more)
    objects = {slice_: known.all(slice_) for slice_ in slices.ALL}
    objects |= {slices.GPU_METRICS: uses, slices.PRICES: prices}
    return Inventory(known.target, NOW, objects, known.readings, window=window)


def the_pool(*facts: Any, **more: Any) -> LedgerPool:
    pools = gpu_ledger(inventory(*facts, **more))
    assert pools is not None and len(pools) == 1
    return pools[0]


def told(pool: LedgerPool) -> dict[str, Fraction]:
    return {part.value: hours for part, hours in pool.parts.items() if hours}


def series(*values: float, step: float = 60.0) -> Series:
    """Samples that end now."""
    return Series(NOW - step * (len(values) - 1), step, array("d", values))


def use(on: str, device: str, busy: Series | None, **more: Any) -> DeviceUse:
    return DeviceUse(node=on, device=device, busy=busy, basis="engine", **more)


def test_a_cluster_without_accelerators_has_no_ledger() -> None:
    assert gpu_ledger(inventory(node("cpu"))) is None


def test_nodes_that_were_not_read_give_no_ledger() -> None:
    assert gpu_ledger(inventory(unread=[slices.NODES])) is None


def test_a_gpu_that_is_held_and_not_measured_is_not_called_used() -> None:
    pool = the_pool(node("n", gpus=8), holder("n", 8))
    assert told(pool) == {"not_measured": 8}
    assert (pool.basis, pool.window_hours, pool.requested) == ("status", 1, 8)
    assert dict(pool.nodes)["n"] == {Cell.HELD: 8}


def test_a_node_that_nobody_holds_for_half_an_hour_is_idle() -> None:
    assert told(the_pool(node("n", gpus=8))) == {"idle_node": 8}
    assert told(the_pool(node("n", gpus=8, age=600))) == {"free": 8}


def test_a_node_that_is_not_ready_is_lost_whoever_holds_it() -> None:
    assert told(the_pool(node("n", gpus=8, ready="Unknown"), holder("n", 8))) == {"lost": 8}


def test_a_device_that_is_not_allocatable_is_lost() -> None:
    pool = the_pool(node("n", gpus=8, offers={GPU: "7"}), holder("n", 7))
    assert told(pool) == {"lost": 1, "not_measured": 7}


def test_a_device_that_its_machine_is_sold_with_and_never_registered_is_lost() -> None:
    sold = {"node.kubernetes.io/instance-type": "p4d.24xlarge"}
    assert told(the_pool(node("n", gpus=7, labels=sold), holder("n", 7))) == {"lost": 1, "not_measured": 7}


def test_what_nobody_holds_on_a_cordoned_node_is_lost() -> None:
    pool = the_pool(node("n", gpus=8, unschedulable=True), holder("n", 6))
    assert told(pool) == {"lost": 2, "not_measured": 6}


def test_a_node_that_waits_for_its_own_agents_is_lost() -> None:
    starting = node("n", gpus=8, taints=["node.cilium.io/agent-not-ready:NoSchedule"])
    assert told(the_pool(starting)) == {"lost": 8}


def test_burn_in_work_is_a_filler() -> None:
    burning = pod("burn", gpu_template(8, priority=-10), "n")
    assert told(the_pool(node("n", gpus=8), burning)) == {"filler": 8}


def test_gpus_without_cpu_beside_them_are_stranded() -> None:
    full = pod("etl", template({"cpu": "30"}), "n", owner="Deployment/etl")
    pool = the_pool(node("n", gpus=8, cpu="32"), holder("n", 2, cpu="2"), full)
    assert told(pool) == {"not_measured": 2, "stranded": 6}


def test_gpus_too_few_for_what_is_asked_for_are_fragmented() -> None:
    waiting = [pod(f"w{i}", gpu_template(8)) for i in range(4)]
    pool = the_pool(node("n", gpus=8), holder("n", 3), *waiting)
    assert pool.parts[Part.FRAGMENTED] == Fraction(32, 35) * 5 + Fraction(3, 35) * 2
    assert pool.parts[Part.FREE] == 5 - pool.parts[Part.FRAGMENTED]


def test_gpus_that_the_work_here_could_take_are_free() -> None:
    assert told(the_pool(node("n", gpus=8), holder("n", 2))) == {"not_measured": 2, "free": 6}


def test_pods_that_were_not_read_whole_leave_what_they_may_hold_unknown() -> None:
    pool = the_pool(node("n", gpus=8, offers={GPU: "7"}), partial=[slices.PODS])
    assert told(pool) == {"lost": 1, "not_measured": 7}
    assert dict(pool.nodes)["n"] == {Cell.LOST: 1, Cell.UNKNOWN: 7}
    assert the_pool(node("n", gpus=8), unread=[slices.PODS]).requested is None


@pytest.mark.parametrize(
    "untold", [{"annotations": {"gpu-fraction": "0.5"}}, {"of": template(resource_claims=("gpu",))}]
)
def test_a_share_in_an_untold_amount_leaves_the_rest_of_its_node_unknown(untold: dict[str, Any]) -> None:
    sharing = pod("shares", untold.pop("of", template()), "n", **untold)
    pool = the_pool(node("n", gpus=8), holder("n", 2), sharing)
    assert dict(pool.nodes)["n"] == {Cell.HELD: 2, Cell.UNKNOWN: 6}


def test_mig_single_counts_cards_and_slices_apart() -> None:
    sliced = node("n", gpus=14, labels={PRODUCT: f"{A100}-MIG-1g.10gb"})
    pool = the_pool(sliced, holder("n", 7))
    assert (pool.gpus, pool.units, pool.requested) == (2, 14, 1)
    assert told(pool) == {"not_measured": 1, "free": 1}


def test_what_a_mig_profile_leaves_over_is_fragmented() -> None:
    sliced = node("n", gpus=2, labels={PRODUCT: f"{A100}-MIG-3g.40gb"})
    pool = the_pool(sliced, holder("n", 1))
    assert (pool.gpus, pool.units) == (1, 2)
    assert told(pool) == {
        "not_measured": Fraction(3, 7), "free": Fraction(3, 7), "fragmented": Fraction(1, 7),
    }  # fmt: skip


def test_mig_mixed_counts_each_slice_by_its_profile() -> None:
    mixed = node("n", gpus=1, capacity={"nvidia.com/mig-3g.40gb": "1", "nvidia.com/mig-1g.10gb": "4"})
    small = pod("small", template({}, {"nvidia.com/mig-1g.10gb": "2"}), "n")
    pool = the_pool(mixed, holder("n", 1), small)
    assert (pool.gpus, pool.units, pool.requested) == (2, 6, Fraction(9, 7))
    assert pool.parts[Part.NOT_MEASURED] == Fraction(9, 7)
    assert total(pool.parts.values()) == 2


def test_a_time_sliced_device_is_held_wholly_and_its_free_replicas_are_no_hours() -> None:
    shared = node("n", gpus=8, labels={"nvidia.com/gpu.replicas": "4", PRODUCT: f"{A100}-SHARED"})
    pool = the_pool(shared, holder("n", 1))
    assert (pool.gpus, pool.units, pool.requested) == (2, 8, 1)
    assert told(pool) == {"not_measured": 1, "free": 1}


def test_pools_are_told_apart_by_name_and_product() -> None:
    nodes = [node("a", gpus=8, labels={POOL: "x"}), node("b", gpus=4, labels={POOL: "y"})]
    assert [(one.name, one.gpus) for one in gpu_ledger(inventory(*nodes)) or ()] == [("x", 8), ("y", 4)]


def test_a_node_whose_number_of_devices_nobody_tells_counts_no_hours_and_is_told() -> None:
    pool = the_pool(node("n", labels={"nvidia.com/gpu.present": "true"}))
    assert (pool.gpus, pool.unsized, pool.provisioned) == (0, 1, 0)


def test_a_pool_has_a_price_only_where_each_of_its_nodes_has_one() -> None:
    price = InstancePrice(
        provider="aws", instance_type="p4d.24xlarge", region="us-east-1", usd_per_hour=32.77,
        as_of="2026-07-01", source="list",
    )  # fmt: skip
    labels = {
        "node.kubernetes.io/instance-type": "p4d.24xlarge",
        "topology.kubernetes.io/region": "us-east-1",
    }
    priced = node("a", gpus=8, labels=labels | {POOL: "x"}, provider_id="aws:///us-east-1a/i-1")
    pool = the_pool(priced, price)
    assert [one.usd_per_hour for one in pool.prices] == [Fraction("32.77")]
    assert not the_pool(priced, node("b", gpus=8, labels={POOL: "x"}), price).prices


# --- measured -------------------------------------------------------------------------------------------------


def held_by(name: str) -> dict[str, str]:
    return {"namespace": "team", "pod": name}


def test_a_busy_gpu_is_divided_by_its_sm_share() -> None:
    measured = use("n", "g0", series(*[0.9] * 120), sm=series(*[0.25] * 120), **held_by("t"))
    pool = the_pool(node("n", gpus=1), pod("t", gpu_template(1), "n", age=9 * HOUR), measured)
    assert told(pool) == {"effective": Fraction(1, 2), "ineffective": Fraction(3, 2)}
    assert (pool.basis, pool.effective_basis, pool.window_hours) == ("metrics", "sm", 2)
    assert dict(pool.nodes)["n"] == {Cell.ACTIVE: 1}


def test_without_sm_the_engine_tells_and_the_report_says_so() -> None:
    pool = the_pool(node("n", gpus=1), use("n", "g0", series(*[0.75] * 120), **held_by("t")))
    assert told(pool) == {"effective": Fraction(3, 2), "ineffective": Fraction(1, 2)}
    assert pool.effective_basis == "engine"


def test_minutes_without_a_sample_are_not_measured() -> None:
    busy = [1.0] * 60 + [math.nan] * 30 + [0.0] * 30
    pool = the_pool(node("n", gpus=1), use("n", "g0", series(*busy), **held_by("t")))
    assert told(pool) == {"effective": 1, "not_measured": Fraction(1, 2), "allocated_idle": Fraction(1, 2)}


def test_minutes_before_the_first_sample_are_not_measured() -> None:
    pool = the_pool(node("n", gpus=1), use("n", "g0", series(*[0.0] * 30), **held_by("t")))
    assert told(pool) == {"not_measured": Fraction(3, 2), "allocated_idle": Fraction(1, 2)}


def test_a_held_device_with_power_and_without_busy_is_not_measured() -> None:
    pool = the_pool(node("n", gpus=1), use("n", "g0", None, power=series(*[70.0] * 120), **held_by("t")))
    assert told(pool) == {"not_measured": 2}
    assert dict(pool.nodes)["n"] == {Cell.HELD: 1}


def test_a_gpu_without_any_series_is_not_measured_beside_one_that_has() -> None:
    pool = the_pool(node("n", gpus=2), use("n", "g0", series(*[1.0] * 120), **held_by("t")))
    assert told(pool) == {"effective": 2, "not_measured": 2}


def test_a_node_is_idle_once_nobody_has_held_it_for_half_an_hour() -> None:
    ended = series(*[1.0] * 60, *[math.nan] * 60)
    nobody = series(*[math.nan] * 60, *[0.0] * 60)
    uses = [use("n", "g0", ended, **held_by("t")), use("n", "g0", nobody)]
    pool = the_pool(node("n", gpus=1), *uses)
    assert pool.parts[Part.EFFECTIVE] == 1
    assert pool.parts[Part.IDLE_NODE] == Fraction(31, 60)
    assert pool.parts[Part.FREE] == Fraction(29, 60)


def test_what_ran_on_a_node_before_its_newest_pod_came_is_not_known() -> None:
    uses = [
        use("n", "g0", series(*[1.0] * 120), **held_by("t")),
        use("n", "g1", series(*[0.0] * 120)),
    ]
    late = pod("late", template({"cpu": "1"}), "n", age=HOUR - 30)
    pool = the_pool(node("n", gpus=2), pod("t", gpu_template(1), "n", age=9 * HOUR), late, *uses)
    assert told(pool) == {"effective": 2, "not_measured": 1, "free": 1}


def test_an_exporter_that_names_no_holder_proves_no_free_device_but_the_api_does_so_for_now() -> None:
    pool = the_pool(node("n", gpus=1), use("n", "g0", series(*[0.0] * 120)))
    assert told(pool) == {"not_measured": Fraction(119, 60), "idle_node": Fraction(1, 60)}
    assert dict(pool.nodes)["n"] == {Cell.IDLE_NODE: 1}


def test_a_node_that_computes_for_nobody_is_not_idle() -> None:
    pool = the_pool(node("n", gpus=1), use("n", "g0", series(*[0.5] * 120)))
    assert told(pool) == {"not_measured": 2}


def test_a_device_that_is_not_allocatable_is_lost_though_all_are_held() -> None:
    def all_held(*busy: float) -> LedgerPool:
        uses = [use("n", f"g{i}", series(*[share] * 120), **held_by("t")) for i, share in enumerate(busy)]
        return the_pool(node("n", gpus=2, offers={GPU: "1"}), pod("t", gpu_template(2), "n"), *uses)

    idle_and_busy = all_held(0.0, 0.75)
    assert dict(idle_and_busy.nodes)["n"] == {Cell.LOST: 1, Cell.ACTIVE: 1}
    assert idle_and_busy.parts[Part.LOST] == Fraction(1, 60)
    both_busy = all_held(0.75, 0.75)
    assert dict(both_busy.nodes)["n"] == {Cell.LOST: 1, Cell.ACTIVE: 1}
    assert both_busy.parts[Part.EFFECTIVE] == Fraction(3, 4) * (4 - Fraction(1, 60))
    assert total(both_busy.parts.values()) == 4


def test_a_slice_of_mig_mixed_is_worth_what_the_pod_that_holds_it_asked_for() -> None:
    cut = {"nvidia.com/mig-3g.40gb": "1", "nvidia.com/mig-1g.10gb": "4"}
    small = pod("small", template({}, {"nvidia.com/mig-1g.10gb": "1"}), "n")
    idle = use("n", "g0", series(*[0.0] * 120), instance="7", **held_by("small"))
    pool = the_pool(node("n", capacity=cut), small, idle)
    assert told(pool) == {"allocated_idle": Fraction(2, 7), "not_measured": Fraction(12, 7)}


def test_an_exporter_that_names_no_holder_is_believed_where_all_gpus_are_held() -> None:
    running = pod("t", gpu_template(1), "n", age=HOUR - 30)
    pool = the_pool(node("n", gpus=1), running, use("n", "g0", series(*[1.0] * 120)))
    assert told(pool) == {"not_measured": 1, "effective": 1}


def test_a_busy_device_that_no_pod_is_named_for_is_not_called_free() -> None:
    uses = [use("n", "g0", series(*[0.5] * 120)), use("n", "g1", series(*[1.0] * 120), **held_by("t"))]
    assert told(the_pool(node("n", gpus=2), *uses)) == {"not_measured": 2, "effective": 2}


def test_a_node_that_is_not_ready_is_lost_since_it_said_so() -> None:
    dead = node("n", gpus=1)
    gone = Condition("Ready", "Unknown", since=ago(HOUR - 30))
    dead = Node(**{name: getattr(dead, name) for name in dead.__struct_fields__} | {"conditions": (gone,)})
    pool = the_pool(dead, use("n", "g0", series(*[1.0] * 60, *[math.nan] * 60), **held_by("t")))
    assert told(pool) == {"effective": 1, "lost": 1}


def test_a_node_younger_than_the_window_is_paid_for_since_it_was_made() -> None:
    young = node("n", gpus=4, age=HOUR)
    pool = the_pool(young, *(use("n", f"g{i}", series(*[0.0] * 61), **held_by("t")) for i in range(4)))
    assert pool.provisioned == Fraction(4 * 61, 60)
    assert told(pool) == {"allocated_idle": pool.provisioned}


def test_a_swapped_device_is_not_paid_for_twice() -> None:
    old = use("n", "g-old", series(*[1.0] * 60, *[math.nan] * 60), **held_by("t"))
    new = use("n", "g-new", series(*[math.nan] * 60, *[1.0] * 60), **held_by("t"))
    pool = the_pool(node("n", gpus=1), old, new)
    assert pool.provisioned == 2 == total(pool.parts.values())
    assert told(pool) == {"not_measured": 1, "effective": 1}


def test_samples_further_apart_than_a_minute_stand_for_their_step() -> None:
    pool = the_pool(node("n", gpus=1), use("n", "g0", series(*[0.0] * 24, step=300.0), **held_by("t")))
    assert told(pool) == {"allocated_idle": 2}


# --- whatever the cluster -------------------------------------------------------------------------------------


def some_cluster(dice: random.Random) -> Inventory:
    nodes = [_some_node(dice, i) for i in range(dice.randint(1, 5))]
    pods = [_some_pod(dice, i, nodes) for i in range(dice.randint(0, 12))]
    uses = [one for each in nodes if dice.random() < 0.5 for one in _some_uses(dice, each, pods)]
    partial = [slices.PODS] if dice.random() < 0.1 else []
    return inventory(*nodes, *pods, *uses, window=dice.choice([900.0, 5400.0]), partial=partial)


def _some_node(dice: random.Random, number: int) -> Node:
    suffix = dice.choice(["", "", "-MIG-1g.10gb", "-MIG-3g.40gb", "-SHARED"])
    gpus = dice.choice([1, 2, 7, 8])
    labels = {POOL: dice.choice("ab"), PRODUCT: A100 + suffix}
    if suffix == "-SHARED":
        labels["nvidia.com/gpu.replicas"] = "4"
    if dice.random() < 0.2:
        labels["node.kubernetes.io/instance-type"] = "p4d.24xlarge"
    capacity = {"nvidia.com/mig-2g.20gb": "3"} if not suffix and dice.random() < 0.2 else {}
    return node(
        f"n{number}", gpus=gpus, labels=labels, capacity=capacity, cpu=dice.choice(["4", "32"]),
        offers={GPU: str(dice.randint(0, gpus))} if dice.random() < 0.3 else {},
        age=dice.choice([60, 1200, 86400]), ready=dice.choice(["True"] * 5 + ["False"]),
        unschedulable=dice.random() < 0.1,
        taints=dice.choice([[], [], [f"{GPU}:NoSchedule"], ["odd:NoSchedule"]]),
    )  # fmt: skip


def _some_pod(dice: random.Random, number: int, nodes: list[Node]) -> Pod:
    resource = dice.choice([GPU, GPU, GPU, "nvidia.com/mig-2g.20gb"])
    wants = {resource: str(dice.randint(1, 8))} if dice.random() < 0.8 else {}
    of = template(
        {"cpu": str(dice.randint(0, 6))}, wants, priority=dice.choice([0, 0, 0, -1]),
        tolerations=dice.choice([(), world.TOLERANT]),
    )  # fmt: skip
    on = dice.choice([*(each.name for each in nodes), ""])
    notes = {"gpu-fraction": "0.5"} if dice.random() < 0.05 else {}
    return pod(f"p{number}", of, on, age=dice.choice([60, 2000, 90000]), annotations=notes)


def _some_uses(dice: random.Random, on: Node, pods: list[Pod]) -> list[DeviceUse]:
    found = []
    for device in range(dice.randint(1, 9)):
        values = [dice.choice([math.nan, 0.0, 0.004, dice.random(), 1.0]) for _ in range(dice.randint(1, 95))]
        named = dice.choice([*({"namespace": p.namespace, "pod": p.name} for p in pods), {}])
        sm = series(*[value / 2 for value in values]) if dice.random() < 0.5 else None
        instance = dice.choice(["", "", "3"])
        found.append(use(on.name, f"g{device}", series(*values), sm=sm, instance=instance, **named))
    return found


def test_in_500_clusters_every_hour_stands_in_one_row_and_none_is_negative() -> None:
    bases, seen = set(), set()
    for seed in range(500):
        for pool in gpu_ledger(some_cluster(random.Random(seed))) or ():
            assert total(pool.parts.values()) == pool.provisioned, seed
            assert all(hours >= 0 for hours in pool.parts.values()), seed
            assert all(isinstance(hours, Fraction) for hours in pool.parts.values())
            assert total(gpus for _, now in pool.nodes for gpus in now.values()) == pool.gpus, seed
            assert claimable(pool.parts) <= pool.provisioned
            bases.add(pool.basis)
            seen |= set(told(pool))
    assert bases == {"status", "metrics"}
    assert seen == {part.value for part in Part}


def test_in_500_clusters_no_more_is_saved_than_the_ledger_calls_waste() -> None:
    saved = 0
    for seed in range(500):
        cluster = some_cluster(random.Random(seed))
        if not cluster.is_complete(slices.PODS):
            continue
        idle = {one.node.name: one.gpus for one in idle_gpu_nodes(cluster)}
        lost = {one.name: lost_gpus(one) for one in cluster.nodes if one.name not in idle}
        for pool in gpu_ledger(cluster) or ():
            if pool.basis == "status":
                names = {name for name, _ in pool.nodes}
                claims = total(gpus for name, gpus in (idle | lost).items() if name in names)
                assert claims <= claimable(pool.parts), seed
                saved += claims > 0
    assert saved > 50


def test_waste_is_what_money_may_claim() -> None:
    assert claimable({part: Fraction(1) for part in Part}) == len(WASTE) == 5


def test_shares_are_rounded_so_that_they_sum() -> None:
    assert apportioned(100, [Fraction(100, 3)] * 3) == [34, 33, 33]
    assert apportioned(0, [Fraction(0)]) == [0]
