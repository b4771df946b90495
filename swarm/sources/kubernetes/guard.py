"""
Everything deepscan sends to an API server goes through one function, which lets reads through and nothing
else.

trust.md promises 1 and 2: the only verb is GET; Secrets and ConfigMaps are not requested in any form; no path
leads through the API server to something else (proxy), into a container (exec, attach, portforward) or to a
credential (serviceaccounts/token). It is asked at call time, whatever the caller meant.

One exception: what an identity itself may do is a question that the API takes as a POST, answers, and forgets.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from swarm.errors import ReadOnlyViolation

DENIED_RESOURCES = frozenset({"secrets", "configmaps"})
DENIED_SUBRESOURCES = frozenset({"proxy", "exec", "attach", "portforward", "ephemeralcontainers", "token"})
ROOTS = frozenset({"api", "apis", "version"})
ALLOWED_HEADERS = frozenset({"accept", "accept-encoding", "authorization", "user-agent"})
ALLOWED_PARAMETERS = frozenset(
    {"limit", "continue", "container", "previous", "taillines", "limitbytes", "timestamps", "timeoutseconds"}
)


REVIEWS = frozenset(
    {
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    }
)
"""The only paths that anything is posted to: nothing is stored there."""
REVIEW_HEADERS = ALLOWED_HEADERS | {"content-type"}


def refuse_unless_read(
    method: str, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]
) -> None:
    """
    ReadOnlyViolation unless the request is a plain read of something that may be read, or asks what the
    identity itself may do.
    """
    if method == "POST" and path in REVIEWS:
        _refuse_unless_question(path, parameters, headers)
        return
    if method != "GET":
        raise _violation(f"{method} is not GET", method, path)
    segments = _segments(method, path)
    for name in headers:
        if name.lower() not in ALLOWED_HEADERS:
            raise _violation(f"the header {name} is never sent", method, path)
    for name in parameters:
        if name.lower() not in ALLOWED_PARAMETERS:
            raise _violation(f"the parameter {name} is never sent", method, path)
    if segments[0] not in ROOTS:
        raise _violation("the path is no part of the API", method, path)
    resource, subresource = _resource(segments)
    if resource in DENIED_RESOURCES or subresource in DENIED_SUBRESOURCES:
        denied = f"{resource}/{subresource}" if subresource else resource
        raise _violation(f"{denied} is never read", method, path)


def _refuse_unless_question(path: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> None:
    for name in headers:
        if name.lower() not in REVIEW_HEADERS:
            raise _violation(f"the header {name} is never sent", "POST", path)
    for name in parameters:
        raise _violation(f"the parameter {name} is never sent with a question", "POST", path)


def _segments(method: str, path: str) -> list[str]:
    """The parts of a path, lower case; one that a server could read in two ways is refused."""
    decoded = unquote(path)
    parts = decoded.lower().split("/")
    odd = decoded != unquote(decoded) or any(character in decoded for character in "?#\\;\0")
    if parts[0] != "" or len(parts) < 2 or odd or any(part in ("", ".", "..") for part in parts[1:]):
        raise _violation("the path can be read in more than one way", method, path)
    return parts[1:]


def _resource(segments: list[str]) -> tuple[str, str]:
    """
    Resource and subresource of a path: both forms, with and without a namespace; ``watch`` and ``proxy``
    prefixes stay in.
    """
    rest = segments[2:] if segments[0] == "api" else segments[3:]
    if rest[:1] in (["watch"], ["proxy"]):
        return rest[0], "proxy"
    if rest[:1] == ["namespaces"] and len(rest) >= 3:
        rest = rest[2:]
    resource = rest[0] if rest else ""
    inner = [part for part in rest[2:] if part in DENIED_SUBRESOURCES]
    return resource, inner[0] if inner else ""


def _violation(cause: str, method: str, path: str) -> ReadOnlyViolation:
    return ReadOnlyViolation(
        "a request was stopped because it is not a plain read",
        where=f"{method} {path}",
        cause=cause,
        mend="this is a bug in deepscan; please report it",
    )
