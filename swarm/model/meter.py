"""
A model is billed by the token and waits for nobody; what it may take in all is set before the first word.

Calls, tokens, dollars and seconds of one run are counted here, and the one that would be too many is refused before it
is sent. What an endpoint does not tell of its own use is reckoned upwards.
"""

import time
from collections.abc import Callable

from swarm.model.door import Answer, ModelFailed, Price, Question, Used
from swarm.model.settings import ModelSettings

BYTES_PER_TOKEN = 3
"""Fewer than English or JSON needs in any tokenizer in use (about 4), so that an estimate is rather too high."""

TEMPLATE_TOKENS = 128
"""What a model's chat template puts around two messages; those in use need some 20 to 60."""


def estimated_tokens(*texts: str) -> int:
    """Tokens of texts, rather too many."""
    return -(-sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN)


def room(max_tokens: int, *texts: str) -> int:
    """Tokens of a model's window that texts, the template around them and an answer take, rather too many."""
    return estimated_tokens(*texts) + TEMPLATE_TOKENS + max_tokens


class Meter:
    """The caps of a run and what was used of them. ``clock`` gives seconds."""

    def __init__(self, settings: ModelSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._began: float | None = None
        self._tokens = 0
        self._usd = 0.0
        self.used = Used()

    @property
    def calls_left(self) -> int:
        """How many calls may still be made."""
        return self._settings.llm_max_calls - self.used.calls

    @property
    def seconds_left(self) -> float:
        """What is left of the run's deadline, which counts from the first question."""
        passed = 0.0 if self._began is None else self._clock() - self._began
        return max(0.0, self._settings.llm_deadline - passed)

    def start(self) -> None:
        """The run's deadline counts from the first of these."""
        if self._began is None:
            self._began = self._clock()

    def begin(self, question: Question, schema: str, price: Price | None) -> float:
        """
        Count a call that is about to be made; how many seconds it may take. ModelFailed of kind ``budget`` where a cap
        forbids it.
        """
        if self.calls_left <= 0:
            most = self._settings.llm_max_calls
            raise _spent(f"the run's {most} calls to the model are used up", "raise llm_max_calls")
        size_in = estimated_tokens(question.system, question.user, schema)
        if self._tokens + size_in + question.max_tokens > self._settings.llm_max_tokens:
            most = self._settings.llm_max_tokens
            raise _spent(f"the next call might pass the run's {most:,} tokens", "raise llm_max_tokens")
        self._refuse_dear(size_in, question.max_tokens, price)
        if self.seconds_left <= 0:
            what = f"the run's {self._settings.llm_deadline:g} s for the model are over"
            raise _spent(what, "raise llm_deadline")
        used = self.used
        self.used = Used(used.calls + 1, used.tokens_in, used.tokens_out, used.usd)
        return min(self._settings.llm_timeout, self.seconds_left)

    def answered(self, answer: Answer) -> None:
        """Count what an answer cost."""
        self._tokens += answer.tokens_in + answer.tokens_out
        self._usd += answer.usd or 0.0
        used = self.used
        usd = None if used.usd is None or answer.usd is None else used.usd + answer.usd
        self.used = Used(
            used.calls, used.tokens_in + answer.tokens_in, used.tokens_out + answer.tokens_out, usd
        )

    def unanswered(self, question: Question, schema: str, price: Price | None) -> None:
        """A call without an answer may be billed all the same: it counts in full, and what it cost is not known."""
        size_in = estimated_tokens(question.system, question.user, schema)
        self._tokens += size_in + question.max_tokens
        if price is not None:
            self._usd += price.of(size_in, question.max_tokens)
        used = self.used
        self.used = Used(used.calls, used.tokens_in, used.tokens_out, None)

    def _refuse_dear(self, size_in: int, most_out: int, price: Price | None) -> None:
        budget = self._settings.llm_budget_usd
        if budget is None:
            return
        if price is None:
            mend = "say it with llm_usd_in and llm_usd_out (USD a million tokens), or leave the budget out"
            raise _spent("the model's price is not known, so its budget in USD cannot be held", mend)
        if self._usd + price.of(size_in, most_out) > budget:
            raise _spent(f"the next call might pass the budget of {budget:g} USD", "raise --llm-budget-usd")


def _spent(what: str, mend: str) -> ModelFailed:
    return ModelFailed("budget", what, mend=mend)
