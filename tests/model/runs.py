"""
One run of the command against one endpoint, timed.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.model.endpoints import SECONDS
from tests.model.server import Behaviour, ModelServer
from tests.swarm.cli.command import Ended, deepscan

DEMO = ("run", "--demo", "--quiet", "--format", "json=-", "--baseline", "none")
GATE = ("--fail-on", "high")


class Run(NamedTuple):
    """How a run ended, in how many seconds, after how many calls."""

    ended: Ended
    seconds: float
    calls: int


def run(behaviours: Sequence[Behaviour], via: str, cache: Path, *more: str, **variables: str) -> Run:
    """A scan of the demo, worded by an endpoint that behaves so; ``via`` is the setting ``model_via``."""
    with ModelServer(behaviours) as server:
        began = time.monotonic()
        ended = deepscan(
            *DEMO, "--model", "openai/scripted", "--model-url", server.url, *more,
            XDG_CACHE_HOME=str(cache), DEEPSCAN_MODEL_VIA=via,
            **{"DEEPSCAN_LLM_TIMEOUT": f"{SECONDS}s", "DEEPSCAN_LLM_DEADLINE": f"{2 * SECONDS}s", **variables},
        )  # fmt: skip
        return Run(ended, time.monotonic() - began, len(server.calls))
