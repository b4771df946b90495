"""
An answer of a model becomes a part of the report sentence by sentence, or not at all.

The whole way of words, without the call itself: :func:`prompts` says what to ask, :func:`read` what may be believed of
an answer, :func:`repair` asks once more, :func:`summary_prompt` asks for the summary of what was believed, and
:func:`with_words` puts it into the report, where everything else stays as it was.
"""

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from correlate.problem import Problem
from reports.narration.answer import (
    Answer,
    ProblemAnswer,
    Said,
    SummaryAnswer,
    Unreadable,
    answer_schema,
    parsed,
    summary_schema,
)
from reports.narration.grounding import Ground
from reports.narration.prompt import INSTRUCTIONS, SUMMARY_INSTRUCTIONS, Prompt, prompt
from reports.narration.shown import Shown, aliases, facts, remedies, sent, shown
from reports.narration.template import in_order, mend
from reports.report import ModelUse, Report
from reports.words import sentence

SUMMARY = "summary"
"""The key of the summary's errors in a :class:`Reading`."""
MOST_CALLS = 2
"""Calls for the problems of a default report; the third is for the summary."""
TOKENS_PER_CALL = 24_000
"""Of prompt and schema: with the answer it fits a context of 32 k. For a context of 8 k give 5,000."""
CLIPPED = "clipped prompt: the check words did not come back"


@dataclass(frozen=True)
class Sentence:
    """A sentence that was believed, with real names, and the ids of the evidence that it stands on."""

    text: str
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True)
class Telling:
    """What a model told of one problem and was believed; ``remedy`` is the id of one of our own remedies."""

    mechanism: tuple[Sentence, ...]
    caveats: tuple[Sentence, ...]
    remedy: str

    @property
    def cause(self) -> str:
        """The cause in sentences."""
        return " ".join(each.text for each in (*self.mechanism, *self.caveats))


@dataclass(frozen=True)
class Reading:
    """
    What may be believed of an answer. ``told`` has the problems that were told; ``errors`` what was refused, by problem
    (or :data:`SUMMARY`): a problem may be in both, when some of its sentences were refused. ``summary`` is empty unless
    the summary was asked for and a sentence of it held.
    """

    told: Mapping[str, Telling] = field(default_factory=dict)
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    summary: tuple[Sentence, ...] = ()


def prompts(
    report: Report,
    top: int = 25,
    tokens_per_call: int = TOKENS_PER_CALL,
    calls: int = MOST_CALLS,
    *,
    fits: Callable[[Prompt], bool] = lambda _: True,
    without: Container[str] = (),
) -> list[Prompt]:
    """
    What to ask for the words of the first ``top`` problems, in at most ``calls`` calls of about ``tokens_per_call``
    tokens each (schema included); the summary's call comes on top. What does not fit stays with the template:
    :func:`untold` lists it. A problem that is too large for a call on its own is left out, and so are those ``without``
    which is asked. ``fits`` may set a call a limit of another kind.
    """

    def small(several: Sequence[Shown]) -> bool:
        asked = _asked(several)
        return asked.tokens <= tokens_per_call and fits(asked)

    found: list[Prompt] = []
    group: list[Shown] = []
    ids = [problem.id for problem in report.problems[:top] if problem.id not in without]
    for one in _shown(report, ids):
        if group and not small([*group, one]):
            found.append(_asked(group))
            group = []
        if len(found) == calls:
            break
        if group or small([one]):
            group.append(one)
    if group and len(found) < calls:
        found.append(_asked(group))
    return found


def untold(report: Report, told: Iterable[str], top: int = 25) -> list[str]:
    """The ids of those of the first ``top`` problems that no model told, in order of rank."""
    known = set(told)
    return [problem.id for problem in report.problems[:top] if problem.id not in known]


def read(asked: Prompt, text: str, report: Report) -> Reading:
    """What may be believed of the answer to a prompt about this very report."""
    several = _shown(report, asked.problems)
    is_summary = _is_summary(asked)
    try:
        if is_summary:
            answer: Answer | SummaryAnswer = parsed(SummaryAnswer, text)
        else:
            answer = parsed(Answer, text)
    except Unreadable as error:
        return _refused(asked, str(error))
    if (answer.head, answer.tail) != asked.nonces:
        return _refused(asked, CLIPPED)
    ground = Ground.of(several, aliases(several))
    if isinstance(answer, SummaryAnswer):
        held, errors = _believed(answer.summary, ground, None)
        return Reading(summary=held, errors={SUMMARY: errors} if errors else {})
    return _of_problems(answer, several, ground)


def repair(asked: Prompt, text: str, errors: Mapping[str, Sequence[str]]) -> Prompt:
    """
    The one further try: the same facts, the refused answer and why it was refused. Its check words are new ones, so an
    answer to the first prompt does not pass for one to this.
    """
    body = json.loads(asked.user.split("\n")[1])
    refused = {key: list(texts)[:MOST_ERRORS] for key, texts in errors.items()}
    again = {"facts": body, "answer": text[:MOST_ANSWER_CHARACTERS], "refused": refused}
    return prompt(f"{asked.system}\n{AGAIN}", again, asked.schema, asked.problems)


MOST_ANSWER_CHARACTERS = 6000
"""Of a refused answer that is shown again: about 1,800 tokens on top of the first prompt."""
MOST_ERRORS = 3
"""Of one problem."""
AGAIN = (
    'Your last answer is in "answer"; "refused" says which sentences did not hold and why. Answer again, whole, with '
    "those sentences mended or left out."
)


def summary_prompt(report: Report, told: Mapping[str, Telling]) -> Prompt:
    """What to ask for the summary: it is made of sentences that were believed, and of nothing else."""
    several = _shown(report, [problem.id for problem in report.problems if problem.id in told])
    names = aliases(several)
    rows = [
        {
            "severity": str(one.problem.severity),
            "sentences": [
                {"text": sent(each.text, names), "evidence_ids": list(each.evidence_ids)}
                for each in told[one.problem.id].mechanism
            ],
        }
        for one in several
    ]
    ids = [id_ for one in several for each in told[one.problem.id].mechanism for id_ in each.evidence_ids]
    return prompt(
        SUMMARY_INSTRUCTIONS,
        {"problems": rows},
        summary_schema(dict.fromkeys(ids)),
        [one.problem.id for one in several],
    )


def with_words(
    report: Report, tellings: Mapping[str, Telling], summary: Sequence[Sentence], model_row: ModelUse | None
) -> Report:
    """The report with a model's words: cause, choice of the remedy's text, summary. Everything else is the same."""
    problems = [
        _retold(problem, tellings[problem.id]) if problem.id in tellings else problem
        for problem in report.problems
    ]
    if model_row is not None:
        model_row = model_row.model_copy(update={"summary": " ".join(each.text for each in summary)})
    scan = report.scan.model_copy(update={"model": model_row})
    return report.model_copy(update={"problems": problems, "scan": scan})


def _retold(problem: Problem, telling: Telling) -> Problem:
    text = in_order(problem.remediation) if telling.remedy == "step-by-step" else mend(problem.remediation)
    remediation = replace(problem.remediation, text=text)
    return replace(problem, cause=telling.cause, remediation=remediation, told_by="model")


def _of_problems(answer: Answer, several: Sequence[Shown], ground: Ground) -> Reading:
    told: dict[str, Telling] = {}
    errors: dict[str, list[str]] = {}
    for one in several:
        id_ = one.problem.id
        try:
            said = parsed(ProblemAnswer, answer.problems.get(id_))
        except Unreadable as error:
            errors[id_] = [str(error)]
            continue
        mechanism, refused = _believed(said.mechanism, ground, one)
        caveats, more = _believed(said.caveats, ground, one)
        refused = [*refused, *more]
        remedy = said.remediation_template_id
        if remedy not in remedies(one.problem):
            refused.append("remediation_template_id: not one of the remedies that are offered")
        elif any(one.evidence[id_] is one.pieces[0] for each in mechanism for id_ in each.evidence_ids):
            told[id_] = Telling(mechanism, caveats, remedy)
        elif not refused:
            refused.append("mechanism: no sentence tells of the first finding")
        if refused:
            errors[id_] = refused
    return Reading(told=told, errors=errors)


def _believed(
    said: Sequence[Said], ground: Ground, one: Shown | None
) -> tuple[tuple[Sentence, ...], list[str]]:
    held: list[Sentence] = []
    errors: list[str] = []
    before: tuple[str, ...] = ()
    for each in said:
        verdict = ground.judged(each.text, each.evidence_ids, one, before)
        before = verdict.told
        if verdict.why:
            errors.append(f"{each.text[:80]!r}: {verdict.why}")
        else:
            held.append(Sentence(_written(each.text, ground), tuple(each.evidence_ids)))
    return tuple(held), errors


def _written(text: str, ground: Ground) -> str:
    """A sentence as the report carries it: real names, a capital where it begins with a word, a full stop."""
    plain = " ".join(text.split())
    if _WORD_FIRST.match(plain):
        plain = plain[0].upper() + plain[1:]
    return sentence(ground.names.restore(plain))


_WORD_FIRST = re.compile(r"[a-z]+(?=[ ,:])")


def _shown(report: Report, ids: Iterable[str]) -> list[Shown]:
    """What is shown of some problems; one without evidence has nothing to stand on and is left out."""
    findings = {finding.id: finding for finding in report.findings}
    problems = {problem.id: problem for problem in report.problems}
    several = [shown(problems[id_], findings) for id_ in ids if id_ in problems]
    return [one for one in several if one.pieces and one.pieces[0].finding.id == one.problem.root.finding]


def _asked(several: Sequence[Shown]) -> Prompt:
    names = aliases(several)
    offers = {one.problem.id: (list(one.evidence), list(remedies(one.problem))) for one in several}
    body = {"problems": [facts(one, names) for one in several]}
    return prompt(INSTRUCTIONS, body, answer_schema(offers), [one.problem.id for one in several])


def _is_summary(asked: Prompt) -> bool:
    properties = asked.schema.get("properties")
    return isinstance(properties, Mapping) and SUMMARY in properties


def _refused(asked: Prompt, why: str) -> Reading:
    return Reading(errors={key: [why] for key in ([SUMMARY] if _is_summary(asked) else asked.problems)})
