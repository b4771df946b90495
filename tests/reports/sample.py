"""
A night in a cluster, by hand: a dead DNS, a full quota, a step that outgrows its limit, a greedy notebook.

Names are as hostile as a tenant could make them.
"""

from correlate.problem import (
    Alternative,
    Impact,
)
from reports.assemble import Run, assemble
from reports.report import AgentRow, Report, Scope, TargetRow
from reports.target_result import TargetResult
from scanners.facts import slices
from scanners.facts.gaps import Reading, SliceState
from scanners.finding import Confidence, EvidenceRow, Severity, State
from scanners.kinds import Kind
from scanners.scanner import CheckState
from tests.reports.build import CLUSTER, NOW, check, finding, link, priced, problem, ref, row, seen, step

HOSTILE = "<script>alert(1)</script>[bold]x|y`z`\x1b[31mred\x1b[0m\u202egpj.exe\u200b"
TARGET = TargetRow(
    id=CLUSTER,
    provider="kubernetes",
    name="prod-gpu-eu",
    cluster_uid=CLUSTER,
    version="v1.35.4",
    nodes=24,
    pods=1400,
)


SET = "kubectl set resources -n ml statefulset/nb-lena --requests=memory=220Gi --limits=memory=240Gi"

_notebook = ref("StatefulSet", "nb-lena", "ml", "apps")
_node = ref("Node", "gpu-07")
_workflow = ref("Workflow", "train-llm-x8k2p", "ml", "argoproj.io")
_quota = ref("ResourceQuota", "team-b-gpus", "team-b")
_dns = ref("Deployment", "coredns", "kube-system", "apps")

DNS = finding(
    1,
    "DNS101",
    Kind.DNS_DOWN,
    "Cluster DNS is down",
    "0 of 2 replicas of coredns are ready for 3 h 12 min",
    Severity.CRITICAL,
    _dns,
    [seen("e-1", _dns, "status.readyReplicas", 0, "2026-11-18T22:48:00Z", 1)],
)
NAMES = finding(
    2,
    "NET110",
    Kind.NAME_RESOLUTION_FAILED,
    "Names are not resolved",
    "41 pods log 'no such host' since 22:50",
    Severity.HIGH,
    ref("Deployment", "inference-gateway", "serving", "apps"),
    [
        seen(
            "e-2",
            ref("Pod", "inference-gateway-7d9f", "serving"),
            "gateway:118",
            "lookup models.ml.svc: no such host",
        )
    ],
)
HOG = finding(
    3,
    "OOM104",
    Kind.MEMORY_HOG,
    "Memory use far over request",
    "nb-lena uses 212 Gi with a request of 0 on gpu-07",
    Severity.HIGH,
    _notebook,
    [
        seen(
            "e-3",
            ref("Pod", "nb-lena-0", "ml"),
            "spec.containers[0].resources",
            {"limits": {"nvidia.com/gpu": "1"}},
        ),
        seen("e-4", ref("Pod", "nb-lena-0", "ml"), "spec.nodeName", "gpu-07", "2026-11-18T09:40:00Z"),
    ],
    confidence=Confidence.LIKELY,
    onset="2026-11-18T09:40:00Z",
    work=False,
)
PRESSURE = finding(
    4,
    "NOD102",
    Kind.NODE_PRESSURE,
    "Memory pressure",
    "gpu-07 is under MemoryPressure since 10:02",
    Severity.HIGH,
    _node,
    [seen("e-5", _node, "status.conditions[0].status", "True", "2026-11-18T10:02:00Z")],
    work=False,
)
EVICTED = finding(
    5,
    "OOM105",
    Kind.POD_EVICTED,
    "Pods evicted",
    "6 pods were evicted between 10:02 and 10:05",
    Severity.HIGH,
    ref("Job", "preprocess", "ml", "batch"),
    [seen("e-6", ref("Pod", "preprocess-4k", "ml"), "status.reason", "Evicted")],
)
STEP = finding(
    6,
    "PIP101",
    Kind.RUNS_FAILING,
    "Pipeline step failed",
    "step train failed after 3 tries",
    Severity.HIGH,
    _workflow,
    [seen("e-7", _workflow, "status.nodes['train'].phase", "Failed", "2026-11-18T10:06:00Z")],
)
QUOTA = finding(
    7,
    "QTA101",
    Kind.QUOTA_EXHAUSTED,
    "GPU quota is full",
    "32 of 32 GPUs of team-b-gpus are used; 8 more are asked for",
    Severity.HIGH,
    _quota,
    [
        seen("e-8", _quota, "status.used['requests.nvidia.com/gpu']", "32", threshold="32"),
        seen("e-9", _quota, "status.hard['requests.nvidia.com/gpu']", "32"),
    ],
    work=False,
    onset="2026-11-18T13:00:00Z",
)
NOT_CREATED = finding(
    8,
    "WRK114",
    Kind.PODS_NOT_CREATED,
    "Job has no pods",
    "Job eval-7b wants 1 pod and has none",
    Severity.HIGH,
    ref("Job", "eval-7b", "team-b", "batch"),
    [
        seen(
            "e-10",
            ref("Job", "eval-7b", "team-b", "batch"),
            "status.conditions[0].message",
            "exceeded quota: team-b-gpus",
        )
    ],
)
IDLE = finding(
    9,
    "GPU101",
    Kind.GPU_NODE_IDLE,
    "GPU node is idle",
    "a100-8x-2 holds 8 GPUs and no GPU pod for 61 h",
    Severity.HIGH,
    ref("Node", "a100-8x-2"),
    [seen("e-11", ref("Node", "a100-8x-2"), "status.allocatable['nvidia.com/gpu']", "8")],
    confidence=Confidence.DERIVED,
    onset="2026-11-16T13:00:00Z",
    work=False,
)
BLOCKED = finding(
    10,
    "GPU105",
    Kind.RECLAIM_BLOCKED,
    "Scale-down is blocked",
    "the autoscaler keeps a100-8x-2 for PDB ml/cache-pdb",
    Severity.MEDIUM,
    ref("Node", "a100-8x-2"),
    [seen("e-12", ref("PodDisruptionBudget", "cache-pdb", "ml"), "status.disruptionsAllowed", 0)],
    work=False,
)
OOM = finding(
    11,
    "OOM102",
    Kind.CONTAINER_OOM,
    "OOM pattern",
    "tokenizer was killed 7 times in 24 h at its limit of 100 Mi",
    Severity.HIGH,
    ref("Deployment", HOSTILE, "ml", "apps"),
    [
        seen(
            "e-13",
            ref("Pod", "tokenizer-1", "ml"),
            "status.containerStatuses[0].lastState.terminated.reason",
            "OOMKilled",
            NOW,
            2,
        ),
        EvidenceRow(
            id="e-14",
            source="log",
            ref=ref("Pod", "tokenizer-1", "ml"),
            path="tokenizer:2041",
            value=f"{HOSTILE}\n| a | b |\n[click](https://evil.example) @everyone",
            observed_at=NOW,
        ),
    ],
)
CLAIM = finding(
    12,
    "STO101",
    Kind.CLAIM_PENDING,
    "Claim waits for a class",
    "claim scratch asks for StorageClass fast, which does not exist",
    Severity.MEDIUM,
    ref("PersistentVolumeClaim", "scratch", "ml"),
    [seen("e-15", ref("PersistentVolumeClaim", "scratch", "ml"), "spec.storageClassName", "fast")],
    work=False,
)
POLICY = finding(
    13,
    "NET101",
    Kind.POLICY_MISSING,
    "No network policy",
    "12 workloads of namespace ml are covered by no policy",
    Severity.LOW,
    ref("Namespace", "ml"),
    [],
    work=False,
    onset=None,
)
GONE = finding(
    14,
    "OOM105",
    Kind.POD_EVICTED,
    "Pods evicted",
    "2 pods were evicted; the owner runs again",
    Severity.INFO,
    ref("Job", "nightly-export", "data", "batch"),
    [],
    onset=None,
)
GONE.state = State.RECOVERED

FINDINGS = [
    DNS,
    NAMES,
    HOG,
    PRESSURE,
    EVICTED,
    STEP,
    QUOTA,
    NOT_CREATED,
    IDLE,
    BLOCKED,
    OOM,
    CLAIM,
    POLICY,
    GONE,
]

PROBLEMS = [
    problem(POLICY, score=12.0),
    problem(
        CLAIM,
        score=31.5,
        impact=Impact(workloads=1, pods=2, namespaces=["ml"]),
        steps=[
            step("See which classes there are", "kubectl get storageclass"),
        ],
    ),
    problem(
        IDLE,
        BLOCKED,
        score=41.2,
        chain=[link(IDLE, BLOCKED, "same", "R-801", 0.9)],
        impact=priced(12900.0, "cash", gpus=8),
        text="Let the autoscaler drain the node: relax the budget that keeps it.",
        owner="ml-platform",
    ),
    problem(
        DNS,
        NAMES,
        score=81.0,
        chain=[link(DNS, NAMES, "cluster", "R-701", 0.7)],
        impact=Impact(workloads=12, pods=41, namespaces=["serving", "ml"]),
        text="Bring the two replicas of coredns back; their logs say why they stop.",
        steps=[
            step("Read why it stops", "kubectl logs -n kube-system deployment/coredns --previous"),
            step(
                "Roll back the last change",
                "kubectl rollout undo -n kube-system deployment/coredns",
                "mutates",
                dry_run="kubectl rollout undo -n kube-system deployment/coredns --dry-run=server",
                verify="kubectl get -n kube-system deployment/coredns",
                undo="kubectl rollout undo -n kube-system deployment/coredns",
            ),
        ],
        unknowns=["whether the configuration changed: ConfigMaps are never read"],
        alternatives=[
            Alternative(
                finding="f-0004", statement="both replicas run on gpu-07, which is under memory pressure"
            )
        ],
    ),
    problem(
        HOG,
        PRESSURE,
        EVICTED,
        STEP,
        score=64.0,
        chain=[
            link(HOG, PRESSURE, "runs-on", "R-101", 0.85),
            link(PRESSURE, EVICTED, "runs-on", "R-102"),
            link(EVICTED, STEP, "implements", "R-601", 0.99),
        ],
        impact=Impact(workloads=7, pods=9, gpus=3, namespaces=["ml"]),
        owner="research",
        text="Give the notebook a memory request and limit near its use, or move it off the shared node.",
        steps=[
            step("Look at its memory", "kubectl top pod -n ml nb-lena-0"),
            step(
                "Set request and limit",
                SET,
                "mutates",
                dry_run=f"{SET} --dry-run=server",
                verify="kubectl describe node gpu-07",
                undo="kubectl rollout undo -n ml statefulset/nb-lena",
            ),
        ],
        patch="spec:\n  template:\n    spec:\n      containers: [{name: notebook}]\n",
        unknowns=["memory use before 09:40: no metrics were given"],
        would_change=["another pod of gpu-07 grew between 09:40 and 10:02"],
    ),
    problem(
        QUOTA,
        NOT_CREATED,
        score=51.4,
        chain=[link(QUOTA, NOT_CREATED, "governed-by", "R-201", 0.98)],
        impact=Impact(workloads=2, pods=1, gpus=8, namespaces=["team-b"]),
        owner="team-b",
        text="Raise the quota or end a holder.",
    ),
    problem(
        OOM,
        score=44.0,
        impact=Impact(workloads=1, pods=3, namespaces=["ml"]),
        steps=[step("Compare peak and limit", "kubectl top pod -n ml tokenizer-1 --containers")],
    ),
]


CATALOGUE = {
    scanner.code: scanner
    for scanner in [
        check("OOM102", "OOM pattern", [slices.PODS], (slices.POD_LOGS,)),
        check("JOB101", "Job failed", [slices.JOBS], (slices.POD_LOGS,)),
        check("STO101", "Claim waits for a class", [slices.PERSISTENTVOLUMECLAIMS, slices.STORAGECLASSES]),
        check("QTA101", "Quota is full", [slices.RESOURCEQUOTAS]),
        check("NET110", "Names are not resolved", [slices.POD_LOGS]),
        check("NET105", "Service without endpoints", [slices.SERVICES, slices.ENDPOINTSLICES]),
        check("NOD101", "Node not ready", [slices.NODES]),
        check("GPU102", "GPU allocated and idle", [slices.PODS]),
        check("WEB101", "Webhook without endpoints", [slices.VALIDATING_WEBHOOKS]),
    ]
}


CHECKS = [
    row("OOM102", CheckState.RAN, "without pod-logs", kills=2),
    row("JOB101"),
    row("STO101"),
    row("QTA101", CheckState.PARTIAL, "resourcequotas read in part", share=0.9),
    row("NET110", CheckState.NOT_MEASURED, "pod-logs: denied"),
    row("NET105", CheckState.NOT_MEASURED, "endpointslices: timed-out"),
    row("NOD101", not_ready_minutes=5),
    row("WEB101", CheckState.NOT_APPLICABLE, "nothing of its kind here"),
    row("GPU102", CheckState.NOT_CONFIGURED, "no Prometheus: run with --prometheus URL"),
]

READINGS = [
    Reading("pods", SliceState.COMPLETE, objects=1400),
    Reading("nodes", SliceState.COMPLETE, objects=24),
    Reading(
        "pod-logs",
        SliceState.DENIED,
        detail='pods/log is forbidden: User "deepscan" cannot get resource "pods/log"',
        mend="deepscan permissions --kubernetes --tier logs | kubectl apply -f -",
    ),
    Reading("resourcequotas", SliceState.DENIED, "namespace/vision", detail="403"),
    Reading("resourcequotas", SliceState.DENIED, "namespace/vault", detail="403"),
    Reading("resourcequotas", SliceState.COMPLETE, "namespace/ml", objects=3),
    Reading("endpointslices", SliceState.TIMED_OUT, detail="no answer within 30 s", mend="raise --deadline"),
    Reading("pytorchjobs.kubeflow.org", SliceState.ABSENT),
]

AGENTS = [
    AgentRow(target=CLUSTER, concern="jobs", state="done", seconds=4.2, requests=12, findings=5),
    AgentRow(target=CLUSTER, concern="network", state="timed-out", seconds=30.0, requests=3, findings=1),
]

RUN = Run(
    scope=Scope(),
    now=NOW,
    window_hours=24.0,
    started_at="2026-11-19T02:00:01Z",
    finished_at="2026-11-19T02:00:09Z",
    deepscan_version="0.1.0",
    profile="nightly",
)


def result() -> TargetResult:
    """What the cluster brought."""
    return TargetResult(
        target=TARGET,
        findings=FINDINGS,
        problems=PROBLEMS,
        readings=READINGS,
        checks=CHECKS,
        agents=AGENTS,
        warnings=["the identity may read Secrets, which deepscan never does: a weaker one is enough"],
    )


def sample() -> Report:
    """The report of that night."""
    return assemble(RUN, [result()], CATALOGUE)
