"""
litellm is 180 MB of other people's code; it runs here, in a process that has nothing to lose.

A program of its own, started with an empty home, the key of one vendor and no other variable: it reads a JSON line
for each call from stdin, writes a JSON line for each answer to stdout, and ends with its stdin. It imports nothing of
deepscan's, and nothing of it is imported there.
"""

import asyncio
import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

LARGEST = 4 << 20
"""Characters of an answer that are handed on."""
MEMORY = 4 << 30
"""Bytes of address space: an endless answer ends this process and no other."""


def main() -> None:
    """Say hello once litellm is there, then serve until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    _limit_memory()
    try:
        import httpx

        # Several clients inside follow redirects: an endpoint could send the question on to anybody.
        httpx.Response.has_redirect_location = property(lambda _: False)
        import litellm
    except Exception as absent:
        _say(answers, {"absent": f"{type(absent).__name__}: {absent}"[:300]})
        return
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.turn_off_message_logging = True
    _say(answers, {"ready": True})
    asyncio.run(_serve(litellm, answers))


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # Windows; a lower limit than ours
        return


async def _serve(litellm: Any, answers: Any) -> None:
    """One call at a time; the end of stdin, also in the middle of a call, is the end of the process."""
    loop, asked = asyncio.get_running_loop(), asyncio.Queue[str]()

    def listen() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(asked.put_nowait, line)
        with contextlib.suppress(OSError):  # it is ours and empty, unless somebody put something there
            Path.cwd().rmdir()
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        order = json.loads(await asked.get())
        _say(answers, _price(litellm, order["price"]) if "price" in order else await _called(litellm, order))


def _price(litellm: Any, model: str) -> dict[str, Any]:
    """What litellm's own table says, looked up without its help: its functions ask servers that they guess."""
    row = litellm.model_cost.get(model) or litellm.model_cost.get(model.partition("/")[2]) or {}
    return {"in": row.get("input_cost_per_token"), "out": row.get("output_cost_per_token")}


async def _called(litellm: Any, order: dict[str, Any]) -> dict[str, Any]:
    try:
        reply = await litellm.acompletion(**order, num_retries=0, max_retries=0)
        choice = reply.choices[0]
        usage = getattr(reply, "usage", None)
        text = choice.message.content or ""
        return {
            "text": text[:LARGEST],
            "huge": len(text) > LARGEST,
            "refusal": str(getattr(choice.message, "refusal", None) or ""),
            "finish": str(choice.finish_reason or ""),
            "tokens_in": getattr(usage, "prompt_tokens", None),
            "tokens_out": getattr(usage, "completion_tokens", None),
        }
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> dict[str, Any]:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    names = {kind.__name__ for kind in type(error).__mro__}
    connection = (
        bool(names & {"APIConnectionError", "Timeout"}) and type(error).__name__ != "InternalServerError"
    )
    return {
        "failed": type(error).__name__,
        "status": None if connection else getattr(error, "status_code", None),
        "declined": "ContentPolicyViolationError" in names,
        "cause": str(error)[:2000],
        "retry_after": headers.get("retry-after"),
    }


def _say(answers: Any, row: dict[str, Any]) -> None:
    answers.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
