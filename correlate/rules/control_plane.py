"""
One dead endpoint of the control plane is an outage with a thousand victims, each of which looks guilty.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import refuses
from correlate.rules.rule import ANYWHERE, K8S, SAME, Rule, Shared, inverse
from scanners.kinds import Kind

_BREAKS = (
    Kind.CRASH_LOOP, Kind.WORKLOAD_UNAVAILABLE, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING,
    Kind.POD_UNSCHEDULABLE, Kind.PODS_NOT_CREATED, Kind.POD_UNREACHABLE,
)  # fmt: skip

WEEK = 7 * 86400.0


def _nothing_says_why(cause: Observation, effect: Observation) -> bool:
    """
    Whether nobody answers at a webhook that a silent controller must ask: its refusals stood in events only.
    """
    return cause.finding.cause_class in ("no-service", "no-endpoints") and not effect.facts.get("message")


RULES = (
    Rule(
        id="R-306",
        causes=(Kind.WEBHOOK_NO_ENDPOINTS,),
        effects=(Kind.PODS_NOT_CREATED, Kind.WORKLOAD_UNAVAILABLE),
        paths=(ANYWHERE,),
        relation=Relation.TOUCHES,
        strength=0.97,
        guard=refuses,
        mechanism=K8S + "reference/access-authn-authz/extensible-admission-controllers",
    ),
    Rule(
        id="R-307",
        causes=(Kind.WEBHOOK_NO_ENDPOINTS,),
        effects=(Kind.PODS_NOT_CREATED,),
        paths=(Shared("asked-about"),),
        relation=Relation.TOUCHES,
        lag=(0, WEEK),
        strength=0.85,
        guard=_nothing_says_why,
        mechanism=K8S + "reference/access-authn-authz/extensible-admission-controllers",
    ),
    Rule(
        id="R-511",
        causes=(Kind.SERVICE_NO_ENDPOINTS,),
        effects=(Kind.WEBHOOK_NO_ENDPOINTS, Kind.DNS_DOWN),
        paths=((inverse(Relation.SERVED_BY),), SAME),
        relation=Relation.SERVED_BY,
        lag=(0, 300),
        strength=0.97,
        mechanism=K8S + "reference/access-authn-authz/extensible-admission-controllers",
    ),
    Rule(
        id="R-512",
        causes=_BREAKS,
        effects=(Kind.DNS_DOWN, Kind.WEBHOOK_NO_ENDPOINTS),
        paths=((inverse(Relation.SELECTS),), (inverse(Relation.SELECTS), inverse(Relation.SERVED_BY))),
        relation=Relation.SELECTS,
        lag=(0, 600),
        strength=0.95,
        mechanism=K8S + "concepts/workloads/pods/pod-lifecycle",
    ),
    Rule(
        id="R-701",
        causes=(Kind.DNS_DOWN,),
        effects=(Kind.NAME_RESOLUTION_FAILED,),
        paths=(ANYWHERE,),
        relation=Relation.SERVED_BY,
        lag=(0, 1800),
        strength=0.7,
        mechanism=K8S + "concepts/services-networking/dns-pod-service",
    ),
)
