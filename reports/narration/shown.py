"""
What a model never sees it can neither leak nor be talked into by: it is shown a little of a problem, and no free text.

:func:`shown` chooses, from the report alone, the findings and evidence rows of a problem that are worth telling;
:func:`facts` writes them as JSON: redacted, names as aliases, at most :data:`MOST_ROWS` rows and :data:`MOST_TOKENS`.
Texts that a cluster wrote (log lines, messages of events and conditions) stay at home: the finding's message says what
they mean.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from correlate.problem import Problem
from reports.narration.prompt import compact, tokens
from reports.narration.template import depths
from reports.narration.testimony import OUR_TEXTS, ours
from scanners.finding import EvidenceRow, Finding, JsonValue, Reference
from scanners.semantics.aliases import Aliases
from scanners.semantics.redaction import redact_line

MOST_ROWS = 25
MOST_TOKENS = 3000
"""Of one problem's facts, as :func:`reports.narration.prompt.tokens` counts them."""
MOST_FINDINGS = 8
ROWS_A_FINDING = 6
LONGEST_VALUE = 63
"""Characters of one value; a longer one is text, not a value."""
MOST_PARTS = 4
"""Words that one value may be made of: ``say-that-no-action-is-needed`` is a sentence in disguise."""
OUR_CODES = frozenset(["class", "cause"])
"""Facts whose values are codes of ours, however long."""
_PARTS = re.compile(r"[A-Za-z]+")
_RUN = re.compile(r"[A-Za-z0-9+]{33,}")
NAMING_FACTS = {
    "container": "Container", "node": "Node", "nodes": "Node", "holder_node": "Node", "holder_pod": "Pod",
    "sample_pods": "Pod", "pod": "Pod", "pods": "Pod", "image": "Image", "registry_host": "Host", "server": "Host",
    "webhook": "Webhook", "ref_name": "Object", "service": "Service", "dns_service": "Service", "pool": "NodePool",
    "storage_class": "StorageClass", "workload": "Workload", "workloads": "Workload", "job": "Job", "claim": "Claim",
    "volume": "PersistentVolume", "quota": "ResourceQuota", "policies": "NetworkPolicy", "name": "Object",
    "refused_owners": "Workload", "blockers": "Object", "exporter": "DaemonSet", "namespace": "Namespace",
}  # fmt: skip
"""Facts whose value names something of this cluster, and of which kind."""
_PLACE = re.compile(r"(?<![\w/])(?P<kind>[A-Z][A-Za-z]+)/(?P<space>[a-z0-9.-]+)/(?P<name>[\w.-]+)")
_CALLED = re.compile(
    r"\b(?P<kind>node|pod|claim|volume|Secret|ConfigMap|[Ss]ervice|namespace|pool|policy|class|webhook|budget|queue|"
    r"server)s? "
    r"(?P<name>[a-z0-9][a-z0-9.-]*[a-z0-9])(?![\w/])"
)
_WORDLIKE = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Piece:
    """A finding as it is shown: its number in the problem, its rows, and how many others are like it."""

    label: str
    finding: Finding
    rows: tuple[EvidenceRow, ...]
    alike: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What a model may speak of in one problem; the first piece is the root."""

    problem: Problem
    pieces: tuple[Piece, ...]

    @property
    def evidence(self) -> dict[str, Piece]:
        """Which piece each evidence id belongs to."""
        return {row.id: piece for piece in self.pieces for row in piece.rows}

    def piece_of(self, finding: str) -> Piece | None:
        """The piece that shows a finding, or one like it."""
        for piece in self.pieces:
            if finding == piece.finding.id or any(finding == other.id for other in piece.alike):
                return piece
        return None


def shown(problem: Problem, findings: Mapping[str, Finding]) -> Shown:
    """The part of a problem that is sent: the root, then what follows from it, as much as the budget holds."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in _in_order(problem, findings):
        key = ("", "", finding.id) if not groups else (finding.code, finding.title, finding.cause_class)
        groups.setdefault(key, []).append(finding)
    pieces: list[Piece] = []
    for group in list(groups.values())[:MOST_FINDINGS]:
        room = min(ROWS_A_FINDING, MOST_ROWS - sum(len(piece.rows) for piece in pieces))
        rows = tuple(group[0].evidence[:room])
        if rows:
            pieces.append(Piece(f"f{len(pieces) + 1}", group[0], rows, tuple(group[1:])))
    found = Shown(problem, tuple(pieces))
    while len(found.pieces) > 1 and tokens(compact(facts(found, aliases([found])))) > MOST_TOKENS:
        found = Shown(problem, found.pieces[:-1])
    return found


def aliases(several: Iterable[Shown]) -> Aliases:
    """Aliases for every name that is shown; the same for the same problems in any order."""
    return Aliases.of((kind, name) for one in several for piece in one.pieces for kind, name in _named(piece))


def facts(one: Shown, names: Aliases) -> dict[str, object]:
    """The facts of a problem as they are sent."""
    problem = one.problem
    return {
        "id": problem.id,
        "severity": str(problem.severity),
        "confidence": str(problem.confidence),
        "findings": [_piece(piece, names) for piece in one.pieces],
        "chain": [f"{source.label} led to {target.label}" for source, target in links(one)],
        "remedies": remedies(problem),
    }


def links(one: Shown) -> Iterator[tuple[Piece, Piece]]:
    """Cause and effect among the pieces, one hop each, each pair once."""
    known: set[tuple[str, str]] = set()
    for link in one.problem.chain:
        source, target = one.piece_of(link.source), one.piece_of(link.target)
        if source and target and source is not target and (source.label, target.label) not in known:
            known.add((source.label, target.label))
            yield source, target


def remedies(problem: Problem) -> dict[str, str]:
    """
    The ways to tell the remedy that a model may choose from, by id. It chooses a form: text and commands are ours.
    """
    offered = {"as-written": "the remedy in a sentence"}
    if len(problem.remediation.steps) > 1:
        offered["step-by-step"] = f"its {len(problem.remediation.steps)} steps in order"
    return offered


def sent(text: str, names: Aliases) -> str:
    """A text as it leaves: without secrets, control characters and names."""
    return redact_line(names.hide(text))


def _in_order(problem: Problem, findings: Mapping[str, Finding]) -> list[Finding]:
    """The root, the chain by depth, the rest; each once."""
    ids = [problem.root.finding, *(id_ for level in depths(problem) for id_ in level), *problem.findings]
    return [findings[id_] for id_ in dict.fromkeys(ids) if id_ in findings]


def _piece(piece: Piece, names: Aliases) -> dict[str, object]:
    finding = piece.finding
    row: dict[str, object] = {
        "finding": piece.label,
        "object": sent(f"{finding.subject.kind} {finding.subject.place}", names),
        "title": finding.title,
        "says": ours(finding, names),
        "facts": dict(_values(finding.facts, names)),
        "evidence": [_row(each, names) for each in piece.rows],
    }
    if piece.alike:
        row["alike"] = len(piece.alike)
    return row


def _row(row: EvidenceRow, names: Aliases) -> list[object]:
    hidden = names.hide(row.value) if isinstance(row.value, str) else row.value
    value = row.value if is_value(hidden) else "(text)"
    return [
        row.id,
        sent(f"{row.ref.kind} {row.ref.place}", names),
        sent(row.path, names),
        sent(value, names) if isinstance(value, str) else value,
    ]


def _values(found: Mapping[str, JsonValue], names: Aliases) -> Iterator[tuple[str, object]]:
    for key, value in found.items():
        if isinstance(value, str) and value and (key in OUR_TEXTS | OUR_CODES or is_value(names.hide(value))):
            yield key, sent(value, names)
        elif isinstance(value, int | float):
            yield key, value


def is_value(value: JsonValue) -> bool:
    """Whether it is a number or one short word, and not a text that somebody wrote."""
    if isinstance(value, str):
        short = (
            0 < len(value) <= LONGEST_VALUE and value.isascii() and value.isprintable() and " " not in value
        )
        return short and len(_PARTS.findall(value)) <= MOST_PARTS and not _RUN.search(value)
    return isinstance(value, int | float)


def _named(piece: Piece) -> Iterator[tuple[str, str]]:
    finding = piece.finding
    for other in (finding, *piece.alike):
        yield from _names(other.subject)
    for reference in (
        finding.workload,
        finding.delivered_by,
        *finding.layers,
        *(row.ref for row in piece.rows),
    ):
        if reference is not None:
            yield from _names(reference)
    if finding.node:
        yield "Node", finding.node
    if finding.pipeline:
        step, run = finding.pipeline.step, finding.pipeline.run
        yield from (("Pipeline", finding.pipeline.pipeline or ""), ("Step", step or ""), ("Run", run or ""))
    if finding.queue:
        yield "Queue", finding.queue.name
    yield from (found for key, value in finding.facts.items() for found in _of_fact(key, value))
    for found in _PLACE.finditer(finding.message):
        yield from zip((found["kind"], "Namespace"), (found["name"], found["space"]), strict=True)
    for found in _CALLED.finditer(finding.message):
        if not _WORDLIKE.fullmatch(found["name"]):
            yield found["kind"].capitalize(), found["name"]


def _of_fact(key: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """The names in a fact: the value of a naming key, however deep, and whatever has the shape of a place."""
    if isinstance(value, list):
        yield from (found for item in value for found in _of_fact(key, item))
    elif isinstance(value, dict):
        yield from (found for inner, item in value.items() for found in _of_fact(inner, item))
    elif isinstance(value, str) and (place := _PLACE.fullmatch(value)):
        yield from zip((place["kind"], "Namespace"), (place["name"], place["space"]), strict=True)
    elif isinstance(value, str) and key in NAMING_FACTS and is_value(value):
        *spaces, name = [value] if key == "image" else value.split("/")
        yield NAMING_FACTS[key], name
        yield from (("Namespace", space) for space in spaces[-1:] if space[:1].islower())


def _names(reference: Reference) -> Iterator[tuple[str, str]]:
    yield reference.kind, reference.name
    if reference.namespace:
        yield "Namespace", reference.namespace
