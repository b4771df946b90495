"""
Five paths, one verb.
"""

import pytest

from swarm.errors import ReadOnlyViolation
from swarm.sources.prometheus.guard import ALLOWED, refuse_unless_read


@pytest.mark.parametrize("path", ALLOWED)
def test_what_is_read_passes(path: str) -> None:
    refuse_unless_read("GET", path, dict.fromkeys(ALLOWED[path], "x"), ["Accept", "Authorization"])


@pytest.mark.parametrize(
    ("method", "path", "parameters", "headers"),
    [
        ("POST", "/api/v1/query", {}, []),
        ("PUT", "/-/reload", {}, []),
        ("GET", "/-/quit", {}, []),
        ("GET", "/api/v1/admin/tsdb/delete_series", {}, []),
        ("GET", "/api/v1/query/", {}, []),
        ("GET", "/api/v1/../v1/query", {}, []),
        ("GET", "/api/v1/status/config", {}, []),
        ("GET", "/federate", {}, []),
        ("GET", "/api/v1/query", {"match[]": "x"}, []),
        ("GET", "/-/ready", {"query": "up"}, []),
        ("GET", "/api/v1/query", {}, ["X-Scope-OrgID"]),
    ],
)
def test_what_is_no_plain_read_is_stopped(
    method: str, path: str, parameters: dict[str, str], headers: list[str]
) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read(method, path, parameters, headers)
