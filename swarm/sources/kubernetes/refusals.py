"""
"403" helps nobody; who was refused what, in the server's words, and the line that mends it, do.
"""

import asyncio
import ssl

import aiohttp
import msgspec

from scanners.semantics.split_secrets import redact_text
from swarm.errors import (
    BadBody,
    CertificateRejected,
    Expired,
    Forbidden,
    NotServed,
    ServerError,
    SourceError,
    Throttled,
    TimedOut,
    Unauthorized,
    Unreachable,
)

MESSAGE_LIMIT = 500
RAW_LIMIT = 200
"""Characters that are told of a body that is no Status."""
BODY_LIMIT = 4096
"""Bytes of it that are looked at: a secret is hidden before the text is cut, or its head would stay."""


class _Meta(msgspec.Struct, rename={"token": "continue"}):
    token: str | None = None


class _Status(msgspec.Struct):
    message: str | None = None
    reason: str | None = None
    metadata: _Meta | None = None


def refusal(status: int, body: bytes, where: str) -> SourceError:
    """The error for an HTTP status and the Status object that came with it."""
    said = _said(body)
    told = said.message or body[:BODY_LIMIT].decode(errors="replace")
    cause = " ".join(redact_text(told).split())[: MESSAGE_LIMIT if said.message else RAW_LIMIT]
    if status == 401:
        return Unauthorized(
            "the API server does not accept the credential (401)",
            where=where,
            cause=cause,
            mend="log in again, then try `kubectl get --raw /version`",
        )
    if status == 403:
        return Forbidden("the identity may not read this (403)", where=where, cause=cause)
    if status == 404:
        return NotServed("there is no such API here (404)", where=where, cause=cause)
    if status == 410:
        expired = Expired("the list has expired (410)", where=where, cause=cause)
        expired.resume = (said.metadata.token if said.metadata else None) or ""
        return expired
    if status in (429, 503, 504):
        return Throttled(
            f"the API server asked for patience ({status}) until ours ended",
            where=where,
            cause=cause,
            mend="scan at a quieter time, or lower --max-requests-per-second",
        )
    return ServerError(f"the API server answered {status}", where=where, cause=cause, mend="look at its log")


def failure(error: BaseException, where: str, proxy: str = "") -> SourceError:
    """
    The error for a request that got no whole answer: certificate, address, timeout, a connection that broke.
    """
    told = " ".join(redact_text(str(error)).split())[:MESSAGE_LIMIT] or type(error).__name__
    tls = _tls_cause(error)
    if tls is not None:
        return CertificateRejected(
            "the TLS handshake failed",
            where=where,
            cause=getattr(tls, "verify_message", "") or getattr(tls, "reason", None) or str(tls),
            mend="compare the kubeconfig's certificate-authority-data or tls-server-name with the cluster",
        )
    if isinstance(error, asyncio.TimeoutError | TimeoutError):
        return TimedOut(
            "no answer in time", where=where, cause=told, mend="check the network, or raise --deadline"
        )
    if isinstance(error, aiohttp.ClientPayloadError):
        return BadBody(
            "the answer broke off", where=where, cause=told, mend="check what stands between (proxy, tunnel)"
        )
    if isinstance(error, aiohttp.ClientHttpProxyError | aiohttp.ClientProxyConnectionError):
        return Unreachable(
            "the proxy did not let us through",
            where=where,
            cause=told,
            mend=f"check the proxy {proxy}, or NO_PROXY",
        )
    return Unreachable(
        "the API server cannot be reached",
        where=where,
        cause=told,
        mend="check the address, the VPN, the tunnel",
    )


def _tls_cause(error: BaseException | None) -> BaseException | None:
    """The certificate or TLS error at the bottom of a client error, if there is one."""
    while error is not None:
        if isinstance(error, ssl.CertificateError | ssl.SSLError):
            return error
        inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
    return None


def _said(body: bytes) -> _Status:
    try:
        return msgspec.json.decode(body, type=_Status)
    except msgspec.DecodeError:
        return _Status()
