"""
What a model sends back is somebody else's text: it is read like a file from the internet.

The shape of an answer: its JSON schema, as narrow as the facts that were shown, and the models that an answer is parsed
into. Nothing is believed here; :mod:`reports.narration.grounding` does that.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_SENTENCES = 5
MOST_CAVEATS = 2
MOST_IDS = 4
LONGEST_SENTENCE = 400
"""Characters."""
LONGEST_ANSWER = 400_000
"""Characters of a whole answer; a longer one is not read."""


Shape = TypeVar("Shape", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Said(_Strict):
    """One sentence, and the evidence that it stands on."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_SENTENCE)]
    evidence_ids: Annotated[list[str], Field(min_length=1, max_length=MOST_IDS)]


class ProblemAnswer(_Strict):
    """What was said of one problem; the remedy is chosen, never written."""

    mechanism: Annotated[list[Said], Field(min_length=1, max_length=MOST_SENTENCES)]
    caveats: Annotated[list[Said], Field(max_length=MOST_CAVEATS)] = Field(default_factory=list)
    remediation_template_id: str


class Answer(_Strict):
    """The answer to a prompt about problems; each problem is parsed on its own, so that one cannot spoil the rest."""

    head: str
    problems: dict[str, object]
    tail: str


class SummaryAnswer(_Strict):
    """The answer to the prompt for the summary."""

    head: str
    summary: Annotated[list[Said], Field(min_length=1, max_length=MOST_SENTENCES)]
    tail: str


class Unreadable(ValueError):
    """An answer, or a part of one, that does not have the shape that was asked for."""


def parsed(shape: type[Shape], value: str | object) -> Shape:
    """The answer, or a part of one, in its shape. Unreadable with the reason in a line."""
    try:
        if isinstance(value, str):
            if len(value) > LONGEST_ANSWER:
                raise Unreadable(f"the answer is longer than {LONGEST_ANSWER} characters")
            return shape.model_validate_json(_unfenced(value))
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"not in the schema: {place + ': ' if place else ''}{first['msg']}") from error


def answer_schema(offers: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> dict[str, object]:
    """The schema of an answer; ``offers`` are the evidence ids and the remedies that each problem has."""
    told = {
        problem: _object(
            mechanism=_list(_said(evidence), 1, MOST_SENTENCES),
            caveats=_list(_said(evidence), 0, MOST_CAVEATS),
            remediation_template_id={"type": "string", "enum": list(remedies)},
        )
        for problem, (evidence, remedies) in offers.items()
    }
    return _object(head={"type": "string"}, problems=_object(**told), tail={"type": "string"})


def summary_schema(evidence: Iterable[str]) -> dict[str, object]:
    """The schema of a summary over these evidence ids."""
    sentences = _list(_said(list(evidence)), 1, MOST_SENTENCES)
    return _object(head={"type": "string"}, summary=sentences, tail={"type": "string"})


def _said(evidence: Sequence[str]) -> dict[str, object]:
    ids = _list({"type": "string", "enum": list(evidence)}, 1, MOST_IDS)
    return _object(text={"type": "string"}, evidence_ids=ids)


def _list(items: object, least: int, most: int) -> dict[str, object]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _unfenced(text: str) -> str:
    """The JSON of an answer that came in a code fence, as small models like to send it."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```"):
        text = text[3:-3].removeprefix("json").strip()
    return text
