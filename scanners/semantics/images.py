"""
"ImagePullBackOff" is a typo, a missing secret, a throttling registry or a broken resolver; only the
runtime's text tells which.

Kubelets since 1.31 repeat the runtime's error in the waiting message; older ones put it into events alone.
Wordings are those of containerd, CRI-O and the registries; the first class that matches wins, the narrow
ones stand first. Go's resolver begins its errors with ``lookup NAME on SERVER``, a mere timeout too.
"""

import re
from typing import NamedTuple


class PullClass(NamedTuple):
    """A class of pull failures and what its messages say, in lower case."""

    name: str
    words: re.Pattern[str]


def _says(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


CLASSES = (
    PullClass("rate", _says("toomanyrequests", "429 too many requests", "pull qps exceeded", "rate limit")),
    PullClass("no-arch", _says("no match for platform", "no matching manifest", "no image found in man")),
    PullClass(
        "dns",
        _says(
            "no such host", "server misbehaving", "temporary failure in name resolution",
            r"\blookup [\w.-]+(?: on \S+)?: ",
        ),
    ),
    PullClass(
        "timeout",
        _says(
            "i/o timeout", "tls handshake timeout", "context deadline exceeded", "client.timeout",
            "deadlineexceeded", "connection refused", "connection reset", "no route to host",
            "network is unreachable", r"\beof\b",
        ),
    ),
    PullClass("tls", _says("x509:", r"\btls: ", "server gave http response to https client")),
    PullClass("unavailable", _says(r"\b50[0234] [a-z]", "service unavailable", "internal server error")),
    PullClass(
        "denied",
        _says(
            "401 unauthorized", "403 forbidden", "pull access denied", "unauthorized",
            "failed to authorize", "authorization failed", "no basic auth credentials",
            "authentication required", r"\bdenied\b",
        ),
    ),
    PullClass("not-found", _says("not found", "manifest unknown", "notfound", "does not exist")),
)  # fmt: skip

_RESOLVER = re.compile(r"\blookup \S+ on \[?([0-9a-fA-F.:]+?)\]?:53\b")
UNKNOWN = "unknown"

_BY_REASON = {
    "InvalidImageName": "invalid-name",
    "ErrImageNeverPull": "never-pull",
    "SignatureValidationFailed": "signature",
    "ImageInspectError": "inspect",
}


def pull_class(reason: str, message: str) -> str:
    """Why a pull fails, from the waiting reason and the runtime's text; ``unknown`` where neither says it."""
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    text = message.lower()
    found = next((each.name for each in CLASSES if each.words.search(text)), "")
    return found or ("unavailable" if reason == "RegistryUnavailable" else UNKNOWN)


def resolver_of(message: str) -> str:
    """
    The name server that a runtime asked for the registry, as Go's resolver names it; ``""`` where it does not.

    Runtimes run on the node and ask the node's resolver, which is rarely the cluster's own.
    """
    found = _RESOLVER.search(message)
    return found[1] if found else ""


def registry_of(image: str) -> str:
    """The registry's host of an image, as the runtime reads it: ``docker.io`` where none is written."""
    first, slash, _ = image.partition("/")
    named = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first if named else "docker.io"
