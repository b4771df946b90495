"""
Two checks that see the same kill are one fault, one row and one dollar.

Sightings become findings here: grouped by identity, merged where a narrower check speaks of the same thing
(checks.md S12), placed (workload, node, layers, pipeline, queue) and given commands that show their evidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from correlate.identity import finding_id
from correlate.observation import Observation
from correlate.placing import Place, place_of, subject_of
from correlate.telling import evidence_rows, reference
from scanners.facts.inventory import Inventory
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of, ref_to
from scanners.finding import Confidence, Finding, JsonValue, Severity, Sighting, State
from scanners.scanner import Scanner
from scanners.semantics.times import earliest, instant, latest

NARROWER: tuple[tuple[str, ...], ...] = (
    ("OOM102", "OOM101", "WRK101"),
    ("GPU111", "WRK104"),
    ("JOB111", "JOB101"),
    ("QTA101", "QTA102"),
)
"""
Codes that see one fault, the narrower first: it takes the others' evidence and count (S12, as far as the
codes exist).
"""

PLACES = ("container", "run", "node", "resource")
"""Facts that tell two faults on one subject apart, where both findings name them."""

SAMPLES = 3
_WORDS = (Confidence.OBSERVED, Confidence.DERIVED, Confidence.LIKELY, Confidence.POSSIBLE)
_SEVERITIES = tuple(Severity)


@dataclass(slots=True, eq=False)
class Draft:
    """Sightings that are one finding: of one check on one subject, and what narrower ones have taken in."""

    scanner: Scanner
    subject: Ref
    discriminator: str
    sightings: list[Sighting]
    absorbed: list[Sighting] = field(default_factory=list)

    @property
    def lead(self) -> Sighting:
        return self.sightings[0]


def observe(inventory: Inventory, sighted: Iterable[tuple[Scanner, Sequence[Sighting]]]) -> list[Observation]:
    """Every sighting as a finding with what it stands on, by id; duplicates and the less narrow merged."""
    drafts = absorb(grouped(inventory, sighted))
    drafts.reverse()
    found = []
    while drafts:  # each makes place for the next
        found.append(_observation(inventory, drafts.pop()))
    return sorted(found, key=lambda observation: observation.id)


def grouped(inventory: Inventory, sighted: Iterable[tuple[Scanner, Sequence[Sighting]]]) -> list[Draft]:
    """A draft for each (code, subject, discriminator), the worst and surest of its sightings in the lead."""
    drafts: dict[tuple[str, Key, str], Draft] = {}
    for scanner, sightings in sighted:
        for sighting in sightings:
            subject = subject_of(inventory, sighting)
            place = scanner.code, key_of(subject), sighting.discriminator
            if place in drafts:
                drafts[place].sightings.append(sighting)
                drafts[place].subject = min(drafts[place].subject, subject, key=_identified)
            else:
                drafts[place] = Draft(scanner, subject, sighting.discriminator, [sighting])
    for draft in drafts.values():
        if len(draft.sightings) > 1:
            draft.sightings.sort(key=lambda sighting: _precedence(draft.scanner, sighting))
    return [drafts[place] for place in sorted(drafts)]


def absorb(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts that remain when narrower codes have taken in what they see better."""
    by_subject: dict[Key, list[Draft]] = {}
    for draft in drafts:
        by_subject.setdefault(key_of(draft.subject), []).append(draft)
    gone: set[int] = set()
    for beside in by_subject.values():
        if len(beside) > 1:
            _absorb_on_one(beside, gone)
    return [draft for draft in drafts if id(draft) not in gone]


def _absorb_on_one(beside: Sequence[Draft], gone: set[int]) -> None:
    by_code: dict[str, list[Draft]] = {}
    for draft in beside:
        by_code.setdefault(draft.scanner.code, []).append(draft)
    for codes in NARROWER:
        for rank, narrow in enumerate(codes):
            for broad in codes[rank + 1 :]:
                for taker in by_code.get(narrow, ()):
                    by_code[broad] = _rest(taker, by_code.get(broad, ()), gone)


def _rest(taker: Draft, broader: Sequence[Draft], gone: set[int]) -> list[Draft]:
    """What of the broader drafts the taker has not taken in."""
    left = []
    for draft in broader:
        if same_place(taker.lead, draft.lead):
            taker.absorbed.extend([*draft.sightings, *draft.absorbed])
            gone.add(id(draft))
        else:
            left.append(draft)
    return left


def same_place(one: Sighting, other: Sighting) -> bool:
    """
    Whether two sightings on one subject are of one container, run, node and resource, where both name one.
    """
    if (one.state is State.RECOVERED) != (other.state is State.RECOVERED):
        return False
    named = ((one.facts.get(word), other.facts.get(word)) for word in PLACES)
    return all(left == right for left, right in named if left and right)


def _identified(subject: Ref) -> tuple[bool, str]:
    """A subject whose uid is known before one without."""
    return not subject.uid, subject.uid


def _precedence(scanner: Scanner, sighting: Sighting) -> tuple[bool, int, int, str, str, bytes]:
    severity = sighting.severity or scanner.severity
    confidence = sighting.confidence or scanner.confidence
    recovered = sighting.state is State.RECOVERED
    worst_first = _SEVERITIES.index(severity), _WORDS.index(confidence)
    rest = (
        sighting.node,
        sighting.cause_class,
        sighting.onset,
        sighting.last_seen,
        sighting.count,
        sighting.facts,
    )
    return recovered, *worst_first, sighting.kind, sighting.message, msgspec.json.encode(rest, order="sorted")


def _observation(inventory: Inventory, draft: Draft) -> Observation:
    lead, every = draft.lead, [*draft.sightings, *draft.absorbed]
    subject = draft.subject
    pods = _distinct(pod for sighting in every for pod in sighting.pods)
    place = place_of(inventory, subject, lead, pods)
    own = _distinct(pod for sighting in draft.sightings for pod in sighting.pods) if draft.absorbed else pods
    onset = earliest(*(sighting.onset for sighting in every))
    last_seen = latest(*(sighting.last_seen for sighting in every))
    id_ = finding_id(draft.scanner.code, inventory.target.id, key_of(subject), draft.discriminator)
    finding = Finding(
        id=id_,
        code=draft.scanner.code,
        concern=draft.scanner.concern,
        kind=lead.kind,
        cause_class=lead.cause_class,
        title=lead.title or draft.scanner.title,
        message=lead.message,
        severity=_severity(draft),
        confidence=lead.confidence or draft.scanner.confidence,
        subject=reference(inventory, subject),
        workload=reference(inventory, place.workload) if place.workload else None,
        node=place.node or None,
        pipeline=place.pipeline,
        layers=[reference(inventory, layer) for layer in place.layers],
        queue=place.queue,
        delivered_by=reference(inventory, place.delivered_by) if place.delivered_by else None,
        discriminator=draft.discriminator,
        state=lead.state,
        onset=onset or None,
        last_seen=last_seen or None,
        count=max(len(pods), _count(draft.sightings), *(sighting.count for sighting in draft.absorbed), 1),
        facts=_facts(every, own),
        evidence=evidence_rows(inventory, id_, every),
    )
    return _standing(finding, subject, pods, place, every)


def _standing(
    finding: Finding, subject: Ref, pods: tuple[Pod, ...], place: Place, every: Sequence[Sighting]
) -> Observation:
    touched = {key_of(thing): ref_to(thing) for sighting in every for thing in sighting.touches}
    return Observation(
        finding,
        subject,
        pods,
        tuple(touched[key] for key in sorted(touched)),
        place.workload,
        place.layers,
        place.nodes,
        instant(finding.onset or ""),
        instant(finding.last_seen or ""),
    )


def _severity(draft: Draft) -> Severity:
    """What has recovered is told at ``info``; what is chronic a level lower (correlation.md 3.2)."""
    severity = draft.lead.severity or draft.scanner.severity
    if draft.lead.state is State.RECOVERED:
        return Severity.INFO
    if draft.lead.state is State.CHRONIC and severity is not Severity.INFO:
        return _SEVERITIES[_SEVERITIES.index(severity) + 1]
    return severity


def _count(sightings: Sequence[Sighting]) -> int:
    """Pods that two sightings share are one; counts without pods add up."""
    return (
        sum(sighting.count for sighting in sightings if sighting.count)
        if len(sightings) > 1
        else sightings[0].count
    )


def _distinct(pods: Iterable[Pod]) -> tuple[Pod, ...]:
    by_uid: dict[str, Pod] = {}
    for pod in pods:
        uid = pod.uid or f"{pod.namespace}/{pod.name}"
        known = by_uid.get(uid)
        if known is None or (pod.name, pod.node) < (known.name, known.node):
            by_uid[uid] = pod
    return tuple(by_uid[uid] for uid in sorted(by_uid))


def _facts(every: Sequence[Sighting], own: Sequence[Pod]) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {}
    for sighting in reversed(every):
        facts.update(sighting.facts)
    if own:
        facts["sample_pods"] = [pod.name for pod in own[:SAMPLES]]
    return facts
