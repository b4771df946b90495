"""
An Ollama reads 4,096 tokens unless it is told otherwise, and drops the rest of a question without a word.

Only its own API can tell it otherwise: its OpenAI-compatible one knows no window. So it is asked at ``/api/chat`` for a
window that holds the question and the answer, and for an error instead of a silent cut where it cannot give one.
"""

from typing import Any

import msgspec

from swarm.model.direct import DirectDoor, Said
from swarm.model.door import Price, Question
from swarm.model.endpoint import Endpoint
from swarm.model.meter import room
from swarm.model.wire import Shape, messages

STEP = 1024
"""Tokens; windows are asked for in steps of it."""


class _Message(msgspec.Struct):
    content: str | None = None


class _Chat(msgspec.Struct):
    message: _Message
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class _Listed(msgspec.Struct):
    name: str


class _Tags(msgspec.Struct):
    models: list[_Listed]


class OllamaDoor(DirectDoor):
    """
    Speaks Ollama's own API to one server. The window never shrinks from a question to the next: each other size makes
    the server load the model anew.
    """

    _list_path = "/api/tags"

    def __init__(self, endpoint: Endpoint, price: Price | None = None) -> None:
        super().__init__(endpoint, price)
        self._widest = 0

    def _arguments(self, question: Question, shape: Shape) -> dict[str, Any]:
        """
        The body of a chat, without the model's name. ``think`` is refused by no version or model when it is false;
        versions that do not know ``truncate`` and ``shift`` ignore them.
        """
        said = messages(question, shape)
        options: dict[str, Any] = {
            "num_ctx": self._window(question, said),
            "num_predict": question.max_tokens,
        }
        if shape.temperature:
            options["temperature"] = 0
        body: dict[str, Any] = {
            "messages": said, "stream": False, "think": False, "truncate": False, "shift": False, "options": options,
        }  # fmt: skip
        if shape.form != "text":
            body["format"] = dict(question.schema) if shape.form == "json_schema" else "json"
        return body

    def _window(self, question: Question, said: list[dict[str, str]]) -> int:
        needed = room(question.max_tokens, *(message["content"] for message in said))
        stepped = -(-needed // STEP) * STEP
        most = self._endpoint.window
        self._widest = max(self._widest, stepped if most is None else min(stepped, most))
        return self._widest

    def _said(self, body: bytes) -> Said:
        said = msgspec.json.decode(body, type=_Chat)
        return Said(said.message.content or "", said.done_reason, said.prompt_eval_count, said.eval_count)

    def _names(self, body: bytes) -> list[str]:
        return [model.name for model in msgspec.json.decode(body, type=_Tags).models]
