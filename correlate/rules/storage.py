"""
A pod waits for its claim, and the claim for a class, a zone, an old holder or a server.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import number, texts
from correlate.rules.rule import K8S, Rule, Shared, inverse
from scanners.kinds import Kind

_WAITS = (Kind.JOB_NOT_STARTED, Kind.WORKLOAD_UNAVAILABLE)

BRIM = 0.99
"""From this share of its bytes or inodes on a volume fails writes, whether or not a log says so."""


def _no_room(cause: Observation, effect: Observation) -> bool:
    """Whether the work says that no space was left, or none was."""
    if max(number(cause, "used_ratio"), number(cause, "inodes_ratio")) >= BRIM:
        return True
    said = (effect.facts.get(name) for name in ("last_log_lines", "message", "reason"))
    return any("no space left on device" in text.lower() for fact in said for text in texts(fact))


RULES = (
    Rule(
        id="R-402",
        causes=(Kind.CLAIM_PENDING,),
        effects=(Kind.POD_UNSCHEDULABLE, *_WAITS),
        paths=((inverse(Relation.MOUNTS),),),
        relation=Relation.MOUNTS,
        strength=0.97,
        mechanism=K8S + "concepts/storage/persistent-volumes",
    ),
    Rule(
        id="R-403",
        causes=(Kind.VOLUME_FULL,),
        effects=(Kind.CRASH_LOOP, Kind.JOB_FAILING, Kind.JOB_FAILED, Kind.RUNS_FAILING),
        paths=((inverse(Relation.MOUNTS),),),
        relation=Relation.MOUNTS,
        lag=(0, 900),
        strength=0.9,
        guard=_no_room,
        mechanism="man7.org/linux/man-pages/man2/write.2.html (ENOSPC)",
    ),
    Rule(
        id="R-404",
        causes=(Kind.ATTACH_CONFLICT,),
        effects=_WAITS,
        paths=((inverse(Relation.MOUNTS),),),
        relation=Relation.MOUNTS,
        strength=0.95,
        mechanism=K8S + "concepts/storage/persistent-volumes",
    ),
    Rule(
        id="R-405",
        causes=(
            Kind.CRASH_LOOP, Kind.IMAGE_PULL_FAILED, Kind.CONFIG_REF_MISSING, Kind.POD_UNSCHEDULABLE,
            Kind.POD_UNREACHABLE, Kind.CONTAINER_OOM,
        ),
        effects=(Kind.CLAIM_PENDING,),
        paths=(Shared("pod"),),
        relation=Relation.PROVISIONED_BY,
        strength=0.9,
        mechanism=K8S + "concepts/storage/volumes (csi)",
    ),
    Rule(
        id="R-406",
        causes=(Kind.FILE_SERVER_DOWN,),
        effects=(Kind.ATTACH_CONFLICT, *_WAITS),
        paths=(Shared("server"),),
        relation=Relation.PROVISIONED_BY,
        strength=0.95,
        mechanism=K8S + "concepts/storage/volumes",
    ),
)  # fmt: skip
