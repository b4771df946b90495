"""
A client that can delete a cluster is a typing mistake away from deleting it; below it stands who lets only reads go.

For gRPC this is an interceptor of the channel, for Compute a question before each request: the methods and paths of
:data:`~swarm.sources.gcp.calls.CALLS` and nothing else (trust.md, promise 1).
"""

from collections.abc import Iterable, Mapping

from swarm.errors import ReadOnlyViolation
from swarm.sources.gcp.calls import CALLS, COMPUTE, CONTAINER

SERVICE = "/google.container.v1.ClusterManager"

_EVERY = frozenset(call for calls in CALLS.values() for call in calls)
METHODS = frozenset(f"{SERVICE}/{call.operation}" for call in _EVERY if call.service == CONTAINER)
"""gRPC methods that may be called."""

OPERATIONS = frozenset(call.operation for call in _EVERY if call.service == COMPUTE)
"""Paths below a project of Compute that may be read."""

PARAMETERS = frozenset({"filter", "fields", "maxResults", "pageToken", "returnPartialSuccess"})
HEADERS = frozenset({"accept", "accept-encoding", "authorization", "user-agent", "x-goog-user-project"})


def refuse_unless_listed(method: str) -> None:
    """ReadOnlyViolation unless a gRPC method is one that reads what is listed."""
    if method not in METHODS:
        raise _violation(f"{method.rsplit('/', 1)[-1]} is none of the methods that are called", method)


def refuse_unless_read(
    method: str, operation: str, parameters: Mapping[str, str], headers: Iterable[str]
) -> None:
    """ReadOnlyViolation unless a request to Compute is a GET of a listed path with parameters of its own."""
    where = f"{method} {operation}"
    if method != "GET":
        raise _violation(f"{method} is not GET", where)
    if operation not in OPERATIONS:
        raise _violation("the path is none of those that are read", where)
    for name in parameters:
        if name not in PARAMETERS:
            raise _violation(f"the parameter {name} is never sent there", where)
    for name in headers:
        if name.lower() not in HEADERS:
            raise _violation(f"the header {name} is never sent", where)


def _violation(cause: str, where: str) -> ReadOnlyViolation:
    return ReadOnlyViolation(
        "a request was stopped because it is not a plain read",
        where=where,
        cause=cause,
        mend="this is a bug in deepscan; please report it",
    )
