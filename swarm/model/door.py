"""
A model is a stranger on the network: it may be slow, dear, absent or wrong, and none of it may cost a scan anything.

What may be asked of it and what may come back, whatever stands behind: an endpoint that is spoken to directly, or a
vendor by way of litellm. Every failure is one typed error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from swarm.errors import DeepscanError

FailureKind = Literal[
    "absent", "broken", "budget", "clipped", "hang", "huge", "malformed", "refused", "secret", "server", "throttled",
    "unsupported", "window",
]  # fmt: skip


class ModelFailed(DeepscanError):
    """
    A model gave no answer that can be used.

    ``kind`` is ``absent`` (the extra is not installed), ``broken`` (no connection, or it broke), ``budget`` (a cap of
    ours: calls, tokens, USD, seconds), ``clipped`` (the answer ends in the middle), ``hang`` (none in time), ``huge``,
    ``malformed`` (no answer of the API), ``refused`` (401, 403, 404, a refusal), ``secret`` (the egress guard found
    one in the question: nothing was sent), ``server`` (500 and the like), ``throttled`` (429; ``retry_after`` in
    seconds if it said so), ``unsupported`` (400: the endpoint does not know what was asked of it) or ``window`` (the
    question, or the question and its answer, are longer than what the model can hold).
    """

    def __init__(
        self,
        kind: FailureKind,
        what: str,
        *,
        where: str = "",
        cause: str = "",
        mend: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, where=where, cause=cause, mend=mend)
        self.kind = kind
        self.retry_after = retry_after


@dataclass(frozen=True)
class Question:
    """
    What is asked: two texts, the JSON Schema that the answer must have, the most tokens that it may take. Nothing else
    reaches a model: no tools, no history.
    """

    system: str
    user: str
    schema: Mapping[str, Any]
    max_tokens: int


@dataclass(frozen=True)
class Answer:
    """
    What came back, as text that nobody has believed yet. ``usd`` is None where the price is not known; an answer that
    was kept from an earlier run has cost nothing now.
    """

    text: str
    tokens_in: int
    tokens_out: int
    usd: float | None


@dataclass(frozen=True)
class Used:
    """What was used so far. ``usd`` is None from the first call on whose price is not known."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float | None = 0.0


class Model(Protocol):
    """A model within the caps of the settings. Belongs to one event loop from the first question to the close."""

    @property
    def name(self) -> str:
        """As the user named it."""
        ...

    @property
    def used(self) -> Used:
        """What it has cost so far."""
        ...

    async def ask(self, question: Question) -> Answer:
        """The answer, from the network or from what was kept. ModelFailed for everything that may go wrong."""
        ...

    def keep(self, question: Question, answer: Answer) -> None:
        """The answer was found good: the same question need not be asked again."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes; may be called twice."""
        ...


@dataclass(frozen=True)
class Price:
    """USD for a token in and for one out."""

    token_in: float
    token_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """USD for so many tokens."""
        return tokens_in * self.token_in + tokens_out * self.token_out
