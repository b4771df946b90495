"""
google-auth can do every login Google knows, and blocks while it does; a scan has other things to wait for.

Credentials come by the SDK's own chain (a service account's file, workload identity federation, impersonation, the
login of gcloud, the metadata server), looked up and refreshed in a thread, once for all who ask at the same time. One
login serves everything that runs on an event loop: the account and all clusters entered from it.
"""

import asyncio
import functools
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from scanners.semantics.redaction import redact_line
from swarm.errors import ConfigurationError, DeepscanError, Unauthorized, Unreachable
from swarm.sources.gcp.endpoint import UNIVERSE

SCOPES = (
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/userinfo.email",
)
"""
The container API and API servers of GKE take no narrower scope than the first: what may be read is decided by roles.
The second makes an API server know an identity by its address, which is what RBAC names.
"""

EARLY = 240.0
"""Seconds before its end at which a token is made anew."""

SECONDS = 20.0
"""Seconds that the token endpoint may take."""

INSTALL = "pip install 'deepscan-swarm[gcp]'"


class Tokens:
    """Access tokens of one login. Nobody is asked before the first :meth:`token`. Belongs to one event loop."""

    def __init__(self) -> None:
        self.universe = UNIVERSE
        self.quota_project = ""
        self.minted = 0
        self._lock = asyncio.Lock()
        self._credentials: Any = None

    async def token(self, stale: str = "") -> str:
        """
        The token to use now. ``stale`` is one that was refused: if it is still the current one, a new one is made.

        ConfigurationError without the extra, Unauthorized where nobody is logged in or the login is no longer good,
        Unreachable where the token endpoint does not answer.
        """
        async with self._lock:
            try:
                if self._credentials is None:
                    await asyncio.to_thread(self._log_in)
                if not self._lasts() or self._credentials.token == stale:
                    await asyncio.to_thread(self._refresh)
                    self.minted += 1
            except ImportError as error:
                raise absent() from error
            return str(self._credentials.token)

    def _lasts(self) -> bool:
        """Whether the token is good for a while; google-auth keeps its end as UTC without saying so."""
        credentials = self._credentials
        if not credentials.token:
            return False
        if credentials.expiry is None:
            return True
        now = datetime.now(UTC).replace(tzinfo=None)
        return bool((credentials.expiry - now).total_seconds() > EARLY)

    def _log_in(self) -> None:
        import google.auth
        from google.auth.credentials import with_scopes_if_required
        from google.auth.exceptions import GoogleAuthError

        try:
            found, _ = (
                google.auth.default()
            )  # told of scopes, it would ask another API for a federated login's project
            self._credentials = with_scopes_if_required(found, SCOPES)
            self.universe = getattr(self._credentials, "universe_domain", UNIVERSE) or UNIVERSE
            self.quota_project = getattr(self._credentials, "quota_project_id", "") or ""
        except GoogleAuthError as error:
            raise _nobody(error) from error

    def _refresh(self) -> None:
        from google.auth.exceptions import GoogleAuthError, TransportError
        from google.auth.transport.requests import Request

        try:
            self._credentials.refresh(functools.partial(Request(), timeout=SECONDS))
        except TransportError as error:
            raise Unreachable(
                "Google's token endpoint cannot be reached",
                cause=_told(error),
                mend="check the network, the proxy, and the token_uri of the credential",
            ) from error
        except GoogleAuthError as error:
            self._credentials = None  # the next one who asks logs in again, perhaps with a better login
            raise _nobody(error) from error


_OF_LOOP: WeakKeyDictionary[asyncio.AbstractEventLoop, Tokens] = WeakKeyDictionary()


def tokens_here() -> Tokens:
    """The login of the running event loop, the same for everybody on it."""
    return _OF_LOOP.setdefault(asyncio.get_running_loop(), Tokens())


def absent() -> ConfigurationError:
    """What to say where the extra is not installed."""
    return ConfigurationError(
        "reading Google Cloud needs the extra gcp, which is not installed", mend=INSTALL
    )


def _nobody(error: Exception) -> DeepscanError:
    return Unauthorized(
        "nobody is logged in to Google Cloud who is let in",
        cause=_told(error),
        mend="run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS",
    )


def _told(error: Exception) -> str:
    """The first thing that google-auth says: what follows it is the endpoint's raw answer."""
    return redact_line(" ".join(str(error.args[0] if error.args else error).split()))[:300]
