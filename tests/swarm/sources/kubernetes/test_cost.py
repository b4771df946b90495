"""
A hundred and fifty thousand pods fit into a laptop only if each costs microseconds and a few hundred bytes.
"""

import time
import tracemalloc
from functools import cache

from benchmarks.cluster.pods import pod_text
from benchmarks.cluster.population import Sizes, populate
from scanners.facts import slices
from swarm.sources.kubernetes.batch import Batches
from swarm.sources.kubernetes.kinds import KINDS
from swarm.sources.kubernetes.reduce.pool import Pool

PODS = 20_000
BYTES_PER_POD = 270
MICROSECONDS = 25


@cache
def batches() -> list[bytes]:
    population = populate(Sizes(pods=PODS, nodes=500, events=1))
    healthy = [number for number in range(PODS) if number not in population.pod_faults and number % 17]
    texts = [pod_text(population, number).encode() for number in healthy]
    return [b"[" + b",".join(texts[at : at + 13]) + b"]" for at in range(0, len(texts), 13)]


def held(texts: list[bytes]) -> float:
    """Bytes that each of these pods takes once it is read, shared templates and the pool included."""
    taken = Batches(KINDS[slices.PODS], Pool())
    tracemalloc.start()
    try:
        for text in texts:
            taken.take(text)
        bytes_held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert all(pod.state is None for pod in taken.facts)
    return bytes_held / len(taken.facts)


def test_memory_of_a_healthy_pod() -> None:
    each = held(batches())
    print(f"\n{each:.0f} bytes per healthy pod, shared templates included")
    assert each <= BYTES_PER_POD


def test_memory_grows_with_the_pods_and_no_faster() -> None:
    texts = batches()
    assert held(texts) <= 1.1 * held(texts[: len(texts) // 4])


def test_time_of_a_pod() -> None:
    texts = batches()
    best = float("inf")
    for _ in range(3):
        taken = Batches(KINDS[slices.PODS], Pool())
        began = time.process_time()
        for text in texts:
            taken.take(text)
        best = min(best, (time.process_time() - began) / len(taken.facts))
    print(f"\n{best * 1e6:.1f} µs of CPU per pod, decoded and reduced")
    assert best * 1e6 <= MICROSECONDS
