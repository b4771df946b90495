"""How much of a scan is reading? A fresh process reads, decodes and indexes everything, and checks nothing.

    python -m benchmarks.read_inventory --kubeconfig FILE --now TIME [--checks]

Prints one JSON line. With `--checks` it runs the checks over the inventory afterwards and tells their cost.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """Objects read by list name, the inflate library in use, and the checks: a call that counts findings."""

    objects: dict[str, int]
    inflate: str
    run_checks: Callable[[], int]


@dataclass(frozen=True)
class Told:
    """What the worker prints; seconds of CPU, `checks_cpu` only where the checks were asked for."""

    objects: dict[str, int]
    inflate: str
    read_cpu: float
    read_wall: float
    checks_cpu: float | None = None
    findings: int | None = None


# The one place that calls the product: wire it here.
def read_with_the_product(kubeconfig: Path, now: str) -> Outcome:
    """Read the cluster of this kubeconfig through `swarm.sources.kubernetes` into an inventory."""
    raise SystemExit(
        f"error: the read worker is not wired to the product yet ({kubeconfig}, {now})\n"
        "  help: call the Kubernetes source in benchmarks/read_inventory.py, or give run.py a --read-command"
    )


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
