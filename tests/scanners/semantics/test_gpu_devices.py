"""What is an accelerator, and how many cards a node has (checks.md, GPU, table Counting)."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.facts.node import Node
from scanners.semantics.accelerators import (
    has_accelerator_nodes,
    has_accelerators,
    held,
    holds,
    is_accelerator,
    is_accelerator_node,
    offered,
    wants_accelerator,
)
from scanners.semantics.gpu_devices import physical_gpus, physical_held, replicas_of, unit_worth
from scanners.semantics.gpu_products import (
    bare_product,
    expected_gpus,
    machines,
    node_pool,
    product,
    short_product,
    vendor_prefix,
)
from tests.scanners.semantics.world import A100, GPU, gpu_template, inventory, node, pod, template

PRODUCT = "nvidia.com/gpu.product"
COUNT = "nvidia.com/gpu.count"
REPLICAS = "nvidia.com/gpu.replicas"
TYPE = "node.kubernetes.io/instance-type"


@pytest.mark.parametrize(
    "resource",
    [
        "nvidia.com/gpu",
        "nvidia.com/gpu.shared",
        "nvidia.com/mig-1g.10gb",
        "nvidia.com/mig-1g.5gb.shared",
        "amd.com/gpu",
        "amd.com/cpx_nps4",
        "gpu.intel.com/i915",
        "gpu.intel.com/xe",
        "habana.ai/gaudi",
        "google.com/tpu",
        "aws.amazon.com/neuron",
        "aws.amazon.com/neuroncore",
        "nvidia.com/mig-1g.5gb+me",
    ],
)
def test_these_compute(resource: str) -> None:
    assert is_accelerator(resource)


@pytest.mark.parametrize(
    "resource",
    [
        "gpu.intel.com/i915_monitoring",
        "gpu.intel.com/xe_monitoring",
        "vpc.amazonaws.com/efa",
        "nvidia.com/gpumem",
        "cpu",
        "nvidia.com/gpucores",
        "gpu.intel.com/millicores",
        "rdma/hca",
        "requests.nvidia.com/gpu",
        "habana.ai/gaudi_x",
    ],
)
def test_these_do_not(resource: str) -> None:
    assert not is_accelerator(resource)


def test_who_holds() -> None:
    running, waiting = pod("r", gpu_template(2), "n"), pod("w", gpu_template(2))
    assert held(running) == {GPU: 2}
    assert not held(waiting) and wants_accelerator(waiting)
    assert not holds(pod("done", gpu_template(2), "n", phase="Succeeded"))
    assert holds(pod("claims", template(resource_claims=("gpu",)), "n"))
    assert holds(pod("fraction", template(), "n", annotations={"gpu-fraction": "0.5"}))
    assert not holds(pod("cpu", template({"cpu": "1"}), "n"))


def bare(labels: dict[str, str], capacity: dict[str, str] | None = None) -> Node:
    return node("n", labels=labels, capacity=capacity or {})


@pytest.mark.parametrize(
    ("said", "labels", "capacity", "cards"),
    [
        ("by machine type, also where one is lost", {TYPE: "p4de.24xlarge", COUNT: "7"}, {GPU: "7"}, 8),
        (
            "by GKE's count where the type does not tell",
            {"cloud.google.com/gke-accelerator-count": "4"},
            {GPU: "3"},
            4,
        ),
        ("by feature discovery", {PRODUCT: A100, COUNT: "8"}, {GPU: "7"}, 8),
        ("by capacity", {}, {GPU: "4"}, 4),
        (
            "single MIG: seven small slices a card",
            {PRODUCT: f"{A100}-MIG-1g.10gb", COUNT: "56"},
            {GPU: "56"},
            8,
        ),
        ("single MIG: four with doubled memory", {PRODUCT: f"{A100}-MIG-1g.20gb"}, {GPU: "32"}, 8),
        (
            "single MIG: on the 40 GB card 1g.10gb is the doubled one",
            {PRODUCT: "NVIDIA-A100-SXM4-40GB-MIG-1g.10gb"},
            {GPU: "32"},
            8,
        ),
        ("single MIG: two of three slices", {PRODUCT: f"{A100}-MIG-3g.40gb"}, {GPU: "16"}, 8),
        ("single MIG: three of two slices", {PRODUCT: f"{A100}-MIG-2g.20gb"}, {GPU: "24"}, 8),
        ("single MIG: the whole card as one", {PRODUCT: f"{A100}-MIG-7g.80gb"}, {GPU: "8"}, 8),
        ("an A30 has four slices", {PRODUCT: "NVIDIA-A30-MIG-1g.6gb"}, {GPU: "8"}, 2),
        ("an H200 names no memory", {PRODUCT: "NVIDIA-H200-MIG-1g.18gb"}, {GPU: "56"}, 8),
        ("a GH200 names another", {PRODUCT: "NVIDIA-GH200-480GB-MIG-1g.12gb"}, {GPU: "7"}, 1),
        (
            "mixed MIG beside whole cards",
            {PRODUCT: A100},
            {GPU: "6", "nvidia.com/mig-3g.40gb": "2", "nvidia.com/mig-1g.10gb": "7"},
            8,
        ),
        ("mixed MIG of halves", {PRODUCT: A100}, {GPU: "0", "nvidia.com/mig-3g.40gb": "16"}, 8),
        ("time-slicing", {PRODUCT: f"{A100}-SHARED", REPLICAS: "4"}, {GPU: "32"}, 8),
        (
            "time-slicing under a name of its own",
            {PRODUCT: A100, REPLICAS: "4"},
            {"nvidia.com/gpu.shared": "32"},
            8,
        ),
        ("replicas of one are none", {PRODUCT: A100, REPLICAS: "1"}, {GPU: "8"}, 8),
        ("AMD partitions", {}, {"amd.com/cpx_nps4": "64"}, 8),
        ("Gaudi", {}, {"habana.ai/gaudi": "8"}, 8),
        (
            "Neuron cores are the same hardware",
            {},
            {"aws.amazon.com/neuron": "16", "aws.amazon.com/neuroncore": "32"},
            16,
        ),
        ("Neuron by cores alone", {}, {"aws.amazon.com/neuroncore": "32"}, 16),
        ("never two vendors added", {}, {GPU: "4", "gpu.intel.com/i915": "1"}, 4),
        ("a CPU node", {}, {}, 0),
    ],
)
def test_cards_of_a_node(said: str, labels: dict[str, str], capacity: dict[str, str], cards: int) -> None:
    assert physical_gpus(bare(labels, capacity)) == cards, said


@pytest.mark.parametrize(
    ("labels", "resource", "worth"),
    [
        ({PRODUCT: A100}, GPU, "1"),
        ({PRODUCT: A100}, "nvidia.com/mig-3g.40gb", "3/7"),
        ({PRODUCT: "NVIDIA-A30"}, "nvidia.com/mig-1g.6gb", "1/4"),
        ({PRODUCT: f"{A100}-MIG-1g.10gb"}, GPU, "1/7"),
        ({PRODUCT: f"{A100}-MIG-7g.80gb"}, GPU, "1"),
        ({REPLICAS: "4"}, GPU, "1/4"),
        ({}, "amd.com/dpx_nps1", "1/2"),
        ({}, "gpu.intel.com/xe", "1"),
        ({}, "cpu", "0"),
    ],
)
def test_worth_of_a_unit(labels: dict[str, str], resource: str, worth: str) -> None:
    assert unit_worth(bare(labels), resource) == Fraction(worth)


def test_a_shared_card_is_held_wholly_while_one_replica_is() -> None:
    shared = bare({PRODUCT: A100, REPLICAS: "4"}, {GPU: "8"})
    world = inventory(shared, *(pod(f"p{i}", gpu_template(1), "n") for i in range(3)))
    assert (replicas_of(shared), physical_gpus(shared)) == (4, 2)
    assert physical_held(world, shared) == 2


def test_held_slices_are_parts_of_cards() -> None:
    slices = {"nvidia.com/mig-3g.40gb": "2", "nvidia.com/mig-1g.10gb": "7"}
    mixed = bare({PRODUCT: A100}, {GPU: "6", **slices})
    one = template({"cpu": "1"}, {"nvidia.com/mig-3g.40gb": "1", "nvidia.com/mig-1g.10gb": "2"})
    world = inventory(mixed, pod("p", one, "n"), pod("q", gpu_template(2), "n"))
    assert physical_held(world, mixed) == 2 + Fraction(5, 7)


@given(st.integers(1, 16), st.integers(1, 8), st.integers(0, 40))
def test_never_more_is_held_than_there_is(cards: int, replicas: int, pods: int) -> None:
    shared = bare({PRODUCT: A100, REPLICAS: str(replicas)}, {GPU: str(cards * replicas)})
    world = inventory(shared, *(pod(f"p{i}", gpu_template(1), "n") for i in range(pods)))
    assert physical_gpus(shared) == cards
    assert physical_held(world, shared) == min(pods, cards)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "A100"),
        ("NVIDIA-A100-SXM4-80GB-SHARED", "A100"),
        ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED", "A100"),
        ("nvidia-tesla-a100", "A100"),
        ("nvidia-h100-mega-80gb", "H100"),
        ("Tesla-V100-SXM2-16GB", "V100"),
        ("Tesla T4", "T4"),
        ("nvidia-l4", "L4"),
        ("NVIDIA-L40S", "L40S"),
        ("a10g", "A10G"),
        ("NVIDIA-A10", "A10"),
        ("AMD_Instinct_MI300X_OAM", "MI300X"),
        ("NVIDIA-GH200-480GB", "GH200"),
        ("nvidia-gb200", "GB200"),
        ("NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition", "RTX-PRO-6000"),
        ("NVIDIA-GeForce-RTX-4090", "RTX-4090"),
        ("NVIDIA-Some-New-Card", "Some-New-Card"),
        ("", ""),
    ],
)
def test_the_name_people_use(name: str, short: str) -> None:
    assert short_product(name) == short


def test_a_product_without_how_it_is_shared() -> None:
    for suffix in ("", "-SHARED", "-MIG-1g.10gb", "-MIG-1g.10gb-SHARED", "-MIG-1g.10gb.me"):
        assert bare_product(A100 + suffix) == A100


@pytest.mark.parametrize(
    ("labels", "pool"),
    [
        ({"cloud.google.com/gke-nodepool": "a100", TYPE: "a2-highgpu-1g"}, "a100"),
        ({"eks.amazonaws.com/nodegroup": "training"}, "training"),
        ({"karpenter.sh/nodepool": "spot", "eks.amazonaws.com/nodegroup": ""}, "spot"),
        ({"kubernetes.azure.com/agentpool": "gpu", "agentpool": "gpu"}, "gpu"),
        ({TYPE: "p5.48xlarge"}, "p5.48xlarge"),
        ({PRODUCT: f"{A100}-SHARED"}, A100),
        ({}, ""),
    ],
)
def test_the_pool_of_a_node(labels: dict[str, str], pool: str) -> None:
    assert node_pool(bare(labels)) == pool


def test_the_machine_tells_where_labels_do_not() -> None:
    plain = bare({TYPE: "Standard_ND96isr_H100_v5"})
    assert (expected_gpus(plain), product(plain)) == (8, "H100")
    assert is_accelerator_node(plain) and not offered(plain)
    assert expected_gpus(bare({TYPE: "m6i.8xlarge"})) is None
    assert vendor_prefix(bare({TYPE: "Standard_ND96isr_MI300X_v5"})) == "amd.com/"
    assert vendor_prefix(bare({})) == ""


def test_the_catalogue_of_machines_is_sound() -> None:
    assert len(machines()) > 80
    for type_, machine in machines().items():
        assert machine.gpus in (1, 2, 4, 8, 16), type_
        assert short_product(machine.product) == machine.product, type_
        assert 8 <= machine.memory_gib <= 300, type_


@pytest.mark.parametrize(
    ("facts", "nodes", "anything"),
    [
        ([node("n")], False, False),
        ([node("n", gpus=8)], True, True),
        ([node("n"), pod("p", gpu_template(1))], False, True),
        ([bare({"nvidia.com/gpu.present": "true"})], True, True),
        ([bare({"nvidia.com/gpu.present": "false"})], False, False),
    ],
)
def test_whether_there_are_any(facts: list[Any], nodes: bool, anything: bool) -> None:
    world = inventory(*facts)
    assert (has_accelerator_nodes(world), has_accelerators(world)) == (nodes, anything)
