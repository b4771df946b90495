"""
A pending pod is the last to know: the node was cordoned, the card is gone, the pool is full.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import lists, number, placing_cause, points_at, same_fact, touches
from correlate.rules.rule import K8S, SAME, Path, Rule, Shared, inverse
from scanners.kinds import Kind

MENTIONED: Path = Shared("mentioned")
"""
The effect names the cause's subject: in ``blocked_by``, ``smallest_change``, its message or what it touches.
"""


def _devices_would_do(cause: Observation, effect: Observation) -> bool:
    """
    Whether the devices that the node lost would have held the pod: the pod's verdict names that node, and the
    numbers of both findings agree. A loss in a pool that the pod may not use explains nothing. Where the
    verdict is that this very node's devices are missing, it has done the sum.
    """
    if not (same_fact(cause, effect, "resource") and points_at(effect, cause)):
        return False
    if placing_cause(effect) == "not-advertised":
        return True
    lost = number(cause, "gpus_expected") - number(cause, "gpus_allocatable")
    wanted = number(effect, "gpus_per_pod") or number(effect, "gpus")
    return placing_cause(effect) in _SHORT_OF_DEVICES and wanted <= lost + number(
        effect, "largest_free_block"
    )


_SHORT_OF_DEVICES = frozenset({"short", "fragmented"})


def _kept_off(_cause: Observation, effect: Observation) -> bool:
    """Whether the named node only lacks permission: its room would do."""
    return placing_cause(effect) in ("taint", "cordon")


def _holds_what_is_short(cause: Observation, effect: Observation) -> bool:
    """
    Whether the effect names the cause as holder of processors, memory or slots: devices it does not hold.
    """
    is_named = touches(effect, cause) or lists(effect, "blocked_by", cause)
    return is_named and placing_cause(effect) in ("cpu-or-memory", "slots")


def _is_short(cause: Observation, effect: Observation) -> bool:
    """
    Whether devices are what is short; a pool that may not grow also explains what is short of processors, memory or
    slots, if it names the very pods.
    """
    if cause.kind is not Kind.POOL_AT_MAX:
        return placing_cause(effect) in ("short", "fragmented", "pool-at-max")
    named = {pod.uid for pod in cause.pods}
    short = (*_SHORT_OF_DEVICES, "pool-at-max", "cpu-or-memory", "slots")
    return placing_cause(effect) in short and any(pod.uid in named for pod in effect.pods)


def _only_waits(cause: Observation, effect: Observation) -> bool:
    """Whether a Job that is said to lose pods has lost next to none: the cause's pods are those that lack."""
    if effect.kind is not Kind.JOB_FAILING:
        return True
    waiting = {pod.uid for pod in cause.pods}
    lost = number(effect, "failed_pods") > 1 or effect.facts.get("failed_indexes")
    return not lost and any(pod.uid in waiting for pod in effect.pods)


def _would_use_them(cause: Observation, effect: Observation) -> bool:
    """
    Whether a taint keeps what waits from the idle nodes, and it would take a place on each of them, however closely it
    were packed: a single pod explains one idle node, not a pool of ten.
    """
    nodes = max(effect.finding.count, 1)
    spared = number(effect, "gpus") * (nodes - 1) / nodes
    return placing_cause(cause) == "taint" and number(cause, "gpus") > spared


def _is_the_volume(_cause: Observation, effect: Observation) -> bool:
    return placing_cause(effect) in ("zone", "volume", "claim", "")


RULES = (
    Rule(
        id="R-108",
        causes=(Kind.GPU_NOT_ALLOCATABLE,),
        effects=(Kind.POD_UNSCHEDULABLE,),
        paths=(Shared("devices"),),
        relation=Relation.IN_POOL,
        strength=0.95,
        guard=_devices_would_do,
        mechanism=K8S + "concepts/scheduling-eviction/scheduling-framework",
    ),
    Rule(
        id="R-109",
        causes=(Kind.NODE_NOT_READY, Kind.NODE_PRESSURE),
        effects=(Kind.POD_UNSCHEDULABLE,),
        paths=(MENTIONED,),
        relation=Relation.RUNS_ON,
        strength=0.95,
        guard=_kept_off,
        mechanism=K8S + "concepts/scheduling-eviction/taint-and-toleration",
    ),
    Rule(
        id="R-208",
        causes=(Kind.POOL_FULL, Kind.POOL_AT_MAX),
        effects=(Kind.POD_UNSCHEDULABLE,),
        paths=(MENTIONED, (inverse(Relation.IN_POOL), inverse(Relation.TOUCHES)), Shared("pod")),
        relation=Relation.IN_POOL,
        strength=0.95,
        guard=_is_short,
        mechanism=K8S + "concepts/scheduling-eviction/scheduling-framework",
    ),
    Rule(
        id="R-210",
        causes=(Kind.CPU_ON_GPU_NODE,),
        effects=(Kind.POD_UNSCHEDULABLE,),
        paths=(MENTIONED,),
        relation=Relation.RUNS_ON,
        strength=0.9,
        guard=_holds_what_is_short,
        mechanism=K8S + "concepts/scheduling-eviction/scheduling-framework",
    ),
    Rule(
        id="R-212",
        causes=(Kind.VOLUME_ZONE_CONFLICT,),
        effects=(Kind.POD_UNSCHEDULABLE,),
        paths=((inverse(Relation.MOUNTS),),),
        relation=Relation.MOUNTS,
        strength=0.95,
        guard=_is_the_volume,
        mechanism=K8S + "concepts/storage/storage-classes",
    ),
    Rule(
        id="R-217",
        causes=(Kind.POOL_AT_MAX,),
        effects=(Kind.POOL_FULL,),
        paths=(SAME,),
        relation=Relation.IN_POOL,
        strength=0.9,
        mechanism=K8S + "concepts/cluster-administration/node-autoscaling",
    ),
    Rule(
        id="R-216",
        causes=(
            Kind.POD_UNSCHEDULABLE, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING,
        ),
        effects=(Kind.JOB_NOT_STARTED, Kind.JOB_FAILING),
        paths=(SAME,),
        relation=Relation.OWNED_BY,
        strength=0.97,
        guard=_only_waits,
        mechanism=K8S + "concepts/workloads/pods/pod-lifecycle",
    ),
    Rule(
        id="R-801",
        causes=(Kind.GPU_NODE_IDLE,),
        effects=(Kind.RECLAIM_BLOCKED, Kind.CPU_ON_GPU_NODE),
        paths=(Shared("nodes"),),
        relation=Relation.RUNS_ON,
        strength=0.9,
        mechanism="github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md",
    ),
    Rule(
        id="R-802",
        causes=(Kind.POD_UNSCHEDULABLE,),
        effects=(Kind.GPU_NODE_IDLE,),
        paths=(Shared("nodes"),),
        relation=Relation.TOUCHES,
        strength=0.9,
        guard=_would_use_them,
        mechanism=K8S + "concepts/scheduling-eviction/taint-and-toleration",
    ),
)  # fmt: skip
