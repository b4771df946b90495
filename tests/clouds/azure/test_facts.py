"""What ARM says of a thing, and what that comes to; each value stands where the fact says it stands."""

from typing import Any

import pytest

from scanners.facts.cloud import (
    CloudAddress,
    CloudCluster,
    CloudFact,
    CloudIssue,
    CloudQuota,
    Disk,
    Instance,
    LoadBalancer,
    NodePool,
)
from scanners.facts.slices import (
    ADDRESSES,
    CLOUD_QUOTAS,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    PODS,
    Slice,
)
from swarm.sources.azure.fields import place
from swarm.sources.cloud import fact_from
from tests.clouds.azure.items import (
    ADDRESS,
    BALANCER,
    CLUSTER,
    CLUSTER_ID,
    DISK,
    GATEWAY,
    MACHINE,
    POOL,
    SCALED_MACHINE,
    SUBSCRIPTION,
    USAGE,
    changed,
)


def fact(slice_: Slice, item: dict[str, Any], cluster: str = "") -> Any:
    return fact_from("azure", slice_, item, SUBSCRIPTION, "eastus", cluster)


def test_a_cluster_is_told_with_its_state_its_version_and_its_place() -> None:
    made = fact(CLUSTERS, CLUSTER)
    assert isinstance(made, CloudCluster)
    assert (made.provider, made.kind, made.group, made.account) == (
        "azure", "managedClusters", "azure", SUBSCRIPTION,
    )  # fmt: skip
    assert (made.name, made.uid, made.region, made.labels) == ("train", CLUSTER_ID, "eastus", {"team": "ml"})
    assert (made.status, made.healthy, made.version, made.support) == (
        "Succeeded",
        True,
        "1.33.5",
        "KubernetesOfficial",
    )
    assert (made.endpoint, made.private, made.autopilot) == (
        "train-abcdef.hcp.eastus.azmk8s.io",
        False,
        False,
    )


@pytest.mark.parametrize(
    ("state", "healthy"),
    [
        ("Failed", False),
        ("Canceled", None),
        ("Creating", None),
        ("Upgrading", None),
        ("Deleting", None),
        ("", None),
    ],
)
def test_only_a_failed_cluster_is_unhealthy_and_one_that_changes_is_unknown(
    state: str, healthy: bool | None
) -> None:
    assert fact(CLUSTERS, changed(CLUSTER, properties__provisioningState=state)).healthy is healthy


def test_a_stopped_cluster_says_so_and_is_neither_well_nor_ill() -> None:
    made = fact(CLUSTERS, changed(CLUSTER, properties__powerState={"code": "Stopped"}))
    assert (made.status, made.healthy, made.paths["status"]) == (
        "Stopped",
        None,
        "properties.powerState.code",
    )


def test_a_failure_carries_what_azure_says_of_it() -> None:
    error = {"code": "QuotaExceeded", "message": "Insufficient regional vcpu quota left"}
    for slice_, item in ((CLUSTERS, CLUSTER), (NODE_POOLS, POOL)):
        failed = changed(
            item, properties__provisioningState="Failed", properties__status={"provisioningError": error}
        )
        made = fact(slice_, failed)
        assert made.issues == (CloudIssue("QuotaExceeded", "Insufficient regional vcpu quota left"),)
        assert (made.values["issue_code"], made.values["issue"]) == (error["code"], error["message"])


def test_a_private_cluster_is_known_by_its_private_name() -> None:
    made = fact(
        CLUSTERS,
        changed(
            CLUSTER,
            properties__fqdn=None,
            properties__privateFQDN="train.privatelink.eastus.azmk8s.io",
            properties__apiServerAccessProfile={"enablePrivateCluster": True},
        ),
    )
    assert (made.private, made.endpoint) == (True, "train.privatelink.eastus.azmk8s.io")


def test_long_term_support_and_automatic_clusters_are_told_apart() -> None:
    made = fact(
        CLUSTERS, changed(CLUSTER, properties__supportPlan="AKSLongTermSupport", sku__name="Automatic")
    )
    assert (made.support, made.autopilot) == ("AKSLongTermSupport", True)


def test_a_pool_has_its_size_its_bounds_and_the_gpus_of_its_machines() -> None:
    made = fact(NODE_POOLS, POOL, CLUSTER_ID)
    assert isinstance(made, NodePool)
    assert (made.kind, made.name, made.cluster, made.region) == ("agentPools", "gpu", CLUSTER_ID, "eastus")
    assert (made.size, made.minimum, made.maximum, made.autoscaled) == (2, 0, 2, True)
    assert (made.instance_types, made.gpus, made.gpu_model) == (("Standard_ND96asr_v4",), 8.0, "A100")
    assert (made.capacity_type, made.zones) == ("spot", ("eastus-1", "eastus-2"))
    assert (made.version, made.node_labels, made.stopped, made.healthy) == (
        "1.33.5",
        {"sku": "gpu"},
        False,
        True,
    )


def test_a_pool_without_autoscaler_has_no_bounds() -> None:
    made = fact(
        NODE_POOLS,
        changed(
            POOL, properties__enableAutoScaling=None, properties__minCount=None, properties__maxCount=None
        ),
    )
    assert (made.autoscaled, made.minimum, made.maximum, made.size) == (False, None, None, 2)


def test_a_stopped_pool_is_stopped_on_purpose() -> None:
    assert fact(NODE_POOLS, changed(POOL, properties__powerState={"code": "Stopped"})).stopped


def test_a_pool_of_single_machines_has_its_bounds_in_its_profile() -> None:
    scale = {"autoscale": [{"size": "Standard_D8s_v5", "minCount": 1, "maxCount": 5}]}
    item = changed(POOL, properties__vmSize="", properties__virtualMachinesProfile={"scale": scale})
    made = fact(NODE_POOLS, item)
    assert (made.instance_types, made.minimum, made.maximum, made.autoscaled) == (
        ("Standard_D8s_v5",),
        1,
        5,
        True,
    )
    assert place(item, made.paths["maximum"]) == 5
    assert made.gpus == 0.0


@pytest.mark.parametrize(
    ("size", "gpus", "model"),
    [
        ("Standard_NV18ads_A10_v5", 0.5, "A10"),
        ("Standard_NV6ads_A10_v5", 1 / 6, "A10"),
        ("Standard_NC24ads_A100_v4", 1.0, "A100"),
        ("Standard_D4s_v5", 0.0, ""),
        ("Standard_ND999_future_v9", None, ""),
    ],
)
def test_a_size_of_the_n_family_has_gpus_a_part_of_one_or_an_unknown_number(
    size: str, gpus: float | None, model: str
) -> None:
    made = fact(NODE_POOLS, changed(POOL, properties__vmSize=size))
    assert (made.gpus, made.gpu_model) == (gpus, model)


def test_a_machine_of_a_scale_set_is_the_node_whose_provider_id_kubernetes_knows() -> None:
    made = fact(INSTANCES, SCALED_MACHINE, CLUSTER_ID)
    assert isinstance(made, Instance)
    assert made.provider_id == (
        f"azure:///subscriptions/{SUBSCRIPTION}/resourceGroups/mc_ml-rg_train_eastus/providers/Microsoft.Compute"
        "/virtualMachineScaleSets/aks-gpu-12345678-vmss/virtualMachines/0"
    )
    assert (made.kind, made.cluster, made.pool, made.type) == (
        "virtualMachines", CLUSTER_ID, "gpu", "Standard_ND96asr_v4",
    )  # fmt: skip
    assert (made.state, made.running, made.capacity_type, made.gpus) == ("VM running", True, "spot", 8.0)
    assert (made.zone, made.created) == ("eastus-1", "2026-03-01T08:00:00.123+00:00")


def test_a_machine_that_is_switched_off_and_deallocated_is_not_paid_for() -> None:
    made = fact(INSTANCES, MACHINE, CLUSTER_ID)
    assert (made.state, made.running, made.type, made.pool) == (
        "VM deallocated", False, "Standard_D8s_v5", "single",
    )  # fmt: skip
    assert (
        made.provider_id.startswith("azure:///subscriptions/")
        and "/mc_ml-rg_train_eastus/" in made.provider_id
    )


def test_a_machine_without_an_instance_view_is_not_taken_for_a_running_one() -> None:
    made = fact(INSTANCES, changed(SCALED_MACHINE, properties__instanceView=None))
    assert (made.state, made.running) == ("Succeeded", False)


def test_a_disk_that_nobody_holds_names_the_claim_that_it_was_made_for() -> None:
    made = fact(DISKS, DISK, CLUSTER_ID)
    assert isinstance(made, Disk)
    assert (made.state, made.attached, made.detached) == (
        "Unattached", False, "2026-01-10T09:00:00.0000000+00:00",
    )  # fmt: skip
    assert (made.claim, made.volume, made.cluster) == ("ml/checkpoints", "pvc-0a1b", CLUSTER_ID)
    assert (made.size_bytes, made.type, made.tier, made.zone) == (1 << 40, "Premium_LRS", "P30", "eastus-1")
    assert made.handle == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mc_ml-rg_train_eastus/providers/Microsoft.Compute/disks/pvc-0a1b"
    )


@pytest.mark.parametrize("state", ["Attached", "Reserved", "Frozen", "ActiveSAS"])
def test_a_disk_of_a_machine_that_sleeps_or_of_an_open_export_is_held(state: str) -> None:
    made = fact(DISKS, changed(DISK, properties__diskState=state))
    assert (made.attached, made.detached) == (True, "")


def test_a_disk_of_an_older_answer_has_its_size_in_gib_and_no_date() -> None:
    item = changed(DISK, properties={"diskState": "Unattached", "diskSizeGB": 5})
    made = fact(DISKS, item)
    assert (made.size_bytes, made.detached) == (5 * 1024**3, "")
    assert place(item, made.paths["size_bytes"]) == 5


def test_an_address_that_nothing_answers_at_is_idle_and_names_its_service() -> None:
    made = fact(ADDRESSES, ADDRESS)
    assert isinstance(made, CloudAddress)
    assert (made.kind, made.sort, made.address, made.used) == (
        "publicIPAddresses", "address", "20.1.2.3", False,
    )  # fmt: skip
    assert (made.service, made.zone) == ("ml/gateway", "")


@pytest.mark.parametrize("key", ["ipConfiguration", "natGateway"])
def test_an_address_of_a_machine_or_a_gateway_is_used(key: str) -> None:
    assert fact(ADDRESSES, changed(ADDRESS, **{f"properties__{key}": {"id": "/x"}})).used is True


def test_a_gateway_is_used_as_long_as_a_subnet_leaves_through_it() -> None:
    idle = fact(ADDRESSES, GATEWAY)
    assert (idle.kind, idle.sort, idle.used) == ("natGateways", "nat-gateway", False)
    assert fact(ADDRESSES, changed(GATEWAY, properties__subnets=[{"id": "/s"}])).used is True


def test_a_balancer_counts_a_backend_once_and_knows_its_addresses() -> None:
    made = fact(LOAD_BALANCERS, BALANCER)
    assert isinstance(made, LoadBalancer)
    assert (made.targets, made.addresses, made.type) == (
        1,
        ("20.1.2.3", "10.224.0.9"),
        "load-balancer-first-5-rules",
    )


def test_a_balancer_without_a_rule_costs_nothing() -> None:
    free = fact(LOAD_BALANCERS, changed(BALANCER, properties__loadBalancingRules=[]))
    assert free.type == "load-balancer-standard-free"
    assert fact(LOAD_BALANCERS, changed(BALANCER, sku=None)).type == "load-balancer-basic-free"


def test_a_balancer_with_empty_pools_has_no_backends_and_one_without_an_answer_has_unknown_ones() -> None:
    empty = changed(BALANCER, properties__backendAddressPools=[{"name": "kubernetes", "properties": {}}])
    assert fact(LOAD_BALANCERS, empty).targets == 0
    assert fact(LOAD_BALANCERS, changed(BALANCER, properties__backendAddressPools=None)).targets is None


def test_a_balancer_by_address_has_backends_too() -> None:
    pool = {"name": "ip", "properties": {"loadBalancerBackendAddresses": [{"name": "a"}, {"name": "b"}]}}
    assert fact(LOAD_BALANCERS, changed(BALANCER, properties__backendAddressPools=[pool])).targets == 2


def test_a_quota_of_a_family_is_counted_in_vcpus() -> None:
    made = fact(CLOUD_QUOTAS, USAGE)
    assert isinstance(made, CloudQuota)
    assert (made.name, made.limit, made.used, made.unit) == ("standardNDASv4_A100Family", 100.0, 96.0, "vCPU")
    named = {"unit": "Count", "currentValue": 1, "limit": 2, "name": {"value": "availabilitySets"}}
    assert fact(CLOUD_QUOTAS, named) is None, "machines do not count against it"
    for name in ("cores", "lowPriorityCores"):
        assert fact(CLOUD_QUOTAS, {**named, "name": {"value": name}}).unit == "vCPU"


def test_what_is_none_of_a_slice_is_no_fact() -> None:
    assert fact(PODS, CLUSTER) is None
    assert fact(DISKS, {}) is None


EVERY = [
    (CLUSTERS, CLUSTER), (NODE_POOLS, POOL), (INSTANCES, SCALED_MACHINE), (INSTANCES, MACHINE), (DISKS, DISK),
    (ADDRESSES, ADDRESS), (ADDRESSES, GATEWAY), (LOAD_BALANCERS, BALANCER), (CLOUD_QUOTAS, USAGE),
]  # fmt: skip
SAME = (
    "name",
    "uid",
    "status",
    "state",
    "version",
    "size",
    "minimum",
    "maximum",
    "size_bytes",
    "detached",
    "created",
)
"""Fields that a fact takes over as they stand."""


@pytest.mark.parametrize(("slice_", "item"), EVERY)
def test_a_value_stands_where_the_fact_says(slice_: Slice, item: dict[str, Any]) -> None:
    made: CloudFact = fact(slice_, item)
    looked = [name for name in SAME if name in made.paths and getattr(made, name) not in ("", None)]
    assert len(looked) >= 1
    for name in looked:
        assert place(item, made.paths[name]) == getattr(made, name), name
    for name in {*made.paths} - {"issue_code", "issue"}:
        assert hasattr(made, name), name
