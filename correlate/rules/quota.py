"""
The quota belongs to one team and the missing pod to another; the event that ties them is gone within the
hour.
"""

from correlate.observation import Observation
from correlate.relations import Relation
from correlate.rules.guards import number, refuses, texts
from correlate.rules.rule import K8S, SAME, Rule, Shared
from scanners.finding import JsonValue
from scanners.kinds import Kind
from scanners.semantics.accelerators import is_accelerator
from scanners.semantics.quantities import quantity

_CALM = 0.9
"""A quota is nearly full from this share of its limit on (checks.md QTA102)."""


def _quota_refuses(cause: Observation, effect: Observation) -> bool:
    """The two name each other, or the effect lacks exactly the resource that the quota has none left of."""
    if refuses(cause, effect):
        return True
    resource = cause.facts.get("resource")
    wanted = [*texts(effect.facts.get("resource")), *texts(effect.facts.get("resources"))]
    return bool(resource) and resource in wanted


def _holds_the_shortfall(cause: Observation, effect: Observation) -> bool:
    """Whether the idle holder holds as much of an accelerator's quota as would have to be free."""
    resource = str(effect.facts.get("resource") or "").removeprefix("requests.").removeprefix("limits.")
    used, hard = number(effect, "used"), number(effect, "hard")
    wanted = number(effect, "requested")
    short = used + wanted - hard if effect.kind is Kind.QUOTA_EXHAUSTED else used - _CALM * hard
    held = _held_of(effect.facts.get("holders"), str(cause.key))
    return is_accelerator(resource) and held > 0 and held >= short


def _held_of(holders: JsonValue, owner: str) -> float:
    rows = holders if isinstance(holders, list) else []
    held = (
        quantity(str(row["amount"])) for row in rows if isinstance(row, dict) and row.get("owner") == owner
    )
    return float(sum(amount for amount in held if amount))


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
        id="R-202",
        causes=(Kind.IDLE_HOLDER,),
        effects=(Kind.QUOTA_EXHAUSTED, Kind.QUOTA_NEARLY_FULL),
        paths=(Shared("namespace"),),
        relation=Relation.GOVERNED_BY,
        strength=0.8,
        guard=_holds_the_shortfall,
        mechanism=K8S + "concepts/policy/resource-quotas (arithmetic on the quota)",
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
