"""
"Nothing leaves the machine" is held by one who sees every system call, with litellm installed and itching.

Without a model nobody is called and litellm is not even read; with one, that endpoint alone is.
"""

import importlib.metadata
import socket
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from swarm.cli.targets import demo_path
from tests.model.endpoints import GOOD
from tests.model.runs import DEMO
from tests.model.server import ModelServer
from tests.model.traced import traced


def test_without_a_model_nobody_is_called_and_litellm_is_not_read(strace: str, tmp_path: Path) -> None:
    seen = traced(strace, DEMO, tmp_path / "log")
    assert seen.ended.status == 0, seen.ended.err
    assert any("/swarm/" in path for path in seen.opened), "strace saw nothing"
    assert seen.reached == set()
    assert [path for path in seen.opened if "/site-packages/litellm/" in path] == []
    assert [started for started in seen.started if "child" in started] == []


@pytest.mark.parametrize("via", ["direct", "litellm"])
def test_with_a_model_its_endpoint_alone_is_called(via: str, strace: str, tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        seen = traced(
            strace, [*DEMO, "--model", "openai/scripted", "--model-url", server.url], tmp_path / "log",
            DEEPSCAN_MODEL_VIA=via, DEEPSCAN_LLM_CACHE="false", DEEPSCAN_LLM_TIMEOUT="60s",
        )  # fmt: skip
        calls, port = len(server.calls), urlsplit(server.url).port
    assert seen.ended.report["scan"]["model"]["calls"] == calls > 0, seen.ended.err
    assert seen.reached == {("127.0.0.1", port)}
    used = any("/site-packages/litellm/" in path for path in seen.opened)
    assert used == (via == "litellm")


def test_the_child_starts_before_the_scan_reads_anything(strace: str, tmp_path: Path) -> None:
    """So that its import, some two seconds, passes while the scan works."""
    with ModelServer(GOOD["truthful"]) as server:
        traced(
            strace, [*DEMO, "--model", "openai/scripted", "--model-url", server.url], tmp_path / "log",
            DEEPSCAN_MODEL_VIA="litellm", DEEPSCAN_LLM_CACHE="false",
        )  # fmt: skip
    log = (tmp_path / "log").read_text(errors="replace")
    assert 0 < log.index("swarm/model/child.py") < log.index(f"{demo_path().name}/")


class Proxy:
    """A proxy that writes down where it should lead, and leads nowhere."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                end, _ = self._socket.accept()
            except OSError:
                return
            with end:
                self.asked.append(end.recv(65536).split(b"\r\n")[0].decode())
                end.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("model", "host"),
    [
        ("anthropic/claude-sonnet-4-5", "api.anthropic.com"),
        ("mistral/mistral-small-latest", "api.mistral.ai"),
        ("gemini/gemini-2.5-flash", "generativelanguage.googleapis.com"),
    ],
)
def test_a_vendor_alone_is_called_through_the_proxy(
    model: str, host: str, strace: str, proxy: Proxy, tmp_path: Path
) -> None:
    """The real host of each vendor, which nothing reaches from here: the proxy is the only way out, and closed."""
    at = f"http://127.0.0.1:{proxy.port}"
    vendor = model.split("/")[0].upper()
    seen = traced(
        strace, [*DEMO, "--model", model], tmp_path / "log", HTTPS_PROXY=at, HTTP_PROXY=at, DEEPSCAN_LLM_TIMEOUT="60s",
        **{f"{vendor}_API_KEY": "no-key-of-anybody"}, AIOHTTP_TRUST_ENV="False", XDG_CACHE_HOME=str(tmp_path),
    )  # fmt: skip
    assert seen.ended.status == 0
    assert seen.reached == {("127.0.0.1", proxy.port)}
    assert set(proxy.asked) == {f"CONNECT {host}:443 HTTP/1.1"}
    assert any(text.startswith(f"model {model}: ") for text in seen.ended.report["warnings"])
    assert "no-key-of-anybody" not in seen.ended.out + seen.ended.err


KNOWN_STARTERS = ("setuptools", "virtualenv", "deepscan-swarm", "deepscan_swarm", "coverage", "pytest-cov")
"""Distributions that may run a line at every start of Python."""


def test_nothing_that_came_with_the_extra_runs_at_every_start_of_python() -> None:
    """As the poisoned release did, by a file ``litellm_init.pth``."""
    owned: dict[str, str] = {}
    for each in importlib.metadata.distributions():
        owned |= {file.name: each.name for file in each.files or () if file.suffix == ".pth"}
    assert {owner for owner in owned.values() if owner.lower() not in KNOWN_STARTERS} == set()
    lying = {path.name for path in Path(sysconfig.get_path("purelib")).glob("*.pth")} - set(owned)
    assert lying <= {"_virtualenv.pth", "distutils-precedence.pth"}
