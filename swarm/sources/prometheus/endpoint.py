"""
The address of a Prometheus is typed by people, and the password likes to travel inside it.

An endpoint is where to ask, whom to trust and what to show; secrets come from the environment or a file, never from a
flag or a URL, because those end up in shell histories and reports.
"""

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from swarm.errors import ConfigurationError
from swarm.sources.kubernetes.connection import Credential, Fixed, Identity
from swarm.sources.kubernetes.credentials import TokenFile
from swarm.sources.kubernetes.proxies import proxy_for
from swarm.sources.prometheus.variables import PASSWORD, TOKEN, USER

SECONDS = 60.0


@dataclass(frozen=True)
class Endpoint:
    """
    One Prometheus. ``url`` has no slash at its end; ``authority`` is a PEM of CAs, ``""`` for the system's; ``basic``
    the value of a Basic authorization header, or ``""``; ``seconds`` how long an answer may take.
    """

    url: str
    credential: Credential = field(default_factory=Fixed, repr=False)
    basic: str = field(default="", repr=False)
    authority: str = ""
    proxy: str = field(default="", repr=False)
    seconds: float = SECONDS
    shows: bool = False
    """Whether a credential goes with every request."""


def address_of(url: str) -> str:
    """The URL as it is used. ConfigurationError for one that is none, or carries a password, a query, a fragment."""
    where = "--prometheus"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as wrong:
        raise ConfigurationError(
            "the Prometheus URL cannot be read", where=where, cause=str(wrong), mend="write http://HOST:9090"
        ) from None
    if "@" in parts.netloc:
        what = "the Prometheus URL carries a user or a password"
        raise ConfigurationError(
            what, where=where, mend=f"take it out of the URL; set {USER} and {PASSWORD}, or {TOKEN}"
        )
    if parts.scheme not in ("http", "https") or not host:
        what = f"{url} is no URL of a Prometheus"
        raise ConfigurationError(what, where=where, mend="say auto, none, or a URL like http://HOST:9090")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        what = "the Prometheus URL has a query or a fragment"
        raise ConfigurationError(what, where=where, mend=f"write {parts.scheme}://{parts.netloc}{parts.path}")
    return url.rstrip("/")


def named(
    url: str,
    environment: Mapping[str, str],
    *,
    token_file: str = "",
    ca_file: str = "",
    seconds: float = SECONDS,
) -> Endpoint:
    """
    The Prometheus that the user named, with the credentials of the environment or the token file.

    ConfigurationError if the URL, a file or a combination of credentials cannot be used.
    """
    address = address_of(url)
    token, user, password = (environment.get(name, "") for name in (TOKEN, USER, PASSWORD))
    if bool(user) != bool(password):
        present, missing = (USER, PASSWORD) if user else (PASSWORD, USER)
        raise ConfigurationError(f"{present} is set without {missing}", where="environment", mend="set both")
    given = [
        name for name, value in ((TOKEN, token), (USER, user), ("prometheus_token_file", token_file)) if value
    ]
    if len(given) > 1:
        what = f"there are several credentials for Prometheus: {', '.join(given)}"
        raise ConfigurationError(what, where="environment and settings", mend="keep one of them")
    basic = base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
    return Endpoint(
        address,
        credential=_from_file(token_file) if token_file else Fixed(Identity(token=token.strip())),
        basic=f"Basic {basic}" if basic else "",
        authority=authority_of(ca_file),
        proxy=proxy_for(address, environment),
        seconds=seconds,
        shows=bool(given),
    )


def authority_of(path: str) -> str:
    """The PEM of a CA file, ``""`` for none. ConfigurationError if it is none."""
    if not path:
        return ""
    try:
        text = Path(path).expanduser().read_text(encoding="ascii")
        ssl.create_default_context(cadata=text)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise ConfigurationError(
            "the certificate authority of Prometheus cannot be read",
            where=f"prometheus_ca_file {path}",
            cause=str(error),
            mend="name a PEM file",
        ) from None
    return text


def _from_file(path: str) -> TokenFile:
    file = Path(path).expanduser()
    try:
        empty = not file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "the token file of Prometheus cannot be read",
            where=f"prometheus_token_file {path}",
            cause=str(error),
            mend="check the path and its rights",
        ) from None
    if empty:
        where = f"prometheus_token_file {path}"
        raise ConfigurationError(
            "the token file of Prometheus is empty", where=where, mend="write the token into it"
        )
    return TokenFile(file)
