"""
A query is only right if a real Prometheus says so: one on the loopback, filled before it starts, gone afterwards.
"""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from tests.cluster.process import Process, free_ports

PROGRAMS = ("prometheus", "promtool")
SECONDS_TO_START = 60.0
ONE_BLOCK = "768h"
"""promtool reads its input once a block: with its default of two hours, seven days take 84 passes."""


def missing() -> list[str]:
    """The programs that are not on this machine."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class PrometheusServer:
    """A running server; ``folder`` is its own and holds data, settings and log."""

    def __init__(self, folder: Path, *extra: str) -> None:
        self._folder = folder
        self._extra = extra
        self._process: Process | None = None
        self.url = ""

    def fill(self, lines: Iterable[str]) -> None:
        """Write samples (lines of OpenMetrics, a metric family after another) into blocks, before the start."""
        text = self._folder / "series.om"
        with text.open("w") as out:
            out.writelines(lines)
            out.write("# EOF\n")
        command = [
            "promtool",
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            "--quiet",
            f"--max-block-duration={ONE_BLOCK}",
        ]
        subprocess.run([*command, text, self._folder / "data"], check=True, capture_output=True, timeout=300)
        text.unlink()

    def start(self) -> None:
        settings = self._folder / "prometheus.yml"
        settings.write_text("global: {}\n")
        [port] = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._process = Process(
            "prometheus",
            [
                shutil.which("prometheus") or "prometheus", f"--config.file={settings}",
                f"--storage.tsdb.path={self._folder / 'data'}", "--storage.tsdb.retention.time=60d",
                f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn", *self._extra,
            ],
            self._folder / "prometheus.log",
        )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """End it at once; harmless if it has ended."""
        if self._process is not None:
            self._process.kill()

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + SECONDS_TO_START
        while True:
            self._process.check()
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            if time.monotonic() > until:
                raise TimeoutError(f"prometheus is not ready:\n{self._process.tail()}")
            time.sleep(0.1)
