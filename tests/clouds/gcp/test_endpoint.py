"""Where Google is asked."""

import pytest

from swarm.errors import ConfigurationError
from swarm.sources.gcp.endpoint import Doors, doors


def test_without_an_endpoint_each_api_has_its_public_host() -> None:
    assert doors("") == Doors("container.googleapis.com:443", "https://compute.googleapis.com")
    assert doors("", "s3ns.example").container == "container.s3ns.example:443"


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://gateway.example:8443/", Doors("gateway.example:8443", "https://gateway.example:8443")),
        ("https://gateway.example", Doors("gateway.example:443", "https://gateway.example:443")),
        ("http://127.0.0.1:9000", Doors("127.0.0.1:9000", "http://127.0.0.1:9000", secure=False)),
        ("http://[::1]:9000", Doors("[::1]:9000", "http://[::1]:9000", secure=False)),
        ("http://localhost:9000", Doors("localhost:9000", "http://localhost:9000", secure=False)),
    ],
)
def test_one_endpoint_stands_for_both_apis(endpoint: str, expected: Doors) -> None:
    assert doors(endpoint) == expected


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://gateway.example:80",
        "gateway.example:8443",
        "https://gateway.example/compute",
        "https://user:secret@gateway.example",
        "ftp://gateway.example",
    ],
)
def test_an_endpoint_that_would_not_do_is_refused_with_a_mend(endpoint: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        doors(endpoint)
    assert refused.value.mend and "[gcp] endpoint" in refused.value.where
