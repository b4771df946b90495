"""
A Pending pod says that it waits; its owner wants to hear for what, and which smallest change would end it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reports.query.definition import Definition, Told, column, told
from reports.query.selection import Scene, number, texts
from reports.words import counted, named
from scanners.finding import Finding, JsonValue

CODES = {
    "GPU111": "GPU pods that cannot be placed",
    "WRK104": "pods that cannot be placed",
    "PVC101": "claims that cannot be provisioned",
    "JOB104": "Jobs whose pods never start",
    "PIP105": "work that waits in a queue",
}
_NOT_STARTED = ("WRK102", "WRK103", "PVC105")


def _pending(scene: Scene) -> Iterator[Told]:
    for finding in scene.findings(CODES):
        facts = finding.facts
        waiting = number(facts.get("pending_s")) or number(facts.get("wait_s"))
        base = told(
            finding,
            object=named(finding.subject),
            pods=texts(facts.get("sample_pods")),
            waiting=waiting,
            cause=facts.get("cause") or facts.get("class"),
            change=facts.get("smallest_change") or _mend(scene, finding),
            blocked_by=texts(facts.get("blocked_by")),
        )
        yield replace(base, lasting_s=waiting)


def _mend(scene: Scene, finding: Finding) -> JsonValue:
    """The remedy of the problem whose root this is; None where something else is to be mended first."""
    problem = scene.problem_of(finding)
    return problem.remediation.text if problem and problem.root.finding == finding.id else None


def _notes(scene: Scene, _rows: Sequence[Told]) -> Iterator[str]:
    if not scene.query.codes and (others := list(scene.findings(_NOT_STARTED))):
        codes = ", ".join(sorted({one.code for one in others}))
        yield (
            f"placed on a node and not started: {counted(len(others), 'finding')} of {codes} (image, configuration, "
            "volume); ask for findings of those checks"
        )


PENDING = Definition(
    title="Waiting in Pending",
    noun="row",
    codes=CODES,
    slices=["pods"],
    columns=[
        column("object", "pod or Job"),
        column("pods", "pods, up to three", "names"),
        column("waiting", "waiting for", "seconds"),
        column("cause"),
        column("change", "smallest change"),
        column("blocked_by", "blocked by", "names"),
    ],
    rows=_pending,
    beside=_NOT_STARTED,
    order=["-waiting"],
    notes=_notes,
)
