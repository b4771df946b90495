"""
China and the American government have Azures of their own; a token for one is worth nothing in another.

Which Azure Resource Manager is asked, for whose tokens, and what a test server may be: plain http on this very machine.
"""

import ipaddress
from urllib.parse import urlsplit

from swarm.errors import ConfigurationError

PUBLIC = "https://management.azure.com"
PUBLIC_SCOPE = f"{PUBLIC}/.default"
GOVERNMENT = "https://management.usgovcloudapi.net"
GOVERNMENT_SCOPE = "https://management.core.usgovcloudapi.net/.default"
"""The one cloud whose tokens are not for its endpoint's own name (azure.mgmt.core.tools.get_arm_endpoints)."""

KUBERNETES_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default"
"""The AKS server application of Microsoft Entra ID, the same in every tenant and cloud: whom API servers trust."""


def resource_manager_of(setting: str) -> str:
    """The endpoint without a slash at its end. ConfigurationError for plain http to another machine."""
    endpoint = (setting or PUBLIC).rstrip("/")
    address = urlsplit(endpoint)
    if address.scheme == "https" and address.hostname:
        return endpoint
    if is_plain_loopback(endpoint):
        return endpoint
    raise ConfigurationError(
        "the endpoint of Azure Resource Manager is not safe to send a token to",
        where=f"[azure] resource_manager = {setting!r}",
        cause="only https is, and plain http on the loopback",
        mend=f"write it as {PUBLIC}",
    )


def is_plain_loopback(endpoint: str) -> bool:
    """Whether it is http on this machine: nobody is on the way who could read a token."""
    address = urlsplit(endpoint)
    if address.scheme != "http" or not address.hostname:
        return False
    try:
        return ipaddress.ip_address(address.hostname).is_loopback
    except ValueError:
        return address.hostname == "localhost"


def scope_of(endpoint: str) -> str:
    """What a token for the endpoint is asked for; a server on the loopback stands for the public cloud."""
    if is_plain_loopback(endpoint):
        return PUBLIC_SCOPE
    return GOVERNMENT_SCOPE if endpoint == GOVERNMENT else f"{endpoint}/.default"
