"""
An account as a user of moto makes it: a handful of things in a region, by the ordinary client.
"""

import os
from typing import Any

import boto3

REGION = "us-east-1"
IMAGE = "ami-12c6146b"
ROLE = "arn:aws:iam::123456789012:role/any"


def client(service: str, region: str = REGION, **credentials: str) -> Any:
    """A client that may write; only tests have one."""
    return boto3.client(
        service, region_name=region, endpoint_url=os.environ["AWS_ENDPOINT_URL"], **credentials
    )


def cluster(name: str = "train", region: str = REGION, version: str = "1.33", **credentials: str) -> str:
    """Make a cluster; its ARN."""
    made = client("eks", region, **credentials).create_cluster(
        name=name, roleArn=ROLE, version=version, resourcesVpcConfig={"subnetIds": ["subnet-1"]}
    )
    return str(made["cluster"]["arn"])


def node_group(
    cluster: str,
    name: str,
    type_: str,
    bounds: tuple[int, int, int],
    region: str = REGION,
    **credentials: str,
) -> None:
    """Make a node group with a least, a most and a wanted size."""
    least, most, wanted = bounds
    client("eks", region, **credentials).create_nodegroup(
        clusterName=cluster, nodegroupName=name, nodeRole=ROLE, subnets=["subnet-1"], instanceTypes=[type_],
        scalingConfig={"minSize": least, "maxSize": most, "desiredSize": wanted},
    )  # fmt: skip


def machine(type_: str, tags: dict[str, str], region: str = REGION, **credentials: str) -> str:
    """Start a machine with tags; its id."""
    made = client("ec2", region, **credentials).run_instances(
        ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType=type_, TagSpecifications=_tagged("instance", tags)
    )
    return str(made["Instances"][0]["InstanceId"])


def disk(gib: int, tags: dict[str, str], region: str = REGION, **credentials: str) -> str:
    """Make a volume that is attached to nothing; its id."""
    made = client("ec2", region, **credentials).create_volume(
        AvailabilityZone=f"{region}a",
        Size=gib,
        VolumeType="gp3",
        TagSpecifications=_tagged("volume", {"Name": "disk"} | tags),
    )
    return str(made["VolumeId"])


def balancer(name: str, region: str = REGION, **credentials: str) -> str:
    """Make a network balancer with nothing behind it; its ARN."""
    subnets = client("ec2", region, **credentials).describe_subnets()["Subnets"][:2]
    made = client("elbv2", region, **credentials).create_load_balancer(
        Name=name, Type="network", Subnets=[subnet["SubnetId"] for subnet in subnets]
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def _tagged(sort: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": sort, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
