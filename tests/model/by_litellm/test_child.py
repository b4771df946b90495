"""
The process that holds litellm: what it is given, when it starts, and that it is gone when it must be.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from swarm.model.asker import Asker
from swarm.model.by_litellm import LitellmDoor
from swarm.model.door import ModelFailed
from swarm.model.opening import open_model
from swarm.settings import Settings
from tests.model import server as s
from tests.model.runs import DEMO
from tests.model.server import ModelServer
from tests.model.test_asking import QUESTION
from tests.swarm.cli.command import environment


def opened(server: ModelServer, **settings: Any) -> tuple[Asker, LitellmDoor]:
    given = {"model": "openai/scripted", "model_url": server.url, "model_via": "litellm", "llm_cache": False}
    model = open_model(
        Settings.model_validate({**given, **settings}), {**os.environ, "GROQ_API_KEY": "not-yours"}
    )
    assert model is not None
    door = model._door
    assert isinstance(door, LitellmDoor)
    return model, door


def child_of(door: LitellmDoor) -> int:
    assert door._process is not None
    return door._process.pid


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def test_it_holds_nothing_that_it_does_not_need() -> None:
    with ModelServer([s.says('{"a": "b"}')]) as server:
        model, door = opened(server)
        pid = child_of(door)
        answer = await model.ask(QUESTION)
        variables = dict(
            line.split("=", 1) for line in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in line
        )
        cwd = Path(f"/proc/{pid}/cwd").readlink()
        assert "deepscan" not in {
            Path(part).name for part in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        }
        assert list(cwd.iterdir()) == []
        await model.close()
    assert answer.text == '{"a": "b"}'
    assert not [name for name in variables if "KEY" in name or "KUBE" in name or "TOKEN" in name]
    assert variables["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert variables["LITELLM_MODE"] == "PRODUCTION"
    assert variables["HOME"] == str(cwd)
    assert not cwd.exists()


async def test_a_call_that_takes_too_long_ends_the_process_and_the_next_has_a_new_one() -> None:
    with ModelServer([s.says('{"a": "b"}'), s.stalls, s.says('{"c": "d"}')]) as server:
        model, door = opened(server, llm_timeout=3.0, llm_deadline=120.0)
        first = child_of(door)
        assert (await model.ask(QUESTION)).text == '{"a": "b"}'
        began = time.monotonic()
        with pytest.raises(ModelFailed) as failed:
            await model.ask(QUESTION)
        assert failed.value.kind == "hang"
        assert 3 <= time.monotonic() - began < 6
        assert not alive(first)
        assert (await model.ask(QUESTION)).text == '{"c": "d"}'
        second = child_of(door)
        await model.close()
    assert second != first
    assert not alive(second)


async def test_a_redirect_leads_nowhere() -> None:
    with ModelServer([s.says("{}")]) as elsewhere:
        with ModelServer([s.refuses(307, Location=f"{elsewhere.url}/chat/completions")]) as server:
            model, _ = opened(server)
            with pytest.raises(ModelFailed) as failed:
                await model.ask(QUESTION)
            await model.close()
        assert elsewhere.asked == []
    assert "redirects" in failed.value.what


async def test_the_price_of_a_known_model_comes_without_a_question_to_anybody() -> None:
    model = open_model(Settings(model="openai/gpt-4o-mini", llm_cache=False), {"OPENAI_API_KEY": "x"})
    assert model is not None
    price = await model._door.price()
    await model.close()
    assert price is not None
    assert 0 < price.token_in < price.token_out < 1e-3


async def test_a_child_that_was_killed_is_a_failure_and_not_a_crash() -> None:
    with ModelServer([s.stalls]) as server:
        model, door = opened(server, llm_timeout=30.0)
        asking = asyncio.create_task(model.ask(QUESTION))
        while not server.calls:
            await asyncio.sleep(0.1)
        os.killpg(child_of(door), signal.SIGKILL)
        with pytest.raises(ModelFailed) as failed:
            await asking
        await model.close()
    assert failed.value.kind == "broken"


def children(pid: int) -> list[int]:
    return [
        int(each)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for each in (task / "children").read_text().split()
    ]


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_the_command(sent: signal.Signals, tmp_path: Path) -> None:
    """Also in the middle of a call."""
    with ModelServer([s.stalls]) as server:
        command = subprocess.Popen(
            [sys.executable, "-m", "swarm", *DEMO, "--model", "openai/scripted", "--model-url", server.url],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment(DEEPSCAN_MODEL_VIA="litellm", XDG_CACHE_HOME=str(tmp_path), TMPDIR=str(tmp_path)),
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not server.calls and time.monotonic() < deadline:
            time.sleep(0.1)
        [child] = children(command.pid)
        command.send_signal(sent)
        command.wait(20)
        while alive(child) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not alive(child)
    assert [path for path in tmp_path.iterdir() if path.name.startswith("deepscan-model-")] == []
