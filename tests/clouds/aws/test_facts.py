"""
What the objects of AWS's answers come to: shapes as the API gives them, with the members that matter.
"""

from typing import Any

import pytest

from scanners.facts.cloud import (
    CloudAddress,
    CloudCluster,
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
    Slice,
)
from swarm.sources.cloud import fact_from

ACCOUNT, REGION = "111122223333", "us-east-1"
ARN = "arn:aws:eks:us-east-1:111122223333:cluster/train"


def made(slice_: Slice, item: dict[str, Any], cluster: str = "") -> Any:
    return fact_from("aws", slice_, item, ACCOUNT, REGION, cluster)


def cluster(**more: Any) -> CloudCluster:
    fact = made(CLUSTERS, {
        "name": "train", "arn": ARN, "createdAt": "2026-03-01T10:00:00Z", "version": "1.33", "status": "ACTIVE",
        "endpoint": "https://ABCDEF.gr7.us-east-1.eks.amazonaws.com", "platformVersion": "eks.9",
        "resourcesVpcConfig": {"endpointPublicAccess": True, "endpointPrivateAccess": True},
        "upgradePolicy": {"supportType": "EXTENDED"}, "tags": {"team": "ml"}, "health": {"issues": []}, **more,
    })  # fmt: skip
    assert isinstance(fact, CloudCluster)
    return fact


def pool(**more: Any) -> NodePool:
    fact = made(NODE_POOLS, {
        "nodegroupName": "gpu", "nodegroupArn": "arn:aws:eks:us-east-1:111122223333:nodegroup/train/gpu/aac7e2",
        "clusterName": "train", "version": "1.33", "status": "ACTIVE", "capacityType": "SPOT",
        "scalingConfig": {"minSize": 0, "maxSize": 4, "desiredSize": 3}, "instanceTypes": ["g6.xlarge"],
        "labels": {"pool": "gpu"}, "tags": {}, "health": {"issues": []}, **more,
    }, ARN)  # fmt: skip
    assert isinstance(fact, NodePool)
    return fact


def machine(*tags: tuple[str, str], **more: Any) -> Instance | None:
    fact: Instance | None = made(INSTANCES, {
        "InstanceId": "i-0a1", "InstanceType": "g6.xlarge", "LaunchTime": "2026-11-20T10:00:00Z",
        "State": {"Code": 16, "Name": "running"}, "Placement": {"AvailabilityZone": "us-east-1b"},
        "Tags": [{"Key": key, "Value": value} for key, value in tags], **more,
    }, ARN)  # fmt: skip
    return fact


def balancer(**more: Any) -> LoadBalancer:
    fact = made(LOAD_BALANCERS, {
        "LoadBalancerArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/k8s-web/50dc",
        "LoadBalancerName": "k8s-web", "DNSName": "k8s-web-50dc.elb.us-east-1.amazonaws.com", "Type": "network",
        "CreatedTime": "2026-10-01T00:00:00Z", "State": {"Code": "active"}, **more,
    })  # fmt: skip
    assert isinstance(fact, LoadBalancer)
    return fact


def gpus(name: str, **of_each: Any) -> dict[str, Any]:
    return {"GpuInfo": {"Gpus": [{"Name": name, "Manufacturer": "NVIDIA", **of_each}]}}


def test_a_cluster_tells_version_support_and_where_it_answers() -> None:
    fact = cluster()
    assert (fact.name, fact.uid, fact.version, fact.support) == ("train", ARN, "1.33", "EXTENDED")
    assert (fact.endpoint[:14], fact.private, fact.healthy) == ("https://ABCDEF", False, True)
    assert (fact.account, fact.region, fact.labels) == (ACCOUNT, REGION, {"team": "ml"})


def test_a_cluster_without_a_public_endpoint_is_private() -> None:
    assert cluster(resourcesVpcConfig={"endpointPublicAccess": False}).private


@pytest.mark.parametrize(
    ("status", "healthy"),
    [("ACTIVE", True), ("FAILED", False), ("CREATING", None), ("UPDATING", None), ("DELETING", None)],
)
def test_a_status_is_health_trouble_or_a_change_under_way(status: str, healthy: bool | None) -> None:
    assert cluster(status=status).healthy is healthy


def test_an_active_cluster_with_issues_is_not_healthy_and_each_issue_keeps_its_place() -> None:
    issues = [{"code": "Ec2SubnetNotFound", "message": "subnet-1 is gone", "resourceIds": ["subnet-1"]}]
    fact = cluster(health={"issues": issues})
    assert fact.healthy is False
    assert (fact.values["issue_code"], fact.values["issue"]) == ("Ec2SubnetNotFound", "subnet-1 is gone")
    assert [(issue.code, issue.message, issue.index) for issue in fact.issues] == [
        ("Ec2SubnetNotFound", "subnet-1 is gone", 0)
    ]


def test_an_answer_without_the_newer_members_is_read_all_the_same() -> None:
    fact = made(CLUSTERS, {"name": "old", "status": "ACTIVE"})
    assert (fact.healthy, fact.support, fact.private, fact.endpoint) == (True, "", False, "")


def test_auto_mode_means_that_pools_are_the_providers_business() -> None:
    assert cluster(computeConfig={"enabled": True, "nodePools": ["system"]}).autopilot
    assert not cluster(computeConfig={"enabled": False}).autopilot


def test_a_node_group_has_its_bounds_its_types_and_its_cluster() -> None:
    fact = pool()
    assert (fact.minimum, fact.maximum, fact.size, fact.cluster) == (0, 4, 3, ARN)
    assert (fact.instance_types, fact.capacity_type, fact.node_labels) == (
        ("g6.xlarge",),
        "spot",
        {"pool": "gpu"},
    )
    assert fact.autoscaled is None
    assert fact.values["maximum"] == 4


def test_the_live_number_of_machines_outranks_the_desired_one() -> None:
    fact = pool(Live={"instances": 1, "instanceTypes": ["g6.xlarge"], "zones": ["us-east-1a", "us-east-1b"]})
    assert (fact.size, fact.paths["size"], fact.zones) == (1, "Live.instances", ("us-east-1a", "us-east-1b"))


def test_whether_an_autoscaler_looks_after_a_group_eks_does_not_tell() -> None:
    assert pool(scalingConfig={"minSize": 2, "maxSize": 2, "desiredSize": 2}).autoscaled is None


def test_a_degraded_group_is_unhealthy_and_a_capacity_block_reserved() -> None:
    fact = pool(status="DEGRADED", capacityType="CAPACITY_BLOCK")
    assert (fact.healthy, fact.capacity_type) == (False, "reserved")


def test_a_share_of_a_gpu_counts_as_its_share() -> None:
    fact = pool(InstanceTypeInfos=[gpus("L4", Count=0, LogicalGpuCount=1, GpuPartitionSize=0.125)])
    assert (fact.gpus, fact.gpu_model) == (0.125, "L4")


def test_types_that_differ_leave_the_number_of_gpus_open() -> None:
    assert pool(InstanceTypeInfos=[gpus("L4", Count=1), gpus("L4", Count=4)]).gpus is None
    assert pool(InstanceTypeInfos=[gpus("L4", Count=1), gpus("L4", Count=1)]).gpus == 1.0


def test_types_without_accelerators_have_none_and_unread_types_are_unknown() -> None:
    assert pool(InstanceTypeInfos=[{"InstanceType": "m5.large"}]).gpus == 0.0
    assert pool().gpus is None


def test_trainium_counts_by_its_devices() -> None:
    fact = pool(InstanceTypeInfos=[{"NeuronInfo": {"NeuronDevices": [{"Count": 16, "Name": "Trainium"}]}}])
    assert (fact.gpus, fact.gpu_model) == (16.0, "Trainium")


def test_a_machine_is_named_as_its_node_names_it() -> None:
    fact = machine(("eks:nodegroup-name", "gpu"), InstanceTypeInfo=gpus("L4", Count=1))
    assert fact is not None
    assert fact.provider_id == "aws:///us-east-1b/i-0a1"
    assert (fact.pool, fact.cluster, fact.running, fact.gpus) == ("gpu", ARN, True, 1.0)


def test_a_machine_of_karpenter_has_its_pool_and_a_spot_one_says_so() -> None:
    fact = machine(("karpenter.sh/nodepool", "burst"), InstanceLifecycle="spot")
    assert fact is not None
    assert (fact.pool, fact.capacity_type) == ("burst", "spot")


def test_a_machine_that_has_ended_is_no_fact_and_a_stopped_one_does_not_run() -> None:
    assert machine(State={"Name": "terminated"}) is None
    stopped = machine(State={"Name": "stopped"})
    assert stopped is not None
    assert not stopped.running


def test_a_disk_knows_the_claim_that_its_driver_wrote_on_it() -> None:
    tags = {
        "kubernetes.io/created-for/pvc/name": "data", "kubernetes.io/created-for/pvc/namespace": "ml",
        "CSIVolumeName": "pvc-1", "kubernetes.io/cluster/train": "owned", "ebs.csi.aws.com/cluster": "true",
    }  # fmt: skip
    fact = made(DISKS, {
        "VolumeId": "vol-1", "Size": 500, "VolumeType": "gp3", "State": "available", "Attachments": [],
        "AvailabilityZone": "us-east-1a", "CreateTime": "2026-01-01T00:00:00Z",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    })  # fmt: skip
    assert isinstance(fact, Disk)
    assert (fact.handle, fact.attached, fact.size_bytes, fact.type) == ("vol-1", False, 500 * 2**30, "gp3")
    assert (fact.claim, fact.volume, fact.cluster, fact.detached) == ("ml/data", "pvc-1", "train", "")


def test_a_disk_in_use_is_attached() -> None:
    fact = made(DISKS, {"VolumeId": "vol-1", "State": "in-use", "Attachments": [{"InstanceId": "i-1"}]})
    assert (fact.attached, fact.size_bytes) == (True, None)


def test_an_address_is_used_when_it_is_associated() -> None:
    free = made(ADDRESSES, {"PublicIp": "203.0.113.7", "AllocationId": "eipalloc-1", "Domain": "vpc"})
    used = made(
        ADDRESSES, {"PublicIp": "203.0.113.8", "AllocationId": "eipalloc-2", "AssociationId": "eipassoc-1"}
    )
    assert isinstance(free, CloudAddress)
    assert (free.name, free.uid, free.used, used.used) == ("203.0.113.7", "eipalloc-1", False, True)


def test_of_a_nat_gateway_nobody_knows_whether_it_is_used() -> None:
    item = {
        "NatGatewayId": "nat-1",
        "State": "available",
        "NatGatewayAddresses": [{"PublicIp": "203.0.113.9"}],
    }
    fact = made(ADDRESSES, item)
    assert (fact.kind, fact.sort, fact.used, fact.address) == (
        "NatGateway",
        "nat-gateway",
        None,
        "203.0.113.9",
    )
    assert made(ADDRESSES, {**item, "State": "deleted"}) is None


def test_targets_are_counted_over_the_groups_and_once() -> None:
    target = {"Target": {"Id": "i-1", "Port": 31000}, "TargetHealth": {"State": "healthy"}}
    groups = [{"TargetHealthDescriptions": [target]}, {"TargetHealthDescriptions": [target]}]
    fact = balancer(TargetGroups=groups)
    assert (fact.targets, fact.type) == (1, "network-load-balancer")
    assert fact.addresses == ("k8s-web-50dc.elb.us-east-1.amazonaws.com",)


def test_targets_that_were_not_read_are_unknown_and_not_zero() -> None:
    assert balancer().targets is None
    assert balancer(TargetGroups=[{"TargetGroupName": "a"}]).targets is None


def test_a_balancer_that_only_redirects_is_not_idle_and_one_without_listeners_is() -> None:
    redirect = [{"DefaultActions": [{"Type": "redirect"}]}]
    assert balancer(Type="application", TargetGroups=[], Listeners=redirect).targets is None
    assert balancer(Type="application", TargetGroups=[]).targets is None
    assert balancer(Type="application", TargetGroups=[], Listeners=[]).targets == 0


def test_a_classic_balancer_lists_its_machines_and_its_service() -> None:
    tags = [{"Key": "kubernetes.io/service-name", "Value": "web/front"}]
    fact = made(
        LOAD_BALANCERS, {"LoadBalancerName": "a1b2", "DNSName": "a1b2.elb", "Instances": [], "Tags": tags}
    )
    assert (fact.type, fact.targets, fact.service) == ("classic-load-balancer", 0, "web/front")


def test_only_quotas_of_accelerated_machines_are_facts_and_they_count_vcpus() -> None:
    item = {
        "QuotaCode": "L-417A185B",
        "QuotaName": "Running On-Demand P instances",
        "Value": 192.0,
        "Unit": "None",
    }
    fact = made(CLOUD_QUOTAS, item)
    assert isinstance(fact, CloudQuota)
    assert (fact.limit, fact.unit, fact.used) == (192.0, "vCPU", None)
    assert made(CLOUD_QUOTAS, {**item, "QuotaCode": "L-0263D0A3"}) is None
