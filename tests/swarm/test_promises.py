"""
Promises of SECURITY.md that can be held without a cluster.
"""

import re
import subprocess
import sys
from pathlib import Path

import swarm
from swarm.cli.targets import demo_path
from tests.swarm.cli.command import environment

ROOT = Path(swarm.__file__).parent
NO_NETWORK = """
import socket, sys
def refuse(*arguments, **more): raise AssertionError(f"a connection was tried: {arguments}")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
socket.create_connection = refuse
sys.argv = ["deepscan", "run", "--demo", "--quiet", "--format", "json=-"]
from swarm.cli import main
main()
"""


def test_a_recording_is_scanned_without_a_single_connection() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", NO_NETWORK], capture_output=True, text=True, env=environment(), check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert '"schema_version": "1"' in ended.stdout


DOORS = ("sources/kubernetes/transport.py", "sources/prometheus/client.py", "sources/gcp/compute.py")


MODEL_DOORS = ("model/child.py", "model/direct.py")
"""Those that send a POST: a question to the model that was named; ``tests/model`` watches whom they call."""


def test_every_http_call_goes_through_a_guarded_door() -> None:
    """No other module opens a session, and those to clusters and their metrics send GET."""
    callers = [
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")
        if re.search(r"aiohttp\.ClientSession|urlopen|http\.client|import requests|httpx", path.read_text())
    ]  # fmt: skip
    assert sorted(callers) == sorted([*DOORS, *MODEL_DOORS])
    for door in DOORS:
        assert re.findall(r"\.(post|put|patch|delete|ws_connect)\(", (ROOT / door).read_text()) == []
        assert (ROOT / door).read_text().count("refuse_unless_read(") == 1
    transport = (ROOT / DOORS[0]).read_text()
    sends = re.findall(r"session_for\(identity\)\.\w+\(", transport)
    assert sends == ["session_for(identity).request("]
    guarded = transport.split("async def _send")[1].split(sends[0])[0]
    assert "refuse_unless_read(method, path, parameters, headers)" in guarded
    assert ".request(" not in (ROOT / DOORS[1]).read_text()
    compute = (ROOT / DOORS[2]).read_text()
    assert compute.count(".request(") == 1
    assert "refuse_unless_read(method, operation, parameters, headers)" in compute.split(".request(")[0]


def test_no_command_of_a_remedy_is_ever_run() -> None:
    """Only the kubeconfig's own credential plugin and litellm are child processes of ours."""
    starters = [
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")
        if re.search(r"subprocess|os\.system|create_subprocess|os\.exec", path.read_text())
    ]  # fmt: skip
    assert sorted(starters) == ["model/by_litellm.py", "sources/kubernetes/exec_plugin.py"]


def test_a_scan_of_a_recording_writes_nothing(tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo_path().rglob("*")}
    ended = subprocess.run(
        [sys.executable, "-m", "swarm", "run", "--demo", "--quiet"], capture_output=True, text=True, cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT.parent), HOME=str(tmp_path), PYTHONDONTWRITEBYTECODE="1"), check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert list(tmp_path.rglob("*")) == []
    assert {path: path.stat().st_mtime_ns for path in demo_path().rglob("*")} == before
