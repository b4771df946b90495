"""Nothing but a plain read leaves the process, whoever asks for it and however it is spelled."""

import ast
from pathlib import Path

import pytest

import swarm.sources.kubernetes as package
from swarm.errors import ReadOnlyViolation
from swarm.sources.kubernetes.guard import refuse_unless_read
from swarm.sources.kubernetes.transport import Transport
from tests.swarm.sources.kubernetes.conftest import Opened
from tests.swarm.sources.kubernetes.server import FakeApi

DENIED = [
    "/api/v1/secrets",
    "/api/v1/namespaces/ml/secrets",
    "/api/v1/namespaces/ml/secrets/db",
    "/api/v1/namespaces/ml/configmaps/x",
    "/api/v1/configmaps",
    "/api/v1/watch/secrets",
    "/api/v1/watch/namespaces/ml/secrets",
    "/api/v1/namespaces/ml/pods/p/exec",
    "/api/v1/namespaces/ml/pods/p/attach",
    "/api/v1/namespaces/ml/pods/p/portforward",
    "/api/v1/namespaces/ml/pods/p/ephemeralcontainers",
    "/api/v1/namespaces/ml/pods/p/proxy",
    "/api/v1/namespaces/ml/pods/p/proxy/metrics",
    "/api/v1/namespaces/ml/services/https:web:443/proxy/",
    "/api/v1/namespaces/ml/services/web/proxy/x",
    "/api/v1/nodes/n/proxy/stats/summary",
    "/api/v1/proxy/nodes/n",
    "/api/v1/namespaces/ml/serviceaccounts/default/token",
    "/api/v1/namespaces/ml/%73ecrets",
    "/api/v1/namespaces/ml/%2573ecrets",
    "/api/v1/namespaces/ml/../../v1/secrets",
    "/api/v1/namespaces/ml%2f..%2f..%2fsecrets",
    "/api/v1//secrets",
    "/api/v1/namespaces/ml/SECRETS",
    "/api/v1/pods/x;/secrets",
    "/api/v1/pods?x=/secrets",
    "/healthz",
    "/debug/pprof/heap",
    "/logs/",
    "api/v1/pods",
]
ALLOWED = [
    "/version",
    "/api",
    "/apis",
    "/api/v1/pods",
    "/api/v1/namespaces/token/pods",
    "/api/v1/namespaces/ml/pods/exec/log",
    "/api/v1/namespaces/secrets",
    "/apis/batch/v1/namespaces/ml/jobs",
    "/api/v1/namespaces/kube-system",
]


@pytest.mark.parametrize("path", DENIED)
def test_paths_that_are_never_read(path: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("GET", path, {}, {})


@pytest.mark.parametrize("path", ALLOWED)
def test_paths_that_may_be_read(path: str) -> None:
    refuse_unless_read("GET", path, {"limit": "500"}, {"Accept": "application/json"})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "get"])
def test_other_verbs(method: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read(method, "/api/v1/pods", {}, {})


REVIEWS = "/apis/authorization.k8s.io/v1/"


@pytest.mark.parametrize("kind", ["selfsubjectaccessreviews", "selfsubjectrulesreviews"])
def test_an_identity_may_ask_what_it_may_do_itself(kind: str) -> None:
    refuse_unless_read("POST", REVIEWS + kind, {}, {"Content-Type": "application/json"})


@pytest.mark.parametrize(
    "path",
    [
        REVIEWS + "subjectaccessreviews",
        REVIEWS + "namespaces/ml/localsubjectaccessreviews",
        REVIEWS + "selfsubjectaccessreviews/x",
        REVIEWS + "selfsubjectaccessreviews/",
        REVIEWS + "SelfSubjectAccessReviews",
        REVIEWS + "selfsubjectaccessreview%73",
        REVIEWS + "../v1/selfsubjectaccessreviews",
        "/apis/authentication.k8s.io/v1/tokenreviews",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        "/api/v1/namespaces/ml/serviceaccounts/default/token",
    ],
)
def test_nothing_else_is_ever_posted(path: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("POST", path, {}, {})


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "post"])
def test_a_review_is_asked_by_post_alone(method: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read(method, REVIEWS + "selfsubjectaccessreviews", {}, {})


def test_a_question_carries_nothing_beside_itself() -> None:
    path = REVIEWS + "selfsubjectaccessreviews"
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("POST", path, {"fieldManager": "x"}, {})
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("POST", path, {}, {"Impersonate-User": "admin"})
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("GET", "/api/v1/pods", {}, {"Content-Type": "application/json"})


@pytest.mark.parametrize(
    "header", ["Impersonate-User", "impersonate-group", "Upgrade", "X-HTTP-Method-Override"]
)
def test_other_headers(header: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("GET", "/api/v1/pods", {}, {header: "x"})


@pytest.mark.parametrize("parameter", ["watch", "dryRun", "command", "follow", "fieldManager"])
def test_other_parameters(parameter: str) -> None:
    with pytest.raises(ReadOnlyViolation):
        refuse_unless_read("GET", "/api/v1/pods", {parameter: "true"}, {})


async def test_a_refused_request_never_reaches_the_server(api: FakeApi, source: Opened) -> None:
    cluster = source()
    await cluster.open()
    before = len(api.requests)
    transport: Transport = cluster._transport
    with pytest.raises(ReadOnlyViolation):
        await transport.read("/api/v1/namespaces/ml/secrets/db")
    assert len(api.requests) == before
    assert {request.method for request in api.requests} == {"GET"}


def test_requests_are_sent_from_one_place_only() -> None:
    folder = Path(package.__file__).parent
    senders = {
        path.name
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"ClientSession", "request", "ws_connect", "post", "put"}
    }
    assert senders == {"transport.py"}
