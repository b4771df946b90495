"""
Forty pods of one Job are one piece of work that waits; four Jobs of one pod are four.

Who and what a problem hits: workloads (a gang is one), pods, GPUs, namespaces, dollars.
"""

from collections.abc import Iterable, Sequence
from math import exp, fsum

from correlate.explanation import Explanation
from correlate.observation import Observation
from correlate.problem import Impact, Saving
from correlate.rules.guards import number
from correlate.weights import Weights
from scanners.facts.inventory import Inventory
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.workload import Job, Workload
from scanners.finding import Confidence, Severity
from scanners.kinds import Kind
from scanners.semantics.accelerators import is_accelerator
from scanners.semantics.owners import top_owner
from scanners.semantics.prices import HOURS_PER_MONTH
from scanners.semantics.requests import effective_requests

CULPRITS = frozenset({Kind.MEMORY_HOG, Kind.CPU_ON_GPU_NODE, Kind.RECLAIM_BLOCKED})
"""Kinds whose own workload harms others: it counts as hit only where nobody else is."""

_PASSES_ON = frozenset({"Node", "PersistentVolume", "Registry", "FileServer"})
"""Subjects that are no work themselves: the owners of the pods involved are hit."""

FORMULAS = 3
"""Formulas of its members that a problem spells out."""


def affected(inventory: Inventory, explanation: Explanation) -> dict[Key, int]:
    """The workloads that a problem hits, with the GPUs that each asks for."""
    root = explanation.root
    gpus: dict[Key, int] = {}
    members = (
        explanation.explained if root.kind in CULPRITS and explanation.explained else explanation.members
    )
    for member in members:
        for workload in _workloads(inventory, member):
            key = key_of(workload)
            known = gpus.get(key, 0)
            gpus[key] = max(known, _gpus_of(inventory, member, workload))
    return dict(sorted(gpus.items()))


def bucket(gpus: int) -> float:
    """How much more a workload counts by the GPUs it asks for."""
    return 1.0 if gpus < 1 else 1.5 if gpus < 8 else 2.0 if gpus < 64 else 3.0


def share(weights: Weights, hit: dict[Key, int], severity: Severity) -> float:
    """The part I of the score: 0 for nobody, towards 1 for everybody."""
    latent = severity.weight <= Severity.LOW.weight
    each = [
        weights.latent if latent else weights.tiers.get(key.namespace, 1.0) * bucket(gpus)
        for key, gpus in hit.items()
    ]
    return 1.0 - exp(-fsum(sorted(each)) / 4)


def impact_of(explanation: Explanation, hit: dict[Key, int]) -> Impact:
    """The impact as the report carries it; dollars are null where nothing is priced."""
    pods = {pod.uid or f"{pod.namespace}/{pod.name}" for member in explanation.members for pod in member.pods}
    dollars = [member for member in explanation.members if _dollars(member) is not None]
    total = round(fsum(sorted(_dollars(member) or 0.0 for member in dollars)), 2) if dollars else None
    sure = all(member.finding.confidence in (Confidence.OBSERVED, Confidence.DERIVED) for member in dollars)
    return Impact(
        workloads=len(hit),
        pods=len(pods),
        gpus=sum(hit.values()),
        namespaces=sorted({key.namespace for key in hit if key.namespace}),
        usd_per_month=total,
        usd_low=total if sure else 0.0 if total is not None else None,
        usd_high=total,
        usd_formula=_formula(dollars),
        saving=_saving(dollars),
    )


def usd_per_day(impact: Impact) -> float:
    """Dollars a day, 0 where the price is unknown."""
    return (impact.usd_per_month or 0.0) * 24 / HOURS_PER_MONTH


def _workloads(inventory: Inventory, member: Observation) -> list[Ref]:
    if member.workload is not None:
        return [member.workload]
    if member.subject.kind in _PASSES_ON:
        return [top_owner(inventory, pod) for pod in member.pods]
    return []


def _gpus_of(inventory: Inventory, member: Observation, workload: Ref) -> int:
    """By the finding's own facts, else by the template and the replicas wanted, else by the pods involved."""
    told = number(member, "gpus") if member.workload == workload else 0.0
    if told:
        return int(told)
    fact = inventory.index.owners_by_uid.get(workload.uid) if workload.uid else None
    if isinstance(fact, Workload | Job):
        copies = fact.parallelism if isinstance(fact, Job) else fact.wanted
        return _accelerators([fact]) * max(1, copies)
    return _accelerators(member.pods) if member.workload == workload else 0


def _accelerators(things: Iterable[object]) -> int:
    asked = 0
    for thing in things:
        template = getattr(thing, "template", None)
        requests = effective_requests(template) if template is not None else {}
        asked += sum(int(amount) for resource, amount in requests.items() if is_accelerator(resource))
    return asked


def _dollars(member: Observation) -> float | None:
    """What a finding holds of the waste; None where it is unpriced or counted in another finding."""
    value = member.facts.get("usd_per_month")
    if isinstance(value, bool) or not isinstance(value, int | float) or member.facts.get("usd_counted_in"):
        return None
    return float(value)


def _formula(members: Sequence[Observation]) -> str | None:
    """How the sum is made, member by member."""
    told = (member.facts.get("usd_formula") for member in members)
    parts = [text for text in told if isinstance(text, str) and text]
    more = [f"{len(parts) - FORMULAS} more"] if len(parts) > FORMULAS else []
    return " + ".join([*parts[:FORMULAS], *more]) or None


def _saving(members: Sequence[Observation]) -> Saving:
    """The kind of saving that most of the dollars are."""
    sums: dict[Saving, float] = {}
    for member in members:
        match member.facts.get("saving"):
            case "cash" | "capacity" | "commitment" as told:
                sums[told] = sums.get(told, 0.0) + (_dollars(member) or 0.0)
    return max(sorted(sums), key=lambda saving: sums[saving]) if sums else "none"
