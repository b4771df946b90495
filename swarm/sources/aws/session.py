"""
AWS knows a dozen ways to be somebody: keys, profiles, roles on roles, single sign-on, a machine's own identity.

All of them are the SDK's business. A session is made here with the guard below it, and the clients of its services and
regions are made once each. This is where the SDK is imported, on the first call.
"""

import asyncio
import contextlib
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from swarm.errors import ConfigurationError, DeepscanError
from swarm.sources.aws.guard import EVENT, refuse_unless_listed
from swarm.sources.aws.patience import SEATS, Patience

INSTALL = "pip install 'deepscan-swarm[aws]'"
CONNECT_SECONDS = 5.0
USER_AGENT = "deepscan"
"""Said as a whole: the SDK would put its own together for every request, which takes a tenth of its time."""
HOME_REGION = "us-east-1"
"""Where the account is asked for when neither profile nor environment names a region."""


def open_session(profile: str) -> Any:
    """
    A session of the SDK as that profile, ``""`` for the SDK's own choice; nobody is called. ConfigurationError if there
    is no such profile, DeepscanError where the extra is not installed.
    """
    try:
        from aiobotocore.session import AioSession
        from botocore.exceptions import BotoCoreError, ProfileNotFound
    except ImportError as error:
        raise DeepscanError(
            "the part of deepscan that reads AWS is not installed", cause=str(error), mend=INSTALL
        ) from error
    try:
        session = AioSession(profile=profile or None)
        session.get_scoped_config()
        session.set_config_variable("sts_regional_endpoints", "regional")
    except ProfileNotFound as error:
        known = ", ".join(sorted(AioSession().available_profiles))
        raise ConfigurationError(
            f"there is no AWS profile {profile}" if profile else "the AWS profile does not exist",
            where="~/.aws/config",
            cause=str(error),
            mend=f"use one of {known}" if known else "run `aws configure`, or `aws configure sso`",
        ) from error
    except BotoCoreError as error:
        raise ConfigurationError("the AWS configuration cannot be read", cause=str(error)) from error
    session.user_agent_name = USER_AGENT  # for the clients that the SDK makes to log in
    session.register(EVENT, refuse_unless_listed)
    return session


def home_region(session: Any) -> str:
    """The region that profile or environment names, else :data:`HOME_REGION`."""
    return str(session.get_config_variable("region") or HOME_REGION)


def configuration(read_seconds: float) -> Any:
    """
    How clients behave: retries are ours (``patience``), models are loaded off the event loop, and all clients share one
    TLS context, which takes 40 ms to make.
    """
    from aiobotocore.config import AioConfig

    return AioConfig(
        connect_timeout=min(CONNECT_SECONDS, read_seconds),
        read_timeout=read_seconds,
        max_pool_connections=SEATS,
        retries={"mode": "standard", "total_max_attempts": 1},
        user_agent=USER_AGENT,
        warm_up_loader_caches=True,
        http_session_cls=_shared_tls(),
    )


class Clients:
    """The clients of one session, one per service and region; open until :meth:`close`."""

    def __init__(self, session: Any, read_seconds: float) -> None:
        self._session = session
        self._configuration = configuration(read_seconds)
        self._open = contextlib.AsyncExitStack()
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = asyncio.Lock()

    async def client(self, service: str, region: str, patience: Patience) -> Any:
        """The client; what it sends is counted and repeated as ``patience`` says."""
        async with self._lock:
            if (service, region) not in self._made:
                client = await self._open.enter_async_context(
                    self._session.create_client(service, region_name=region, config=self._configuration)
                )
                refuse_plain_http(client.meta.endpoint_url)
                client.meta.events.register("needs-retry", patience.delay)
                client.meta.events.register("before-send", patience.sent)
                self._made[service, region] = client
            return self._made[service, region]

    async def close(self) -> None:
        """Close all connections."""
        self._made.clear()
        await self._open.aclose()


def refuse_plain_http(url: str) -> None:
    """ConfigurationError for an endpoint without TLS that is not on this machine."""
    address = urlsplit(url)
    if address.scheme == "http" and not _loopback(address.hostname or ""):
        raise ConfigurationError(
            "the AWS endpoint is plain http", where=url, mend="use https; http is for this machine only"
        )


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _shared_tls() -> Any:
    """The SDK's HTTP session, except that equal TLS contexts are made once for all clients."""
    from aiobotocore.httpsession import AIOHTTPSession

    made: dict[Any, Any] = {}
    build: Callable[[Any, Any], Any] = vars(AIOHTTPSession)["_build_ssl_contexts"]

    def once(self: Any, proxy_url: Any) -> Any:
        key = (str(self._verify), str(self._cert_file), str(proxy_url))
        if key not in made:
            made[key] = build(self, proxy_url)
        return made[key]

    return type("SharedTls", (AIOHTTPSession,), {"_build_ssl_contexts": once})
