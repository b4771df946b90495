"""Jobs and CronJobs: work that is meant to end."""

from scanners.facts.workload import CronJob, Job
from swarm.sources.kubernetes.reduce.pool import Pool
from swarm.sources.kubernetes.reduce.shared import conditions, identity, reference
from swarm.sources.kubernetes.reduce.workload import template
from swarm.sources.kubernetes.wire import workload as wire


def job(read: wire.Job, pool: Pool) -> Job:
    """A Job."""
    spec, status = read.spec or wire.JobSpec(), read.status or wire.JobStatus()
    built, labels = template(spec.template, pool)
    return Job(
        **identity(read.metadata, pool),
        parallelism=1 if spec.parallelism is None else spec.parallelism,
        completions=spec.completions,
        backoff_limit=6 if spec.backoff_limit is None else spec.backoff_limit,
        deadline_seconds=spec.active_deadline_seconds,
        suspended=bool(spec.suspend),
        managed_by=pool.string(spec.managed_by),
        indexed=spec.completion_mode == "Indexed",
        ttl_seconds=spec.ttl_seconds_after_finished,
        ignores_disruption=_ignores_disruption(spec.pod_failure_policy),
        active=status.active,
        ready=status.ready,
        succeeded=status.succeeded,
        failed=status.failed,
        terminating=status.terminating,
        failed_indexes=pool.string(status.failed_indexes),
        started=status.start_time or "",
        completed=status.completion_time or "",
        has_status=read.status is not None,
        conditions=conditions(status.conditions, pool),
        template=built,
        template_labels=labels,
    )


def cron_job(read: wire.CronJob, pool: Pool) -> CronJob:
    """A CronJob; its template is that of the Jobs it makes."""
    spec, status = read.spec or wire.CronJobSpec(), read.status or wire.CronJobStatus()
    made = spec.job_template.spec if spec.job_template else None
    built, labels = template(made.template if made else None, pool)
    return CronJob(
        **identity(read.metadata, pool),
        schedule=pool.string(spec.schedule),
        time_zone=pool.string(spec.time_zone),
        suspended=bool(spec.suspend),
        concurrency=pool.string(spec.concurrency_policy) or "Allow",
        starting_deadline_seconds=spec.starting_deadline_seconds,
        active=tuple(reference(each, pool) for each in status.active or ()),
        last_scheduled=status.last_schedule_time or "",
        last_succeeded=status.last_successful_time or "",
        has_status=read.status is not None,
        template=built,
        template_labels=labels,
    )


def _ignores_disruption(policy: wire.FailurePolicy | None) -> bool:
    """Whether a disruption of its pods is not counted as a failure (podFailurePolicy)."""
    return any(
        rule.action == "Ignore" and condition.type == "DisruptionTarget"
        for rule in (policy.rules if policy else None) or ()
        for condition in rule.on_pod_conditions or ()
    )
