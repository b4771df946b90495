"""
The quota belongs to one team and the missing pod to another; the event that ties them is gone within the
hour.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import refuses, texts
from correlate.rules.rule import K8S, SAME, Rule, Shared
from scanners.kinds import Kind


def _quota_refuses(cause: Observation, effect: Observation) -> bool:
    """The two name each other, or the effect lacks exactly the resource that the quota has none left of."""
    if refuses(cause, effect):
        return True
    resource = cause.facts.get("resource")
    wanted = [*texts(effect.facts.get("resource")), *texts(effect.facts.get("resources"))]
    return bool(resource) and resource in wanted


RULES = (
    Rule(
        id="R-201",
        causes=(Kind.QUOTA_EXHAUSTED,),
        effects=(Kind.PODS_NOT_CREATED, Kind.WORKLOAD_UNAVAILABLE, Kind.JOB_FAILING, Kind.JOB_NOT_STARTED),
        paths=(Shared("namespace"),),
        relation=Relation.GOVERNED_BY,
        strength=0.98,
        guard=_quota_refuses,
        mechanism=K8S + "concepts/policy/resource-quotas",
    ),
    Rule(
        id="R-203",
        causes=(Kind.PODS_NOT_CREATED,),
        effects=(Kind.JOB_NOT_STARTED, Kind.WORKLOAD_UNAVAILABLE),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        strength=0.98,
        mechanism=K8S + "concepts/workloads/controllers/job",
    ),
)
