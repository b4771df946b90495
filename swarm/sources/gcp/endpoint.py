"""
Google answers at a host per API; a gateway, a restricted network or a test answers for all of them at one.

``[gcp] endpoint`` is one URL without a path. Compute is asked below it over HTTP, the container API by gRPC at the same
host and port, as gateways serve both (HTTP/2 carries gRPC). Plain http, and with it a channel without TLS, is for
loopback only.
"""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from swarm.errors import ConfigurationError

UNIVERSE = "googleapis.com"
"""Where Google's APIs answer, unless a credential is of another universe (sovereign clouds)."""


class Doors(NamedTuple):
    """Where to ask: ``container`` is a gRPC target, ``compute`` a base URL; ``secure``: with TLS."""

    container: str
    compute: str
    secure: bool = True


def doors(endpoint: str, universe: str = UNIVERSE) -> Doors:
    """Doors of an endpoint; of the universe's public hosts where it is empty. ConfigurationError for a wrong one."""
    if not endpoint:
        return Doors(f"container.{universe}:443", f"https://compute.{universe}")
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise _wrong(endpoint, "it is no URL", "write it like https://gateway.example:8443")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise _wrong(endpoint, "it has more than a host and a port", "gRPC knows no path; leave it out")
    secure = parts.scheme == "https"
    if not secure and not _is_loopback(host):
        raise _wrong(endpoint, "plain http is for loopback only", "use https")
    shown = f"[{host}]" if ":" in host else host
    port = parts.port or (443 if secure else 80)
    return Doors(f"{shown}:{port}", f"{parts.scheme}://{shown}:{port}", secure)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong(endpoint: str, cause: str, mend: str) -> ConfigurationError:
    return ConfigurationError(
        f"endpoint {endpoint} cannot be used", where="[gcp] endpoint", cause=cause, mend=mend
    )
