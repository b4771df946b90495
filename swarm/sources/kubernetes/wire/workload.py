"""Workloads and batch: what people deploy, as the API writes it."""

from swarm.sources.kubernetes.wire.metadata import (
    Condition,
    IntOrString,
    LabelSelector,
    Metadata,
    ObjectReference,
    Scalar,
    Wire,
)
from swarm.sources.kubernetes.wire.pod import PodSpec


class TemplateMetadata(Wire):
    """spec.template.metadata, or that of a claim template."""

    name: str | None = None
    labels: dict[str, Scalar | None] | None = None


class Template(Wire):
    """spec.template."""

    metadata: TemplateMetadata | None = None
    spec: PodSpec | None = None


class ClaimTemplate(Wire):
    """spec.volumeClaimTemplates[]."""

    metadata: TemplateMetadata | None = None


class WorkloadSpec(Wire):
    """spec of Deployment, ReplicaSet, StatefulSet and DaemonSet."""

    replicas: int | None = None
    paused: bool | None = None
    selector: LabelSelector | None = None
    template: Template | None = None
    volume_claim_templates: list[ClaimTemplate] | None = None


class WorkloadStatus(Wire):
    """status of the four; a DaemonSet spells its counts differently."""

    replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    updated_replicas: int | None = None
    observed_generation: int | None = None
    current_revision: str | None = None
    update_revision: str | None = None
    desired_number_scheduled: int | None = None
    current_number_scheduled: int | None = None
    number_ready: int | None = None
    number_available: int | None = None
    updated_number_scheduled: int | None = None
    conditions: list[Condition] | None = None


class Workload(Wire):
    """An apps/v1 Deployment, ReplicaSet, StatefulSet or DaemonSet."""

    metadata: Metadata | None = None
    spec: WorkloadSpec | None = None
    status: WorkloadStatus | None = None


class PolicyRule(Wire):
    """podFailurePolicy.rules[]."""

    action: str | None = None
    on_pod_conditions: list[Condition] | None = None


class FailurePolicy(Wire):
    """spec.podFailurePolicy."""

    rules: list[PolicyRule] | None = None


class JobSpec(Wire):
    """spec of a Job."""

    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int | None = None
    active_deadline_seconds: int | None = None
    suspend: bool | None = None
    managed_by: str | None = None
    completion_mode: str | None = None
    ttl_seconds_after_finished: int | None = None
    pod_failure_policy: FailurePolicy | None = None
    template: Template | None = None


class JobStatus(Wire):
    """status of a Job."""

    active: int | None = None
    ready: int | None = None
    succeeded: int | None = None
    failed: int | None = None
    terminating: int | None = None
    failed_indexes: str | None = None
    start_time: str | None = None
    completion_time: str | None = None
    conditions: list[Condition] | None = None


class Job(Wire):
    """A batch/v1 Job."""

    metadata: Metadata | None = None
    spec: JobSpec | None = None
    status: JobStatus | None = None


class JobTemplate(Wire):
    """spec.jobTemplate."""

    spec: JobSpec | None = None


class CronJobSpec(Wire):
    """spec of a CronJob."""

    schedule: str | None = None
    time_zone: str | None = None
    suspend: bool | None = None
    concurrency_policy: str | None = None
    starting_deadline_seconds: int | None = None
    job_template: JobTemplate | None = None


class CronJobStatus(Wire):
    """status of a CronJob."""

    active: list[ObjectReference] | None = None
    last_schedule_time: str | None = None
    last_successful_time: str | None = None


class CronJob(Wire):
    """A batch/v1 CronJob."""

    metadata: Metadata | None = None
    spec: CronJobSpec | None = None
    status: CronJobStatus | None = None


class BudgetSpec(Wire):
    """spec of a PodDisruptionBudget."""

    selector: LabelSelector | None = None
    min_available: IntOrString | None = None
    max_unavailable: IntOrString | None = None


class BudgetStatus(Wire):
    """status of a PodDisruptionBudget."""

    disruptions_allowed: int | None = None
    current_healthy: int | None = None
    desired_healthy: int | None = None
    expected_pods: int | None = None
    conditions: list[Condition] | None = None


class DisruptionBudget(Wire):
    """A policy/v1 PodDisruptionBudget."""

    metadata: Metadata | None = None
    spec: BudgetSpec | None = None
    status: BudgetStatus | None = None
