"""How much of a scan is reading? A fresh process reads, decodes and indexes everything, and checks nothing.

    python -m benchmarks.read_inventory --kubeconfig FILE --now TIME [--checks]

Prints one JSON line. With `--checks` it runs the checks over the inventory afterwards and tells their cost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from swarm.collector import search_rarely

if TYPE_CHECKING:
    from scanners.facts.inventory import Inventory


@dataclass(frozen=True)
class Outcome:
    """Objects read by list name, the inflate library in use, and the checks: a call that counts findings."""

    objects: dict[str, int]
    inflate: str
    run_checks: Callable[[], int]


@dataclass(frozen=True)
class Told:
    """
    What the worker prints; seconds from before the imports on, `checks_cpu` only where the checks were asked for. The
    gates look at the whole process, not at these.
    """

    objects: dict[str, int]
    inflate: str
    read_cpu: float
    read_wall: float
    checks_cpu: float | None = None
    findings: int | None = None


def read_with_the_product(kubeconfig: Path, now: str) -> Outcome:
    """Read the cluster of this kubeconfig through the Kubernetes source into an inventory, and build its indexes."""
    search_rarely()  # before anything is imported, as the command does
    from scanners.facts.slices import KUBERNETES
    from scanners.semantics.times import instant
    from swarm.sources.kubernetes import inflate

    inventory = asyncio.run(_read(kubeconfig, instant(now) or 0.0))
    objects = {
        slice_.plural: reading.objects for slice_ in KUBERNETES for reading in inventory.readings_of(slice_)
    }
    return Outcome(objects, inflate.LIBRARY, lambda: _run_checks(inventory))


async def _read(kubeconfig: Path, now: float) -> Inventory:
    from scanners.facts.indexes import Indexes
    from scanners.facts.inventory import Inventory
    from scanners.facts.slices import KUBERNETES, POD_LOGS
    from swarm.reader import Reader
    from swarm.sources.kubernetes.kubeconfig import load_kubeconfig
    from swarm.sources.kubernetes.source import KubernetesSource

    source = KubernetesSource(load_kubeconfig(kubeconfig, os.environ).connection())
    try:
        target = await source.open()
        reader = Reader(source)
        wanted = [slice_ for slice_ in KUBERNETES if slice_ != POD_LOGS]
        reader.begin(wanted)
        reads = [await reader.read(slice_) for slice_ in wanted]
    finally:
        await source.close()
    readings = [reading for read in reads for reading in read.readings]
    inventory = Inventory(target, now, reader.objects, readings)
    for name, index in vars(Indexes).items():
        if isinstance(index, cached_property):
            getattr(inventory.index, name)
    return inventory


def _run_checks(inventory: Inventory) -> int:
    from scanners.scanner import CheckState, catalogue  # reading needs none of it

    found = 0
    for check in catalogue().values():
        if check.verdict(inventory).state in (CheckState.RAN, CheckState.PARTIAL):
            found += len(check.sightings(inventory))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read_inventory")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--now", required=True)
    parser.add_argument("--checks", action="store_true")
    options = parser.parse_args()
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = read_with_the_product(options.kubeconfig, options.now)
    read_cpu, read_wall = time.process_time() - cpu, time.perf_counter() - wall
    checks_cpu = findings = None
    if options.checks:
        cpu = time.process_time()
        findings = outcome.run_checks()
        checks_cpu = time.process_time() - cpu
    print(
        json.dumps(asdict(Told(outcome.objects, outcome.inflate, read_cpu, read_wall, checks_cpu, findings)))
    )


if __name__ == "__main__":
    main()
