"""
AWS says "no" in forty codes; a reader of the report wants to know which permission, where, and what to do.
"""

from typing import Any

from swarm.errors import (
    BadBody,
    Forbidden,
    NotServed,
    ServerError,
    SourceError,
    Throttled,
    Unauthorized,
    Unreachable,
)
from swarm.sources.aws.patience import THROTTLES
from swarm.sources.cloud import CloudCall

DENIED = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Client.UnauthorizedOperation",
        "NotAuthorized", "NotAuthorizedException", "AuthorizationError", "UnauthorizedAccess",
        "OperationNotPermitted", "OperationNotPermittedException", "ForbiddenException",
    }
)  # fmt: skip
EXPIRED = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidClientTokenId",
        "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException",
        "IncompleteSignature", "MissingAuthenticationToken", "InvalidAccessKeyId",
    }
)  # fmt: skip
STALE = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
SWITCHED_OFF = frozenset({"OptInRequired", "RegionDisabledException", "SubscriptionRequiredException"})
GONE = frozenset(
    {"ResourceNotFoundException", "ResourceNotFound", "LoadBalancerNotFound", "TargetGroupNotFound"}
)

LOG_IN = "log in again (`aws sso login`, new keys, or another --aws PROFILE)"
ENABLE = "enable the region for the account, if anything should run there"


def refusal(error: Exception, call: CloudCall, region: str, *, known: bool = True) -> SourceError:
    """
    What an error of the SDK comes to. ``known``: this identity was accepted elsewhere, so a region that does not know
    it is one that is switched off for the account.
    """
    from aiohttp import ClientError as HttpError
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    where = f"{call.service}:{call.operation} in {region}"
    if isinstance(error, ClientError):
        return _answered(error.response, call, region, known)
    if isinstance(error, NoCredentialsError):
        return Unauthorized("nobody is logged in to AWS", where=where, cause=str(error), mend=LOG_IN)
    if isinstance(error, ConnectionError | HTTPClientError | HttpError | OSError):
        mend = f"check the network and the proxy, or whether the endpoint of {region} is reachable from here"
        return Unreachable(f"{region} does not answer", where=where, cause=str(error), mend=mend)
    if isinstance(error, ResponseParserError):
        return BadBody(f"{call.operation} gave an answer that cannot be read", where=where, cause=str(error))
    return Unauthorized("no credentials could be had", where=where, cause=str(error), mend=LOG_IN)


def _answered(response: Any, call: CloudCall, region: str, known: bool) -> SourceError:
    where = f"{call.service}:{call.operation} in {region}"
    told = response.get("Error") or {}
    code, message = str(told.get("Code") or ""), str(told.get("Message") or "")
    cause = f"{code}: {message}" if message else code
    status = (response.get("ResponseMetadata") or {}).get("HTTPStatusCode")
    if code in THROTTLES or status == 429:
        mend = "scan again at a quieter time"
        return Throttled(f"{call.permission} was throttled to the end", where=where, cause=cause, mend=mend)
    if code in DENIED:
        return Forbidden(
            f"{call.permission} is denied", where=where, cause=cause, mend=_grant(call, region, message)
        )
    if code in SWITCHED_OFF or (code in EXPIRED - STALE and known):
        return Forbidden(f"{region} is switched off for this account", where=where, cause=cause, mend=ENABLE)
    if code in EXPIRED:
        return Unauthorized("the AWS credentials are not accepted", where=where, cause=cause, mend=LOG_IN)
    if code in GONE:
        return NotServed("it is gone", where=where, cause=cause)
    if status == 403:
        return Forbidden(
            f"{call.permission} is denied", where=where, cause=cause, mend=_grant(call, region, message)
        )
    return ServerError(f"{call.operation} failed", where=where, cause=cause or str(status))


def _grant(call: CloudCall, region: str, message: str) -> str:
    """The one line that would lift the denial: a policy of the organization cannot be mended by a grant."""
    if "service control policy" in message:
        return f"a service control policy of the organization denies it; allow {call.permission} in {region} there"
    return f"grant {call.permission} to this identity (`deepscan permissions --aws` prints the policy)"
