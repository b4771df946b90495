"""
Without a browser the tests are skipped with the reason; where `CI` or `DEEPSCAN_REQUIRE_REAL` is set, that is a
failure.
"""

import pytest

from tests.browser.chromium import binary
from tests.required import absent


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Chromium is on this machine."""
    if not binary():
        absent("chromium not found: install the Debian package chromium")
