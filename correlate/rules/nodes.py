"""
A node that fails takes pods of many teams with it; each team sees only its own.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import number, pressed_resource
from correlate.rules.rule import K8S, SAME, Rule, along, inverse
from scanners.kinds import Kind

LARGE_SHARE = 0.2
"""A pod fills its node when it uses this much of it beyond its request."""


def _fills_its_node(cause: Observation, _effect: Observation) -> bool:
    beyond = number(cause, "usage_bytes") - number(cause, "request_bytes")
    allocatable = number(cause, "allocatable_bytes")
    return beyond >= LARGE_SHARE * allocatable if allocatable else beyond > 0


def _same_pressure(cause: Observation, effect: Observation) -> bool:
    pressure, eviction = pressed_resource(cause), pressed_resource(effect)
    return not pressure or not eviction or pressure == eviction


def _single_writer(_cause: Observation, effect: Observation) -> bool:
    return "Many" not in str(effect.facts.get("access_mode") or "")


def _no_limit_of_its_own(_cause: Observation, effect: Observation) -> bool:
    return not effect.facts.get("limit_bytes")


RULES = (
    Rule(
        id="R-101",
        causes=(Kind.MEMORY_HOG,),
        effects=(Kind.NODE_PRESSURE,),
        paths=((along(Relation.RUNS_ON),),),
        relation=Relation.RUNS_ON,
        lag=(0, 3600),
        strength=0.85,
        guard=_fills_its_node,
        mechanism=K8S + "concepts/scheduling-eviction/node-pressure-eviction",
    ),
    Rule(
        id="R-102",
        causes=(Kind.NODE_PRESSURE,),
        effects=(Kind.POD_EVICTED,),
        paths=((inverse(Relation.RUNS_ON),),),
        relation=Relation.RUNS_ON,
        lag=(0, 600),
        strength=0.97,
        guard=_same_pressure,
        mechanism=K8S + "concepts/scheduling-eviction/node-pressure-eviction",
    ),
    Rule(
        id="R-103",
        causes=(Kind.NODE_NOT_READY,),
        effects=(Kind.POD_UNREACHABLE,),
        paths=((inverse(Relation.RUNS_ON),),),
        relation=Relation.RUNS_ON,
        lag=(0, 360),
        strength=0.95,
        mechanism=K8S + "concepts/scheduling-eviction/taint-and-toleration",
    ),
    Rule(
        id="R-104",
        causes=(Kind.NODE_NOT_READY,),
        effects=(Kind.ATTACH_CONFLICT,),
        paths=((inverse(Relation.ATTACHED_TO), inverse(Relation.BINDS)),),
        relation=Relation.ATTACHED_TO,
        lag=(0, 1800),
        strength=0.9,
        guard=_single_writer,
        mechanism=K8S + "concepts/cluster-administration/node-shutdown",
    ),
    Rule(
        id="R-105",
        causes=(
            Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING, Kind.CONTAINER_OOM,
            Kind.POD_UNREACHABLE, Kind.WORKLOAD_UNAVAILABLE,
        ),
        effects=(Kind.GPU_NOT_ALLOCATABLE,),
        paths=((inverse(Relation.TOUCHES),),),
        relation=Relation.RUNS_ON,
        strength=0.95,
        mechanism=K8S + "concepts/extend-kubernetes/compute-storage-net/device-plugins",
    ),
    Rule(
        id="R-112",
        causes=(Kind.NODE_PRESSURE,),
        effects=(Kind.NODE_NOT_READY,),
        paths=(SAME,),
        relation=Relation.ABOUT,
        lag=(0, 600),
        strength=0.85,
        mechanism=K8S + "reference/node/node-status",
    ),
    Rule(
        id="R-113",
        causes=(Kind.NODE_PRESSURE,),
        effects=(Kind.CONTAINER_OOM,),
        paths=((inverse(Relation.RUNS_ON),),),
        relation=Relation.RUNS_ON,
        lag=(0, 600),
        strength=0.9,
        guard=_no_limit_of_its_own,
        mechanism=K8S + "concepts/scheduling-eviction/node-pressure-eviction",
    ),
    Rule(
        id="R-114",
        causes=(Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING, Kind.CONTAINER_OOM),
        effects=(Kind.NODE_NOT_READY,),
        paths=((inverse(Relation.TOUCHES),),),
        relation=Relation.RUNS_ON,
        strength=0.9,
        mechanism=K8S + "concepts/cluster-administration/networking",
    ),
)  # fmt: skip
