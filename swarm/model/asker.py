"""
The same care is due whatever stands behind a model: caps, patience, no secret in a question, no question twice.

Around a door: refuse what must not leave, answer from what was kept, wait as long as asked and no longer than allowed,
try a simpler shape where an endpoint complains. Each attempt is a call that counts.
"""

import asyncio
import json
from typing import Protocol

from scanners.semantics.egress import secrets_in
from swarm.model.door import Answer, ModelFailed, Price, Question, Used
from swarm.model.endpoint import Endpoint
from swarm.model.kept import Kept
from swarm.model.meter import Meter, room
from swarm.model.wire import Shape, simpler

FIRST_WAIT = 1.0
"""Seconds before the second attempt where an endpoint asks for patience and does not say how much."""
ATTEMPTS = 2
_BILLED = frozenset({"broken", "clipped", "hang", "huge", "malformed", "window"})
"""Failures after which the endpoint may have done the work all the same."""


class Door(Protocol):
    """One way to a model: one call each time, no patience of its own."""

    def prepare(self) -> None:
        """Start what takes time, without asking anybody anything."""
        ...

    async def price(self) -> Price | None:
        """What a token costs, None where it is not known; comes when the door can be used."""
        ...

    async def send(self, question: Question, shape: Shape) -> Answer:
        """One call. ModelFailed for all but a whole answer."""
        ...

    def written(self, question: Question, shape: Shape) -> str:
        """What would be sent."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


class Asker:
    """A :class:`swarm.model.door.Model` over a door."""

    def __init__(self, endpoint: Endpoint, door: Door, meter: Meter, kept: Kept) -> None:
        self._endpoint = endpoint
        self._door = door
        self._meter = meter
        self._kept = kept
        self._shape = Shape()

    @property
    def name(self) -> str:
        """As the user named it."""
        return self._endpoint.name

    @property
    def used(self) -> Used:
        """What it has cost so far."""
        return self._meter.used

    @property
    def calls_left(self) -> int:
        """How many calls may still be made."""
        return self._meter.calls_left

    @property
    def destination(self) -> str:
        """Where the questions go."""
        return self._endpoint.destination

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the endpoint."""
        return self._endpoint.warnings

    def prepare(self) -> None:
        """Start what takes time, without asking anybody anything."""
        self._door.prepare()

    def written(self, question: Question) -> str:
        """What would be sent for a question, to the letter."""
        return self._door.written(question, self._shape)

    def fits(self, question: Question) -> bool:
        """Whether the widest window that may be asked for holds a question and its answer; True where none can be."""
        window = self._endpoint.window
        return window is None or room(question.max_tokens, question.system, question.user) <= window

    def keep(self, question: Question, answer: Answer) -> None:
        """The answer was found good: the same question need not be asked again."""
        self._kept.keep(self._endpoint, question, answer)

    async def ask(self, question: Question) -> Answer:
        """The answer, from the network or from what was kept. ModelFailed for everything that may go wrong."""
        kept = self._kept.find(self._endpoint, question)
        if kept is not None:
            return Answer(kept, 0, 0, 0.0)
        schema = json.dumps(question.schema, ensure_ascii=False)
        self._refuse_secrets(question, schema)
        self._meter.start()
        attempts = 1
        while True:
            price = await self._priced()
            seconds = self._meter.begin(question, schema, price)
            try:
                answer = await self._within(seconds, question)
            except ModelFailed as failed:
                if failed.kind in _BILLED:
                    self._meter.unanswered(question, schema, price)
                attempts += failed.kind == "throttled"
                await self._mended(failed, attempts)
                continue
            self._meter.answered(answer)
            return answer

    async def close(self) -> None:
        """Let go of connections and processes."""
        await self._door.close()

    def _refuse_secrets(self, question: Question, schema: str) -> None:
        found = sorted(
            {kind for text in (question.system, question.user, schema) for kind in secrets_in(text)}
        )
        if found:
            what = f"the question seems to hold a secret ({', '.join(found)}): it was not sent"
            raise ModelFailed(
                "secret", what, where=self._endpoint.where, mend="report this, it should be redacted"
            )

    async def _priced(self) -> Price | None:
        try:
            async with asyncio.timeout(self._meter.seconds_left):
                return await self._door.price()
        except TimeoutError:
            raise self._hung(self._meter.seconds_left) from None

    async def _within(self, seconds: float, question: Question) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await self._door.send(question, self._shape)
        except TimeoutError:
            raise self._hung(seconds) from None

    def _hung(self, seconds: float) -> ModelFailed:
        mend = "raise llm_timeout and llm_deadline, or lower llm_top"
        return ModelFailed(
            "hang", f"the model did not answer in {seconds:g} s", where=self._endpoint.where, mend=mend
        )

    async def _mended(self, failed: ModelFailed, attempts: int) -> None:
        """Do what lets the next attempt succeed, or raise what failed."""
        if failed.kind == "unsupported":
            shape = simpler(self._shape, failed.cause)
            if shape is None or self._meter.calls_left <= 0:
                raise failed
            self._shape = shape
        elif failed.kind == "throttled" and attempts <= ATTEMPTS and self._meter.calls_left > 0:
            waits = failed.retry_after if failed.retry_after is not None else FIRST_WAIT
            if waits >= self._meter.seconds_left:
                raise failed
            await asyncio.sleep(waits)
        else:
            raise failed
