"""
A pod waits for its claim, and the claim for a class, a zone, an old holder or a server.
"""

from correlate.relations import Relation
from correlate.rules.rule import K8S, Rule, Shared, inverse
from scanners.kinds import Kind

_WAITS = (Kind.JOB_NOT_STARTED, Kind.WORKLOAD_UNAVAILABLE)

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
