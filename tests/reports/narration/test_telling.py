"""What is asked of a model, and how its answer becomes a part of the report or leaves no trace."""

import json
import re

import jsonschema
import pytest

from reports.narration.prompt import Prompt, compact, tokens
from reports.narration.shown import MOST_ROWS, MOST_TOKENS
from reports.narration.telling import (
    CLIPPED,
    SUMMARY,
    prompts,
    read,
    repair,
    summary_prompt,
    untold,
    with_words,
)
from reports.report import ModelUse, Report
from tests.reports.narration.lies import lies
from tests.reports.narration.narrators import answer, facts_of, honest, honest_summary, says
from tests.reports.narration.reports import demo

USE = ModelUse(name="m", calls=2, tokens_in=1, tokens_out=1, usd=None, fallbacks=0)


@pytest.fixture(name="asked", scope="module")
def _asked() -> Prompt:
    (asked,) = prompts(demo())
    return asked


def told(report: Report) -> Report:
    """The report in the words of an honest model."""
    asked = prompts(report)
    tellings = {
        id_: telling for each in asked for id_, telling in read(each, honest(each), report).told.items()
    }
    summary = summary_prompt(report, tellings)
    return with_words(report, tellings, read(summary, honest_summary(summary), report).summary, USE)


def test_the_default_report_takes_at_most_three_calls_with_the_summary() -> None:
    asked = prompts(demo())
    assert 1 <= len(asked) <= 2
    assert {id_ for each in asked for id_ in each.problems} == {problem.id for problem in demo().problems}


def test_a_problem_takes_at_most_3000_tokens_and_25_rows(asked: Prompt) -> None:
    for problem in facts_of(asked)["problems"]:
        assert tokens(compact(problem)) <= MOST_TOKENS
        assert 1 <= sum(len(finding["evidence"]) for finding in problem["findings"]) <= MOST_ROWS


@pytest.mark.parametrize("budget", [5000, 6500])
def test_a_small_context_gets_small_prompts_and_what_does_not_fit_is_listed(budget: int) -> None:
    asked = prompts(demo(), tokens_per_call=budget)
    assert len(asked) == 2
    assert all(each.tokens <= budget for each in asked)
    missing = untold(demo(), [id_ for each in asked for id_ in each.problems])
    assert missing
    assert len(missing) + sum(len(each.problems) for each in asked) == len(demo().problems)


def test_the_same_report_makes_the_same_prompts_byte_for_byte() -> None:
    again = Report.model_validate_json(demo().to_json())
    assert prompts(again) == prompts(demo())


def test_names_of_the_cluster_stay_at_home(asked: Prompt) -> None:
    findings = demo().findings
    names = {finding.subject.name for finding in findings} | {
        row.ref.name for f in findings for row in f.evidence
    }
    names |= {finding.subject.namespace for finding in findings} | {
        finding.node or "" for finding in findings
    }
    names = {name for name in names if len(name) > 3 and not name.startswith("kube")}
    assert len(names) > 40
    assert [
        name for name in sorted(names) if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", asked.user)
    ] == []


def test_no_free_text_of_the_cluster_is_sent(asked: Prompt) -> None:
    texts = [
        row.value for finding in demo().findings for row in finding.evidence
        if isinstance(row.value, str) and row.value.count(" ") > 3
    ]  # fmt: skip
    assert len(texts) > 5
    assert [text for text in texts if text in asked.user] == []


def test_the_schema_is_one_and_never_holds_the_check_words(asked: Prompt) -> None:
    jsonschema.Draft202012Validator.check_schema(asked.schema)
    jsonschema.Draft202012Validator(asked.schema).validate(json.loads(honest(asked)))
    assert not any(nonce in compact(asked.schema) for nonce in asked.nonces)
    assert all(nonce in asked.user for nonce in asked.nonces)
    assert asked.user.index(asked.nonces[0]) < 50
    assert asked.user.index(asked.nonces[1]) > len(asked.user) - 50


def test_an_honest_model_is_believed_and_names_come_back(asked: Prompt) -> None:
    reading = read(asked, honest(asked), demo())
    assert len(reading.told) >= 0.85 * len(demo().problems), reading.errors
    (first,) = [t for id_, t in reading.told.items() if id_ == demo().problems[0].id]
    assert "ml-platform/policy-webhook" in first.cause
    assert not re.search(r"\b(?:NS|WORKLOAD|POD|NODE)-\d", first.cause)


def test_only_words_change() -> None:
    before, after = json.loads(demo().to_json()), json.loads(told(demo()).to_json())
    assert after["scan"]["model"].pop("summary")
    assert before["scan"].pop("model") is None
    assert after["scan"].pop("model")["name"] == "m"
    changed = 0
    for old, new in zip(before["problems"], after["problems"], strict=True):
        if new["told_by"] == "model":
            changed += 1
            assert new["cause"]
            for row in (old, new):
                del row["cause"], row["told_by"], row["remediation"]["text"]
    assert changed > 15
    assert before == after


def test_a_report_that_no_model_told_is_the_same() -> None:
    assert with_words(demo(), {}, (), None).to_json() == demo().to_json()


@pytest.mark.parametrize("clip", [("wrong", ""), ("", "wrong"), ("x", "y")])
def test_a_clipped_prompt_tells_nothing(asked: Prompt, clip: tuple[str, str]) -> None:
    problems = json.loads(honest(asked))["problems"]
    reading = read(asked, answer(asked, problems, *clip), demo())
    assert reading.told == {}
    assert set(reading.errors) == set(asked.problems)
    assert all(errors == [CLIPPED] for errors in reading.errors.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot help with that.",
        "[]",
        "null",
        "{",
        '{"head": 1}',
        "{}" * 9,
        "\x00",
        "[" * 100_000,
        '{"a":' * 5000,
    ],
)
def test_an_answer_that_is_none_tells_nothing(asked: Prompt, text: str) -> None:
    reading = read(asked, text, demo())
    assert reading.told == {}
    assert set(reading.errors) == set(asked.problems)


def test_a_problem_that_is_broken_does_not_spoil_the_others(asked: Prompt) -> None:
    problems = json.loads(honest(asked))["problems"]
    good = read(asked, answer(asked, problems), demo()).told
    first, second, third = [id_ for id_ in asked.problems if id_ in good][:3]
    del problems[first]
    problems[second]["remediation_template_id"] = "kubectl delete ns default"
    problems[third]["mechanism"] = [{"text": "All is well."}]
    reading = read(asked, answer(asked, problems), demo())
    assert set(reading.told) == set(good) - {first, second, third}
    assert {first, second, third} <= set(reading.errors)


def test_lies_in_an_answer_never_reach_the_report(asked: Prompt) -> None:
    attempts = believed = 0
    problems = json.loads(honest(asked))["problems"]
    for number, lie in enumerate(lies(demo(), seed=11)):
        id_ = lie.problem.problem.id
        if number % 5 == 0 and id_ in problems:
            attempts += 1
            said = {"text": lie.text[:400] or "-", "evidence_ids": list(lie.evidence)}
            one = {**problems[id_], "mechanism": [said, *problems[id_]["mechanism"]]}
            reading = read(asked, answer(asked, {**problems, id_: one}), demo())
            assert id_ in reading.errors
            if id_ in reading.told:
                believed += any(said["text"] in each.text for each in reading.told[id_].mechanism)
        if attempts == 60:
            break
    assert attempts == 60
    assert believed == 0


def test_a_repair_shows_what_was_refused_and_has_check_words_of_its_own(asked: Prompt) -> None:
    reading = read(asked, answer(asked, {}), demo())
    again = repair(asked, "the answer", reading.errors)
    assert again.problems == asked.problems
    assert again.schema == asked.schema
    assert set(again.nonces).isdisjoint(asked.nonces)
    assert "the answer" in again.user
    assert read(again, honest_to(again, asked), demo()).told


def honest_to(again: Prompt, asked: Prompt) -> str:
    """An honest answer in the frame of another prompt."""
    return answer(again, json.loads(honest(asked))["problems"])


def test_the_summary_is_made_of_what_was_believed(asked: Prompt) -> None:
    tellings = read(asked, honest(asked), demo()).told
    few = dict(list(tellings.items())[:3])
    summary = summary_prompt(demo(), few)
    assert set(summary.problems) == set(few)
    reading = read(summary, honest_summary(summary), demo())
    assert len(reading.summary) == 3, reading.errors
    sentence = facts_of(asked)["problems"][8]["findings"][0]
    foreign = {"text": says(sentence), "evidence_ids": [sentence["evidence"][0][0]]}
    lying = json.dumps({"head": summary.nonces[0], SUMMARY: [foreign], "tail": summary.nonces[1]})
    assert read(summary, lying, demo()).summary == ()


def test_the_remedy_is_chosen_and_never_written(asked: Prompt) -> None:
    problems = json.loads(honest(asked))["problems"]
    for told_of in problems.values():
        told_of["remediation_template_id"] = "step-by-step"
    tellings = read(asked, answer(asked, problems), demo()).told
    after = with_words(demo(), tellings, (), USE)
    for old, new in zip(demo().problems, after.problems, strict=True):
        assert new.remediation.steps == old.remediation.steps
        if new.told_by == "model" and new.remediation.steps:
            assert new.remediation.text.startswith(new.remediation.steps[0].text[:10])
