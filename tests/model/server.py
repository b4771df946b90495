"""
A model endpoint that does as it is told: it speaks the routes of OpenAI and of Ollama over real HTTP, and answers each
question with a behaviour of a list.

It runs on a thread of its own, so that a command in another process can be asked to speak to it.
"""

import asyncio
import json
import math
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Behaviour = Callable[["Asked", web.Request], Awaitable[web.StreamResponse]]
OLLAMA_WINDOW = 4096
"""Tokens that an Ollama reads where nobody asks for more (``DefaultContext``, less than 24 GB of GPU memory)."""
OLLAMA_KEEPS = 4
"""Tokens of a prompt's head that outlive a cut; the rest of what is left is its tail."""
CHARACTERS_PER_TOKEN = 3.3
"""The least that JSON with names takes in the tokenizers of today: windows of the tests are rather too small."""
OLLAMA_TAGS = {"models": [{"name": "scripted:8b", "model": "scripted:8b"}]}


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    window: int | None = None

    @property
    def seen(self) -> str:
        """What the model reads of both messages: all, or what a window leaves of them, the way an Ollama cuts."""
        text = f"{self.system}\n{self.user}"
        if self.window is None or tokens(text) <= self.window:
            return text
        kept = int(OLLAMA_KEEPS * CHARACTERS_PER_TOKEN)
        return text[:kept] + text[-int((self.window - OLLAMA_KEEPS) * CHARACTERS_PER_TOKEN) :]

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        return str(self.body["messages"][1]["content"])

    @property
    def form(self) -> str:
        return str((self.body.get("response_format") or {}).get("type", "text"))


@dataclass
class ModelServer:
    """
    ``behaviours`` answer the calls in their order, the last one all that follow. ``window`` is what the server reads of
    a question that asks for no window, None = all; ``trained`` the widest that its model knows, whatever is asked for;
    ``tells`` whether it can refuse a question that is longer (Ollama 0.12.6) or cuts it without a word and writes
    on over its own beginning, as all did before.
    """

    behaviours: Sequence[Behaviour]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    port: int = 0
    window: int | None = None
    trained: int = 131_072
    tells: bool = True
    mistakes: list[Exception] = field(default_factory=list)
    _failed: OSError | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _stopped: asyncio.Event | None = None
    _thread: threading.Thread | None = None

    @property
    def root(self) -> str:
        """Its bare address, as an Ollama is named."""
        return self.url.removesuffix("/v1")

    @property
    def calls(self) -> list[Asked]:
        """The questions among the requests."""
        return [asked for asked in self.asked if asked.method == "POST"]

    def __enter__(self) -> "ModelServer":
        up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(up)), daemon=True)
        self._thread.start()
        assert up.wait(20)
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop and self._stopped and self._thread
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(20)
        assert self.mistakes == [], "the server of the test is at fault, not the endpoint that it plays"

    async def _serve(self, up: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/api/chat", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/api/tags", self._tags)
        app.router.add_route("*", "/{tail:.*}", self._unknown)
        runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
        except OSError as taken:
            self._failed = taken
            up.set()
            return
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        up.set()
        await self._stopped.wait()
        await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        return await self._behave(await self._note(request), request)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        """Ollama's own route: the window is the question's to choose, and holds the answer too."""
        asked = await self._note(request)
        assert asked.window is not None and asked.body["stream"] is False
        size = tokens(f"{asked.system}\n{asked.user}")
        if size > asked.window and self.tells and asked.body.get("truncate") is False:
            return web.json_response({"error": overflow(size, asked.window)}, status=400)
        response = await self._behave(asked, request)
        if not isinstance(response, web.Response) or response.status != 200:
            return response
        text = json.loads(response.text or "")["choices"][0]["message"]["content"]
        left = asked.body["options"]["num_predict"]
        if self.tells and asked.body.get("shift") is False:
            left = min(left, asked.window - size)
        whole = tokens(text) <= left
        said = text if whole else text[: int(left * CHARACTERS_PER_TOKEN)]
        return web.json_response(
            {
                "model": asked.body["model"], "created_at": "2026-03-01T00:00:00Z", "done": True,
                "message": {"role": "assistant", "content": said},
                "done_reason": "stop" if whole else "length",
                "prompt_eval_count": min(size, asked.window), "eval_count": min(tokens(text), left),
            }
        )  # fmt: skip

    async def _behave(self, asked: Asked, request: web.Request) -> web.StreamResponse:
        number = len(self.calls) - 1
        try:
            return await self.behaviours[min(number, len(self.behaviours) - 1)](asked, request)
        except (LookupError, ValueError, TypeError, AssertionError) as mistake:
            self.mistakes.append(mistake)
            raise

    async def _models(self, request: web.Request) -> web.Response:
        await self._note(request)
        return web.json_response({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    async def _tags(self, request: web.Request) -> web.Response:
        await self._note(request)
        return web.json_response(OLLAMA_TAGS)

    async def _unknown(self, request: web.Request) -> web.Response:
        await self._note(request)
        return web.json_response({"error": {"message": "no such route"}}, status=404)

    async def _note(self, request: web.Request) -> Asked:
        text = await request.text()
        body = json.loads(text) if text else {}
        window = self.window
        if request.path == "/api/chat":
            window = min(body.get("options", {}).get("num_ctx") or window or OLLAMA_WINDOW, self.trained)
        asked = Asked(request.method, request.path, dict(request.headers), body, window)
        self.asked.append(asked)
        return asked


def tokens(text: str) -> int:
    """Tokens of a text, as the servers of the tests count."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def overflow(size: int, window: int) -> str:
    """How an Ollama of 2026 words it: the answer of the server inside it, as text."""
    said = f"request ({size} tokens) exceeds the available context size ({window} tokens), try increasing it"
    return json.dumps({"error": {"code": 400, "message": said, "type": "exceed_context_size_error"}})


def completion(text: str | None, finish: str = "stop", used: int = 20, **message: Any) -> web.Response:
    """A chat completion as OpenAI and Ollama write it."""
    said = {"role": "assistant", "content": text, **message}
    return web.json_response(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1772000000, "model": "scripted",
            "choices": [{"index": 0, "message": said, "finish_reason": finish}],
            "usage": {"prompt_tokens": 100, "completion_tokens": used, "total_tokens": 100 + used},
        }
    )  # fmt: skip


def says(text: str | None, finish: str = "stop", used: int = 20, **message: Any) -> Behaviour:
    """Answers with this text, whatever is asked."""

    async def behave(asked: Asked, request: web.Request) -> web.StreamResponse:
        return completion(text, finish, used, **message)

    return behave


def refuses(status: int, text: str = "", **headers: str) -> Behaviour:
    """Answers with a status and an error body."""

    async def behave(asked: Asked, request: web.Request) -> web.StreamResponse:
        body = {"error": {"message": text or f"scripted {status}", "type": "scripted"}}
        return web.json_response(
            body, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return behave


async def stalls(asked: Asked, request: web.Request) -> web.StreamResponse:
    """Begins an answer and never ends it."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"id": "chatcmpl-1", ')
    await asyncio.sleep(600)
    return response


async def trickles(asked: Asked, request: web.Request) -> web.StreamResponse:
    """A byte now and then, so that no wait for the next one is ever long."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(3000):
        await response.write(b" ")
        await asyncio.sleep(0.2)
    return response


async def disconnects(asked: Asked, request: web.Request) -> web.StreamResponse:
    """Breaks the connection in the middle of a body."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"id": "chatcmpl-1", ')
    assert request.transport is not None
    request.transport.abort()
    return response


async def floods(asked: Asked, request: web.Request) -> web.StreamResponse:
    """A valid answer of 8 MB."""
    return completion("x" * 8_000_000)


async def truncates(asked: Asked, request: web.Request) -> web.StreamResponse:
    """A whole HTTP answer that holds half a JSON document."""
    return web.Response(
        text='{"id": "chatcmpl-1", "choices": [{"index": 0, "mess', content_type="application/json"
    )


async def web_page(asked: Asked, request: web.Request) -> web.StreamResponse:
    """A login page where an API should be."""
    return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")


async def echoes(asked: Asked, request: web.Request) -> web.StreamResponse:
    """Says what it was told."""
    return completion(asked.user)
