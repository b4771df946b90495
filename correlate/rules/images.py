"""
Forty pods in six namespaces cannot pull: one registry, or the DNS that their nodes ask.

A runtime asks the node's resolver. The cluster's DNS is to blame only where the runtime's own error names its address.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.rule import ANYWHERE, K8S, Rule, Shared
from scanners.kinds import Kind


def _same_class(cause: Observation, effect: Observation) -> bool:
    left, right = cause.finding.cause_class, effect.finding.cause_class
    return not left or not right or left == right


def _asked_there(cause: Observation, effect: Observation) -> bool:
    asked = effect.finding.facts.get("resolver")
    return bool(asked) and asked == cause.finding.facts.get("address")


RULES = (
    Rule(
        id="R-303",
        causes=(Kind.REGISTRY_FAILING,),
        effects=(Kind.IMAGE_PULL_FAILED,),
        paths=(Shared("registry"),),
        relation=Relation.TOUCHES,
        lag=(0, 1800),
        strength=0.9,
        guard=_same_class,
        mechanism=K8S + "reference/config-api/kubelet-config.v1beta1 (registryPullQPS)",
    ),
    Rule(
        id="R-304",
        causes=(Kind.DNS_DOWN,),
        effects=(Kind.IMAGE_PULL_FAILED, Kind.REGISTRY_FAILING),
        paths=(ANYWHERE,),
        relation=Relation.SERVED_BY,
        lag=(0, 1800),
        strength=0.9,
        guard=_asked_there,
        mechanism=K8S + "concepts/services-networking/dns-pod-service",
    ),
)
