"""
Deployments, ReplicaSets, StatefulSets, DaemonSets and budgets. A count that the status does not carry is
unknown, not zero.
"""

from collections.abc import Callable
from typing import TypedDict, TypeVar

from scanners.facts.fact import Condition, LabelSelector
from scanners.facts.pod import PodTemplate
from scanners.facts.workload import (
    DaemonSet,
    Deployment,
    DisruptionBudget,
    ReplicaSet,
    StatefulSet,
    Workload,
)
from swarm.sources.kubernetes.reduce.pool import Pool, text_of
from swarm.sources.kubernetes.reduce.shared import conditions, identity, selector
from swarm.sources.kubernetes.reduce.template import template_of
from swarm.sources.kubernetes.wire import workload as wire
from swarm.sources.kubernetes.wire.pod import PodSpec

W = TypeVar("W", bound=Workload)

REVISION = "deployment.kubernetes.io/revision"


class _Common(TypedDict):
    generation: int
    observed_generation: int
    has_status: bool
    conditions: tuple[Condition, ...]
    selector: LabelSelector | None
    template: PodTemplate
    template_labels: dict[str, str]


def deployment(read: wire.Workload, pool: Pool) -> Deployment:
    """A Deployment."""
    return _replicated(Deployment, read, pool)


def replica_set(read: wire.Workload, pool: Pool) -> ReplicaSet:
    """A ReplicaSet."""
    return _replicated(ReplicaSet, read, pool)


def stateful_set(read: wire.Workload, pool: Pool) -> StatefulSet:
    """A StatefulSet; its revisions are those of its status."""
    return _replicated(StatefulSet, read, pool)


def daemon_set(read: wire.Workload, pool: Pool) -> DaemonSet:
    """A DaemonSet: it wants as many pods as nodes match; 0 where no status tells it."""
    status = read.status or wire.WorkloadStatus()
    return DaemonSet(
        **identity(read.metadata, pool),
        **_common(read, pool),
        wanted=status.desired_number_scheduled or 0,
        replicas=status.current_number_scheduled,
        ready=status.number_ready,
        available=status.number_available,
        updated=status.updated_number_scheduled,
    )


def template(read: wire.Template | None, pool: Pool) -> tuple[PodTemplate, dict[str, str]]:
    """A workload's pod template and the labels its pods get."""
    given = read or wire.Template()
    return template_of(given.spec or PodSpec(), pool), pool.table(
        given.metadata.labels if given.metadata else None
    )


def disruption_budget(read: wire.DisruptionBudget, pool: Pool) -> DisruptionBudget:
    """A PodDisruptionBudget."""
    spec, status = read.spec or wire.BudgetSpec(), read.status or wire.BudgetStatus()
    return DisruptionBudget(
        **identity(read.metadata, pool),
        selector=selector(spec.selector, pool),
        allowed=status.disruptions_allowed,
        healthy=status.current_healthy,
        desired=status.desired_healthy,
        expected=status.expected_pods,
        min_available=text_of(spec.min_available),
        max_unavailable=text_of(spec.max_unavailable),
        conditions=conditions(status.conditions, pool),
    )


def _replicated(type_: Callable[..., W], read: wire.Workload, pool: Pool) -> W:
    spec, status = read.spec or wire.WorkloadSpec(), read.status or wire.WorkloadStatus()
    named = identity(read.metadata, pool)
    claims = (each.metadata.name for each in spec.volume_claim_templates or () if each.metadata)
    return type_(
        **named,
        **_common(read, pool),
        wanted=1 if spec.replicas is None else spec.replicas,
        replicas=status.replicas,
        ready=status.ready_replicas,
        available=status.available_replicas,
        updated=status.updated_replicas,
        paused=bool(spec.paused),
        claim_templates=pool.strings(claims),
        revision=named["annotations"].get(REVISION, ""),
        update_revision=pool.string(status.update_revision),
        current_revision=pool.string(status.current_revision),
    )


def _common(read: wire.Workload, pool: Pool) -> _Common:
    spec, status = read.spec or wire.WorkloadSpec(), read.status or wire.WorkloadStatus()
    built, labels = template(spec.template, pool)
    return {
        "generation": (read.metadata.generation if read.metadata else 0) or 0,
        "observed_generation": status.observed_generation or 0,
        "has_status": read.status is not None,
        "conditions": conditions(status.conditions, pool),
        "selector": selector(spec.selector, pool),
        "template": built,
        "template_labels": labels,
    }
