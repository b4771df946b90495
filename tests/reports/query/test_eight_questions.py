"""The questions that must be answered without a model, on the demo cluster: each in several wordings, row by row."""

import pytest

from reports.query.asking import ask
from reports.query.query import Query, View
from tests.reports.query.worlds import answer, demo, healthy, rows, the_table

GIB = 1024**3
FEATURES = "airflow/features-daily-build-features-"


@pytest.mark.parametrize(
    "question",
    [
        "Which pods in the airflow namespace were OOM-killed in the last 24 hours?",
        "show containers killed for memory in namespace airflow, past day",
        "anything out of memory in ns/airflow since yesterday",
        "pods that ran out of memory today in the `airflow` namespace",
    ],
)
def test_kills_for_memory_of_a_namespace(question: str) -> None:
    table = the_table(question, demo())
    keys = ("killed", "pod", "owner", "container", "limit", "request", "kills", "node", "exit_code")
    dag = ("DAG airflow/features_daily", "base", 4 * GIB, 4 * GIB, 3)
    assert rows(table, *keys) == [
        ("2026-11-19T01:31:00Z", f"{FEATURES}lk8tkffb", *dag, "general-04", 137),
        ("2026-11-19T01:06:00Z", f"{FEATURES}tqfqsb9b", *dag, "general-03", 137),
        ("2026-11-19T00:41:00Z", f"{FEATURES}4xhrtnhl", *dag, "general-02", 137),
    ]
    assert table.sentence == "3 kills; looked at 405 pods in 12 namespaces"
    assert len({row.finding for row in table.rows}) == 1
    assert len({row.evidence[0] for row in table.rows}) == 3
    assert any("at least" in note for note in table.notes)


def test_every_id_of_a_row_leads_to_the_finding_and_the_evidence_it_came_from() -> None:
    findings = {finding.id: finding for finding in demo().findings}
    told = 0
    for view_words in (
        "OOM kills",
        "pods stuck in pending",
        "stale PVC mounts",
        "network policy gaps",
        "failing cronjobs",
    ):
        for row in the_table(view_words, demo()).rows:
            assert row.finding is not None
            assert set(row.evidence) <= {one.id for one in findings[row.finding].evidence} | _siblings(
                row.finding
            )
            told += len(row.evidence)
    assert told > 20


def _siblings(finding: str) -> set[str]:
    """Evidence of other findings on the same object: a CronJob's row joins two checks."""
    subject = next(one.subject for one in demo().findings if one.id == finding)
    return {row.id for one in demo().findings if one.subject == subject for row in one.evidence}


@pytest.mark.parametrize(
    "question",
    [
        "node capacity and GPU allocation ratios",
        "what is the GPU utilisation per node pool?",
        "how much of the GPU capacity is allocated",
    ],
)
def test_the_pools_and_their_ratios_the_lowest_first(question: str) -> None:
    table = the_table(question, demo())
    assert rows(table, "pool", "product", "capacity", "allocatable", "requested", "used", "ratio") == [
        ("a100-8x", "NVIDIA-A100-SXM4-40GB", 56, 56, 34, None, 0.6071),
        ("a100-mig", "NVIDIA-A100-SXM4-40GB", 24, 24, 16.286, None, 0.6786),
        ("h100-8x", "NVIDIA-H100-80GB-HBM3", 32, 31, 28, None, 0.9032),
        ("t4", "Tesla-T4", 6, 5, 6, None, 1.0),
    ]
    assert any("not measured" in note for note in table.notes)


def test_a_product_narrows_the_pools() -> None:
    assert rows(the_table("allocation ratio of the H100s", demo()), "pool") == [("h100-8x",)]
    assert rows(the_table("how are our A100 nodes allocated", demo()), "pool") == [
        ("a100-8x",),
        ("a100-mig",),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "pods stuck in Pending",
        "which pods cannot be scheduled, and why?",
        "what is waiting for a node right now",
        "unschedulable pods, longest first",
    ],
)
def test_what_is_pending_with_its_cause_the_longest_first(question: str) -> None:
    table = the_table(question, demo())
    assert rows(table, "object", "waiting", "cause") == [
        ("PyTorchJob team-vision/depth-finetune", 11520, "fragmented"),
        ("PersistentVolumeClaim ml-research/checkpoints", 9000, "class-missing"),
        ("Deployment ml-research/tuner", 8940, "volume"),
        ("Deployment ml-platform/policy-webhook", 5100, "selector"),
    ]
    changes = rows(table, "change")
    assert changes[0] == ("free 1 nvidia.com/gpu on node a100-8x-02 (4 wanted, largest free block is 3)",)
    assert all(change for (change,) in changes)
    assert rows(table, "pods")[0] == (("depth-finetune-worker-0",),)


def test_a_wait_that_is_asked_for_narrows_the_pending() -> None:
    longer = the_table("pods stuck in Pending for more than 145 min", demo())
    assert rows(longer, "object") == [
        ("PyTorchJob team-vision/depth-finetune",),
        ("PersistentVolumeClaim ml-research/checkpoints",),
        ("Deployment ml-research/tuner",),
    ]
    assert "lasting 2 h 25 min or longer" in answer("pending pods for over 145 minutes", demo()).headline


@pytest.mark.parametrize(
    "question",
    [
        "stale PVC mounts; show binding and fill of PVCs",
        "which persistent volume claims are stale, unbound or full?",
        "how are my PVCs bound and how far filled",
    ],
)
def test_claims_with_their_phase_cause_and_holders(question: str) -> None:
    table = the_table(question, demo())
    assert rows(table, "claim", "phase", "cause", "mounted_by", "used") == [
        (
            "ml-platform/registry-data",
            "Bound",
            "will not attach or mount",
            ("ml-platform/artifact-store-74xv8p54m-76qd5",),
            None,
        ),
        ("ml-research/checkpoints", "Pending", "class-missing", (), None),
    ]
    assert "fill is not measured where `used` is blank" in table.notes
    assert [gap.what for gap in table.missing if gap.state == "not configured"] == [
        "PVC106 (volumes that fill)"
    ]
    assert any(gap.what.startswith("PVC109") for gap in table.missing)


def test_unbound_claims_alone() -> None:
    assert rows(the_table("which PVCs are still Pending?", demo()), "claim") == [("ml-research/checkpoints",)]


@pytest.mark.parametrize(
    "question",
    [
        "network policy gaps in ml-research",
        "which workloads of the ml-research namespace have no network policy?",
        "missing NetworkPolicies within ml-research behind timeouts",
    ],
)
def test_gaps_of_network_policies_in_a_namespace(question: str) -> None:
    table = the_table(question, demo())
    both = ("ingress", "egress")
    assert rows(table, "severity", "workload", "gap", "directions", "policies") == [
        ("low", "PyTorchJob ml-research/llm-pretrain", "no policy", both, ()),
        ("low", "PyTorchJob ml-research/retriever", "no policy", both, ()),
        ("low", "PyTorchJob ml-research/reward-model", "no policy", both, ()),
        ("low", "Deployment ml-research/tuner", "no policy", both, ()),
    ]


def test_a_policy_that_blocks_names_peer_and_port() -> None:
    first = rows(
        the_table("egress blocked between namespaces", demo()), "workload", "gap", "policies", "peer", "port"
    )[0]
    assert first == (
        "Deployment data-pipelines/event-router",
        "blocked",
        ("default-deny", "event-router-kafka"),
        "kube-system/kube-dns",
        "UDP/53, TCP/53",
    )


@pytest.mark.parametrize(
    "question",
    [
        "namespaces near a quota; node pressure that may evict",
        "which namespaces are close to their ResourceQuota and which nodes are under memory pressure",
        "quota usage and disk pressure on nodes",
    ],
)
def test_quotas_and_node_pressure_are_two_tables(question: str) -> None:
    quotas, pressure = answer(question, demo()).tables
    assert (quotas.view, pressure.view) == (View.QUOTAS, View.PRESSURE)
    assert rows(quotas, "namespace", "resource", "used", "hard", "ratio") == [
        ("team-vision", "requests.nvidia.com/gpu", "22 devices", "22 devices", 1.0),
        ("data-pipelines", "requests.cpu", "60.2 cores", "64 cores", 0.9406),
    ]
    assert rows(quotas, "holders")[0][0] == (
        "PyTorchJob/team-vision/detector 10",
        "PyTorchJob/team-vision/segmenter 8",
        "PyTorchJob/team-vision/depth-finetune 4",
    )
    loaders = tuple(
        f"data-pipelines/loader-28ct9zr7z-{one} main: 14.5 GiB" for one in ("qmg4c", "v898z", "vftms")
    )
    assert rows(pressure, "node", "condition", "since", "evicted", "top_users") == [
        ("general-10", "MemoryPressure", "2026-11-19T01:22:00Z", 3, loaders)
    ]


def test_a_share_that_is_asked_for_narrows_the_quotas() -> None:
    assert rows(the_table("quotas over 95 % used", demo()), "namespace") == [("team-vision",)]


@pytest.mark.parametrize(
    "question",
    [
        "failed CronJobs and their last runs",
        "which cron jobs are failing, and when did they last succeed?",
        "scheduled jobs with failures",
    ],
)
def test_cronjobs_with_their_last_runs(question: str) -> None:
    table = the_table(question, demo())
    keys = ("cronjob", "last_schedule", "last_success", "failures", "basis", "exit_code", "missed")
    assert rows(table, *keys) == [
        (
            "data-pipelines/nightly-export",
            "2026-11-19T01:00:00Z",
            "2026-11-16T01:20:00Z",
            3,
            "due runs without a success",
            2,
            None,
        ),
        ("monitoring/synthetic-probe", "2026-11-18T20:50:00Z", None, None, None, None, 30),
    ]
    assert any("prune" in note for note in table.notes)


def test_failures_in_a_row_narrow_the_cronjobs() -> None:
    table = the_table("CronJobs failing three times in a row", demo())
    assert rows(table, "cronjob", "failures") == [("data-pipelines/nightly-export", 3)]


@pytest.mark.parametrize(
    "question",
    ["what is my cluster doing?", "give me an overview", "how is the cluster doing today", "summary please"],
)
def test_the_whole_scan_in_short_gaps_first(question: str) -> None:
    tables = answer(question, demo()).tables
    assert [table.title for table in tables] == ["Not seen", "Targets", "Problems", "GPU-hours"]
    assert rows(tables[1], "target", "nodes", "pods") == [("demo-gpu-eu", 30, 405)]
    assert tables[2].sentence == "21 problems: 1 critical, 17 high, 1 medium, 2 low"
    assert rows(tables[2], "rank", "what")[0] == (1, "Pod cannot be placed: ml-platform/policy-webhook")
    assert (len(tables[2].rows), tables[2].left_out) == (10, 11)
    assert rows(tables[3], "part", "hours")[0] == ("provisioned", 118.0)
    parts = sum(hours for part, hours in rows(tables[3], "part", "hours") if part != "provisioned")  # type: ignore[misc]
    assert parts == pytest.approx(118.0)


@pytest.mark.parametrize(
    ("question", "check", "looked"),
    [
        ("pods OOM-killed in the last 24 h", "memory/container_killed_for_memory", "2 pods in 1 namespace"),
        ("pods stuck in Pending", "workloads/pod_cannot_be_placed", "4 pods in 2 namespaces"),
        ("stale PVC mounts", "storage/claim_not_provisioned", "1 PersistentVolumeClaim in 1 namespace"),
        (
            "network policy gaps",
            "network/workload_without_policy",
            "3 networkpolicies and 4 pods in 1 namespace",
        ),
        ("namespaces near a quota", "quota/quota_nearly_full", "1 ResourceQuota in 1 namespace"),
        ("nodes under pressure", "nodes/node_under_pressure", "3 nodes"),
        ("failing CronJobs", "jobs/cronjob_runs_fail", "1 CronJob in 1 namespace"),
        ("GPU allocation ratio", "memory/container_killed_for_memory", "0 nodes and 2 pods in 1 namespace"),
    ],
)
def test_a_healthy_cluster_that_was_read_whole_has_none(question: str, check: str, looked: str) -> None:
    table = the_table(question, healthy(check))
    assert (table.seen, table.rows) == ("none", [])
    assert table.sentence.startswith(f"none; looked at {looked}")


def test_a_healthy_cluster_says_so_in_short_too() -> None:
    tables = answer("what is going on?", healthy("network/workload_without_policy")).tables
    assert [table.seen for table in tables] == ["none", "rows", "none", "none"]
    assert tables[2].sentence == "none; every check that was asked for ran"


def test_columns_a_limit_and_bounds_of_a_query_are_kept() -> None:
    two = Query(views=(View.OOM_KILLS,), columns=("killed", "pod"), limit=2)
    (table,) = ask(demo(), two).tables
    assert [column.key for column in table.columns] == ["killed", "pod"]
    assert (len(table.rows), table.left_out) == (2, 2)
    (pools,) = ask(demo(), Query(views=(View.GPU_POOLS,), at_least=0.65, at_most=0.95)).tables
    assert rows(pools, "pool") == [("a100-mig",), ("h100-8x",)]


def test_idle_gpu_nodes_with_what_keeps_them_and_what_they_cost() -> None:
    table = the_table("A100 nodes idle under CPU-only jobs", demo())
    cache, budget = (
        ("Deployment ml-platform/feature-cache",),
        ("disruption budget feature-cache allows none",),
    )
    assert rows(table, "node", "gpus", "idle", "basis", "cpu_only", "blockers", "usd", "saving") == [
        ("a100-8x-06", 8, 61.0, "trace", cache, budget, 16029.08, "cash"),
        ("a100-8x-07", 8, 61.1, "trace", cache, budget, 16029.08, "cash"),
    ]
    assert [gap.what[:6] for gap in table.missing if gap.state == "not configured"] == ["GPU102"]


def test_a_run_that_died_with_its_node_is_tied_to_it_by_a_rule() -> None:
    table = the_table("failed runs tied to node events", demo())
    assert rows(table, "run", "object", "step", "node", "gap", "rule") == [
        ("recsys", "RayCluster ray/recsys", "gpu", "t4-04", 0, "R-103")
    ]
