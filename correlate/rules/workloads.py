"""
A killed container, a crash loop, a failed Job and an empty Service are four alarms of one fault.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import same_container, says_name_resolution
from correlate.rules.rule import K8S, SAME, Rule, inverse
from scanners.kinds import Kind
from scanners.semantics.times import instant

_WORK_FAILS = (Kind.CRASH_LOOP, Kind.JOB_FAILING, Kind.JOB_FAILED, Kind.RUNS_FAILING)


def _speaks_of_names(_cause: Observation, effect: Observation) -> bool:
    return effect.kind is Kind.NAME_RESOLUTION_FAILED or says_name_resolution(effect)


def _were_peers(cause: Observation, effect: Observation) -> bool:
    """
    Whether the effect's pods are of a run and ran beside the lost one. Replicas of a service do not need each
    other, and a later attempt fails for reasons of its own.
    """
    lost = cause.onset if cause.onset is not None else 0.0
    pods = [pod for pod in effect.pods if pod.template.restart_policy != "Always"]
    return bool(pods) and all((instant(pod.created) or lost) < lost for pod in pods)


def _waits_to_be_ready(_cause: Observation, effect: Observation) -> bool:
    return effect.facts.get("hint") == "not-ready"


RULES = (
    Rule(
        id="R-218",
        causes=(Kind.POD_EVICTED, Kind.POD_UNREACHABLE),
        effects=(Kind.JOB_FAILING, Kind.JOB_FAILED),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        lag=(0, 900),
        strength=0.95,
        mechanism=K8S + "concepts/workloads/pods/disruptions",
    ),
    Rule(
        id="R-219",
        causes=(Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING, Kind.CONTAINER_OOM),
        effects=(Kind.IDLE_HOLDER,),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        strength=0.95,
        guard=_waits_to_be_ready,
        mechanism=K8S + "concepts/extend-kubernetes/compute-storage-net/device-plugins (held while the pod lasts)",
    ),
    Rule(
        id="R-308",
        causes=(
            Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING, Kind.CRASH_LOOP, Kind.POD_UNSCHEDULABLE,
            Kind.POD_UNREACHABLE, Kind.POD_EVICTED,
        ),
        effects=(Kind.WORKLOAD_UNAVAILABLE,),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        strength=0.97,
        mechanism=K8S + "concepts/workloads/pods/pod-lifecycle",
    ),
    Rule(
        id="R-501",
        causes=(Kind.CONTAINER_OOM,),
        effects=(*_WORK_FAILS, Kind.WORKLOAD_UNAVAILABLE),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        lag=(0, 300),
        strength=0.97,
        guard=same_container,
        mechanism=K8S + "concepts/configuration/manage-resources-containers",
    ),
    Rule(
        id="R-503",
        causes=(Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING),
        effects=(Kind.JOB_FAILING, Kind.JOB_FAILED),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        lag=(0, 3600),
        strength=0.97,
        mechanism=K8S + "concepts/workloads/controllers/job",
    ),
    Rule(
        id="R-504",
        causes=(Kind.POD_UNREACHABLE, Kind.POD_EVICTED),
        effects=(Kind.CRASH_LOOP, Kind.JOB_FAILING, Kind.JOB_FAILED),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        lag=(0, 1900),
        strength=0.9,
        guard=_were_peers,
        mechanism="docs.pytorch.org/docs/stable/distributed.html (timeout of collectives)",
    ),
    Rule(
        id="R-508",
        causes=(Kind.WORKLOAD_UNAVAILABLE,),
        effects=(Kind.SERVICE_NO_ENDPOINTS,),
        paths=((inverse(Relation.SELECTS),),),
        relation=Relation.SELECTS,
        lag=(0, 300),
        strength=0.97,
        mechanism=K8S + "concepts/services-networking/service",
    ),
    Rule(
        id="R-601",
        causes=(Kind.POD_EVICTED, Kind.POD_UNREACHABLE, Kind.CRASH_LOOP, Kind.JOB_FAILING, Kind.JOB_FAILED),
        effects=(Kind.RUNS_FAILING,),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        lag=(0, 900),
        strength=0.99,
        mechanism=K8S + "concepts/workloads/controllers/cron-jobs",
    ),
    Rule(
        id="R-704",
        causes=(Kind.NAME_RESOLUTION_FAILED, Kind.DNS_BLOCKED),
        effects=(Kind.NAME_RESOLUTION_FAILED, *_WORK_FAILS),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        lag=(0, 1800),
        strength=0.85,
        guard=_speaks_of_names,
        mechanism=K8S + "concepts/services-networking/network-policies",
    ),
)  # fmt: skip
