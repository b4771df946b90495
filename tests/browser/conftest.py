"""
Without a browser the tests are skipped with the reason; where `CI` or `DEEPSCAN_REQUIRE_REAL` is set, that is a
failure.
"""

import os

import pytest

from tests.browser.chromium import binary


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Chromium is on this machine."""
    if binary():
        return
    why = "chromium not found: install the Debian package chromium"
    if any(os.environ.get(name, "").lower() in ("1", "true") for name in ("CI", "DEEPSCAN_REQUIRE_REAL")):
        pytest.fail(f"a real browser is required: {why}", pytrace=False)
    pytest.skip(f"no real browser: {why}")
