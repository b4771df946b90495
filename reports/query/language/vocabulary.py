"""
People say "OOMed", "killed for memory" and "exit 137" and mean one thing.

Phrases of the field by what they mean: how strongly they speak for a view (an anchor alone decides, a hint needs
company), and which filters come with them. Words are given in any form; they are compared by their stems.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.query.query import View
from scanners.finding import Severity

ANCHOR = 5


@dataclass(frozen=True, slots=True)
class Meaning:
    """
    What a phrase says: a vote for a view, and filters. ``concern`` narrows only what speaks of all concerns,
    ``whole`` keeps the
    checks of other words from narrowing the view.
    """

    view: View | None = None
    weight: int = 0
    codes: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    whole: bool = False
    concern: str = ""
    severity: Severity | None = None
    state: str = ""


def _says(
    words: str, view: View | None = None, weight: int = ANCHOR, **filters: object
) -> tuple[str, Meaning]:
    return words, Meaning(view, weight if view else 0, **filters)  # type: ignore[arg-type] # checked by the tests


_MEMORY = (
    _says(
        "oom, ooms, oom kill, oom killed, oomkilled, oomkill, oomed, out of memory, ran out of memory, run "
        "out of memory, "
        "killed for memory, memory kill, killed by the kernel, killed by the oom killer, oom killer, kill for memory, "
        "exceeded memory limit, exceed memory limit, memory limit exceeded, hit memory limit, over memory limit, "
        "at memory limit, exit 137, exit code 137, oom event, oom pattern, killed because of memory, memory exhausted",
        View.OOM_KILLS, concern="memory",
    ),
    _says("kill, killed", View.OOM_KILLS, 2),
    _says("memory, ram", View.OOM_KILLS, 1, concern="memory"),
    _says("evicted, evict, eviction, kicked off", View.EVICTIONS, concern="memory"),
    _says("may evict, could evict, might evict, risk of eviction, about to evict", View.PRESSURE, 3),
)  # fmt: skip
_GPU = (
    _says(
        "allocation ratio, gpu allocation, gpu capacity, node capacity, gpu utilization, gpu utilisation, gpu usage, "
        "allocated gpu, gpu allocated, free gpu, gpu free, available gpu, gpu pool, how many gpu, gpu "
        "count, pool usage, "
        "gpu occupancy, pool allocation, gpu headroom, pool capacity, requested versus allocatable",
        View.GPU_POOLS, concern="gpu",
    ),
    _says("capacity, utilization, utilisation, ratio, allocation, allocated, occupancy", View.GPU_POOLS, 3),
    _says("gpu, accelerator, graphics card", View.GPU_POOLS, 1, concern="gpu"),
    _says("pool, node pool, node group", View.GPU_POOLS, 1),
    _says("full, free, allocatable, requested, headroom", View.GPU_POOLS, 1),
    _says(
        "idle, underused, under used, underutilized, underutilised, unused gpu, gpu unused, wasted, waste, "
        "doing nothing, "
        "sit idle, sitting idle, gpu not used, not used gpu, held and not used, cpu only, cpu only job, idle gpu, "
        "wasting money, without gpu work",
        View.IDLE_GPUS, concern="gpu",
    ),
    _says("only cpu, cpu workload, cpu work, cpu pod, cpu job", View.IDLE_GPUS, concern="gpu"),
    _says("cost, money, expensive, spend", View.IDLE_GPUS, 2, concern="cost"),
    _says(
        "instance type, machine type, right size, rightsize, rightsizing, right sizing, instance fit, type "
        "fit, node type",
        View.INSTANCE_FIT, 6,
    ),
)  # fmt: skip
_WAITING = (
    _says(
        "pending, unschedulable, cannot be placed, cannot be scheduled, cannot schedule, not scheduled, not "
        "be scheduled, "
        "not schedulable, unscheduled, waiting for a node, waiting for gpu, waiting to be scheduled, wait for node, "
        "never start, not start, not starting, cannot start, do not start, does not start, fail to schedule, "
        "failed to schedule, not fit, fit no node, fits nowhere, fit nowhere, cannot fit, failed "
        "scheduling, not placed, waiting to start, stuck in queue, stuck waiting",
        View.PENDING,
    ),
    _says("stuck, wait, waiting, blocked, queue, queued", View.PENDING, 2),
)  # fmt: skip
_STORAGE = (
    _says(
        "pvc, persistent volume claim, persistentvolumeclaim, claim, volume claim, persistent volume, volume, pv, "
        "mount, volume mount",
        View.CLAIMS, concern="storage",
    ),
    _says(
        "stale mount, stale pvc mount, stale volume, stale volume mount, stale claim, stale pvc, pvc stale, "
        "claim stale, "
        "volume stale, mount stale, pvc mount stale, pvc binding, pvc fill, stale mount pvc",
        View.CLAIMS, concern="storage", whole=True,
    ),
    _says(
        "pending pvc, pvc pending, pending claim, claim pending, pvc stuck pending, claim stuck pending, unbound, "
        "not bound, unbound pvc, unbound claim, unbound volume, pending volume, volume pending, stuck pending pvc",
        View.CLAIMS, 6, codes=("PVC101",),
    ),
    _says(
        "pvc full, full pvc, fill up, filling up, pvc filling up, nearly full volume, volume full, full "
        "volume, claim full, "
        "full claim, out of disk, disk full, full disk, no space left, out of space, run out of space",
        View.CLAIMS, 6, codes=("PVC106",),
    ),
    _says("orphaned, orphan, unused pvc, unused claim, unused volume, pvc not used", View.CLAIMS, 6, codes=("PVC108",)),
    _says("multi attach, will not attach, cannot attach, will not mount, cannot mount, mount fail, failed mount, "
          "attach fail, failed attach", View.CLAIMS, 6, codes=("PVC105",)),
    _says("no pod mount", View.CLAIMS, 6, codes=("PVC105",)),
    _says("binding, bind, bound, fill, fill level, stale", View.CLAIMS, 3, concern="storage", whole=True),
         _says("disk, storage", View.CLAIMS, 3, concern="storage"),
)  # fmt: skip
_NETWORK = (
    _says(
        "network policy, networkpolicy, netpol, network policy gap, missing networkpolicy, missing netpol, "
        "no networkpolicy, without networkpolicy, no netpol, without netpol, not covered by network policy, "
        "not covered by networkpolicy, uncovered workload, not isolated, without any network policy, "
        "not selected by policy, not selected by network policy, not protected by network policy, gap in "
        "network policy, "
        "network policies gap, lack network policy, lack networkpolicy, "
        " policy gap, egress, ingress, default deny, "
        "no network policy, without network policy, missing network policy, no policy, without policy, "
        "without any policy, "
        "not covered by policy, not covered by any policy, no policies, network segmentation, network isolation, "
        "dns blocked, blocked dns, blocked egress, unrestricted traffic, namespace isolation",
        View.POLICIES, concern="network",
    ),
    _says("unprotected, not protected, exposed", View.POLICIES, 3),
    _says("policy, traffic, connection, timeout, time out, connectivity, firewall", View.POLICIES, 2),
    _says("network, networking", View.POLICIES, 2, concern="network"),
)  # fmt: skip
_NODES = (
    _says(
        "node event, node failure, because of a node, due to node, tied to node, linked to node, caused by node, "
        "node related, node problem, node went down, node fault, died with node, lost with node, node "
        "trouble, node issue, "
        "blame node, node to blame, because of node",
        View.NODE_FAILURES, 6, concern="nodes",
    ),
    _says("pressure, memory pressure, disk pressure, pid pressure, memorypressure, diskpressure, pidpressure, "
          "node pressure, pressed node, node low on memory", View.PRESSURE, concern="nodes"),
    _says("node not ready, not ready node, nodes down, node down, unready node, notready", View.FINDINGS, 6,
         codes=("NOD101",)),
    _says("node", concern="nodes"),
)  # fmt: skip
_QUOTA = (
    _says("exhausted, used up", View.QUOTAS, 1),
    _says("quota, resourcequota, resource quota, near quota, quota limit", View.QUOTAS, concern="quota"),
)
_RUNS = (
    _says("cronjob, cron job, cron, scheduled job, missed schedule, crontab", View.CRONJOBS, concern="jobs"),
    _says("schedule, scheduled, succeed, succeeded, last succeeded, last success, last run", View.CRONJOBS, 2),
    _says("not succeed, not succeeded, no success, without success, never succeeded, never succeed, not "
          "run, never run, "
          "not ran, never ran, not fired, not fire, miss run, missed run, not complete, not completed, no "
          "successful run, "
          "not been successful, not successful",
          View.CRONJOBS, 3),
    _says("in a row, consecutive, consecutively, back to back, again and again, repeatedly",
          View.FAILURES_IN_A_ROW, 6),
    _says("keep failing", View.FAILURES_IN_A_ROW, 4),
    _says(
        "expected duration, longer than expected, longer than usual, slower than usual, slower than expected, overdue, "
        "over expected duration, over duration, taking too long, take too long, running too long, run too long, "
        "over run time",
        View.OVERDUE_RUNS, 6,
    ),
    _says("success rate, failure rate, step duration, median duration, failure reason, rate of success",
          View.SUCCESS_RATE, 6),
    _says("retry loop, retry, retries, back off, backoff, retry forever, retry limit, back off ceiling, "
          "without back off, "
          "without back off ceiling, without ceiling, no back off, no retry limit, unlimited retry, "
          "endless retry, without cap, without retry limit", View.RETRY_LOOPS, 5),
    _says("failed run, failed workflow, failed job, failed pipeline, failed step, failed task, failed dag, "
          "failing workflow, "
          "failing dag, failing job, failing pipeline, failed executor pod", View.FAILED_RUNS, 4, concern="jobs"),
    _says("fail, failed, failure, error, died, broke, broken", View.FAILED_RUNS, 2),
    _says("run, step, task, job, pipeline, workflow, attempt", View.FAILED_RUNS, 1),
)  # fmt: skip
_WORKLOADS = (
    _says("crash loop, crashloopbackoff, crashloop, crashing, crash, restarting, restart",
          View.FINDINGS, codes=("WRK101",), concern="workloads"),
    _says("image pull, imagepullbackoff, errimagepull, cannot pull, pull image, image, image not found, "
          "pull error, bad image",
          View.FINDINGS, codes=("WRK102",), concern="workloads"),
    _says("missing secret, missing configmap, missing config, secret missing, configmap missing",
          View.FINDINGS, codes=("WRK103",), concern="workloads"),
    _says("rollout, rollout stuck, stuck rollout, replica, replicas short, unavailable replica, not available",
          View.FINDINGS, codes=("WRK106",), concern="workloads"),
    _says("lost gpu, gpu lost, xid, broken gpu, gpu broken, missing gpu, gpu missing",
          View.FINDINGS, 6, codes=("GPU114",), concern="gpu"),
    _says("webhook, admission webhook", View.FINDINGS, codes=("CTL101",), concern="control-plane"),
    _says("dns, name resolution", View.FINDINGS, 4, codes=("CTL104", "NET102"), concern="network"),
    _says("workload", concern="workloads"),
    _says("control plane", concern="control-plane"),
)  # fmt: skip
_ALL = (
    _says("problem, issue, wrong, misconfiguration, misconfigured, bottleneck, root cause, fault, trouble, "
          "worst, matter",
          View.PROBLEMS, 4),
    _says("deep scan, full scan, scan everything, everything wrong, what is wrong, all problems, everything "
          "that is wrong",
          View.PROBLEMS, 9),
    _says("status", View.SUMMARY, 2),
    _says("unhealthy, look at first, look first, mend first, fix first, fix", View.PROBLEMS, 4),
    _says("finding, sighting", View.FINDINGS, 4),
    _says(
        "cluster doing, healthy, how healthy, status report, cluster report, summary, summarize, summarise, "
        "overview, cluster status, status of cluster, state of cluster, "
        "cluster health, health of cluster, health, going on, happening, happen, doing, how is cluster, cluster up to, "
        "big picture, situation",
        View.SUMMARY,
    ),
    _says("bad data, wrong data, corrupt data, corrupted data, data quality, upstream task, produced bad, made bad",
          View.BAD_DATA, 9),
    _says("schema drift, schema change, schema mismatch, changed schema, dbt model, dbt schema, drift",
         View.SCHEMA_DRIFT, 9),
    _says("sql, query text, text of query, slow query, database query, query in database, query plan",
         View.QUERY_TEXT, 9),
)  # fmt: skip
_SYSTEMS = tuple(
    _says(words, View.FAILED_RUNS, 1, systems=systems)
    for words, systems in (
        ("airflow, kubernetesexecutor, kubernetes executor, dag, dags", ("airflow",)),
        ("argo, argo workflow, argo workflows, workflows argoproj", ("argo-workflows",)),
        ("kubeflow pipeline, kubeflow pipelines, kfp, ml pipeline pod", ("kubeflow-pipelines",)),
        ("kubeflow training, pytorchjob, tfjob, mpijob, training operator", ("kubeflow-training",)),
        ("kubeflow", ("kubeflow-pipelines", "kubeflow-training")),
        ("ray, kuberay, raycluster, rayjob, rayservice, ray cluster, ray node", ("kuberay",)),
        ("spark, sparkapplication", ("spark",)),
        ("prefect, prefect flow", ("prefect",)),
        ("dagster", ("dagster",)),
        ("jobset", ("jobset",)),
        ("flyte", ("flyte",)),
        ("kueue", ("kueue",)),
        ("volcano", ("volcano",)),
        ("dbt", ("dbt",)),
    )
)
_FILTERS = (
    _says("deployment", kinds=("Deployment",)),
    _says("statefulset, stateful set", kinds=("StatefulSet",)),
    _says("daemonset, daemon set", kinds=("DaemonSet",)),
    _says("critical", severity=Severity.CRITICAL),
    _says("high severity, severe, serious, high or worse, severity high, urgent", severity=Severity.HIGH),
    _says("medium severity, medium or worse, severity medium", severity=Severity.MEDIUM),
    _says("recovered, healed", state="recovered"),
)

PHRASES: Sequence[tuple[str, Meaning]] = (
    *_MEMORY, *_GPU, *_WAITING, *_STORAGE, *_NETWORK, *_NODES, *_QUOTA, *_RUNS, *_WORKLOADS, *_ALL, *_SYSTEMS,
    *_FILTERS,
)  # fmt: skip
"""Phrases, separated by commas, and what each of them means."""

ABSORBS: dict[View, frozenset[View]] = {
    View.CRONJOBS: frozenset({View.FAILED_RUNS, View.FAILURES_IN_A_ROW}),
    View.NODE_FAILURES: frozenset({View.FAILED_RUNS, View.EVICTIONS, View.PRESSURE}),
    View.PRESSURE: frozenset({View.EVICTIONS}),
    View.IDLE_GPUS: frozenset({View.GPU_POOLS}),
    View.OOM_KILLS: frozenset({View.FAILED_RUNS}),
    View.PENDING: frozenset({View.FAILED_RUNS}),
}
"""Where both are spoken of, the first is meant, and the words of the second only describe it."""
