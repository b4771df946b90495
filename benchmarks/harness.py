"""Rounds that interleave yardstick and product, so that a busy minute on the machine hurts both alike."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import ssl
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from benchmarks.cluster.population import Sizes
from benchmarks.curl_yardstick import curl_yardstick
from benchmarks.generate import REPOSITORY, Manifest, folder_of, read_manifest
from benchmarks.measure import Cost, measure

STEPS = ("curl", "read", "scan")
READ_COMMAND = "{python} -m benchmarks.read_inventory --kubeconfig {kubeconfig} --now {now}"
SCAN_COMMAND = (
    "{python} -m swarm run --kubeconfig {kubeconfig} --now {now} --format json={report}"
    " --baseline none --history none --no-llm --quiet"
)


class _Report(msgspec.Struct):
    """A report, as far as it is looked at: parsed whole it would make the harness larger than what it measures."""

    findings: list[msgspec.Raw]


@dataclass(frozen=True)
class Commands:
    """The two programs measured, as templates over python, kubeconfig, now and report."""

    read: str = READ_COMMAND
    scan: str = SCAN_COMMAND


@dataclass
class Step:
    """All runs of one step on one data set."""

    costs: list[Cost] = field(default_factory=list)
    requests: int = 0  # of the last run
    findings: list[int] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return statistics.median(cost.cpu for cost in self.costs)

    @property
    def wall(self) -> float:
        return statistics.median(cost.wall for cost in self.costs)

    @property
    def peak_rss(self) -> int:
        """The largest of all rounds: a bound that holds sometimes is none."""
        return max(cost.peak_rss for cost in self.costs)


class Server:
    """A fake API server in its own process."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit("error: the fake API server did not start (its own message is above)")
        ready = json.loads(line)
        self.folder = folder
        self.port: int = ready["port"]
        self.ca = Path(ready["ca"])
        self.kubeconfig = Path(ready["kubeconfig"])
        self.token: str = ready["token"]

    def requests(self) -> int:
        """How many requests it has answered so far."""
        context = ssl.create_default_context(cafile=self.ca)
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with direct.open(f"https://127.0.0.1:{self.port}/bench/counts") as answer:
            counts: dict[str, int] = json.load(answer)
        return counts["requests"]


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    """A fake API server over this data, stopped at the end."""
    command = [sys.executable, "-m", "benchmarks.fake_api", str(folder), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    try:
        yield Server(folder, process)
    finally:
        process.terminate()
        process.wait()


def generated(sizes: Sizes, data: Path) -> Path:
    """The folder of this data; made by another process, so that the harness stays small.

    The kernel counts what a process held between fork and exec, the harness's pages, as the child's own peak.
    """
    options = [f"--{name}={value}" for name, value in vars(sizes).items()]
    command = [sys.executable, "-m", "benchmarks.generate", *options, f"--data={data}"]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
        raise SystemExit("error: the data could not be generated (its own message is above)")
    return folder_of(sizes, data)


def environment(scratch: Path) -> dict[str, str]:
    """The user's settings, history and proxies have no part in a measurement."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    homes = {f"XDG_{name}_HOME": str(scratch) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    plain = {name: value for name, value in kept.items() if not name.startswith("DEEPSCAN_")}
    return plain | homes | {"CI": "1", "NO_COLOR": "1", "PYTHONHASHSEED": "0"}


class Bench:
    """Runs steps against one server and keeps what they cost."""

    def __init__(self, server: Server, commands: Commands, scratch: Path) -> None:
        self._server, self._commands, self._scratch = server, commands, scratch
        self.manifest: Manifest = read_manifest(server.folder)
        self.steps: dict[str, Step] = {}

    def warm_up(self, steps: tuple[str, ...]) -> None:
        """The first run after a server's start is slower by up to 2.5 times."""
        for name in steps:
            self._run(name)

    def rounds(self, steps: tuple[str, ...], number: int) -> None:
        for _ in range(number):
            for name in steps:
                self.once(name)

    def once(self, name: str) -> Cost:
        """Run one step and note its cost."""
        step = self.steps.setdefault(name, Step())
        before = self._server.requests()
        cost = self._run(name)
        step.requests = self._server.requests() - before
        step.costs.append(cost)
        if name == "scan":
            report = msgspec.json.decode(self._report.read_bytes(), type=_Report)
            step.findings.append(len(report.findings))
        if name == "read":
            self._complete(cost)
        return cost

    @property
    def _report(self) -> Path:
        return self._scratch / "report.json"

    def _run(self, name: str) -> Cost:
        if name == "curl":
            return curl_yardstick(self._server.folder, self._server.port, self._server.ca, self._server.token)
        template = self._commands.scan if name == "scan" else self._commands.read
        if name == "checks":
            template += " --checks"
        values = {
            "python": sys.executable,
            "kubeconfig": str(self._server.kubeconfig),
            "now": self.manifest["now"],
            "report": str(self._report),
        }
        command = [part.format(**values) for part in shlex.split(template)]
        return measure(command, environment=environment(self._scratch), folder=REPOSITORY)

    def _complete(self, cost: Cost) -> None:
        """A reader that skips objects would be fast for the wrong reason."""
        objects: dict[str, int] = json.loads(cost.stdout)["objects"]
        for name in ("pods", "nodes", "events"):
            expected = self.manifest["lists"][name]["objects"]
            if objects.get(name) != expected:
                raise SystemExit(f"error: read {objects.get(name)} {name}, there are {expected}")


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="deepscan-bench-") as name:
        yield Path(name)
