"""Does deepscan still read 150,000 pods at the pace of curl and in the memory promised?

    python -m benchmarks.run [--small] [--only curl,read,scan] [--rounds 3] [--data FOLDER]

A table goes to stderr, one JSON line to stdout; exit status 1 when a bound is broken. `--small` is the short
form for CI: 15,000 pods, no logs, the least of the rounds, and what a run on 90 pods costs is taken off, as that is
start-up and not reading.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.cluster.population import Sizes
from benchmarks.gates import Gate, Measured, gates, table
from benchmarks.generate import LARGE, SMALL, default_folder
from benchmarks.harness import (
    READ_COMMAND,
    SCAN_COMMAND,
    STEPS,
    Bench,
    Commands,
    generated,
    scratch_folder,
    serving,
)

TINY = Sizes(pods=90, nodes=3, events=60)
LIBRARIES = ("deepscan-swarm", "aiohttp", "msgspec", "isal")


def bench(options: argparse.Namespace, scratch: Path) -> tuple[Measured, Bench]:
    """Measure the data in question, then the smaller set."""
    sizes, base = (SMALL, TINY) if options.small else (LARGE, SMALL)
    unequal = (
        " --no-logs" if options.small else ""
    )  # logs of failed containers are in no page that curl reads
    commands = Commands(options.read_command, options.scan_command + unequal)
    folders = [generated(each, options.data) for each in (sizes, base)]
    with serving(folders[0]) as server:
        whole = Bench(server, commands, scratch)
        whole.warm_up(options.only)
        whole.rounds(options.only, options.rounds)
        checks = json.loads(whole.once("checks").stdout) if "scan" in options.only and options.checks else {}
        whole.steps.pop("checks", None)
    with serving(folders[1]) as server:
        smaller = Bench(server, commands, scratch)
        smaller.warm_up(options.only)
        smaller.rounds(options.only, options.rounds if options.small else 1)
    return Measured(whole.steps, smaller.steps, options.small, checks.get("checks_cpu")), whole


def figures(
    measured: Measured, verdicts: list[Gate], whole: Bench, options: argparse.Namespace
) -> dict[str, object]:
    """The JSON line."""
    steps, pods = measured.steps, whole.manifest["sizes"]["pods"]
    others = [name for name in steps if name != "curl" and "curl" in steps]
    return {
        "profile": "small" if options.small else "large",
        "versions": _versions(),
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "system": platform.platform()},
        "inflate": _inflate(measured),
        "data": {"sizes": whole.manifest["sizes"], "lists": whole.manifest["lists"]},
        "rounds": options.rounds,
        "cpu_seconds": {name: [round(cost.cpu, 3) for cost in step.costs] for name, step in steps.items()},
        "wall_seconds": {name: [round(cost.wall, 3) for cost in step.costs] for name, step in steps.items()},
        "microseconds_per_pod": {name: round(step.cpu / pods * 1e6, 2) for name, step in steps.items()},
        "over_curl": {
            name: {what: round(measured.ratio(name, what), 3) for what in ("cpu", "wall")} for name in others
        },
        "start_subtracted": measured.subtract_start,
        "peak_rss_bytes": {name: step.peak_rss for name, step in steps.items()},
        "base_peak_rss_bytes": {name: step.peak_rss for name, step in measured.base.items()},
        "rss_growth_bytes": {name: measured.growth(name) for name in steps},
        "requests": {name: step.requests for name, step in steps.items()},
        "checks_cpu_seconds": measured.checks_cpu,
        "findings": steps["scan"].findings[-1] if "scan" in steps else None,
        "gates": [{**asdict(gate), "holds": gate.holds} for gate in verdicts],
    }


def _inflate(measured: Measured) -> str | None:
    read = measured.steps.get("read")
    return str(json.loads(read.costs[-1].stdout)["inflate"]) if read else None


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
    found["curl"] = curl.split("\n", 1)[0]
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def _steps(text: str) -> tuple[str, ...]:
    asked = [name for name in text.split(",") if name]
    unknown = [name for name in asked if name not in STEPS]
    if unknown or not asked:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(STEPS)}")
    return tuple(name for name in STEPS if name in asked)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="the short gate for CI")
    parser.add_argument("--only", type=_steps, default=STEPS, help="steps to run: curl,read,scan")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=default_folder(), help="where generated data is kept")
    parser.add_argument(
        "--no-checks", dest="checks", action="store_false", help="do not measure the checks alone"
    )
    parser.add_argument("--read-command", default=READ_COMMAND, help="another reader, for comparison")
    parser.add_argument("--scan-command", default=SCAN_COMMAND, help="another scanner, for comparison")
    return parser.parse_args()


def main() -> None:
    options = _options()
    with scratch_folder() as scratch:
        measured, whole = bench(options, scratch)
    verdicts = list(gates(measured))
    print(table(measured, verdicts, whole.manifest["sizes"]["pods"]), file=sys.stderr)
    print(json.dumps(figures(measured, verdicts, whole, options)))
    sys.exit(0 if all(gate.holds for gate in verdicts) else 1)


if __name__ == "__main__":
    main()
