"""
The report is finished before a model is asked; whatever the model does, it is the same report with other words.

Questions are made of the report, answers are believed sentence by sentence by :mod:`reports.narration`, and what went
wrong becomes a warning. What no model told keeps the words of the template.
"""

import asyncio
import logging
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from reports.narration.prompt import Prompt
from reports.narration.telling import (
    CLIPPED,
    Reading,
    Sentence,
    Telling,
    prompts,
    read,
    repair,
    summary_prompt,
    untold,
    with_words,
)
from reports.report import ModelUse, Report
from reports.text import storable
from reports.words import counted
from swarm.model.asker import Asker
from swarm.model.door import Answer, ModelFailed, Question
from swarm.settings import Settings

log = logging.getLogger(__name__)

ANSWER_TOKENS = 400
"""Most tokens of the words of one problem: seven sentences with their evidence."""
FRAME_TOKENS = 300
MOST_ANSWER_TOKENS = 8000
"""Of one answer; several models write no more."""
PASSING = frozenset({"clipped", "huge", "malformed", "window"})
"""Failures of one answer; after any other the next call would fail too, or wait as long."""


def worded(
    report: Report, settings: Settings, model: Asker | None, tell: Callable[[str], object] | None = None
) -> Report:
    """
    The report in the model's words, as far as they hold; the same report where there is no model. Closes the model.

    Never raises for what a model does; Ctrl-C ends the asking and keeps the report. ``tell`` hears a line before the
    wait begins.
    """
    if model is None:
        return report
    words = Words(report, settings, model)
    if tell is not None and report.problems:
        most = f"at most {counted(settings.llm_max_calls, 'call')} and {settings.llm_deadline:g} s"
        tell(f"asking {model.name} for words: {most}\n")
    try:
        asyncio.run(words.gather())
    except KeyboardInterrupt:
        words.warnings.append(f"model {model.name}: interrupted before all was worded")
    return words.report()


def questions(report: Report, settings: Settings, model: Asker) -> list[Question]:
    """What would be asked first; the summary is asked for later, of sentences that were believed."""
    words = Words(report, settings, model)
    return [_question(prompt) for prompt in words.prompts(settings.llm_max_calls)]


@dataclass
class Words:
    """What was told so far of one report."""

    source: Report
    settings: Settings
    model: Asker
    told: dict[str, Telling] = field(default_factory=dict)
    summary: tuple[Sentence, ...] = ()
    warnings: list[str] = field(default_factory=list)
    refused: int = 0

    async def gather(self) -> None:
        """Ask for all that fits the caps; where a question was clipped, what is left is asked in smaller ones."""
        asked: set[str] = set()
        try:
            waiting = self.prompts(self.settings.llm_max_calls)
            while waiting:
                prompt, *rest = waiting
                if await self._problems(prompt, calls_to_come=len(waiting)):
                    asked |= set(prompt.problems)
                    waiting = rest
                else:
                    waiting = self.prompts(self.model.calls_left, prompt.tokens // 2, without=asked)
            if self.told:
                await self._summary()
        except ModelFailed as failed:
            self._warn(failed)
        finally:
            await self.model.close()

    def prompts(self, calls: int, tokens: int | None = None, without: Container[str] = ()) -> list[Prompt]:
        """
        What to ask within so many calls, of ``tokens`` each at most (None = what the settings say). One call is kept
        for the summary, unless it is the only one.
        """
        return prompts(
            self.source,
            self.settings.llm_top,
            self.settings.llm_tokens_per_call if tokens is None else tokens,
            max(calls - 1, min(calls, 1)),
            fits=lambda prompt: self.model.fits(_question(prompt)),
            without=without,
        )

    def report(self) -> Report:
        """The report with what was told."""
        missing = untold(self.source, self.told, self.settings.llm_top)
        used = self.model.used
        row = ModelUse(
            name=storable(self.model.name),
            calls=used.calls,
            tokens_in=used.tokens_in,
            tokens_out=used.tokens_out,
            usd=None if used.usd is None else round(used.usd, 6),
            fallbacks=len(missing),
        )
        done = with_words(self.source, self.told, self.summary, row)
        warnings = [*done.warnings, *map(storable, self._warnings(missing))]
        return done.model_copy(update={"warnings": warnings})

    async def _problems(self, prompt: Prompt, calls_to_come: int) -> bool:
        """
        One batch of problems, with one repair where a call is to spare for it. False where the endpoint did not read
        the whole question.
        """
        question = _question(prompt)
        answer = await self._asked(question)
        if isinstance(answer, ModelFailed):
            return answer.kind != "window"
        reading = self._read(prompt, answer)
        if _clipped(reading):
            return False
        known, asked = dict(reading.told), [(question, answer)]
        self.told |= known
        open_ = [id_ for id_ in prompt.problems if id_ not in known]
        if open_ and self.model.calls_left > calls_to_come:
            again = repair(prompt, answer.text, reading.errors)
            second = await self._asked(_question(again)) if self.model.fits(_question(again)) else None
            if isinstance(second, Answer):
                asked.append((_question(again), second))
                known |= self._read(again, second).told
        self.told |= known
        if known:
            for each, said in asked:
                self.model.keep(each, said)
        return True

    async def _summary(self) -> None:
        prompt = summary_prompt(self.source, self.told)
        question = _question(prompt)
        answer = await self._asked(question)
        if isinstance(answer, Answer):
            self.summary = self._read(prompt, answer).summary
            if self.summary:
                self.model.keep(question, answer)

    async def _asked(self, question: Question) -> Answer | ModelFailed:
        """An answer, or the failure of this answer alone. Raises ModelFailed where asking on is of no use."""
        try:
            return await self.model.ask(question)
        except ModelFailed as failed:
            if failed.kind not in PASSING:
                raise
            self._warn(failed)
            return failed

    def _read(self, prompt: Prompt, answer: Answer) -> Reading:
        reading = read(prompt, answer.text, self.source)
        if _clipped(reading):
            what = "the endpoint clipped the question: the check words did not come back"
            self._warn(
                ModelFailed("clipped", what, mend="lower llm_tokens_per_call, or widen the model's window")
            )
        else:
            self.refused += sum(len(errors) for errors in reading.errors.values())
        for where, errors in reading.errors.items():
            for error in errors:
                log.info("refused of %s: %s", where, storable(error))
        return reading

    def _warn(self, failed: ModelFailed) -> None:
        at = f" (at {failed.where})" if failed.where else ""
        mend = f"; {failed.mend}" if failed.mend else ""
        self.warnings.append(f"model {self.model.name}: {failed.sentence}{at}{mend}")

    def _warnings(self, missing: list[str]) -> Iterator[str]:
        yield from self.model.warnings
        yield from dict.fromkeys(self.warnings)
        name = self.model.name
        if self.refused:
            yield f"model {name}: {counted(self.refused, 'statement')} did not hold and left no trace"
        if missing:
            kept = "keeps" if len(missing) == 1 else "keep"
            yield f"model {name}: {counted(len(missing), 'problem')} {kept} the template's words: {', '.join(missing)}"


def _question(prompt: Prompt) -> Question:
    most = FRAME_TOKENS + ANSWER_TOKENS * max(2, len(prompt.problems))
    return Question(prompt.system, prompt.user, prompt.schema, min(most, MOST_ANSWER_TOKENS))


def _clipped(reading: Reading) -> bool:
    return bool(reading.errors) and all(CLIPPED in errors for errors in reading.errors.values())
