"""Do two cores scan a fleet in less time than one, and what does each process hold?

    python -m benchmarks.fleet [--clusters 8] [--processes 2] [--rounds 3] [--data FOLDER]

As many fake API servers as clusters, each a process of its own on the same cores, each a cluster of 15,000 pods with a
uid of its own. Scans with one process and with several take turns. A table goes to stderr, one JSON line to stdout;
exit status 1 when the bound is broken. Peak memory is the kernel's own figure of each process (Linux only).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.gates import MEGABYTE, Gate
from benchmarks.generate import REPOSITORY, SMALL, default_folder, read_manifest
from benchmarks.harness import Server, environment, generated, scratch_folder, serving

SEVERAL_OVER_ONE = 0.65
LOOK = 0.05  # seconds between two looks at the processes
LIMIT = 600


@dataclass(frozen=True)
class Ran:
    """One scan of the fleet: seconds of wall and of CPU of all processes, and each one's peak, the parent's first."""

    wall: float
    cpu: float
    peaks: tuple[int, ...]
    report: Path


def fleet_of(servers: Sequence[Server], path: Path) -> Path:
    """A kubeconfig with a context a server."""
    documents = [json.loads(server.kubeconfig.read_text()) for server in servers]
    names = [f"cluster-{number}" for number in range(len(servers))]
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": each["clusters"][0]["cluster"]}
            for name, each in zip(names, documents, strict=True)
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "benchmark"}} for name in names],
        "users": documents[0]["users"],
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(content))
    return path


@contextlib.contextmanager
def fleet(folder: Path, clusters: int) -> Iterator[list[Server]]:
    """The servers, stopped at the end."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(serving(folder, "--cluster-uid", str(uuid.UUID(int=number + 1))))
            for number in range(clusters)
        ]


def scan(kubeconfig: Path, now: str, processes: int, scratch: Path) -> Ran:
    """Scan every context in so many processes."""
    report = scratch / f"report-{processes}.json"
    command = [sys.executable, "-m", "swarm", "run", "--context", "all", "--kubeconfig", str(kubeconfig)]
    command += ["--now", now, "--no-logs", "--format", f"json={report}", "--baseline", "none", "--quiet"]
    variables = environment(scratch) | {"DEEPSCAN_PROCESSES": str(processes)}
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stderr=errors, env=variables, cwd=REPOSITORY)
        peaks = Peaks(process.pid)
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"error: exit status {process.returncode} of the scan\n{errors.read()[-2000:]}")
    return Ran(wall, usage.ru_utime + usage.ru_stime, peaks.end(), report)


class Peaks:
    """The peak of a process and of its children, looked up again and again: it is gone with the process."""

    def __init__(self, parent: int) -> None:
        self._parent, self._over = parent, threading.Event()
        self._seen: dict[int, int] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> tuple[int, ...]:
        """Bytes, the parent's first; empty where the system does not tell."""
        self._over.set()
        self._thread.join()
        return tuple(self._seen.values())

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            for pid in (self._parent, *_children(self._parent)):
                peak = _peak(pid)
                if peak is not None:
                    self._seen[pid] = peak


def _children(parent: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return []


def _peak(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def complete(ran: Ran, clusters: int, pods: int) -> dict[str, Any]:
    """The report as far as it may not differ; SystemExit where a cluster was not read whole."""
    report: dict[str, Any] = json.loads(ran.report.read_text())
    read = [target["pods"] for target in report["scan"]["targets"]]
    if read != [pods] * clusters:
        raise SystemExit(f"error: pods read of {clusters} clusters: {read}, there are {pods} in each")
    for key in ("started_at", "finished_at"):
        del report["scan"][key]
    for agent in report["agents"]:
        del agent["seconds"]
    return report


def bench(options: argparse.Namespace, scratch: Path) -> dict[str, list[Ran]]:
    """Turns of both after one of each that is not counted; SystemExit where their reports differ."""
    folder = generated(SMALL, options.data)
    now = read_manifest(folder)["now"]
    counts = {"one": 1, "several": options.processes}
    ran: dict[str, list[Ran]] = {name: [] for name in counts}
    with fleet(folder, options.clusters) as servers:
        kubeconfig = fleet_of(servers, scratch / "kubeconfig")
        for turn in range(options.rounds + 1):
            told = []
            for name, processes in counts.items():
                cost = scan(kubeconfig, now, processes, scratch)
                if turn:
                    ran[name].append(cost)
                else:
                    told.append(complete(cost, options.clusters, SMALL.pods))
            if told and told[0] != told[1]:
                raise SystemExit("error: the report depends on the number of processes")
    return ran


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--clusters", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=default_folder(), help="where generated data is kept")
    options = parser.parse_args()
    with scratch_folder() as scratch:
        ran = bench(options, scratch)
    wall = {name: statistics.median(cost.wall for cost in costs) for name, costs in ran.items()}
    gate = Gate("wall, several over one", wall["several"] / wall["one"], SEVERAL_OVER_ONE, "x")
    print(table(ran, gate), file=sys.stderr)
    print(json.dumps(figures(ran, gate, options)))
    sys.exit(0 if gate.holds else 1)


def table(ran: dict[str, list[Ran]], gate: Gate) -> str:
    """What a person reads."""
    lines = [f"{'processes':10} {'wall s':>8} {'CPU s':>8}  peak MB of each process, the parent's first"]
    for name, costs in ran.items():
        wall, cpu = (statistics.median(getattr(cost, what) for cost in costs) for what in ("wall", "cpu"))
        peaks = max((cost.peaks for cost in costs), key=sum)
        lines.append(f"{name:10} {wall:8.2f} {cpu:8.2f}  {', '.join(f'{p / MEGABYTE:.0f}' for p in peaks)}")
    word = "holds" if gate.holds else "FAILS"
    return "\n".join(
        [*lines, "", f"{word}  {gate.name} {gate.value:.2f}{gate.unit} (at most {gate.limit:g})"]
    )


def figures(ran: dict[str, list[Ran]], gate: Gate, options: argparse.Namespace) -> dict[str, object]:
    """The JSON line."""
    return {
        "clusters": options.clusters,
        "processes": options.processes,
        "pods_each": SMALL.pods,
        "machine": {
            "cores": os.cpu_count(), "load": os.getloadavg()[0], "system": platform.platform(),
            "python": platform.python_version(),
        },
        "wall_seconds": {name: [round(cost.wall, 3) for cost in costs] for name, costs in ran.items()},
        "cpu_seconds": {name: [round(cost.cpu, 3) for cost in costs] for name, costs in ran.items()},
        "peak_rss_bytes": {name: [list(cost.peaks) for cost in costs] for name, costs in ran.items()},
        "gates": [{**asdict(gate), "holds": gate.holds}],
    }  # fmt: skip


if __name__ == "__main__":
    main()
