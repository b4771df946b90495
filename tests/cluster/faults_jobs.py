"""Planted faults of batch work: Jobs that fail, lose pods or never start, CronJobs that fail or miss."""

from datetime import UTC, datetime, timedelta

from .client import Json
from .containerstate import Ending
from .fault import Fault, Stage, Subject
from .manifests import container, cron_job, job, pod_spec

TRACEBACK = (
    "loading shard 17 of 64\nTraceback (most recent call last):\n"
    '  File "/app/train.py", line 88, in <module>\n    main()\n'
    "ValueError: label column 'churned' not found in the feature table\n"
)


def _failed_for_good(stage: Stage) -> None:
    stage.client.apply(job(stage.namespace, "train-churn", kubelet="played", backoffLimit=0))


def _fails_with_traceback(stage: Stage, pod: Json) -> None:
    stage.kubelet.fails(pod, Ending(1), log=TRACEBACK)


def _has_failed(stage: Stage) -> bool:
    condition = stage.condition("batch/v1", "Job", "train-churn", "Failed")
    return condition.get("reason") == "BackoffLimitExceeded"


def _losing_pods(stage: Stage) -> None:
    sizes: Json = {"parallelism": 4, "completions": 4, "completionMode": "Indexed", "backoffLimit": 6}
    stage.client.apply(job(stage.namespace, "preprocess", kubelet="played", **sizes))


def _two_of_four_fail(stage: Stage, pod: Json) -> None:
    index = int(pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"])
    lost = stage.get("batch/v1", "Job", "preprocess").get("status", {}).get("failed", 0)
    if index < 2 and lost < 2:
        stage.kubelet.fails(pod, Ending(3))
    else:
        stage.kubelet.runs(pod)


def _has_lost_two(stage: Stage) -> bool:
    status = stage.get("batch/v1", "Job", "preprocess").get("status", {})
    return bool(status.get("failed", 0) >= 2 and status.get("ready") == 4)


def _never_starts(stage: Stage) -> None:
    spec = pod_spec(container(memory="64Gi"), nodeSelector={"workload": "batch-highmem"})
    stage.client.apply(job(stage.namespace, "reindex", spec, parallelism=2, completions=2))


def _waits_for_nodes(stage: Stage) -> bool:
    status = stage.get("batch/v1", "Job", "reindex").get("status", {})
    return status.get("active") == 2 and status.get("ready") == 0 and stage.heard("FailedScheduling")


def _cron_fails(stage: Stage) -> None:
    # the next minute and then not before tomorrow: one real tick, written by the real controller
    soon = datetime.now(UTC) + timedelta(seconds=62)
    schedule = f"{soon.minute} {soon.hour} * * *"
    stage.client.apply(
        cron_job(stage.namespace, "nightly-embeddings", schedule, kubelet="played", timeZone="Etc/UTC")
    )


def _newest_run_failed(stage: Stage) -> bool:
    jobs = stage.client.list("batch/v1", "Job", stage.namespace)
    conditions = [entry for item in jobs for entry in item.get("status", {}).get("conditions") or []]
    failed = any(entry["type"] == "Failed" and entry["status"] == "True" for entry in conditions)
    return failed and not stage.get("batch/v1", "CronJob", "nightly-embeddings")["status"].get("active")


def _cron_impossible(stage: Stage) -> None:
    # the API server takes the 30th of February for a schedule like any other
    stage.client.create(cron_job(stage.namespace, "sync-features", "0 3 30 2 *", concurrencyPolicy="Forbid"))


def _is_taken(stage: Stage) -> bool:
    return bool(stage.get("batch/v1", "CronJob", "sync-features")["metadata"]["uid"])


JOB_FAULTS = (
    Fault(
        "job-failed",
        "JOB101",
        Subject("batch", "Job", "job-failed", "train-churn"),
        "BackoffLimitExceeded",
        _failed_for_good,
        _has_failed,
        _fails_with_traceback,
    ),
    Fault(
        "job-losing-pods",
        "JOB102",
        Subject("batch", "Job", "job-losing-pods", "preprocess"),
        "3",
        _losing_pods,
        _has_lost_two,
        _two_of_four_fail,
    ),
    Fault(
        "job-never-starts",
        "JOB104",
        Subject("batch", "Job", "job-never-starts", "reindex"),
        "Unschedulable",
        _never_starts,
        _waits_for_nodes,
        also=frozenset({"WRK104"}),
    ),
    Fault(
        "cron-fails",
        "JOB111",
        Subject("batch", "CronJob", "cron-fails", "nightly-embeddings"),
        "fail",
        _cron_fails,
        _newest_run_failed,
        _fails_with_traceback,
    ),
    Fault(
        "cron-missed",
        "JOB112",
        Subject("batch", "CronJob", "cron-missed", "sync-features"),
        "never",
        _cron_impossible,
        _is_taken,
    ),
)
