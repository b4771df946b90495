"""Findings, problems and checks by hand, in one line each."""

from correlate.problem import (
    Alternative,
    Effect,
    Impact,
    Link,
    Problem,
    Remediation,
    Root,
    Saving,
    ScoreParts,
    Step,
)
from reports.report import CheckRow
from scanners.facts.slices import Slice
from scanners.finding import Confidence, EvidenceRow, Finding, JsonValue, Reference, Severity
from scanners.kinds import Kind
from scanners.scanner import CheckState, Scanner

CLUSTER = "5f0c3c1e-8a3f-4a53-9f0e-2f8f4d1f6a11"
NOW = "2026-11-19T02:00:00Z"


def ref(kind: str, name: str, namespace: str = "", group: str = "", cluster: str = CLUSTER) -> Reference:
    """A reference into the cluster."""
    return Reference(cluster=cluster, group=group, kind=kind, namespace=namespace, name=name)


def seen(
    id_: str, where: Reference, path: str, value: JsonValue, at: str = "", threshold: JsonValue = None
) -> EvidenceRow:
    """A row of evidence with the line that shows it."""
    scope = f" -n {where.namespace}" if where.namespace else ""
    command = f"kubectl get {where.kind.lower()} {where.name}{scope} -o jsonpath='{{.{path}}}'"
    return EvidenceRow(
        id=id_,
        source="api",
        ref=where,
        path=path,
        value=value,
        observed_at=at or None,
        threshold=threshold,
        command=command,
    )


def finding(
    number: int,
    code: str,
    kind: Kind,
    title: str,
    message: str,
    severity: Severity,
    subject: Reference,
    evidence: list[EvidenceRow],
    confidence: Confidence = Confidence.OBSERVED,
    onset: str | None = "2026-11-18T22:48:00Z",
    work: bool = True,
) -> Finding:
    """A finding whose workload is its subject unless it is about no work."""
    return Finding(
        id=f"f-{number:04d}",
        code=code,
        concern="jobs",
        kind=kind,
        title=title,
        message=message,
        severity=severity,
        confidence=confidence,
        subject=subject,
        workload=subject if work else None,
        onset=onset,
        last_seen=NOW,
        evidence=evidence,
    )


def problem(
    root: Finding,
    *explained: Finding,
    severity: Severity | None = None,
    score: float = 50.0,
    chain: list[Link] | None = None,
    impact: Impact | None = None,
    steps: list[Step] | None = None,
    text: str = "",
    patch: str | None = None,
    unknowns: list[str] | None = None,
    would_change: list[str] | None = None,
    alternatives: list[Alternative] | None = None,
    owner: str | None = None,
) -> Problem:
    """The problem of a root and what it explains."""
    return Problem(
        id=root.id.replace("f-", "p-"),
        title=root.title,
        severity=severity or root.severity,
        confidence=root.confidence,
        score=score,
        score_parts=ScoreParts(confidence=0.9, impact=0.83, severity=0.8, waste=0.0, urgency=0.99),
        root=Root(
            finding=root.id,
            code=root.code,
            concern=root.concern,
            subject=root.subject,
            statement=root.message,
        ),
        findings=[root.id, *(f.id for f in explained)],
        chain=chain or [],
        unknowns=unknowns or [],
        would_change=would_change or [],
        alternatives=alternatives or [],
        impact=impact or Impact(),
        remediation=Remediation(text=text, steps=steps or [], patch=patch),
        owner=owner,
    )


def link(source: Finding, target: Finding, relation: str, rule: str, strength: float = 0.97) -> Link:
    """A hop of a chain."""
    return Link(source=source.id, target=target.id, relation=relation, rule=rule, strength=strength)


def step(text: str, command: str | None = None, effect: Effect = "read", **more: str) -> Step:
    """A step of a remedy."""
    return Step(text=text, command=command, effect=effect, **more)


def priced(usd: float, saving: Saving, **counts: int) -> Impact:
    """An impact with a price."""
    return Impact(
        usd_per_month=usd, saving=saving, usd_formula=f"priced at {usd:g} USD", namespaces=["ml"], **counts
    )


def check(code: str, title: str, needs: list[Slice], sharpened_by: tuple[Slice, ...] = ()) -> Scanner:
    """A check that sees nothing."""
    return Scanner(
        code=code,
        title=title,
        severity=Severity.HIGH,
        confidence=Confidence.OBSERVED,
        concern="jobs",
        page="",
        needs=tuple(needs),
        complete=(),
        sharpened_by=sharpened_by,
        about=(),
        thresholds=(),
        look=lambda _: (),
    )


def row(code: str, state: CheckState = CheckState.RAN, why: str = "", **thresholds: float) -> CheckRow:
    """How a check ended."""
    return CheckRow(
        code=code, target=CLUSTER, revision="00aa11bb22cc", state=state, why=why, thresholds=dict(thresholds)
    )
