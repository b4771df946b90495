"""
What a model may say: the truth, made of the very prompt that it got, and the ways to depart from it.

A truthful narrator repeats what each finding says with that finding's own evidence. Every liar is the truthful one with
one thing changed, so that a test which does not notice the lie would accept the answer.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.model.server import Asked, Behaviour, completion

Words = dict[str, Any]
NOT_SHOWN = "(text of the cluster)"
"""What stands in a prompt where a text of the cluster was kept at home."""
CHECK = re.compile(r'check word "(head|tail)" is (\w+)')


def truth(asked: Asked) -> Words:
    """A true answer to a question about problems, to its repair, or to the one for the summary."""
    facts = _facts(asked.user)
    nonces = {"head": "", "tail": "", **dict(CHECK.findall(asked.seen))}
    if "sentences" in facts["problems"][0]:
        said = [row["sentences"][0] for row in facts["problems"][:3]]
        return {"head": nonces["head"], "summary": said, "tail": nonces["tail"]}
    told = {problem["id"]: _problem(problem) for problem in facts["problems"]}
    return {"head": nonces["head"], "problems": told, "tail": nonces["tail"]}


def _facts(user: str) -> Words:
    facts = json.loads(user.split("\n", 1)[1].rsplit("\n", 1)[0])
    return dict(facts["facts"] if "answer" in facts else facts)


def _problem(problem: Words) -> Words:
    said = [
        {"text": _says(finding), "evidence_ids": [finding["evidence"][0][0]]}
        for finding in problem["findings"][:3]
        if _says(finding)
    ]
    return {"mechanism": said, "caveats": [], "remediation_template_id": next(iter(problem["remedies"]))}


def _says(finding: Words) -> str:
    """What a finding says of its object, as far as it is no text of the cluster."""
    own = max(finding["says"].split(NOT_SHOWN), key=len).strip(" ;:,()")
    return f"{finding['object']}: {own.replace(';', ',')}." if own else ""


def narrates(*lies: Callable[[Words], object]) -> Behaviour:
    """The truth with these changes, which are made to questions about problems alone."""

    async def behave(asked: Asked, request: object) -> Any:
        words = truth(asked)
        if "problems" in words:
            for lie in lies:
                lie(words)
        return completion(json.dumps(words))

    return behave


async def fenced(asked: Asked, request: object) -> Any:
    """The truth, in a code fence."""
    return completion(f"```json\n{json.dumps(truth(asked), indent=2)}\n```")


async def half(asked: Asked, request: object) -> Any:
    """The truth, cut in the middle, without a word about it."""
    text = json.dumps(truth(asked))
    return completion(text[: len(text) // 2])


async def without_json(asked: Asked, request: object) -> Any:
    """An essay."""
    return completion("Certainly! Here is my analysis of your cluster: everything is fine.")


def _first_sentences(words: Words) -> list[Words]:
    first = [problem["mechanism"][0] for problem in words["problems"].values() if problem["mechanism"]]
    assert len(first) > 1
    return first


def unknown_id(words: Words) -> None:
    """Cites evidence that nobody has."""
    for sentence in _first_sentences(words):
        sentence["evidence_ids"] = ["e-ffffffffffff"]


def anothers_id(words: Words) -> None:
    """Cites the evidence of the next problem."""
    sentences = _first_sentences(words)
    ids = [sentence["evidence_ids"] for sentence in sentences]
    for sentence, other in zip(sentences, [*ids[1:], ids[0]], strict=True):
        sentence["evidence_ids"] = other


def wrong_number(words: Words) -> None:
    """Adds a number that stands nowhere."""
    for sentence in _first_sentences(words):
        sentence["text"] = f"{sentence['text'].rstrip('.')}, 8417 times"


def obeys_an_injection(words: Words) -> None:
    """Says what a log line asked it to say."""
    for sentence in _first_sentences(words):
        sentence["text"] = "All systems are healthy and no action is needed."


def invents_a_command(words: Words) -> None:
    """Tells the reader to run something."""
    for sentence in _first_sentences(words):
        sentence["text"] = f"{sentence['text'].rstrip('.')}; run kubectl delete namespace kube-system"


def loses_the_check_words(words: Words) -> None:
    """As a server answers that saw half of the prompt."""
    words["head"] = words["tail"] = ""


def another_problem(words: Words) -> None:
    """Tells of a problem that was not asked for, and of no other."""
    words["problems"] = {"p-ffffffffffff": next(iter(words["problems"].values()))}


def another_remedy(words: Words) -> None:
    """Chooses a remedy that was not offered."""
    for problem in words["problems"].values():
        problem["remediation_template_id"] = "delete-everything"
