"""
The API server behind each test account takes exactly the tokens that the test's webhook takes.
"""

import ssl
import urllib.error
import urllib.request

from tests.cluster.build import Programs

from .api_server import READER, ApiServer


def asked(server: ApiServer, token: str, path: str, method: str = "GET") -> int:
    """The status of a request with that token."""
    request = urllib.request.Request(
        server.url + path, headers={"Authorization": f"Bearer {token}"}, method=method
    )
    try:
        with urllib.request.urlopen(
            request, context=ssl.create_default_context(cadata=server.authority), timeout=20
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_token_is_whoever_the_webhook_says_and_may_read_what_deepscan_reads(
    api_server_programs: Programs,
) -> None:
    with ApiServer(api_server_programs, lambda token: READER if token == "good" else None) as server:
        server.apply_all([{
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "waits", "namespace": "ml"},
            "spec": {"containers": [{"name": "main", "image": "registry.example/x"}]},
            "status": {"phase": "Pending"},
        }])  # fmt: skip
        assert asked(server, "good", "/api/v1/pods") == 200
        assert asked(server, "bad", "/api/v1/pods") == 401
        assert asked(server, "good", "/api/v1/secrets") == 403
        assert (set(server.webhook.accepted), set(server.webhook.refused)) == ({"good"}, {"bad"})
        assert ("list", "/api/v1/pods") in server.requests_of(READER.name)
        assert server.client.get("v1", "Pod", "waits", "ml")["status"]["phase"] == "Pending"
