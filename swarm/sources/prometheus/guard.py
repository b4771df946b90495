"""
A Prometheus can be told to delete series, to reload and to quit; nothing of that may ever leave this program.

Everything that is sent to a Prometheus passes one function, which knows five paths and the parameters of each, and
lets through nothing else.
"""

from collections.abc import Iterable, Mapping

from swarm.errors import ReadOnlyViolation

QUERY = "/api/v1/query"
QUERY_RANGE = "/api/v1/query_range"
NAMES = "/api/v1/label/__name__/values"
BUILD = "/api/v1/status/buildinfo"
READY = "/-/ready"

ALLOWED: Mapping[str, frozenset[str]] = {
    QUERY: frozenset({"query", "time", "timeout"}),
    QUERY_RANGE: frozenset({"query", "start", "end", "step", "timeout"}),
    NAMES: frozenset({"match[]", "start", "end"}),
    BUILD: frozenset(),
    READY: frozenset(),
}
"""The paths that may be read, and the parameters that each may carry."""

ALLOWED_HEADERS = frozenset({"accept", "accept-encoding", "authorization", "user-agent"})


def refuse_unless_read(method: str, path: str, parameters: Mapping[str, str], headers: Iterable[str]) -> None:
    """ReadOnlyViolation unless the request is a GET of one of the five paths with parameters of its own."""
    if method != "GET":
        raise _violation(f"{method} is not GET", method, path)
    if path not in ALLOWED:
        raise _violation("the path is none of those that are read", method, path)
    for name in parameters:
        if name not in ALLOWED[path]:
            raise _violation(f"the parameter {name} is never sent there", method, path)
    for name in headers:
        if name.lower() not in ALLOWED_HEADERS:
            raise _violation(f"the header {name} is never sent", method, path)


def _violation(cause: str, method: str, path: str) -> ReadOnlyViolation:
    return ReadOnlyViolation(
        "a request was stopped because it is not a plain read",
        where=f"{method} {path}",
        cause=cause,
        mend="this is a bug in deepscan; please report it",
    )
