"""
A checkup is read standing up: what works in a line, what does not with the line that mends it.
"""

from collections import Counter
from collections.abc import Iterator

from reports.text import one_line
from reports.words import DASH, counted, listed, percent
from scanners.scanner import CheckState
from swarm.doctor.checkup import Checkup, Gap, ProbeRow, TargetCheckup

TOLD = (
    (CheckState.RAN, "would run"),
    (CheckState.PARTIAL, "in part"),
    (CheckState.NOT_MEASURED, "not measured"),
    (CheckState.NOT_APPLICABLE, "with nothing of their kind here"),
    (CheckState.NOT_CONFIGURED, "not configured"),
    (CheckState.SKIPPED, "left out"),
)
ONE_BY_ONE = 3
"""Past so many denied slices, the whole role is the shorter mend."""
MEND_ROLE = (
    "deepscan permissions --kubernetes | kubectl apply -f -  (and scan with an identity bound to it alone)"
)


def text(checkup: Checkup, *, verbose: bool = False) -> str:
    """The checkup for people; ``verbose`` adds a line per check and slice."""
    lines = [line for target in checkup.targets for line in _target(target, verbose=verbose)]
    lines += [line for probe in checkup.probes for line in _probe(probe)]
    if len(checkup.targets) > 1:
        lines.append(f"a run over all targets would cover {percent(checkup.coverage_percent)}")
    return "\n".join(lines) + "\n"


def _target(target: TargetCheckup, *, verbose: bool) -> Iterator[str]:
    if target.error is not None:
        yield f"{one_line(target.name)}: not reached: {one_line(target.error.what)}"
        yield f"  at {one_line(target.error.where or DASH)}"
        yield f"  help: {one_line(target.error.mend or DASH)}"
        return
    yield f"{one_line(target.name)}: {', '.join(_facts(target))}"
    states = Counter(row.state for row in target.checks)
    told = [f"{states[state]} {words}" for state, words in TOLD if states[state]]
    yield f"  a run would cover {percent(target.coverage_percent)}: {', '.join(told) or 'no checks'}"
    yield f"  {_holds(target)}"
    for gap in target.gaps:
        yield from _gap(gap)
    if sum(gap.state == "denied" for gap in target.gaps) > ONE_BY_ONE:
        yield f"  help for all that is denied: {MEND_ROLE}"
    for warning in _warnings(target):
        yield f"  warning: {one_line(warning)}"
    if target.excess:
        yield f"    help: {MEND_ROLE}"
    if verbose:
        yield from _all(target)


def _facts(target: TargetCheckup) -> Iterator[str]:
    yield one_line(target.version or "version unknown")
    if target.latency_ms is not None:
        yield f"{target.latency_ms:g} ms away"
        skew = target.clock_skew_seconds
        yield "clock unknown" if skew is None else f"clock {skew:+g} s" if skew else "clocks agree"
    if target.as_of:
        yield f"recorded {target.as_of}"


def _holds(target: TargetCheckup) -> str:
    objects: Counter[str] = Counter()
    for row in target.coverage:
        if row.state in ("complete", "partial", "truncated"):
            objects[row.slice] += row.objects
    absent = sorted({row.slice for row in target.coverage if row.state == "absent"})
    most = [f"{counted} {name}" for name, counted in objects.most_common(3) if counted]
    told = f"{counted(sum(objects.values()), 'object')} of {counted(len(objects), 'slice')}"
    told += f" (mostly {listed(most)})" if most else ""
    return f"{told}; not served: {listed(absent)}" if absent else told


def _gap(gap: Gap) -> Iterator[str]:
    detail = f": {one_line(gap.detail)}" if gap.detail else ""
    yield f"  {gap.slice} {gap.state}{detail}"
    if gap.blinds:
        yield f"    blinds {listed(gap.blinds, most=12)}"
    if gap.dulls:
        yield f"    less exact: {listed(gap.dulls, most=12)}"
    if gap.mend:
        yield f"    help: {one_line(gap.mend)}"


def _warnings(target: TargetCheckup) -> Iterator[str]:
    yield from target.warnings
    if target.excess:
        yield f"the identity is stronger than a scan needs, it may {listed(target.excess, most=6)}"


def _probe(probe: ProbeRow) -> Iterator[str]:
    detail = f": {one_line(probe.detail)}" if probe.detail else ""
    yield f"{probe.name} {probe.state}{detail}"
    if probe.checks:
        yield f"  {counted(len(probe.checks), 'check')} would say more: {listed(probe.checks, most=12)}"
    if probe.mend:
        yield f"  help: {one_line(probe.mend)}"


def _all(target: TargetCheckup) -> Iterator[str]:
    for row in target.checks:
        why = f" ({one_line(row.why)})" if row.why else ""
        yield f"  {row.code:8} {row.state:15} {row.title}{why}"
    for slice_ in target.coverage:
        yield f"  {slice_.slice:32} {slice_.scope:12} {slice_.state:10} {slice_.objects:,}"
