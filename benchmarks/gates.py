"""A benchmark nobody fails is a number nobody reads: these are the bounds, each with the value measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.harness import Step

MEGABYTE = 1e6
READ_OVER_CURL = 2.25
SCAN_OVER_CURL = 4.0
ROOM_FOR_NOISE = 1.25  # of the short form: on shared machines its ratios were seen to vary by a third
PEAK_RSS = 250e6
RSS_GROWTH = 80e6
CHECKS_CPU = 3.0


@dataclass(frozen=True)
class Gate:
    """One bound; `unit` is for people."""

    name: str
    value: float
    limit: float
    unit: str = ""

    @property
    def holds(self) -> bool:
        return self.value <= self.limit


@dataclass(frozen=True)
class Measured:
    """Steps on the data in question, and on a smaller set: for growth of memory, or the cost of starting."""

    steps: dict[str, Step]
    base: dict[str, Step]
    subtract_start: bool = False
    checks_cpu: float | None = None

    def ratio(self, name: str, what: str) -> float:
        """
        CPU or wall over curl's. In the short form the base's own is taken off, where starting up would hide the
        rest, and the least of all rounds counts: on a busy CI machine noise only adds.
        """
        return self._net(name, what) / self._net("curl", what)

    def _net(self, name: str, what: str) -> float:
        if not self.subtract_start:
            return float(getattr(self.steps[name], what))
        whole, started = (
            min(getattr(cost, what) for cost in of[name].costs) for of in (self.steps, self.base)
        )
        return max(1e-3, whole - started)

    def growth(self, name: str) -> int | None:
        if self.subtract_start or name not in self.base:
            return None
        return self.steps[name].peak_rss - self.base[name].peak_rss


def gates(measured: Measured) -> Iterator[Gate]:
    """Every bound that can be checked with what was measured."""
    room = ROOM_FOR_NOISE if measured.subtract_start else 1.0
    for name, limit in (("read", READ_OVER_CURL * room), ("scan", SCAN_OVER_CURL * room)):
        if name not in measured.steps:
            continue
        if "curl" in measured.steps:
            yield Gate(f"{name} over curl, CPU", measured.ratio(name, "cpu"), limit, "x")
            if not measured.subtract_start:  # on a busy machine wall time tells of the others
                yield Gate(f"{name} over curl, wall", measured.ratio(name, "wall"), limit, "x")
        yield Gate(f"{name} peak RSS", measured.steps[name].peak_rss / MEGABYTE, PEAK_RSS / MEGABYTE, "MB")
        growth = measured.growth(name)
        if growth is not None:
            yield Gate(f"{name} RSS growth", growth / MEGABYTE, RSS_GROWTH / MEGABYTE, "MB")
    if measured.checks_cpu is not None:
        yield Gate("checks CPU", measured.checks_cpu, CHECKS_CPU, "s")
    if "scan" in measured.steps:
        yield Gate("findings counts that differ", len(set(measured.steps["scan"].findings)) - 1, 0)


def table(measured: Measured, verdicts: list[Gate], pods: int) -> str:
    """What a person reads."""
    lines = [f"{'step':6} {'CPU s':>8} {'wall s':>8} {'us/pod':>8} {'peak MB':>8} {'requests':>9}"]
    for name, step in measured.steps.items():
        per_pod, peak = step.cpu / pods * 1e6, step.peak_rss / MEGABYTE
        lines.append(
            f"{name:6} {step.cpu:8.2f} {step.wall:8.2f} {per_pod:8.1f} {peak:8.1f} {step.requests:9d}"
        )
    lines.append("")
    for gate in verdicts:
        word = "holds" if gate.holds else "FAILS"
        lines.append(f"{word}  {gate.name:28} {gate.value:8.2f} {gate.unit:2} (at most {gate.limit:g})")
    return "\n".join(lines)
