"""
The worst answer a scanner can give is "nothing found" when it was not allowed to look.

How each slice was read is therefore a fact of its own, kept beside the objects and carried into the report.
"""

from enum import StrEnum

import msgspec


class SliceState(StrEnum):
    """How reading a slice ended, in the contract's words."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DENIED = "denied"
    ABSENT = "absent"
    NOT_COLLECTED = "not-collected"
    TIMED_OUT = "timed-out"
    FAILED = "failed"
    TRUNCATED = "truncated"
    SKIPPED = "skipped"


HAS_SOMETHING = frozenset({SliceState.COMPLETE, SliceState.PARTIAL, SliceState.TRUNCATED})


class Reading(msgspec.Struct, frozen=True):
    """
    How one slice was read in one scope (``cluster`` or ``namespace/NAME``).

    ``detail`` says what happened in the server's words, ``mend`` the one line that would close the gap.
    """

    slice: str
    state: SliceState
    scope: str = "cluster"
    objects: int = 0
    detail: str = ""
    mend: str = ""


def overall(readings: list[Reading]) -> SliceState:
    """
    One word for a slice that was read in several scopes.

    Complete only if every scope that was asked for is; nothing at all keeps the first reason; a mixture is partial.
    """
    if not readings:
        return SliceState.NOT_COLLECTED
    states = {reading.state for reading in readings}
    if len(states) == 1:
        return readings[0].state
    if states & HAS_SOMETHING:
        return SliceState.TRUNCATED if SliceState.TRUNCATED in states else SliceState.PARTIAL
    return min(states)


def narrowed(readings: list[Reading]) -> bool:
    """Whether only some namespaces were looked at: then nothing may be said to be absent from the cluster."""
    return any(reading.scope != "cluster" for reading in readings)
