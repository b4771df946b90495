"""
Between a scan and the numbers of a Prometheus stand login pages, proxies, limits and servers that are still starting.

What came instead of an answer becomes a typed error that says so, with the line that mends it.
"""

import msgspec

from scanners.semantics.split_secrets import redact_text
from swarm.errors import (
    BadBody,
    CertificateRejected,
    Forbidden,
    NotServed,
    ServerError,
    SourceError,
    Throttled,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from swarm.sources.kubernetes import refusals as plain

CAUSE_LIMIT = 300
WITHOUT = "or run with --prometheus none"
"""How to end the complaint where nothing can be mended: the checks are then listed as not configured."""

_LIMITS = ("too many samples", "exceeded", "exceeds", "limit")
"""Words of Prometheus, Thanos and Mimir for a query that asks for too much at once."""

_MENDS: dict[type[SourceError], str] = {
    CertificateRejected: f"name its authority with prometheus_ca_file, {WITHOUT}",
    TimedOut: f"raise prometheus_timeout, {WITHOUT}",
    BadBody: f"check what stands between (proxy, tunnel), {WITHOUT}",
    Unreachable: f"check the URL, the network and that Prometheus runs, {WITHOUT}",
}


class TooMuch(ServerError):
    """The server, or our own cap, refuses an answer of this size: ask for less at once."""


class _Said(msgspec.Struct, rename="camel"):
    status: str = ""
    error: str = ""
    error_type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


def refusal(status: int, body: bytes, where: str, location: str = "") -> SourceError:
    """The error for an answer that is no 200; ``location`` is where a redirect points to."""
    said = _said(body)
    cause = _cause(said.error or ("" if looks_like_html(body) else body.decode(errors="replace")))
    if 300 <= status < 400:
        asked = "name the URL that answers itself, or give a token (DEEPSCAN_PROMETHEUS_TOKEN)"
        return ServerError(
            f"the Prometheus URL redirects ({status}), and redirects are not followed",
            where=where, cause=_cause(location), mend=f"{asked}, {WITHOUT}",
        )  # fmt: skip
    if status == 401:
        show = "set DEEPSCAN_PROMETHEUS_TOKEN, or prometheus_token_file"
        return Unauthorized(
            "the Prometheus query was refused (401)", where=where, cause=cause, mend=f"{show}, {WITHOUT}"
        )
    if status == 403:
        grant = "grant the identity read access to its query API"
        return Forbidden(
            "the Prometheus query was refused (403)", where=where, cause=cause, mend=f"{grant}, {WITHOUT}"
        )
    if status == 404:
        path = "add the path under which it is served to the URL"
        return NotServed(
            "there is no Prometheus API here (404)", where=where, cause=cause, mend=f"{path}, {WITHOUT}"
        )
    return _server_error(status, said, cause, where)


def _server_error(status: int, said: _Said, cause: str, where: str) -> SourceError:
    if said.error_type in ("timeout", "canceled") or status == 504:
        what = f"the Prometheus query took too long ({status})"
        return TimedOut(what, where=where, cause=cause, mend=_MENDS[TimedOut])
    if status == 422 and any(word in said.error.lower() for word in _LIMITS):
        what, mend = "the Prometheus query asks for too much (422)", f"lower --since, {WITHOUT}"
        return TooMuch(what, where=where, cause=cause, mend=mend)
    if status in (429, 503):
        what = f"Prometheus asked for patience ({status}) until ours ended"
        return Throttled(what, where=where, cause=cause, mend=f"scan at a quieter time, {WITHOUT}")
    return ServerError(
        f"Prometheus answered {status}", where=where, cause=cause, mend=f"look at its log, {WITHOUT}"
    )


def failure(error: BaseException, where: str, proxy: str = "") -> SourceError:
    """The error for a request that got no whole answer: certificate, address, timeout, a connection that broke."""
    typed = plain.failure(error, where, proxy)
    what = "Prometheus cannot be reached" if type(typed) is Unreachable else f"Prometheus: {typed.what}"
    return type(typed)(what, where=where, cause=typed.cause, mend=_MENDS.get(type(typed), typed.mend))


def in_our_words(error: SourceError) -> SourceError:
    """An error met while a body was read, with the mend that fits a Prometheus."""
    what = f"Prometheus: {error.what}"
    return type(error)(what, where=error.where, cause=error.cause, mend=_MENDS.get(type(error), error.mend))


def data_of(body: bytes, where: str) -> bytes:
    """The JSON of ``data`` in a body that says success. BadBody for anything else."""
    url = f"check that the URL is that of a Prometheus, {WITHOUT}"
    if looks_like_html(body):
        raise BadBody("what answers is a web page, no Prometheus", where=where, mend=url)
    try:
        said = msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, RecursionError) as broken:
        raise BadBody(
            "the answer of Prometheus is cut short or no JSON", where=where, cause=str(broken)[:CAUSE_LIMIT],
            mend=_MENDS[BadBody],
        ) from None  # fmt: skip
    if said.status != "success":
        raise BadBody("the answer is none of Prometheus", where=where, cause=_cause(said.error), mend=url)
    return bytes(said.data)


def looks_like_html(body: bytes) -> bool:
    """Whether a body is a page for people: a login, a proxy's notice."""
    return body.lstrip()[:1] == b"<"


def _cause(text: str) -> str:
    return " ".join(redact_text(text[:4096]).split())[:CAUSE_LIMIT]


def _said(body: bytes) -> _Said:
    try:
        return msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, RecursionError):
        return _Said()
