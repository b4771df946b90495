"""
A cluster on fire raises ten thousand findings, and its engineer waits for the answer (correlation.md section
12).

Processor time, not wall time: the bounds hold on a busy machine too.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable

import pytest
from pydantic import TypeAdapter
from pydantic_core import to_json

from correlate import Correlation, correlate
from scanners.facts import slices
from scanners.facts.fact import Owner
from scanners.facts.inventory import Inventory
from scanners.facts.workload import Job
from scanners.finding import Evidence, Finding, Severity, Sighting
from scanners.kinds import Kind
from tests.correlate.worlds import NOW, Sighted, at, deployment, inventory, node, pod_of, scanner

FINDINGS = 10_000
BOUND = 16
"""Correlation may cost so many times what reading its findings back from JSON costs."""


def _sighting(kind: Kind, subject: object, **words: object) -> Sighting:
    evidence = [
        Evidence(subject=subject, path="status.conditions[0].reason", value="x", observed_at=at(9)),  # type: ignore[arg-type]
        Evidence(subject=subject, path="status.phase", value="y"),  # type: ignore[arg-type]
    ]
    return Sighting(
        subject=subject, kind=kind, message="it is wrong", evidence=evidence, onset=at(10), **words
    )  # type: ignore[arg-type]


def burning_cluster(findings: int = FINDINGS) -> tuple[Inventory, Sighted]:
    """
    A fifth of the findings are chains of four; of the rest a fourth is medium and the others are habits.
    """
    nodes = [node(f"node-{number:04d}") for number in range(500)]
    workloads = [deployment(f"app-{number:05d}", f"team-{number % 40}") for number in range(findings)]
    chains = findings // 20
    pressed, evicted, short, empty = [], [], [], []
    for number in range(chains):
        on, owner = nodes[number % 500], workloads[number]
        pods = [pod_of(owner, replica, on=on.name) for replica in range(3)]
        pressed.append(
            _sighting(
                Kind.NODE_PRESSURE,
                on,
                facts={"condition": "MemoryPressure"},
                discriminator=str(number // 500),
            )
        )
        evicted.append(_sighting(Kind.POD_EVICTED, owner, facts={"resource": "memory"}, pods=pods))
        short.append(_sighting(Kind.WORKLOAD_UNAVAILABLE, owner, pods=pods))
        empty.append(_sighting(Kind.JOB_FAILED, owner, pods=pods))
    rest = workloads[chains : findings - 3 * chains]
    crash = [
        _sighting(
            Kind.CRASH_LOOP, owner, pods=[pod_of(owner, on=nodes[i % 500].name)], facts={"container": "main"}
        )
        for i, owner in enumerate(rest[::4])
    ]
    habit = [_sighting(Kind.POLICY_MISSING, owner) for number, owner in enumerate(rest) if number % 4]
    sighted: Sighted = [
        (scanner("NOD102"), pressed), (scanner("OOM105"), evicted), (scanner("WRK106"), short),
        (scanner("JOB101"), empty), (scanner("WRK101", Severity.MEDIUM), crash),
        (scanner("NET101", Severity.LOW), habit),
    ]  # fmt: skip
    return inventory({slices.NODES: nodes, slices.DEPLOYMENTS: workloads}), sighted


def measured(work: Callable[[], Correlation]) -> tuple[float, Correlation]:
    """Seconds of processor time of the better of two, and the answer."""
    best, told = float("inf"), None
    for _ in range(2):
        told = None
        gc.collect()
        began = time.process_time()
        told = work()
        best = min(best, time.process_time() - began)
    assert told is not None
    return best, told


def yardstick() -> float:
    """
    Seconds that this machine takes for a fixed piece of the same kind of work: 10,000 findings read from
    JSON.
    """
    cluster, sighted = burning_cluster(200)
    texts = [to_json(finding) for finding in correlate(cluster, sighted).findings] * 10

    one = TypeAdapter(Finding)

    def read() -> float:
        began = time.process_time()
        for text in texts:
            one.validate_json(text)
        return time.process_time() - began

    return 5 * min(read() for _ in range(3))


def test_ten_thousand_findings_within_the_bound() -> None:
    """1.5 seconds, or on a slower machine a multiple of what merely reading the findings costs there."""
    cluster, sighted = burning_cluster()
    assert sum(len(sightings) for _, sightings in sighted) == FINDINGS
    seconds, told = measured(lambda: correlate(cluster, sighted))
    assert len(told.findings) == FINDINGS
    linked = sum(1 for finding in told.findings if finding.role == "symptom")
    assert linked >= FINDINGS * 0.1
    assert seconds < max(1.5, BOUND * yardstick()), f"{seconds:.2f} s"


def test_the_memory_over_the_inventory_stays_in_the_budget() -> None:
    """300 MB for ten thousand findings; measured on a tenth, because measuring is slow."""
    cluster, sighted = burning_cluster(1_000)
    correlate(cluster, sighted)
    tracemalloc.start()
    correlate(cluster, sighted)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6, f"{peak / 1e6:.0f} MB"


def test_twice_the_findings_cost_about_twice_the_time() -> None:
    small, _ = measured(lambda: correlate(*burning_cluster(1_000)))
    large, _ = measured(lambda: correlate(*burning_cluster(2_000)))
    assert large < 3 * small, (small, large)


def _jobs_owned_by_each_other(length: int, circular: bool) -> list[Job]:
    def owner(number: int) -> tuple[Owner, ...]:
        if number == 0 and not circular:
            return ()
        before = (number - 1) % length
        return (Owner("batch", "Job", f"j-{before}", f"u-{before}", controller=True),)

    return [Job(name=f"j-{n}", namespace="ml", uid=f"u-{n}", owners=owner(n)) for n in range(length)]


@pytest.mark.parametrize("circular", [False, True], ids=["a chain", "a circle"])
def test_ten_thousand_owners_in(circular: bool) -> None:
    jobs = _jobs_owned_by_each_other(10_000, circular)
    cluster = inventory({slices.JOBS: jobs})
    seen = [
        _sighting(Kind.CONTAINER_OOM, found, pods=[pod_of(found, on="n")], discriminator=str(n))
        for n, found in enumerate(jobs[::10])
    ]
    began = time.process_time()
    told = correlate(cluster, [(scanner("OOM101"), seen)])
    assert time.process_time() - began < 3
    assert len(told.findings) == 1_000


def test_one_node_with_thirty_thousand_findings() -> None:
    one = node("one")
    owners = [deployment(f"w-{number:05d}", f"t-{number % 50}") for number in range(29_998)]
    cluster = inventory({slices.NODES: [one], slices.DEPLOYMENTS: owners})
    lost = [_sighting(Kind.POD_UNREACHABLE, o, pods=[pod_of(o, on="one")], node="one") for o in owners]
    sighted: Sighted = [
        (scanner("NOD101"), [_sighting(Kind.NODE_NOT_READY, one)]),
        (scanner("NOD102"), [_sighting(Kind.NODE_PRESSURE, one)]),
        (scanner("NOD101+", Severity.INFO), lost),
    ]
    began = time.process_time()
    told = correlate(cluster, sighted)
    seconds = time.process_time() - began
    assert any("R-103" in warning for warning in told.warnings)
    assert sum(1 for finding in told.findings if finding.role == "symptom") == 2_001
    assert seconds < max(3.0, 2 * BOUND * yardstick()), f"{seconds:.2f} s"


def test_a_clock_that_stands_still() -> None:
    """The engine asks nobody for the time: the same inventory later gives the same answer."""
    cluster, sighted = burning_cluster(200)
    assert cluster.now == NOW
    assert correlate(cluster, sighted) == correlate(cluster, sighted)
