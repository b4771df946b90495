"""
Google says in a dozen ways that one may not: a role, an API that is off, a project that is not there, too much at once.

Each becomes one typed error with the permission or the switch that mends it, whether it came as JSON or over gRPC.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from scanners.semantics.redaction import redact_line
from swarm.errors import (
    Forbidden,
    NotServed,
    ServerError,
    SourceError,
    Throttled,
    TimedOut,
    Unauthorized,
    Unreachable,
)

MESSAGE_LIMIT = 400
DISABLED = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
UNKNOWN_PROJECT = "CONSUMER_INVALID"
NO_QUOTA_PROJECT = "USER_PROJECT_DENIED"
TOO_MUCH = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
"""Reasons with which a 403 means: later."""

_NO_CONNECTION = re.compile("connect|resolv|DNS|handshake", re.IGNORECASE)


class UnknownProject(NotServed):
    """There is no such project, or none that this identity may know of."""


class _Detail(msgspec.Struct):
    reason: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    errors: list[_Detail] = []
    details: list[_Detail] = []


class _Answer(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


class Said(msgspec.Struct, frozen=True):
    """What a refusal says: its status in HTTP's numbers, its message, its reasons."""

    status: int
    message: str
    reasons: frozenset[str] = frozenset()

    @property
    def later(self) -> bool:
        """Whether it may pass by itself."""
        return self.status in (429, 500, 502, 503, 504) or bool(self.reasons & TOO_MUCH)

    @property
    def unconnected(self) -> bool:
        """Whether it is gRPC's own word for a server that was not reached."""
        return self.status == 503 and _NO_CONNECTION.search(self.message) is not None


def said_in_json(status: int, body: bytes) -> Said:
    """The refusal in the body of a REST answer."""
    try:
        error = msgspec.json.decode(body, type=_Answer).error
    except msgspec.DecodeError:
        return Said(status, body[:MESSAGE_LIMIT].decode(errors="replace"))
    reasons = (detail.reason for detail in (*error.errors, *error.details) if detail.reason)
    return Said(status, error.message, frozenset(reasons))


def said_over_grpc(error: Any) -> Said:
    """The refusal in a ``google.api_core`` error."""
    reasons: Sequence[str] = [error.reason] if getattr(error, "reason", None) else ()
    status = {"UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504, "UNAUTHENTICATED": 401}.get(
        getattr(error.grpc_status_code, "name", ""), int(error.code or 500)
    )
    return Said(status, str(error.message), frozenset(reasons))


def refusal(said: Said, *, project: str, permission: str, where: str) -> SourceError:
    """The typed error for what was said."""
    cause = redact_line(" ".join(said.message.split()))[:MESSAGE_LIMIT]
    if said.status == 401:
        mend = "log in again: `gcloud auth application-default login`"
        return Unauthorized(
            "Google does not accept the credential (401)", where=where, cause=cause, mend=mend
        )
    if NO_QUOTA_PROJECT in said.reasons:
        mend = "grant serviceusage.services.use on it, or `gcloud auth application-default set-quota-project`"
        return Forbidden("the login's quota project may not be used", where=where, cause=cause, mend=mend)
    if UNKNOWN_PROJECT in said.reasons or (said.status == 404 and project in said.message):
        mend = "check the project's id (not its name), and who is logged in"
        what = f"there is no project {project} that this identity may know of"
        return UnknownProject(what, where=where, cause=cause, mend=mend)
    if said.reasons & DISABLED:
        mend = f"nothing of it can be in {project}; switch the API on if it should"
        return NotServed("the API is not enabled in the project", where=where, cause=cause, mend=mend)
    if said.later:
        return _in_vain(said, cause, where)
    if said.status == 403:
        mend = f"grant {permission} on project {project}"
        return Forbidden("the identity may not read this (403)", where=where, cause=cause, mend=mend)
    if said.status == 404:
        return NotServed("there is no such thing here (404)", where=where, cause=cause)
    return ServerError(f"Google answered {said.status}", where=where, cause=cause)


def _in_vain(said: Said, cause: str, where: str) -> SourceError:
    """What did not pass by itself after all."""
    if said.status == 504:
        return TimedOut("no answer in time", where=where, cause=cause, mend="raise --deadline")
    if said.unconnected:
        mend = "check the network, the proxy, and [gcp] endpoint"
        return Unreachable("Google cannot be reached", where=where, cause=cause, mend=mend)
    if said.status in (500, 502):
        return ServerError(f"Google answered {said.status} again and again", where=where, cause=cause)
    mend = "scan at a quieter time, or ask for a higher quota of read requests"
    return Throttled(
        f"Google asked for patience ({said.status}) until ours ended", where=where, cause=cause, mend=mend
    )
