"""
The command as a user runs it: a process of its own, with an environment that holds no settings of ours.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

VARYING = ("started_at", "finished_at")


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DEEPSCAN_")}
    kept |= {"NO_COLOR": "1", "XDG_CONFIG_HOME": "/nonexistent", "KUBECONFIG": "/nonexistent/kubeconfig"}
    kept["DEEPSCAN_HISTORY"] = "none"  # tests remember nothing in the home of whoever runs them
    return kept | more


def deepscan(*arguments: str | Path, cwd: Path | None = None, **more: str) -> Ended:
    ended = subprocess.run(
        [sys.executable, "-m", "swarm", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, env=environment(**more), timeout=120, check=False,
    )  # fmt: skip
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def steady(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the fields that the contract lets differ between two runs on the same input."""
    scan = {key: value for key, value in report["scan"].items() if key not in VARYING}
    agents = [{key: value for key, value in row.items() if key != "seconds"} for row in report["agents"]]
    return report | {"scan": scan, "agents": agents}
