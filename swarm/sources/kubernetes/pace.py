"""
An API server shares its seats among everybody; a scan that pushes is a scan that others feel.

At most three lists are in flight and a page has at most 500 objects. A server that asks for patience (429,
503, 504) halves both; every twenty good pages give a seat back.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SEATS = 3
PAGE = 500
SMALLEST_PAGE = 50
GOOD_PAGES = 20


class Pace:
    """How much a target is asked at once."""

    def __init__(self, seats: int = SEATS, page: int = PAGE) -> None:
        self.page = page
        self.seats = seats
        self._most_seats, self._largest_page = seats, page
        self._taken = 0
        self._good = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Wait for a seat, first come first served, and hold it for one page."""
        if self._taken < self.seats and not self._waiting:
            self._taken += 1
        else:
            await self._turn()
        try:
            yield
        finally:
            self._taken -= 1
            self._wake()

    def pushed_back(self) -> None:
        """The server asked for patience."""
        self._good = 0
        self.seats = max(1, self.seats // 2)
        self.page = max(SMALLEST_PAGE, self.page // 2)

    def went_well(self) -> None:
        """A page came without complaint."""
        self._good += 1
        if self._good >= GOOD_PAGES:
            self._good = 0
            self.seats = min(self._most_seats, self.seats + 1)
            self.page = min(self._largest_page, self.page * 2)
            self._wake()

    async def _turn(self) -> None:
        """Wait until a seat is handed over."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # handed over too late: the next one takes it
                self._taken -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        """Hand free seats over to those who wait longest."""
        while self._waiting and self._taken < self.seats:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)


class Rate:
    """At most so many requests a second, evenly spread; None for no limit."""

    def __init__(self, per_second: float | None) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        if not self._gap:
            return
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)
