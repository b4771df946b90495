"""
A killed container leaves one line in a status; who asks wants the pod, its limit, and how often.

Containers killed at their memory limit, a row per pod and container that the status still names; evictions apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reports.query.answer import Column
from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, number, pods_of, texts
from reports.words import counted, named
from scanners.finding import EvidenceRow, Finding, JsonValue

_COLUMNS = [
    column("killed", "killed at", "time"),
    column("pod"),
    column("owner"),
    column("container"),
    column("limit", "memory limit", "bytes"),
    column("request", "memory request", "bytes"),
    column("kills", "kills of the owner in 24 h, at least", "count"),
    column("node"),
    column("exit_code", unit="count"),
]
_OF_A_RUN: Sequence[Column] = [column("run"), column("task")]

KUBEFLOW = "kubeflow-pipelines"


def _kills(scene: Scene) -> Iterator[Told]:
    patterns = {_key(one): one for one in scene.findings(["OOM102"])}
    single = {_key(one): one for one in scene.findings(["OOM101"])}
    for key in dict.fromkeys([*patterns, *single]):
        finding = patterns.get(key) or single[key]
        yield from _of(finding)


def _key(finding: Finding) -> tuple[str, str, str, str, str]:
    subject = finding.subject
    return subject.cluster, subject.kind, subject.namespace, subject.name, finding.discriminator


def _of(finding: Finding) -> Iterator[Told]:
    """A row per kill that the finding lists; from a report without the list, per pod that its evidence names."""
    listed = finding.facts.get("killed_pods")
    kills = [kill for kill in listed if isinstance(kill, dict)] if isinstance(listed, list) else []
    rows = pods_of(finding)
    for kill in kills:
        yield _row(finding, kill, [row for row in rows if row.ref.name == kill.get("pod")])
    if not kills:
        seen = dict.fromkeys((row.ref.name, row.observed_at) for row in rows if row.observed_at)
        ends: list[tuple[str | None, str | None]] = [*seen] or [(None, finding.last_seen)]
        for pod, moment in ends:
            kill = {"pod": pod, "killed_at": moment, "exit_code": finding.facts.get("exit_code")}
            yield _row(finding, kill, [row for row in rows if row.ref.name == pod])


def _row(finding: Finding, kill: dict[str, JsonValue], evidence: Sequence[EvidenceRow]) -> Told:
    facts, pipeline = finding.facts, finding.pipeline
    pod, at = kill.get("pod"), kill.get("killed_at")
    kills = number(facts.get("kills_24h"))
    row = told(
        finding,
        killed=at,
        pod=f"{finding.subject.namespace}/{pod}" if pod else None,
        owner=named(finding.subject),
        container=facts.get("container"),
        limit=facts.get("limit_bytes"),
        request=facts.get("request_bytes"),
        kills=kills,
        node=kill.get("node") or finding.node,
        exit_code=kill.get("exit_code"),
        run=pipeline.run if pipeline else None,
        task=pipeline.step if pipeline else None,
    )
    ids = [one.id for one in evidence] or row.evidence
    return replace(row, evidence=ids, at=str(at) if at else finding.last_seen, measure=kills)


def _kill_notes(scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    if rows:
        yield "a status keeps one kill per container, so every count is `at least`"
    perhaps = {row.finding for row in rows} & {
        one.id for one in scene.findings(["OOM101"]) if one.confidence.value == "possible"
    }
    if perhaps:
        yield (
            f"{counted(len(perhaps), 'finding')} ({', '.join(sorted(filter(None, perhaps)))}) only possible: exit code "
            "137 without the reason OOMKilled"
        )
    if not scene.query.codes and (apart := list(scene.findings(["OOM105"]))):
        yield (
            f"evictions for memory are apart: {counted(len(apart), 'owner')} here; ask for evicted pods to see them"
        )


KILLS = Definition(
    title="Containers killed for memory",
    noun="kill",
    codes={"OOM101": "containers killed for memory", "OOM102": "patterns of kills for memory"},
    slices=["pods"],
    columns=_COLUMNS,
    rows=_kills,
    beside=["OOM105"],
    order=["-killed"],
    happened=True,
    measure="kills of the owner in 24 h",
    notes=_kill_notes,
)
KILLS_OF_RUNS = _OF_A_RUN
"""Columns that kills of an engine's pods have besides."""


def _evictions(scene: Scene) -> Iterable[Told]:
    for finding in scene.findings(["OOM105"]):
        facts = finding.facts
        row = told(
            finding,
            evicted=finding.last_seen,
            owner=named(finding.subject),
            pods=texts(facts.get("sample_pods")),
            count=facts.get("evicted_pods"),
            node=facts.get("node"),
            available=facts.get("available_bytes"),
            threshold=facts.get("threshold_bytes"),
            largest=facts.get("largest_use_bytes"),
        )
        yield replace(row, measure=number(facts.get("evicted_pods")))


EVICTIONS = Definition(
    title="Pods evicted for memory",
    noun="owner",
    codes={"OOM105": "pods evicted for memory"},
    slices=["pods"],
    columns=[
        column("evicted", "last evicted at", "time"),
        column("owner"),
        column("count", "pods evicted", "count"),
        column("pods", "pods, up to three", "names"),
        column("node"),
        column("available", "memory left on the node", "bytes"),
        column("threshold", "eviction threshold", "bytes"),
        column("largest", "largest use", "bytes"),
    ],
    rows=_evictions,
    order=["-evicted"],
    happened=True,
    measure="evicted pods",
)
