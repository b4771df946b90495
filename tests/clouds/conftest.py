"""
API servers for all providers' tests. Without their programs the tests that need one are skipped with the reason; where
`CI` or `DEEPSCAN_REQUIRE_REAL` is set, that is a failure.
"""

import pytest

from tests.cluster.build import Programs, ToolsUnavailable, programs
from tests.required import absent


@pytest.fixture(scope="session")
def api_server_programs() -> Programs:
    """etcd and kube-apiserver, built on first use."""
    try:
        return programs()
    except ToolsUnavailable as missing:
        absent(f"no real API server: {missing}")
