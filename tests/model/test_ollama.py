"""
Whoever has nothing but an Ollama as it comes out of its box gets words, and not an advice to set it up otherwise.

The server of these tests cuts as an Ollama does: what is longer than its window loses its head without a word.
"""

import json
from pathlib import Path

import pytest

from swarm.model.asker import Asker
from swarm.model.door import ModelFailed, Question
from swarm.model.opening import open_model
from swarm.settings import Settings
from tests.model.endpoints import GOOD, bare, words
from tests.model.runs import DEMO, GATE
from tests.model.server import OLLAMA_WINDOW, Behaviour, ModelServer, refuses, says
from tests.swarm.cli.command import Ended, deepscan

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
QUESTION = Question("Say it in JSON.", "What is a?", SCHEMA, 50)
LONG = Question("Say it in JSON.", "What is a? " * 3000, SCHEMA, 50)


def report(server: ModelServer, cache: Path, *, url: str = "", **variables: str) -> Ended:
    """A scan of the demo with no other setting than the model's name and place."""
    named = ("--model", "ollama/scripted:8b", "--model-url", url or server.root)
    return deepscan(*DEMO, *GATE, *named, XDG_CACHE_HOME=str(cache), **variables)


def told(ended: Ended) -> list[str]:
    return [problem["id"] for problem in ended.report["problems"] if problem["told_by"] == "model"]


def opened(server: ModelServer, **settings: object) -> Asker:
    given = {"model": "ollama/scripted:8b", "model_url": server.root, "llm_cache": False, **settings}
    model = open_model(Settings.model_validate(given), {})
    assert model is not None
    return model


def test_an_ollama_out_of_its_box_words_the_default_report(plain: Ended, tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        ended = report(server, tmp_path)
        asked = server.calls
    problems = ended.report["problems"]
    print(
        f"\nan Ollama as it comes: {len(told(ended))} of {len(problems)} problems worded, in {len(asked)} calls"
    )
    assert ended.status == plain.status == 1
    assert bare(ended.report) == bare(plain.report)
    assert len(told(ended)) + ended.report["scan"]["model"]["fallbacks"] == len(problems)
    assert len(told(ended)) >= len(problems) - 2
    assert ended.report["scan"]["model"]["summary"]
    assert {one.path for one in asked} == {"/api/chat"} and len(asked) <= 3
    windows = [one.body["options"]["num_ctx"] for one in asked]
    assert OLLAMA_WINDOW < windows[0] == windows[-1] <= 16_384, "each other window loads the model anew"
    assert not any("clipped" in text or "longer than" in text for text in ended.report["warnings"])


def test_the_same_ollama_clips_the_same_report_where_no_window_is_asked_for(
    plain: Ended, tmp_path: Path
) -> None:
    """The proof that the server of the tests does clip: the OpenAI-compatible route has no window to ask for."""
    with ModelServer(GOOD["truthful"], window=OLLAMA_WINDOW) as server:
        ended = report(server, tmp_path, url=server.url)
        first, *smaller = [asked.user for asked in server.calls]
        assert first not in server.calls[0].seen
    print(
        f"\nby the other route, at 4 k: {len(told(ended))} of {len(ended.report['problems'])} problems worded"
    )
    assert len(smaller) == 2 and len(smaller[1]) < 0.4 * len(first)
    assert any("the endpoint clipped the question" in text for text in ended.report["warnings"])
    assert bare(ended.report) == bare(plain.report)


@pytest.mark.parametrize(
    ("trained", "tells", "said"),
    [
        (6144, True, "the question is longer than the model's window"),
        (6144, False, "the endpoint clipped the question"),
        (8192, True, "the model's window was full before its answer ended"),
    ],
)
def test_a_model_that_reads_less_than_was_asked_for_gets_smaller_questions(
    trained: int, tells: bool, said: str, plain: Ended, tmp_path: Path
) -> None:
    """A model that was trained on 8 k reads 8 k, whatever window it is asked for."""
    with ModelServer(GOOD["truthful"], trained=trained, tells=tells) as server:
        ended = report(server, tmp_path)
        asked = server.calls
    known, missing = told(ended), [p["id"] for p in ended.report["problems"] if p["told_by"] == "template"]
    print(f"\na window of {trained:,}: {len(known)} of {len(ended.report['problems'])} problems worded")
    assert len(asked) == ended.report["scan"]["model"]["calls"] == 3
    assert len(known) >= 5 and missing
    assert len(asked[1].user) < 0.6 * len(asked[0].user)
    warnings = ended.report["warnings"]
    assert any(all(id_ in text for id_ in missing) for text in warnings)
    assert any(said in text for text in warnings)
    assert bare(ended.report) == bare(plain.report)


def test_a_window_that_never_holds_a_question_costs_the_words_alone(plain: Ended, tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"], trained=512, tells=False) as server:
        ended = report(server, tmp_path)
        assert 1 <= len(server.calls) <= 3
    assert words(ended.report) == words(plain.report)
    assert bare(ended.report) == bare(plain.report)


def test_no_wider_window_is_asked_for_than_the_settings_allow(tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        ended = report(server, tmp_path, DEEPSCAN_LLM_WINDOW="6000")
        assert {asked.body["options"]["num_ctx"] for asked in server.calls} <= {5120, 6000}
    assert 0 < len(told(ended)) < len(ended.report["problems"])


def test_what_is_shown_is_what_is_sent(tmp_path: Path) -> None:
    with ModelServer(GOOD["truthful"]) as server:
        shown = deepscan(*DEMO, "--model", "ollama/scripted:8b", "--model-url", server.root, "--show-prompt")
        assert server.calls == []
        report(server, tmp_path)
        bodies = [json.loads(line) for line in shown.out.splitlines()]
        assert bodies == [asked.body for asked in server.calls[: len(bodies)]] != []
    assert f"POST {server.root}/api/chat" in shown.err


async def test_a_question_asks_for_its_schema_its_window_and_no_thoughts() -> None:
    with ModelServer([says('{"a": "b"}')]) as server:
        model = opened(server)
        answer = await model.ask(QUESTION)
        await model.close()
    [asked] = server.calls
    assert asked.body == json.loads(model.written(QUESTION))
    assert asked.body["model"] == "scripted:8b"
    assert asked.body["format"] == SCHEMA
    assert asked.body["options"] == {"num_ctx": 1024, "num_predict": 50, "temperature": 0}
    assert [asked.body[name] for name in ("stream", "think", "truncate", "shift")] == [False] * 4
    assert answer.text == '{"a": "b"}' and answer.tokens_in > 0 and answer.tokens_out > 0


async def test_the_window_grows_with_the_questions_and_never_shrinks() -> None:
    with ModelServer([says('{"a": "b"}')]) as server:
        model = opened(server, llm_max_calls=3)
        for question in (QUESTION, LONG, QUESTION):
            await model.ask(question)
        await model.close()
    first, second, third = (asked.body["options"]["num_ctx"] for asked in server.calls)
    assert first < second == third


@pytest.mark.parametrize(
    ("behaviour", "kind", "calls"),
    [
        (says('{"a": "' + "b" * 400), "clipped", 1),
        (says(""), "malformed", 1),
        (refuses(404, "model 'scripted:8b' not found"), "refused", 1),
        (refuses(400, "invalid format"), "unsupported", 3),
        (refuses(500), "server", 1),
    ],
)
async def test_what_goes_wrong_there_is_told_as_elsewhere(
    behaviour: Behaviour, kind: str, calls: int
) -> None:
    with ModelServer([behaviour]) as server:
        model = opened(server)
        with pytest.raises(ModelFailed) as failed:
            await model.ask(QUESTION)
        await model.close()
    assert failed.value.kind == kind
    assert len(server.calls) == calls
