"""
Three clouds spell one value in three places; a reviewer wants the place, the value and the line that shows it.
"""

from collections.abc import Iterator

from scanners.facts.cloud import CloudFact
from scanners.finding import Evidence


def said(fact: CloudFact, *fields: str, observed_at: str = "") -> Iterator[Evidence]:
    """What the provider's answer says in these fields of a fact; those that it does not say are left out."""
    for field in fields:
        if field in fact.values:
            yield Evidence(
                subject=fact,
                path=fact.paths[field],
                value=fact.values[field],
                source="cloud",
                observed_at=observed_at,
            )


def command_of(fact: CloudFact) -> tuple[str, ...]:
    """
    The words of a read-only line of the provider's own program that shows the object; none where it has no such line.
    """
    if fact.provider == "azure":
        return ("az", "resource", "show", "--ids", fact.uid) if fact.uid else ()
    cluster = str(getattr(fact, "cluster", "")).rpartition("/")[2]
    if fact.provider == "gcp":
        return _gcloud(fact, cluster)
    words = {
        "Cluster": ("eks", "describe-cluster", "--name", fact.name),
        "Nodegroup": ("eks", "describe-nodegroup", "--cluster-name", cluster, "--nodegroup-name", fact.name),
        "Instance": ("ec2", "describe-instances", "--instance-ids", _id(fact)),
        "Volume": ("ec2", "describe-volumes", "--volume-ids", _id(fact)),
        "Address": ("ec2", "describe-addresses", "--allocation-ids", _id(fact)),
        "NatGateway": ("ec2", "describe-nat-gateways", "--nat-gateway-ids", _id(fact)),
        "LoadBalancer": ("elbv2", "describe-target-groups", "--load-balancer-arn", fact.uid)
        if fact.uid.startswith("arn:")
        else ("elb", "describe-load-balancers", "--load-balancer-names", fact.name),
    }.get(fact.kind, ())
    return ("aws", *words, "--region", fact.region) if words else ()


def _gcloud(fact: CloudFact, cluster: str) -> tuple[str, ...]:
    place: tuple[str, ...] = ("--zone", fact.zone) if fact.zone else ("--region", fact.region)
    if fact.region == "global":
        place = ("--global",)
    words = {
        "Cluster": ("container", "clusters", "describe", fact.name, "--location", fact.region),
        "NodePool": (
            *("container", "node-pools", "describe", fact.name),
            *("--cluster", cluster, "--location", fact.region),
        ),
        "Instance": ("compute", "instances", "describe", fact.name, *place),
        "Disk": ("compute", "disks", "describe", fact.name, *place),
        "Address": ("compute", "addresses", "describe", fact.name, *place),
        "ForwardingRule": ("compute", "forwarding-rules", "describe", fact.name, *place),
    }.get(fact.kind, ())
    return ("gcloud", *words, "--project", fact.account) if words else ()


def _id(fact: CloudFact) -> str:
    """The provider's own id, which an ARN ends with."""
    return fact.uid.rpartition("/")[2] or fact.name
