"""
One location of a subscription may be silent while thirty others answer: whoever waits for it must not hold the rest up.

Each location is a lane with seats of its own, half as many after each request for patience (429, 503). A lane in which
nobody answered within the patience is silent from then on: what still waits for it is told at once.
"""

import asyncio
from contextvars import ContextVar
from typing import Any

from swarm.errors import Throttled, TimedOut
from swarm.sources.kubernetes.pace import Pace

SEATS = 6
"""Requests that are under way at once in a location; Azure throttles by subscription and location."""

PATIENT = frozenset({429, 503})


class Lane:
    """One location, ``""`` for what is asked of the whole subscription."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.silent = False
        self.pace = Pace(seats=SEATS)


LANE: ContextVar[Lane] = ContextVar("lane")
"""The lane of whatever this task sends."""


class Lanes:
    """
    A policy of azure-core: every attempt of every request takes a seat in its task's :data:`LANE` and has ``patience``
    seconds. Who is asked to wait for longer than that gives up.
    """

    next: Any
    """What comes after it in the pipeline, which sets it."""

    def __init__(self, patience: float) -> None:
        self._patience = patience

    async def send(self, request: Any) -> Any:
        """Hand the request on when there is a seat. TimedOut where the location does not answer."""
        lane = LANE.get()
        async with lane.pace.seat():
            if lane.silent:
                raise self._late(lane)
            try:
                async with asyncio.timeout(self._patience):
                    response = await self.next.send(request)
            except TimeoutError as late:
                lane.silent = True
                raise self._late(lane) from late
        answer = response.http_response
        if answer.status_code in PATIENT:
            lane.pace.pushed_back()
            self._refuse_to_wait(answer, lane)
        else:
            lane.pace.went_well()
        return response

    def _refuse_to_wait(self, answer: Any, lane: Lane) -> None:
        asked = answer.headers.get("Retry-After", "")
        if asked.isdigit() and int(asked) > self._patience:
            raise Throttled(
                f"Azure asks to wait for {asked} s ({answer.status_code})",
                where=lane.name or "the subscription",
                mend="scan at a quieter time: its limits are shared by all who ask about the subscription",
            )

    def _late(self, lane: Lane) -> TimedOut:
        return TimedOut(
            f"no answer within {self._patience:g} s",
            where=lane.name or "the subscription",
            mend="check the network and the state of the location, or raise --deadline",
        )
