"""
What a node costs, and when nobody knows: prices with their region, their day and how the machine is bought.
"""

from fractions import Fraction

import pytest

from scanners.facts import slices
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.price import FlatPrice, InstancePrice, StoragePrice
from scanners.finding import Severity
from scanners.semantics.price_tables import MalformedTable, built_in, overridden, parsed
from scanners.semantics.prices import by_dollars, gpu_hour_price, node_price, price_basis, region_of
from scanners.semantics.times import DAY
from tests.correlate.worlds import inventory

HEADER = "provider,instance_type,gpu_model,gpu_count,region,usd_per_hour,as_of,source\n"


def node(instance_type: str = "p4d.24xlarge", region: str = "us-east-1", **words: object) -> Node:
    labels = {"node.kubernetes.io/instance-type": instance_type}
    labels |= {"topology.kubernetes.io/region": region} if region else {}
    labels |= words.pop("labels", {})  # type: ignore[arg-type]
    return Node(
        name="n", provider_id=str(words.pop("provider_id", f"aws:///{region}a/i-0")), labels=labels,
        capacity={"nvidia.com/gpu": "8"}, allocatable={"nvidia.com/gpu": "8"},
    )  # fmt: skip


def world(*rows: InstancePrice) -> Inventory:
    return inventory({slices.PRICES: list(rows) or built_in()})


def test_every_built_in_row_says_of_when_it_is_and_who_said_so() -> None:
    rows = built_in()
    assert len([row for row in rows if isinstance(row, InstancePrice)]) == 95
    assert len([row for row in rows if isinstance(row, StoragePrice)]) == 5
    assert len([row for row in rows if isinstance(row, FlatPrice)]) == 14
    assert all(row.source and row.region for row in rows)
    undated = [(row.provider, row.type) for row in rows if isinstance(row, FlatPrice) and not row.as_of]
    assert undated == [("azure", "P10"), ("azure", "P20")]
    assert all(row.as_of for row in rows if not isinstance(row, FlatPrice))
    assert not any(row.own for row in rows)


def test_a_node_is_priced_by_its_type_in_its_own_region() -> None:
    found = node_price(world(), node())
    assert found is not None
    assert (found.usd_per_hour, found.region, found.as_of) == (21.957642, "us-east-1", "2026-07-20")
    assert price_basis(found, "us-east-1") == "list price, aws us-east-1, as of 2026-07-20, no discounts"
    assert gpu_hour_price(world(), node()) == Fraction("21.957642") / 8


def test_another_region_is_a_reference_that_is_named_as_one() -> None:
    found = node_price(world(), node(region="eu-central-1"))
    assert found is not None
    assert (
        price_basis(found, "eu-central-1")
        == "list price, aws us-east-1 (for eu-central-1), as of 2026-07-20, no discounts"
    )


def test_the_region_is_the_label_else_the_zone_of_the_provider_id() -> None:
    assert region_of(node(region="", provider_id="aws:///eu-west-1c/i-0")) == "eu-west-1"
    assert region_of(node(region="", provider_id="gce://project/europe-west4-b/gpu-1")) == "europe-west4"
    assert region_of(node(region="", provider_id="azure:///subscriptions/s/vm")) == ""
    assert region_of(node(region="us-east-2", provider_id="aws:///us-east-2-lax-1a/i-0")) == "us-east-2"


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("karpenter.sh/capacity-type", "spot"),
        ("eks.amazonaws.com/capacityType", "SPOT"),
        ("eks.amazonaws.com/capacityType", "CAPACITY_BLOCK"),
        ("karpenter.k8s.aws/capacity-reservation-type", "capacity-block"),
        ("cloud.google.com/gke-spot", "true"),
        ("kubernetes.azure.com/scalesetpriority", "spot"),
    ],
)
def test_what_is_not_bought_on_demand_has_no_list_price(label: str, value: str) -> None:
    assert node_price(world(), node(labels={label: value})) is None
    assert node_price(world(), node(labels={label: "on-demand"})) is not None


def test_a_reservation_is_billed_at_the_price_on_demand() -> None:
    assert node_price(world(), node(labels={"karpenter.sh/capacity-type": "reserved"})) is not None


def test_a_spot_price_of_the_users_own_table_counts() -> None:
    rows = parsed(
        "provider,instance_type,region,usd_per_hour,as_of,capacity_type\n"
        "aws,p4d.24xlarge,us-east-1,9.5,2026-11-01,spot\n"
    )
    found = node_price(
        inventory({slices.PRICES: overridden(built_in(), rows)}),
        node(labels={"karpenter.sh/capacity-type": "spot"}),
    )
    assert found is not None
    assert found.usd_per_hour == 9.5


@pytest.mark.parametrize("nominal", [0.0, 0.049])
def test_a_nominal_price_is_unknown(nominal: float) -> None:
    row = InstancePrice(
        provider="aws", instance_type="p4d.24xlarge", region="us-east-1", usd_per_hour=nominal
    )
    assert node_price(world(row), node()) is None


def test_a_type_of_another_provider_is_not_the_same_machine() -> None:
    assert node_price(world(), node(provider_id="openstack:///9f3")) is None
    assert node_price(world(), node(provider_id="kind://docker/kind/kind-worker")) is None
    assert node_price(world(), node("made-up.large")) is None
    assert node_price(world(), node(provider_id="")) is not None


def test_two_providers_with_one_type_leave_a_node_without_provider_unpriced() -> None:
    rows = [
        InstancePrice(provider=name, instance_type="gpu-8", region="r", usd_per_hour=10.0)
        for name in ("lab-a", "lab-b")
    ]
    assert node_price(world(*rows), node("gpu-8", provider_id="")) is None
    assert node_price(world(*rows), node("gpu-8", provider_id="lab-a://1")) is not None


def test_severity_of_waste_follows_the_dollars_and_how_long_they_ran() -> None:
    assert by_dollars(5000.0, DAY) is Severity.HIGH
    assert by_dollars(5000.0, DAY - 1) is Severity.MEDIUM
    assert by_dollars(5000.0, None) is Severity.MEDIUM
    assert by_dollars(4999.99, 30 * DAY) is Severity.MEDIUM
    assert by_dollars(49.99, 30 * DAY) is Severity.LOW
    assert by_dollars(None, 30 * DAY) is Severity.MEDIUM


def test_a_users_row_stands_in_the_place_of_the_built_in_one_and_leaves_the_others() -> None:
    own = parsed(HEADER + "aws,P4D.24xlarge,A100,8,us-east-1,11.5,2026-11-01,contract 7\n")
    rows = overridden(built_in(), own)
    assert len(rows) == len(built_in())
    found = node_price(inventory({slices.PRICES: rows}), node())
    assert found is not None
    assert found.usd_per_hour == 11.5
    assert node_price(inventory({slices.PRICES: rows}), node("p5.48xlarge")) is not None


def test_prices_by_another_unit_than_size_are_no_price_of_a_volume() -> None:
    text = "provider,type,unit,usd,region,as_of\naws,gp3,GiB-month,0.08,us-east-1,2026\naws,ip,hour,0.005,all,2026\n"
    assert [row.type for row in parsed(text) if isinstance(row, StoragePrice)] == ["gp3"]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a,b\n1,2\n", 1, "the header is of no price table"),
        ("", 1, "the header is of no price table"),
        (HEADER + "aws,x,A,8,r,1.0,2026,s\naws,y,A,8,r,cheap,2026,s\n", 3, "usd_per_hour cheap is no amount"),
        (HEADER + "aws,x,A,8,r,-1,2026,s\n", 2, "usd_per_hour -1 is no amount"),
        (HEADER + "aws,x,A,8,r,nan,2026,s\n", 2, "usd_per_hour nan is no amount"),
        (HEADER + "aws,x,A,8,r,,2026,s\n", 2, "usd_per_hour is empty"),
        (HEADER + ",x,A,8,r,1,2026,s\n", 2, "provider is empty"),
        (HEADER + "aws,x,A,eight,r,1,2026,s\n", 2, "gpu_count eight"),
        (HEADER + "aws,x,A,8,r,1,last week,s\n", 2, "as_of last week is no day"),
        (HEADER + "aws,x,A,8,r,1,2026-13-01,s\n", 2, "as_of 2026-13-01 is no day"),
    ],
)
def test_a_row_that_cannot_be_followed_is_named_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(MalformedTable) as refused:
        parsed(text)
    assert refused.value.line == line
    assert refused.value.why.startswith(why)
    assert refused.value.mend
