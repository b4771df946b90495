"""
Whatever code in this process asks of AWS, only what is on the list of reads leaves it.
"""

from typing import Any

import pytest

from swarm.errors import ReadOnlyViolation
from swarm.sources.aws.guard import ALLOWED
from swarm.sources.aws.session import configuration, open_session

from .front import AwsFront

WRITES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("ec2", "create_volume", {"AvailabilityZone": "us-east-1a", "Size": 1}),
    ("ec2", "delete_volume", {"VolumeId": "vol-0123456789abcdef0"}),
    ("ec2", "terminate_instances", {"InstanceIds": ["i-0123456789abcdef0"]}),
    ("ec2", "release_address", {"AllocationId": "eipalloc-0123456789abcdef0"}),
    ("ec2", "create_tags", {"Resources": ["vol-0123456789abcdef0"], "Tags": [{"Key": "a", "Value": "b"}]}),
    ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1}),
    ("eks", "delete_cluster", {"name": "train"}),
    ("eks", "update_cluster_config", {"name": "train"}),
    ("eks", "update_nodegroup_config", {"clusterName": "train", "nodegroupName": "gpu"}),
    ("eks", "create_access_entry", {"clusterName": "train", "principalArn": "arn:aws:iam::1:role/r"}),
    ("autoscaling", "set_desired_capacity", {"AutoScalingGroupName": "a", "DesiredCapacity": 0}),
    ("elbv2", "delete_load_balancer", {"LoadBalancerArn": "arn:aws:elasticloadbalancing:x"}),
    ("elb", "delete_load_balancer", {"LoadBalancerName": "a"}),
    ("service-quotas", "request_service_quota_increase",
     {"ServiceCode": "ec2", "QuotaCode": "L-DB2E81BA", "DesiredValue": 1.0}),
    ("iam", "create_access_key", {}),
    ("sts", "get_session_token", {}),
)  # fmt: skip

SECRETS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("ec2", "get_password_data", {"InstanceId": "i-0123456789abcdef0"}),
    ("ec2", "describe_instance_attribute", {"InstanceId": "i-0123456789abcdef0", "Attribute": "userData"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "a"}),
    ("ssm", "get_parameter", {"Name": "a", "WithDecryption": True}),
    ("s3", "get_object", {"Bucket": "a", "Key": "b"}),
    ("ce", "get_cost_and_usage", {
        "TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"}, "Granularity": "DAILY", "Metrics": ["Cost"],
    }),
)  # fmt: skip
"""Reads that are not ours to make: secrets, user data, and one that is billed."""


def _named(case: tuple[str, str, dict[str, Any]]) -> str:
    return f"{case[0]}-{case[1]}"


@pytest.mark.parametrize("case", [*WRITES, *SECRETS], ids=_named)
async def test_a_call_that_is_not_on_the_list_is_refused_before_a_byte_leaves(
    aws: AwsFront, case: tuple[str, str, dict[str, Any]]
) -> None:
    service, operation, parameters = case
    session = open_session("")
    async with session.create_client(service, region_name="us-east-1", config=configuration(5)) as client:
        with pytest.raises(ReadOnlyViolation) as caught:
            await getattr(client, operation)(**parameters)
    assert caught.value.where.startswith(f"{service}:")
    assert aws.calls == []


async def test_pages_and_waiters_go_through_the_same_door(aws: AwsFront) -> None:
    session = open_session("")
    async with session.create_client("ec2", region_name="us-east-1", config=configuration(60)) as client:
        with pytest.raises(ReadOnlyViolation):
            async for _ in client.get_paginator("describe_snapshots").paginate():
                pass
        with pytest.raises(ReadOnlyViolation):
            await client.get_waiter("snapshot_completed").wait()
        assert (await client.describe_volumes())["Volumes"] == []
    assert [call.permission for call in aws.calls] == ["ec2:DescribeVolumes"]


def test_nothing_on_the_list_changes_anything() -> None:
    verbs = {"Describe", "List", "Get", "Assume", "Create"}
    started = {next((verb for verb in verbs if operation.startswith(verb)), "") for _, operation in ALLOWED}
    creating = {call for call in ALLOWED if call[1].startswith("Create")}
    assert "" not in started
    assert creating == {("sso-oidc", "CreateToken"), ("signin", "CreateOAuth2Token")}, (
        "tokens of a login, nothing else"
    )
