"""
People deploy workloads and see pods; findings must name what a person would edit.
"""

from typing import ClassVar

import msgspec

from scanners.facts.fact import Condition, Fact, LabelSelector
from scanners.facts.pod import PodTemplate

_NO_TEMPLATE = PodTemplate()


class Workload(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """
    What Deployment, ReplicaSet, StatefulSet and DaemonSet have in common.

    ``wanted`` is spec.replicas (1 when left out), for a DaemonSet desiredNumberScheduled. Counts are those
    of the status, None where the status does not carry the key. ``template_labels`` are the labels its pods
    get.
    """

    group: ClassVar[str] = "apps"

    wanted: int = 1
    replicas: int | None = None
    ready: int | None = None
    available: int | None = None
    updated: int | None = None
    generation: int = 0
    observed_generation: int = 0
    paused: bool = False
    has_status: bool = True
    conditions: tuple[Condition, ...] = ()
    selector: LabelSelector | None = None
    template: PodTemplate = _NO_TEMPLATE
    template_labels: dict[str, str] = {}
    claim_templates: tuple[str, ...] = ()
    revision: str = ""
    update_revision: str = ""
    current_revision: str = ""


class Deployment(Workload, frozen=True, eq=False, gc=False, kw_only=True):
    """An apps/v1 Deployment."""

    kind: ClassVar[str] = "Deployment"


class ReplicaSet(Workload, frozen=True, eq=False, gc=False, kw_only=True):
    """An apps/v1 ReplicaSet; ``revision`` is that of its Deployment."""

    kind: ClassVar[str] = "ReplicaSet"


class StatefulSet(Workload, frozen=True, eq=False, gc=False, kw_only=True):
    """An apps/v1 StatefulSet."""

    kind: ClassVar[str] = "StatefulSet"


class DaemonSet(Workload, frozen=True, eq=False, gc=False, kw_only=True):
    """An apps/v1 DaemonSet."""

    kind: ClassVar[str] = "DaemonSet"


class Job(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A batch/v1 Job; counts are None where the status does not carry the key."""

    group: ClassVar[str] = "batch"
    kind: ClassVar[str] = "Job"

    parallelism: int = 1
    completions: int | None = None
    backoff_limit: int = 6
    deadline_seconds: int | None = None
    suspended: bool = False
    managed_by: str = ""
    indexed: bool = False
    ttl_seconds: int | None = None
    ignores_disruption: bool = False
    active: int | None = None
    ready: int | None = None
    succeeded: int | None = None
    failed: int | None = None
    terminating: int | None = None
    failed_indexes: str = ""
    started: str = ""
    completed: str = ""
    has_status: bool = True
    conditions: tuple[Condition, ...] = ()
    template: PodTemplate = _NO_TEMPLATE
    template_labels: dict[str, str] = {}


class ObjectReference(msgspec.Struct, frozen=True, gc=False):
    """A reference to another object as some statuses carry it."""

    kind: str
    namespace: str
    name: str
    uid: str = ""


class CronJob(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A batch/v1 CronJob."""

    group: ClassVar[str] = "batch"
    kind: ClassVar[str] = "CronJob"

    schedule: str = ""
    time_zone: str = ""
    suspended: bool = False
    concurrency: str = "Allow"
    starting_deadline_seconds: int | None = None
    active: tuple[ObjectReference, ...] = ()
    last_scheduled: str = ""
    last_succeeded: str = ""
    has_status: bool = True
    template: PodTemplate = _NO_TEMPLATE
    template_labels: dict[str, str] = {}


class DisruptionBudget(Fact, frozen=True, eq=False, gc=False, kw_only=True):
    """A PodDisruptionBudget (policy/v1: an empty selector takes all pods, a nil one none)."""

    group: ClassVar[str] = "policy"
    kind: ClassVar[str] = "PodDisruptionBudget"

    selector: LabelSelector | None = None
    allowed: int | None = None
    healthy: int | None = None
    desired: int | None = None
    expected: int | None = None
    min_available: str = ""
    max_unavailable: str = ""
    conditions: tuple[Condition, ...] = ()
