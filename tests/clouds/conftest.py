"""
API servers for all providers' tests. Without their programs the tests that need one are skipped with the reason; where
`CI` or `DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import os

import pytest

from tests.cluster.build import Programs, ToolsUnavailable, programs


@pytest.fixture(scope="session")
def api_server_programs() -> Programs:
    """etcd and kube-apiserver, built on first use."""
    try:
        return programs()
    except ToolsUnavailable as missing:
        why = f"no real API server: {missing}"
        if any(os.environ.get(name, "").lower() in ("1", "true") for name in ("CI", "DEEPSCAN_REQUIRE_REAL")):
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
