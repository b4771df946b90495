"""The demo without a model, once for all that is compared with it."""

import time

import pytest

from tests.model.runs import DEMO, GATE
from tests.swarm.cli.command import Ended, deepscan


@pytest.fixture(scope="session")
def plain() -> Ended:
    """The report without a model; its status is that of a gate that trips."""
    return deepscan(*DEMO, *GATE)


@pytest.fixture(scope="session")
def plain_seconds(plain: Ended) -> float:
    """How long a run without a model takes on this machine."""
    began = time.monotonic()
    deepscan(*DEMO, *GATE)
    return time.monotonic() - began
