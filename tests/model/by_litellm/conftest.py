"""
These need litellm, the extra ``llm``. Without it they are skipped with the reason; where `CI` or
`DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import shutil

import pytest

from swarm.model.by_litellm import extra_missing
from tests.required import absent


@pytest.fixture(scope="session", autouse=True)
def litellm() -> None:
    """The extra is installed."""
    missing = extra_missing()
    if missing is not None:
        absent(f"{missing.what}: {missing.mend}")


@pytest.fixture(scope="session")
def strace() -> str:
    """The program that sees every system call."""
    found = shutil.which("strace")
    if found is None:
        absent("strace not found: install the Debian package strace")
    return str(found)
