"""
What a scan of an AWS account asks, call by call, so that a policy can be written from it and a guard can hold to it.

No SDK is imported here: permissions are printed by people who have none installed.
"""

from collections.abc import Mapping
from typing import Final

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
from swarm.sources.cloud import CloudCall

LIST_CLUSTERS: Final = CloudCall("eks", "ListClusters", "eks:ListClusters")
DESCRIBE_CLUSTER: Final = CloudCall("eks", "DescribeCluster", "eks:DescribeCluster")
LIST_NODEGROUPS: Final = CloudCall("eks", "ListNodegroups", "eks:ListNodegroups")
DESCRIBE_NODEGROUP: Final = CloudCall("eks", "DescribeNodegroup", "eks:DescribeNodegroup")
DESCRIBE_GROUPS: Final = CloudCall(
    "autoscaling", "DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingGroups"
)
DESCRIBE_INSTANCES: Final = CloudCall("ec2", "DescribeInstances", "ec2:DescribeInstances")
DESCRIBE_TYPES: Final = CloudCall("ec2", "DescribeInstanceTypes", "ec2:DescribeInstanceTypes")
DESCRIBE_VOLUMES: Final = CloudCall("ec2", "DescribeVolumes", "ec2:DescribeVolumes")
DESCRIBE_ADDRESSES: Final = CloudCall("ec2", "DescribeAddresses", "ec2:DescribeAddresses")
DESCRIBE_NAT_GATEWAYS: Final = CloudCall("ec2", "DescribeNatGateways", "ec2:DescribeNatGateways")
LIST_QUOTAS: Final = CloudCall("service-quotas", "ListServiceQuotas", "servicequotas:ListServiceQuotas")


def _balancing(service: str, operation: str) -> CloudCall:
    return CloudCall(service, operation, f"elasticloadbalancing:{operation}")


DESCRIBE_BALANCERS: Final = _balancing("elbv2", "DescribeLoadBalancers")
DESCRIBE_TARGET_GROUPS: Final = _balancing("elbv2", "DescribeTargetGroups")
DESCRIBE_TARGET_HEALTH: Final = _balancing("elbv2", "DescribeTargetHealth")
DESCRIBE_LISTENERS: Final = _balancing("elbv2", "DescribeListeners")
DESCRIBE_BALANCER_TAGS: Final = _balancing("elbv2", "DescribeTags")
DESCRIBE_CLASSIC: Final = _balancing("elb", "DescribeLoadBalancers")
DESCRIBE_CLASSIC_TAGS: Final = _balancing("elb", "DescribeTags")

CALLS: Mapping[Slice, tuple[CloudCall, ...]] = {
    CLUSTERS: (LIST_CLUSTERS, DESCRIBE_CLUSTER),
    NODE_POOLS: (LIST_NODEGROUPS, DESCRIBE_NODEGROUP, DESCRIBE_GROUPS, DESCRIBE_TYPES),
    INSTANCES: (DESCRIBE_INSTANCES, DESCRIBE_TYPES),
    CLOUD_QUOTAS: (LIST_QUOTAS,),
    DISKS: (DESCRIBE_VOLUMES,),
    ADDRESSES: (DESCRIBE_ADDRESSES, DESCRIBE_NAT_GATEWAYS),
    LOAD_BALANCERS: (
        DESCRIBE_BALANCERS,
        DESCRIBE_TARGET_GROUPS,
        DESCRIBE_TARGET_HEALTH,
        DESCRIBE_LISTENERS,
        DESCRIBE_BALANCER_TAGS,
        DESCRIBE_CLASSIC,
        DESCRIBE_CLASSIC_TAGS,
    ),
}

WHO_AM_I: Final = CloudCall("sts", "GetCallerIdentity", "sts:GetCallerIdentity")
DESCRIBE_REGIONS: Final = CloudCall("ec2", "DescribeRegions", "ec2:DescribeRegions")

LOGIN: tuple[CloudCall, ...] = (
    WHO_AM_I,
    DESCRIBE_REGIONS,
    CloudCall("sts", "AssumeRole", ""),
    CloudCall("sts", "AssumeRoleWithWebIdentity", ""),
    CloudCall("sso", "GetRoleCredentials", ""),
    CloudCall("sso-oidc", "CreateToken", ""),
    CloudCall("signin", "CreateOAuth2Token", ""),
)
"""
What logging in takes: who we are and where, and what the SDK itself does for profiles with a role or a single sign-on.
The latter have no permission here: who may assume the role is said where the role and its user are made, and a policy
with ``sts:AssumeRole`` on everything would open doors.
"""
