"""
Ollama, vLLM, llama.cpp and every gateway speak the same few lines of HTTP; no library is needed for them.

One request to ``/chat/completions`` of one URL, and nothing else: no redirect is followed, no cookie kept, the answer
is capped. What comes back is text that nobody has believed yet.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from swarm.model.door import Answer, ModelFailed, Price, Question
from swarm.model.endpoint import CHAT, Endpoint
from swarm.model.meter import estimated_tokens
from swarm.model.refusals import refusal, told
from swarm.model.wire import Shape, arguments

LARGEST = 4 << 20
"""Bytes of one answer: some hundred times what is asked for."""
ERROR_BODY = 1 << 16
CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Said:
    """What an endpoint said, in any dialect. Counts are None where it does not tell."""

    text: str
    finish: str | None
    tokens_in: int | None
    tokens_out: int | None
    refusal: str = ""


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Body(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class _Listed(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Listed]


class DirectDoor:
    """Speaks to one OpenAI-compatible endpoint. ``price`` is what the settings say of it, None = not known."""

    _list_path = "/models"

    def __init__(self, endpoint: Endpoint, price: Price | None = None) -> None:
        self._endpoint = endpoint
        self._price = price
        self._session: aiohttp.ClientSession | None = None

    def prepare(self) -> None:
        """Nothing takes time here before the first call."""

    async def price(self) -> Price | None:
        """What a token costs, None where nobody said."""
        return self._price

    def written(self, question: Question, shape: Shape) -> str:
        """The body that is sent, to the letter."""
        body = {"model": self._endpoint.model, **self._arguments(question, shape)}
        return json.dumps(body, ensure_ascii=False)

    async def send(self, question: Question, shape: Shape) -> Answer:
        """One call. ModelFailed for all but a whole answer."""
        sent = self.written(question, shape)
        body = await self._exchange("POST", CHAT[self._endpoint.dialect], sent.encode())
        try:
            said = self._said(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as broken:
            raise self._failed("malformed", "what answers is no chat completion", str(broken)) from None
        if said.refusal or said.finish == "content_filter":
            raise self._failed("refused", "the model declined to answer", said.refusal)
        if said.finish == "length" and 0 < (said.tokens_out or 0) < question.max_tokens:
            raise self._failed("window", "the model's window was full before its answer ended")
        if said.finish == "length":
            raise self._failed("clipped", "the model's answer was cut at its limit of tokens")
        if not said.text.strip():
            raise self._failed("malformed", "the model answered with nothing")
        tokens_in = estimated_tokens(sent) if said.tokens_in is None else said.tokens_in
        tokens_out = estimated_tokens(said.text) if said.tokens_out is None else said.tokens_out
        usd = None if self._price is None else self._price.of(tokens_in, tokens_out)
        return Answer(said.text, max(0, tokens_in), max(0, tokens_out), usd)

    async def models(self) -> list[str]:
        """The models that the endpoint lists, which costs nothing. ModelFailed where it does not answer."""
        body = await self._exchange("GET", self._list_path, None)
        try:
            return self._names(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as broken:
            raise self._failed("malformed", "what answers lists no models", str(broken)) from None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _arguments(self, question: Question, shape: Shape) -> dict[str, Any]:
        return arguments(question, shape)

    def _said(self, body: bytes) -> Said:
        said = msgspec.json.decode(body, type=_Body)
        choice = said.choices[0] if said.choices else _Choice(_Message())
        usage = said.usage
        return Said(
            choice.message.content or "",
            choice.finish_reason,
            None if usage is None else usage.prompt_tokens,
            None if usage is None else usage.completion_tokens,
            choice.message.refusal or "",
        )

    def _names(self, body: bytes) -> list[str]:
        return [model.id for model in msgspec.json.decode(body, type=_Models).data]

    async def _exchange(self, method: str, path: str, body: bytes | None) -> bytes:
        """The only place from which anything is sent."""
        url = self._endpoint.url + path
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "deepscan"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._endpoint.key:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        try:
            async with self._opened().request(
                method,
                url,
                data=body,
                headers=headers,
                proxy=self._endpoint.proxy or None,
                allow_redirects=False,
            ) as response:
                if response.status == 200:
                    return await self._whole(response)
                said = await response.content.read(ERROR_BODY)
                raise refusal(
                    response.status, said.decode(errors="replace"), url,
                    key=self._endpoint.key, headers=response.headers,
                )  # fmt: skip
        except TimeoutError:
            raise self._failed("hang", "the model cannot be reached in time") from None
        except (aiohttp.ClientError, OSError) as error:
            untrusted = isinstance(error, ssl.SSLError | aiohttp.ClientSSLError)
            what = "the model's certificate is not trusted" if untrusted else "the model cannot be reached"
            broke = isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError)
            what = "the connection to the model broke" if broke else what
            raise self._failed("broken", what, str(error) or type(error).__name__) from None

    async def _whole(self, response: aiohttp.ClientResponse) -> bytes:
        text = bytearray()
        async for piece in response.content.iter_any():
            text += piece
            if len(text) > LARGEST:
                response.close()
                raise self._failed("huge", "the model's answer is too long", f"over {LARGEST:,} bytes")
            await asyncio.sleep(0)
        return bytes(text)

    def _failed(self, kind: Any, what: str, cause: str = "") -> ModelFailed:
        return ModelFailed(kind, what, where=self._endpoint.where, cause=told(cause, self._endpoint.key))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session
