"""
Forty checks that cannot look are one missing rule; what people need is the rule.

Verdicts and readings folded to one row per slice: what would be missing, whom it blinds, the line that mends it.
"""

from collections.abc import Sequence

from reports.gaps import NO_GAP
from reports.text import storable
from scanners.facts.gaps import Reading, narrowed, overall
from scanners.scanner import CheckState, Scanner, Verdict
from swarm.doctor.checkup import Gap

BLIND = (CheckState.NOT_MEASURED, CheckState.PARTIAL)


def gaps(checks: Sequence[Scanner], verdicts: Sequence[Verdict], readings: Sequence[Reading]) -> list[Gap]:
    """A row for each slice that would not be read whole, those that blind most checks first."""
    by_slice: dict[str, list[Reading]] = {}
    for reading in readings:
        by_slice.setdefault(reading.slice, []).append(reading)
    blind = [check for check, verdict in zip(checks, verdicts, strict=True) if verdict.state in BLIND]
    seeing = [check for check, verdict in zip(checks, verdicts, strict=True) if verdict.state == "ran"]
    found = []
    for name, read in by_slice.items():
        if all(reading.state in NO_GAP for reading in read):
            gap = _narrowed(name, read, blind)
        else:
            gap = _missing(name, read, blind, seeing)
        found += [gap] if gap else []
    return sorted(found, key=lambda gap: (-len(gap.blinds), -len(gap.dulls), gap.slice))


def _missing(
    name: str, read: Sequence[Reading], blind: Sequence[Scanner], seeing: Sequence[Scanner]
) -> Gap | None:
    """What is denied, broken or was not collected."""
    first = next(reading for reading in read if reading.state not in NO_GAP)
    return Gap(
        slice=name,
        state=overall(list(read)).value,
        detail=storable(first.detail),
        mend=storable(next((reading.mend for reading in read if reading.mend), "")),
        blinds=sorted(check.code for check in blind if name in {s.name for s in check.needs}),
        dulls=sorted(check.code for check in seeing if name in {s.name for s in check.sharpened_by}),
    )


def _narrowed(name: str, read: Sequence[Reading], blind: Sequence[Scanner]) -> Gap | None:
    """What would be read whole in a few namespaces, while some check speaks of what is absent from the cluster."""
    codes = sorted(check.code for check in blind if name in {s.name for s in check.complete if s.namespaced})
    if not codes or not narrowed(list(read)):
        return None
    detail = "read in the named namespaces alone; these checks speak of what is absent from the whole cluster"
    return Gap(slice=name, state="partial", detail=detail, mend="leave out --namespace", blinds=codes)
