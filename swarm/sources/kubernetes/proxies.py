"""
Behind a corporate proxy a cluster is reached through it, except for the names that NO_PROXY lists.

The rules are those of Go's net/http (golang.org/x/net/http/httpproxy), because kubectl follows them.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(server: str, environment: Mapping[str, str]) -> str:
    """The proxy that the environment names for a server's URL, ``""`` for none."""
    address = urlsplit(server)
    host = (address.hostname or "").lower()
    found = _variable(environment, f"{address.scheme}_proxy")
    if not found or _is_loopback(host) or _excepted(host, address.port, _variable(environment, "no_proxy")):
        return ""
    return found if "://" in found else f"http://{found}"


def _variable(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name.upper()) or environment.get(name) or ""


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _excepted(host: str, port: int | None, rules: str) -> bool:
    address = _address(host)
    for entry in rules.lower().split(","):
        rule = entry.strip()
        if rule == "*":
            return True
        if address is not None and _network(rule, address):
            return True
        name, _, rule_port = rule.partition(":") if rule.count(":") == 1 else (rule, "", "")
        if not name or (rule_port and rule_port != str(port or 443)):
            continue
        bare = name.removeprefix("*").removeprefix(".")
        if (host == bare and not name.startswith((".", "*."))) or host.endswith(f".{bare}"):
            return True
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _network(rule: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False
