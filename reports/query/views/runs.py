"""
A schedule hides its failures: what runs at night fails at night, and one success long ago looks like health.

CronJobs with their last runs, what fails again and again, and what engines' runs would tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, number
from reports.words import named
from scanners.finding import Finding, JsonValue

_BASES = {"runs": "runs still there", "history": "earlier scans", "ticks": "due runs without a success"}


def _cronjobs(scene: Scene) -> Iterator[Told]:
    missed = {_place(one): one for one in scene.findings(["JOB112"])}
    failing = {_place(one): one for one in scene.findings(["JOB111"])}
    for place in dict.fromkeys([*failing, *missed]):
        yield _cronjob(failing.get(place), missed.get(place))


def _place(finding: Finding) -> tuple[str, str, str]:
    return finding.subject.cluster, finding.subject.namespace, finding.subject.name


def _cronjob(failing: Finding | None, missed: Finding | None) -> Told:
    """One CronJob with what both checks know of it."""
    facts: dict[str, JsonValue] = {**(missed.facts if missed else {}), **(failing.facts if failing else {})}
    finding = failing or missed
    assert finding is not None
    failures = number(facts.get("consecutive_failures"))
    base = told(
        finding,
        cronjob=finding.subject.place,
        schedule=facts.get("schedule"),
        last_schedule=facts.get("last_schedule_at"),
        last_success=facts.get("last_success_at"),
        last_failure=facts.get("last_failure_at"),
        failures=failures,
        basis=_BASES.get(str(facts.get("consecutive_basis")), facts.get("consecutive_basis")),
        missed=facts.get("missed_ticks"),
        exit_code=facts.get("exit_code"),
        reason=facts.get("reason") or (missed.facts.get("class") if missed else None),
    )
    both = [row.id for one in (failing, missed) if one for row in one.evidence]
    at = facts.get("last_failure_at")
    return replace(base, evidence=both, at=str(at) if at else None, measure=failures)


def _cron_notes(_scene: Scene, rows: Sequence[Told]) -> Iterator[str]:
    if any(row.cells["basis"] == _BASES["ticks"] for row in rows):
        yield "history limits prune Jobs: such failures are counted as due runs without a success"
    if any(row.cells["last_success"] is None for row in rows):
        yield "last success is blank where no run is known to have succeeded"


CRONJOBS = Definition(
    title="CronJobs that fail or miss their schedule",
    noun="CronJob",
    codes={"JOB111": "CronJobs whose newest runs fail", "JOB112": "schedules missed or impossible"},
    slices=["cronjobs"],
    columns=[
        column("cronjob", "CronJob"),
        column("schedule"),
        column("last_schedule", "last schedule", "time"),
        column("last_success", "last success", "time"),
        column("last_failure", "last failure", "time"),
        column("failures", "failures in a row", "count"),
        column("basis", "counted by"),
        column("exit_code", "exit code", "count"),
        column("reason"),
        column("missed", "runs missed", "count"),
    ],
    rows=_cronjobs,
    order=["-failures", "-missed"],
    happened=True,
    measure="failures in a row",
    notes=_cron_notes,
)


def _in_a_row(scene: Scene) -> Iterator[Told]:
    least = scene.query.at_least or 3
    for finding in scene.findings(["PIP102", "JOB111"]):
        facts = finding.facts
        failures = number(facts.get("consecutive_failures"))
        if failures is not None and failures >= least:
            base = told(
                finding,
                pipeline=named(finding.subject),
                failures=failures,
                last_success=facts.get("last_success_at"),
                basis=_BASES.get(str(facts.get("consecutive_basis")), facts.get("consecutive_basis")),
                same_cause=facts.get("same_cause"),
            )
            yield replace(base, measure=failures)


IN_A_ROW = Definition(
    title="What fails again and again",
    noun="pipeline",
    codes={"PIP102": "three failed runs of an engine in a row", "JOB111": "CronJobs whose newest runs fail"},
    slices=["cronjobs"],
    columns=[
        column("pipeline"),
        column("failures", "failures in a row", "count"),
        column("basis", "counted by"),
        column("last_success", "last success", "time"),
        column("same_cause", "same cause"),
    ],
    rows=_in_a_row,
    order=["-failures"],
    measure="failures in a row, 3 unless said",
)


def _failed(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(["PIP101", "JOB101"]):
        facts, pipeline = finding.facts, finding.pipeline
        ended = facts.get("failed_at") or facts.get("finished_at") or finding.last_seen
        base = told(
            finding,
            ended=ended,
            run=(pipeline.run if pipeline else None) or finding.subject.place,
            object=named(finding.subject),
            step=facts.get("step") or (pipeline.step if pipeline else None),
            exit_code=facts.get("exit_code"),
            reason=facts.get("reason"),
            what=finding.message,
        )
        yield replace(base, at=str(ended) if ended else None)


FAILED = Definition(
    title="Runs that failed",
    noun="run",
    codes={"PIP101": "failed runs of engines", "JOB101": "Jobs that failed for good"},
    engine_codes=("PIP101",),
    slices=["jobs", "pods"],
    columns=[
        column("ended", unit="time"),
        column("run"),
        column("object"),
        column("step"),
        column("exit_code", "exit code", "count"),
        column("reason"),
        column("what"),
    ],
    rows=_failed,
    order=["-ended"],
    happened=True,
)
