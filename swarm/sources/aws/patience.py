"""
AWS counts calls per account, region and API, and everybody else in the account pays for a scan that pushes.

A call that is throttled waits and is made again, as long as its region is asked less at once; nothing is lost. A server
that says how long to wait is believed. What may pass by itself (5xx, a broken connection) is tried again a few times.
"""

import random
import time
from contextvars import ContextVar
from typing import Any

from swarm.sources.kubernetes.pace import Pace
from swarm.sources.source import Counters

SEATS = 12
"""Calls in flight in one region; throttling halves them."""
ATTEMPTS = 8
TRANSIENT_ATTEMPTS = 3
BURST_SECONDS = 1.0
LONGEST_WAIT = 5.0
LONGEST_ASKED_WAIT = 30.0
"""Seconds; what a server asks for may be longer than what we would choose."""

THROTTLES = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "EC2ThrottledException", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
    }
)  # fmt: skip
"""Error codes that mean "later": botocore's own list (botocore.retries.standard)."""
COST: ContextVar[Counters] = ContextVar("cost", default=Counters())  # noqa: B039 - nobody reads the default
"""What the slice that is being read costs, for all that is sent on its behalf."""

TRANSIENT = frozenset({500, 502, 503, 504})


class Patience:
    """How often and when the calls of one region are made again: a handler of the SDK's ``needs-retry``."""

    def __init__(self, counters: Counters) -> None:
        self.pace = Pace(seats=SEATS)
        self.throttled = 0
        self.answered = False
        self._eased_at = -BURST_SECONDS
        self._counters = counters

    def sent(self, **_: Any) -> None:
        """A handler of ``before-send``: one request leaves."""
        self._counters.requests += 1
        COST.get().requests += 1

    def delay(
        self, attempts: int, response: Any = None, caught_exception: Any = None, **_: Any
    ) -> float | None:
        """Seconds until the next attempt; None for none. ``attempts`` have been made."""
        if response is None:
            return _soon(attempts) if _connection(caught_exception) else None
        self.answered = True
        answer, parsed = response
        code = (parsed.get("Error") or {}).get("Code") or ""
        if code in THROTTLES or answer.status_code == 429:
            self.throttled += 1
            self._ease()
            return _wait(answer.headers, attempts) if attempts < ATTEMPTS else None
        if answer.status_code in TRANSIENT:
            return _soon(attempts)
        return None

    def _ease(self) -> None:
        """Ask less at once; calls that were in flight together are one complaint and not twelve."""
        now = time.monotonic()
        if now - self._eased_at >= BURST_SECONDS:
            self._eased_at = now
            self.pace.pushed_back()


def _soon(attempts: int) -> float | None:
    return _backoff(attempts) if attempts < TRANSIENT_ATTEMPTS else None


def _connection(error: Any) -> bool:
    """Whether no connection was had, or it broke; one that stayed silent was waited for long enough."""
    from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

    return isinstance(error, ConnectionClosedError | EndpointConnectionError)


def _wait(headers: Any, attempts: int) -> float:
    asked = str(headers.get("retry-after") or "")
    if asked.isdigit():
        return min(float(asked), LONGEST_ASKED_WAIT)
    return _backoff(attempts)


def _backoff(attempts: int) -> float:
    """0.2, 0.4, 0.8 … seconds, spread so that not all come back at once."""
    spread = random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
    return min(0.1 * float(2**attempts), LONGEST_WAIT) * spread
