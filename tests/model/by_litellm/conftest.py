"""
These need litellm, the extra ``llm``. Without it they are skipped with the reason; where `CI` or
`DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import os
import shutil

import pytest

from swarm.model.by_litellm import extra_missing


def absent(why: str) -> None:
    """Skip here, fail where everything must be there."""
    if any(os.environ.get(name, "").lower() in ("1", "true") for name in ("CI", "DEEPSCAN_REQUIRE_REAL")):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


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
