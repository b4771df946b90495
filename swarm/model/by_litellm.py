"""
Forty vendors have forty dialects; litellm knows them, and has been poisoned once: it is kept at arm's length.

It is never imported here. A child process imports it, with a scrubbed environment and an empty folder for a home, and
is spoken to by JSON lines. It starts while the scan runs, so that its import costs nobody time, and is killed with its
group when its time is up.
"""

import asyncio
import atexit
import contextlib
import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swarm.model import child
from swarm.model.door import Answer, ModelFailed, Price, Question
from swarm.model.endpoint import Endpoint
from swarm.model.meter import estimated_tokens
from swarm.model.refusals import refusal, told
from swarm.model.vendors import scrubbed
from swarm.model.wire import Shape, arguments

INSTALL = "pip install 'deepscan-swarm[llm]'"
POISONED = frozenset({"1.82.7", "1.82.8"})
"""Published on 24 March 2026 with stolen credentials; they steal keys (BerriAI/litellm issue 24512)."""
LONGEST_LINE = 32 << 20
CALL_SECONDS = 600
"""What litellm is told to wait for one answer; our own, shorter limit kills the process."""


def extra_missing() -> ModelFailed | None:
    """Why litellm cannot be used on this machine, without importing it; None where it can."""
    try:
        version = importlib.metadata.version("litellm")
    except importlib.metadata.PackageNotFoundError:
        what = "this model needs litellm, which is not installed"
        return ModelFailed("absent", what, mend=f"{INSTALL}, or name an endpoint with --model-url")
    if version in POISONED:
        what = f"litellm {version} is a poisoned release and is not started"
        mend = "remove it, change every key that this machine has held, then " + INSTALL
        return ModelFailed("absent", what, mend=mend)
    return None


class LitellmDoor:
    """
    Speaks to a vendor through a child process. ``price`` is what the settings say of it; without it, litellm's own
    table counts, unless the call goes to another place than the vendor's.
    """

    def __init__(
        self, endpoint: Endpoint, environment: Mapping[str, str], price: Price | None = None
    ) -> None:
        self._endpoint = endpoint
        self._environment = environment
        self._said_price = price
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._ready = False
        self._talking = threading.Lock()
        self._missing = extra_missing()

    def prepare(self) -> None:
        """Start the child: its import takes some two seconds, which the scan takes too."""
        if self._missing is None and self._process is None:
            self._start()

    async def price(self) -> Price | None:
        """What a token costs, None where nobody knows; comes when the child is ready. ModelFailed if there is none."""
        if self._missing is not None:
            raise self._missing
        await self._exchange(None)
        if self._said_price is None and not self._endpoint.url:
            said = await self._exchange({"price": self._endpoint.model})
            if isinstance(said.get("in"), float | int) and isinstance(said.get("out"), float | int):
                self._said_price = Price(float(said["in"]), float(said["out"]))
        return self._said_price

    def written(self, question: Question, shape: Shape) -> str:
        """The arguments of the call to litellm; the vendor's dialect is made of them."""
        return json.dumps(self._order(question, shape), ensure_ascii=False)

    async def send(self, question: Question, shape: Shape) -> Answer:
        """One call. ModelFailed for all but a whole answer."""
        key = self._endpoint.key or ("none" if self._endpoint.url else "")
        secret = {"api_key": key} if key else {}
        said = await self._exchange({**self._order(question, shape), **secret, "timeout": CALL_SECONDS})
        if "failed" in said:
            raise self._refusal(said)
        if said["huge"]:
            raise self._failed("huge", "the model's answer is too long")
        if said["refusal"] or said["finish"] == "content_filter":
            raise self._failed("refused", "the model declined to answer", said["refusal"])
        if said["finish"] == "length":
            raise self._failed("clipped", "the model's answer was cut at its limit of tokens")
        if not said["text"].strip():
            raise self._failed("malformed", "the model answered with nothing")
        tokens_in = _count(said["tokens_in"], self.written(question, shape))
        tokens_out = _count(said["tokens_out"], said["text"])
        price = self._said_price
        usd = None if price is None else price.of(tokens_in, tokens_out)
        return Answer(said["text"], tokens_in, tokens_out, usd)

    async def close(self) -> None:
        """End the child and all that it started."""
        self._kill()

    def _order(self, question: Question, shape: Shape) -> dict[str, Any]:
        place = {"api_base": self._endpoint.url} if self._endpoint.url else {}
        return {"model": self._endpoint.model, **place, **arguments(question, shape)}

    def _start(self) -> None:
        self._folder, self._ready = tempfile.mkdtemp(prefix="deepscan-model-"), False
        vendor, place = self._endpoint.model.partition("/")[0], self._endpoint.url
        self._process = subprocess.Popen(  # noqa: S603 - our own file, by this very interpreter
            [sys.executable, "-I", str(Path(child.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what litellm prints may hold a key
            cwd=self._folder,
            env=scrubbed(
                vendor,
                self._environment,
                self._folder,
                elsewhere=bool(place),
                proxied=bool(self._endpoint.proxy) or not place,
            ),
            start_new_session=True,
        )
        atexit.register(self._kill)

    async def _exchange(self, order: dict[str, Any] | None) -> dict[str, Any]:
        """
        One line there, one line back; without an order only the child's hello. Whoever gives up waiting ends the child:
        its answer would come too late.
        """
        self.prepare()
        try:
            line = await asyncio.to_thread(self._talk, order)
        except asyncio.CancelledError:
            self._kill()
            raise
        try:
            said = json.loads(line)
        except ValueError:
            self._kill()
            raise self._failed("broken", "the process that calls the model ended") from None
        if "absent" in said:
            self._kill()
            self._missing = ModelFailed(
                "absent", "litellm cannot be imported", cause=told(said["absent"]), mend=INSTALL
            )
            raise self._missing
        return dict(said)

    def _talk(self, order: dict[str, Any] | None) -> bytes:
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        with self._talking:
            try:
                if not self._ready:
                    hello = process.stdout.readline(LONGEST_LINE)
                    self._ready = hello.startswith(b'{"ready"')
                    if not self._ready:
                        return hello
                if order is None:
                    return b"{}"
                process.stdin.write(json.dumps(order).encode() + b"\n")
                process.stdin.flush()
                return process.stdout.readline(LONGEST_LINE)
            except (OSError, ValueError):  # the child is gone, or was just ended
                return b""

    def _kill(self) -> None:
        atexit.unregister(self._kill)
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _refusal(self, said: Mapping[str, Any]) -> ModelFailed:
        cause, status = str(said["cause"]), said["status"]
        if said["declined"]:
            return self._failed("refused", "the model declined to answer", cause)
        if status == 408 or said["failed"] == "Timeout":
            return self._failed("hang", "the model did not answer in time", cause)
        if not isinstance(status, int) or status < 300:
            return self._failed("broken", "the model cannot be reached", cause)
        waits = {"retry-after": said["retry_after"]} if said["retry_after"] else {}
        return refusal(status, cause, self._endpoint.where, key=self._endpoint.key, headers=waits)

    def _failed(self, kind: Any, what: str, cause: str = "") -> ModelFailed:
        return ModelFailed(kind, what, where=self._endpoint.where, cause=told(cause, self._endpoint.key))


def _count(tokens: object, text: str) -> int:
    return tokens if isinstance(tokens, int) and tokens >= 0 else estimated_tokens(text)
