"""
A server that is asked for patience gets it; one that asks for none should still not meet everybody at the same moment.
"""

import random
import re

ATTEMPTS = 8
"""How often a read is tried while Google asks for patience: about a minute in all."""

CONNECTING_ATTEMPTS = 3
LONGEST_WAIT = 20.0


def wait(asked: float | None, attempt: int) -> float:
    """Seconds to wait after an attempt (from 1): what was asked for, else 0.2, 0.4, 0.8 …; spread by a quarter."""
    seconds = asked if asked is not None else 0.1 * 2**attempt
    return min(seconds, LONGEST_WAIT) * (1 + random.random() / 4)  # noqa: S311 - jitter, not a secret


def retry_after(header: str) -> float | None:
    """The seconds of a ``Retry-After`` header; None for none, or for a date."""
    return float(header) if re.fullmatch(r"\d{1,4}", header) else None
