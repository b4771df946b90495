"""What GKE and Compute answer, said in the words of facts."""

from typing import Any

import pytest

from scanners.facts import cloud
from scanners.facts.slices import (
    ADDRESSES,
    CLOUD_QUOTAS,
    CLUSTERS,
    DISKS,
    INSTANCES,
    LOAD_BALANCERS,
    NODE_POOLS,
    Slice,
)
from swarm.sources.gcp.container import way_in
from swarm.sources.gcp.facts import GIB, fact_of
from tests.clouds.gcp import objects
from tests.clouds.gcp.objects import PROJECT

REGION = "us-central1"
UID = f"{objects.CONTAINER}/locations/{REGION}/clusters/train"


def fact(slice_: Slice, item: dict[str, Any], cluster: str = "", region: str = REGION) -> Any:
    return fact_of(slice_, item, PROJECT, region, cluster)


def at(item: Any, path: str) -> Any:
    for part in path.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    return item


def test_a_running_cluster_is_healthy_and_said_in_its_own_words() -> None:
    train = fact(CLUSTERS, objects.cluster())
    assert (train.provider, train.kind, train.name, train.uid) == ("gcp", "Cluster", "train", UID)
    assert (train.status, train.healthy, train.issues) == ("RUNNING", True, ())
    assert (train.version, train.support, train.region, train.zone) == (
        "1.33.5-gke.100", "STANDARD", REGION, "",
    )  # fmt: skip
    assert (train.endpoint, train.private, train.autopilot) == ("https://203.0.113.7", False, False)
    assert "c2VjcmV0" not in repr(train)


def test_a_zonal_cluster_stands_in_its_zones_region() -> None:
    item = objects.cluster("old", "europe-west4-a")
    del item["selfLink"]
    old = fact(CLUSTERS, item, region="")
    assert (old.region, old.zone) == ("europe-west4", "europe-west4-a")
    assert old.uid == f"{objects.CONTAINER}/zones/europe-west4-a/clusters/old"


@pytest.mark.parametrize("status", ["PROVISIONING", "RECONCILING", "STOPPING", "", 9])
def test_a_cluster_that_changes_is_neither_healthy_nor_ill(status: object) -> None:
    assert fact(CLUSTERS, objects.cluster(status=status)).healthy is None


def test_an_ill_pool_names_each_condition_and_where_it_stands() -> None:
    conditions = [
        {"code": "GCE_STOCKOUT", "canonicalCode": "RESOURCE_EXHAUSTED", "message": "no a2 in zone a"},
        {"canonicalCode": "INTERNAL", "message": "?"},
    ]
    ill = fact(NODE_POOLS, objects.pool(status="RUNNING_WITH_ERROR", conditions=conditions), UID)
    assert ill.healthy is False
    assert [(issue.code, issue.index) for issue in ill.issues] == [("GCE_STOCKOUT", 0), ("INTERNAL", 1)]
    assert ill.issues[0].message == "no a2 in zone a"
    assert ill.paths["issues"] == "conditions"


def test_an_ill_cluster_that_tells_it_in_the_old_way_is_heard_too() -> None:
    item = objects.cluster(status="DEGRADED", statusMessage="etcd is full")
    ill = fact(CLUSTERS, item)
    assert ill.healthy is False
    assert [issue.message for issue in ill.issues] == ["etcd is full"]
    assert at(item, ill.paths["issues"]) == "etcd is full"


def test_bounds_of_a_zone_count_once_a_zone() -> None:
    a100 = fact(NODE_POOLS, objects.pool(), UID)
    assert (a100.minimum, a100.maximum, a100.autoscaled, a100.size) == (3, 6, True, None)
    assert (a100.cluster, a100.instance_types) == (UID, ("a2-highgpu-4g",))
    assert (a100.gpus, a100.gpu_model, a100.capacity_type) == (4.0, "A100", "on-demand")


def test_bounds_of_the_whole_pool_are_taken_as_they_are() -> None:
    item = objects.pool(autoscaling={"enabled": True, "totalMinNodeCount": 0, "totalMaxNodeCount": 5})
    a100 = fact(NODE_POOLS, item, UID)
    assert (a100.minimum, a100.maximum) == (0, 5)
    assert at(item, a100.paths["maximum"]) == 5


def test_a_pool_without_autoscaling_has_no_bounds_and_one_without_zones_unknown_ones() -> None:
    still = fact(NODE_POOLS, objects.pool(autoscaling={}), UID)
    assert (still.minimum, still.maximum, still.autoscaled) == (None, None, False)
    nowhere = fact(NODE_POOLS, objects.pool(locations=[]), UID)
    assert (nowhere.minimum, nowhere.maximum, nowhere.autoscaled) == (None, None, True)


@pytest.mark.parametrize(
    ("config", "bought"),
    [
        ({"spot": True}, "spot"),
        ({"preemptible": True}, "spot"),
        ({"flexStart": True}, "flex-start"),
        ({"reservationAffinity": {"consumeReservationType": "SPECIFIC_RESERVATION"}}, "reserved"),
        ({"reservationAffinity": {"consumeReservationType": "ANY_RESERVATION"}}, "on-demand"),
    ],
)
def test_how_a_pools_machines_are_bought(config: dict[str, Any], bought: str) -> None:
    assert fact(NODE_POOLS, objects.pool(config=config), UID).capacity_type == bought


def test_gpus_are_known_by_the_machines_type_where_nothing_else_tells() -> None:
    def gpus(kind: str) -> tuple[float | None, str]:
        found = fact(NODE_POOLS, objects.pool(config={"machineType": kind}), UID)
        return found.gpus, found.gpu_model

    assert gpus("g2-standard-24") == (2.0, "L4")
    assert gpus("e2-standard-8") == (0.0, "")
    assert gpus("a4-highgpu-8g") == (None, "")


def test_labels_that_gke_gives_each_node_are_among_a_pools() -> None:
    labels = fact(NODE_POOLS, objects.pool(), UID).node_labels
    assert labels == {
        "cloud.google.com/gke-nodepool": "a100",
        "cloud.google.com/gke-accelerator": "nvidia-tesla-a100",
        "pool": "a100",
    }


def test_an_instance_is_known_by_what_its_node_says_of_it() -> None:
    machine = fact(INSTANCES, objects.instance())
    assert machine.provider_id == f"gce://{PROJECT}/us-central1-a/gke-train-a100-1"
    assert (machine.cluster, machine.pool, machine.type) == (UID, "a100", "a2-highgpu-4g")
    assert (machine.state, machine.running, machine.gpus, machine.gpu_model) == ("RUNNING", True, 4.0, "A100")
    assert fact(INSTANCES, objects.instance(status="TERMINATED")).running is False
    assert fact(INSTANCES, objects.instance(), "told").cluster == "told"
    spot = objects.instance(scheduling={"provisioningModel": "SPOT"})
    assert fact(INSTANCES, spot).capacity_type == "spot"


def test_a_disk_that_a_deleted_claim_left_names_claim_and_volume() -> None:
    left = fact(DISKS, objects.disk())
    assert left.handle == f"projects/{PROJECT}/zones/us-central1-a/disks/pvc-1"
    assert (left.claim, left.volume, left.cluster) == ("ml/data", "pvc-1", "train")
    assert (left.attached, left.size_bytes, left.type) == (False, 500 * GIB, "pd-balanced")
    assert left.detached == "2026-10-20T01:00:00.000-07:00"


def test_a_disk_in_use_has_not_been_let_go() -> None:
    used = fact(DISKS, objects.disk(users=[f"{objects.COMPUTE}/zones/us-central1-a/instances/x"]))
    assert (used.attached, used.detached) == (True, "")


def test_a_regional_disk_has_a_regional_handle_and_prose_names_no_claim() -> None:
    item = objects.disk(region=f"{objects.COMPUTE}/regions/us-central1", description="mine", labels={})
    del item["zone"]
    regional = fact(DISKS, item)
    assert regional.handle == f"projects/{PROJECT}/regions/us-central1/disks/pvc-1"
    assert (regional.claim, regional.volume, regional.cluster) == ("", "", "")


@pytest.mark.parametrize(("status", "used"), [("RESERVED", False), ("IN_USE", True), ("RESERVING", None)])
def test_an_address_is_used_or_not_or_unknown(status: str, used: bool | None) -> None:
    assert fact(ADDRESSES, objects.address(status=status)).used is used


def test_an_internal_address_costs_nothing_and_is_none() -> None:
    assert fact(ADDRESSES, objects.address(addressType="INTERNAL")) is None


@pytest.mark.parametrize("key", ["kubernetes.io/service-name", "networking.gke.io/service-name"])
def test_a_forwarding_rule_names_the_service_it_was_made_for(key: str) -> None:
    made = fact(LOAD_BALANCERS, objects.rule(description=f'{{"{key}":"web/front"}}'))
    assert (made.service, made.addresses, made.type) == ("web/front", ("203.0.113.41",), "forwarding-rule")
    assert made.targets is None


def test_backends_that_the_source_counted_are_a_rules_targets() -> None:
    assert fact(LOAD_BALANCERS, objects.rule(registeredBackends=0)).targets == 0


def test_only_quotas_of_gpus_and_cpus_are_told() -> None:
    quota = fact(CLOUD_QUOTAS, {"metric": "NVIDIA_A100_GPUS", "limit": 16.0, "usage": 8.0})
    assert (quota.name, quota.limit, quota.used, quota.unit) == ("NVIDIA_A100_GPUS", 16.0, 8.0, "GPUs")
    assert fact(CLOUD_QUOTAS, {"metric": "N2_CPUS", "limit": 1.0}).used is None
    assert fact(CLOUD_QUOTAS, {"metric": "ROUTERS", "limit": 1.0, "usage": 0.0}) is None


@pytest.mark.parametrize(
    ("slice_", "item"),
    [
        (CLUSTERS, objects.cluster(autopilot={"enabled": True}, conditions=[{"code": "CA_EXPIRING"}])),
        (NODE_POOLS, objects.pool(conditions=[{"code": "GCE_STOCKOUT"}])),
        (INSTANCES, objects.instance()),
        (DISKS, objects.disk(users=["x"])),
        (ADDRESSES, objects.address(description="{}")),
        (LOAD_BALANCERS, objects.rule(registeredBackends=2)),
        (CLOUD_QUOTAS, {"metric": "CPUS", "limit": 1.0, "usage": 0.0}),
    ],
)
def test_every_path_leads_to_something_in_the_answer(slice_: Slice, item: dict[str, Any]) -> None:
    told = fact(slice_, item, UID)
    assert isinstance(told, cloud.CloudFact)
    missing = [path for path in told.paths.values() if at(item, path) is None]
    assert missing == []
    assert set(told.paths) <= set(told.__struct_fields__)


DNS = {"endpoint": "gke-1.us-central1.gke.goog", "allowExternalTraffic": True}


@pytest.mark.parametrize(
    ("changes", "door"),
    [
        ({}, ("https://203.0.113.7", False, False)),
        ({"controlPlaneEndpointsConfig": {"dnsEndpointConfig": DNS}}, ("https://203.0.113.7", False, False)),
        (
            {"controlPlaneEndpointsConfig": {"dnsEndpointConfig": DNS, "ipEndpointsConfig": {"enabled": False}}},
            ("https://gke-1.us-central1.gke.goog", True, False),
        ),
        (
            {
                "endpoint": "10.0.0.2",
                "controlPlaneEndpointsConfig": {
                    "dnsEndpointConfig": {**DNS, "allowExternalTraffic": False},
                    "ipEndpointsConfig": {
                        "enabled": True, "enablePublicEndpoint": False, "privateEndpoint": "10.0.0.2",
                    },
                },
            },
            ("https://10.0.0.2", False, True),
        ),
        (
            {"endpoint": "10.0.0.2", "privateClusterConfig": {"enablePrivateEndpoint": True}},
            ("https://10.0.0.2", False, True),
        ),
        ({"endpoint": ""}, ("", False, False)),
    ],
)  # fmt: skip
def test_a_cluster_is_entered_by_its_ip_unless_only_its_name_lets_one_in(
    changes: dict[str, Any], door: tuple[str, bool, bool]
) -> None:
    assert way_in(objects.cluster(**changes)) == door
