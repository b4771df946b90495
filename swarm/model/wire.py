"""
Every endpoint calls itself OpenAI-compatible, and each leaves something of it out.

What a question looks like on the wire, and the simpler shapes of it that are tried where an endpoint says it does not
know a part.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from swarm.model.door import Question

Form = Literal["json_schema", "json_object", "text"]
_SIMPLER: dict[Form, Form] = {"json_schema": "json_object", "json_object": "text"}
SCHEMA_NAME = "report_words"
WINDOW = re.compile(
    r"context.{0,20}(length|window|size)|too many tokens|maximum.{0,20}tokens|prompt is too long", re.I
)
"""How endpoints say that the question is longer than the model's window (OpenAI, vLLM, llama.cpp, Anthropic)."""


@dataclass(frozen=True)
class Shape:
    """How a question is put: the form of answer that is asked for, and what the endpoint calls the rest."""

    form: Form = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True


def messages(question: Question, shape: Shape) -> list[dict[str, str]]:
    """The two texts; the schema stands in the first where the endpoint is not held to it otherwise."""
    system = question.system
    if shape.form != "json_schema":
        schema = json.dumps(question.schema, ensure_ascii=False, separators=(",", ":"))
        system = f"{system}\n\nAnswer with one JSON object of this JSON Schema and nothing else:\n{schema}"
    return [{"role": "system", "content": system}, {"role": "user", "content": question.user}]


def arguments(question: Question, shape: Shape) -> dict[str, Any]:
    """The body of a chat completion, without the model's name."""
    body: dict[str, Any] = {"messages": messages(question, shape), shape.limit: question.max_tokens}
    if shape.temperature:
        body["temperature"] = 0
    if shape.form == "json_schema":
        described = {"name": SCHEMA_NAME, "strict": True, "schema": dict(question.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": described}
    elif shape.form == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


def simpler(shape: Shape, complaint: str) -> Shape | None:
    """The shape to try after an endpoint complained; None where nothing can be left out."""
    if "max_completion_tokens" in complaint and shape.limit == "max_tokens":
        return replace(shape, limit="max_completion_tokens")
    if "temperature" in complaint and shape.temperature:
        return replace(shape, temperature=False)
    if shape.form in _SIMPLER:
        return replace(shape, form=_SIMPLER[shape.form])
    return None
