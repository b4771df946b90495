"""
Azure refuses in a dozen ways; what an engineer needs is which right is missing, or that there is nothing to read.

Errors of the SDK become the typed errors of :mod:`swarm.errors`, with Azure's own words as the cause.
"""

import json

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError
from azure.core.exceptions import ServiceResponseError as BrokenAnswer

from scanners.semantics.redaction import redact_line
from swarm.errors import (
    BadBody,
    DeepscanError,
    Forbidden,
    NotServed,
    ReadOnlyViolation,
    ServerError,
    Throttled,
    Unauthorized,
    Unreachable,
)
from swarm.sources.azure.login import LOG_IN, MESSAGE_LIMIT
from swarm.sources.cloud import CloudCall

NOT_REGISTERED = "MissingSubscriptionRegistration"


def typed(error: Exception, call: CloudCall, where: str) -> DeepscanError:
    """What a failed call comes to. What is no failure of Azure's is raised again as it is."""
    if isinstance(error, ReadOnlyViolation):
        return BadBody(
            "the rest of the list is not where Azure answers", where=where, cause=error.cause,
            mend="look at what stands between (a gateway, a proxy)",
        )  # fmt: skip
    if isinstance(error, DeepscanError):
        return error
    if isinstance(error, DecodeError | BrokenAnswer):
        mend = "look at what stands between (a gateway, a proxy)"
        return BadBody("the answer breaks off", where=where, cause=_line(str(error)), mend=mend)
    if isinstance(error, HttpResponseError):
        return _refused(error, call, where)
    if isinstance(error, AzureError):
        mend = "check the network, the proxy and [azure] resource_manager"
        return Unreachable(
            "Azure Resource Manager cannot be reached", where=where, cause=_line(str(error)), mend=mend
        )
    raise error


def _refused(error: HttpResponseError, call: CloudCall, where: str) -> DeepscanError:
    code, cause = _told(error)
    status = error.status_code or 0
    if code == NOT_REGISTERED:
        return NotServed(
            f"the subscription does not use {call.service}: it is not registered",
            where=where,
            cause=cause,
            mend=f"nothing, or if it should: az provider register --namespace {call.service} (deepscan never does)",
        )
    if status == 401:
        what = "Azure Resource Manager does not accept the token (401)"
        return Unauthorized(what, where=where, cause=cause, mend=LOG_IN)
    if status == 403:
        return Forbidden("the identity may not read this (403)", where=where, cause=cause, mend=grant(call))
    if status == 404:
        return NotServed("it is not there (404)", where=where, cause=cause)
    if status in (429, 503, 504):
        mend = "scan at a quieter time: its limits are shared by all who ask about the subscription"
        return Throttled(
            f"Azure asked for patience ({status}) until ours ended", where=where, cause=cause, mend=mend
        )
    return ServerError(f"Azure Resource Manager answered {status}", where=where, cause=cause)


def grant(call: CloudCall) -> str:
    """The line that gives the right to a call, with the built-in role that holds it."""
    action = call.permission.endswith("/action")
    role = "Azure Kubernetes Service Cluster User Role" if action else "Reader"
    return f"grant {call.permission} (the role {role!r} holds it)"


def _told(error: HttpResponseError) -> tuple[str, str]:
    """Code and words of an ARM error: ``{"error": {"code": …, "message": …}}``."""
    try:
        told = json.loads(error.response.text())["error"] if error.response is not None else {}
        code, message = str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        return "", _line(str(error))
    return code, _line(f"{code}: {message}")


def _line(text: str) -> str:
    return redact_line(" ".join(text.split()))[:MESSAGE_LIMIT]
