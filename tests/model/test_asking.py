"""
One question to an endpoint that misbehaves: how often it is called, how long it is waited for, what the failure says.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from swarm.model.asker import Asker
from swarm.model.door import Answer, ModelFailed, Question
from swarm.model.opening import open_model
from swarm.model.wire import Shape, arguments, simpler
from swarm.settings import Settings
from tests.model import server as s
from tests.model.server import Behaviour, ModelServer

SCHEMA = {
    "type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False
}  # fmt: skip
QUESTION = Question("Say it in JSON.", "What is a?", SCHEMA, 50)
KEY = "k-0123456789abcdef"


def opened(server: ModelServer, *, key: str = "", **settings: Any) -> Asker:
    given = {"model": "scripted", "model_url": server.url, "llm_cache": False, "llm_timeout": 1.0, **settings}
    model = open_model(Settings.model_validate(given), {"DEEPSCAN_MODEL_KEY": key} if key else {})
    assert model is not None
    return model


async def failure(behaviours: Sequence[Behaviour], **settings: Any) -> tuple[ModelFailed, int, float]:
    """The failure that such an endpoint comes to, the calls and the seconds that it cost."""
    with ModelServer(behaviours) as server:
        model, began = opened(server, **settings), time.monotonic()
        with pytest.raises(ModelFailed) as failed:
            await model.ask(QUESTION)
        await model.close()
        assert model.used.calls == len(server.calls)
        return failed.value, len(server.calls), time.monotonic() - began


async def test_a_question_is_sent_as_it_is_written() -> None:
    with ModelServer([s.says('{"a": "b"}')]) as server:
        model = opened(server, key=KEY)
        answer = await model.ask(QUESTION)
        await model.close()
    assert answer == Answer('{"a": "b"}', 100, 20, None)
    asked = server.calls[0]
    assert asked.body == json.loads(model.written(QUESTION))
    assert asked.body["temperature"] == 0
    assert asked.body["max_tokens"] == 50
    assert asked.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "tools" not in asked.body
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert "Cookie" not in asked.headers


@pytest.mark.parametrize(
    ("behaviour", "kind", "calls", "said"),
    [
        (s.refuses(500), "server", 1, "the model answered 500: scripted 500"),
        (s.refuses(401), "refused", 1, "the model refused the key (401)"),
        (s.refuses(404), "refused", 1, "there is no such model or endpoint (404)"),
        (s.refuses(302, Location="http://192.0.2.1/"), "refused", 1, "redirects are not followed"),
        (s.refuses(400), "unsupported", 3, "does not know what was asked of it (400)"),
        (s.refuses(400, "maximum context length is 4096 tokens"), "window", 1, "longer than the model's window"),
        (s.refuses(429, Retry_After="0.2"), "throttled", 2, "asked for patience (429)"),
        (s.refuses(429, Retry_After="9999"), "throttled", 1, "asked for patience (429)"),
        (s.refuses(503), "server", 1, "the model is not ready (503)"),
        (s.stalls, "hang", 1, "did not answer in 1 s"),
        (s.trickles, "hang", 1, "did not answer in 1 s"),
        (s.disconnects, "broken", 1, "the connection to the model broke"),
        (s.floods, "huge", 1, "the model's answer is too long"),
        (s.truncates, "malformed", 1, "what answers is no chat completion"),
        (s.web_page, "malformed", 1, "what answers is no chat completion"),
        (s.says(""), "malformed", 1, "answered with nothing"),
        (s.says(None), "malformed", 1, "answered with nothing"),
        (s.says(None, refusal="no"), "refused", 1, "declined to answer: no"),
        (s.says('{"a":', finish="length"), "window", 1, "window was full before its answer ended"),
        (s.says('{"a":', finish="length", used=50), "clipped", 1, "cut at its limit of tokens"),
    ],
)  # fmt: skip
async def test_each_failure_is_named_and_costs_no_more_than_it_must(
    behaviour: Behaviour, kind: str, calls: int, said: str
) -> None:
    failed, made, seconds = await failure([behaviour], llm_timeout=1.0 if kind == "hang" else 20.0)
    assert (failed.kind, made) == (kind, calls)
    assert said in failed.sentence
    assert failed.where.startswith("http://127.0.0.1:")
    assert kind != "hang" or seconds < 3


async def test_a_server_that_is_away_is_broken() -> None:
    with ModelServer([s.says("")]) as server:
        model = opened(server)
    with pytest.raises(ModelFailed) as failed:
        await model.ask(QUESTION)
    await model.close()
    assert failed.value.kind == "broken"


async def test_patience_is_as_long_as_was_asked_for() -> None:
    with ModelServer([s.refuses(429, Retry_After="0.5"), s.says("{}")]) as server:
        model, began = opened(server), time.monotonic()
        await model.ask(QUESTION)
        await model.close()
    assert time.monotonic() - began >= 0.5
    assert model.used.calls == 2


@pytest.mark.parametrize(
    ("complaint", "form", "limit"),
    [
        ("json_schema is not supported", "json_object", "max_tokens"),
        ("'max_tokens' is not supported with this model. Use 'max_completion_tokens'", "json_schema",
         "max_completion_tokens"),
        ("'temperature' does not support 0 with this model", "json_schema", "max_tokens"),
    ],
)  # fmt: skip
async def test_a_simpler_question_is_tried_where_an_endpoint_complains(
    complaint: str, form: str, limit: str
) -> None:
    with ModelServer([s.refuses(400, complaint), s.says('{"a": "b"}')]) as server:
        model = opened(server)
        await model.ask(QUESTION)
        await model.ask(QUESTION)
        await model.close()
    assert [asked.form for asked in server.calls] == ["json_schema", form, form]
    assert limit in server.calls[1].body
    assert ("temperature" in server.calls[1].body) == ("temperature" not in complaint)


def test_a_question_without_a_schema_carries_it_in_words() -> None:
    shape = simpler(Shape(), "no")
    assert shape is not None
    sent = arguments(QUESTION, shape)
    assert '"required":["a"]' in sent["messages"][0]["content"]
    assert sent["response_format"] == {"type": "json_object"}
    assert "response_format" not in arguments(QUESTION, Shape(form="text"))
    assert simpler(Shape(form="text"), "no") is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"llm_max_calls": 1}, "the run's 1 calls to the model are used up"),
        ({"llm_max_tokens": 200}, "might pass the run's 200 tokens"),
        ({"llm_usd_in": 1000, "llm_usd_out": 5000, "llm_budget_usd": 0.45}, "might pass the budget of 0.45 USD"),
    ],
)  # fmt: skip
async def test_a_cap_refuses_the_call_that_would_be_too_many(settings: dict[str, Any], said: str) -> None:
    with ModelServer([s.says("{}")]) as server:
        model = opened(server, **settings)
        await model.ask(QUESTION)
        with pytest.raises(ModelFailed) as failed:
            await model.ask(QUESTION)
        await model.close()
    assert failed.value.kind == "budget"
    assert said in failed.value.what
    assert len(server.calls) == 1


async def test_a_budget_without_a_price_sends_nothing() -> None:
    failed, calls, _ = await failure([s.says("{}")], llm_budget_usd=5.0)
    assert (failed.kind, calls) == ("budget", 0)
    assert "price is not known" in failed.what
    assert "llm_usd_in" in failed.mend


async def test_what_a_call_cost_is_told_where_the_price_is_known() -> None:
    with ModelServer([s.says("{}")]) as server:
        model = opened(server, llm_usd_in=10.0, llm_usd_out=50.0)
        answer = await model.ask(QUESTION)
        await model.close()
    assert answer.usd == pytest.approx(100 * 10e-6 + 20 * 50e-6)
    assert model.used.usd == pytest.approx(0.002)


async def test_all_calls_end_with_the_deadline_of_the_run() -> None:
    failed, calls, seconds = await failure([s.stalls], llm_timeout=30.0, llm_deadline=0.7)
    assert (failed.kind, calls) == ("hang", 1)
    assert seconds < 2


async def test_a_secret_in_a_question_stays_here() -> None:
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    with ModelServer([s.says("{}")]) as server:
        for question in (
            Question(f"key {secret}", "", SCHEMA, 5),
            Question("", f"key {secret}", SCHEMA, 5),
            Question("", "", {"enum": [secret]}, 5),
        ):
            model = opened(server)
            with pytest.raises(ModelFailed) as failed:
                await model.ask(question)
            await model.close()
            assert failed.value.kind == "secret"
            assert secret not in str(failed.value)
    assert server.asked == []


@pytest.mark.parametrize("status", [401, 400, 429, 500])
async def test_an_endpoint_that_repeats_the_key_does_not_get_it_into_the_report(status: int) -> None:
    with ModelServer([s.refuses(status, f"wrong key {KEY}", Retry_After="99999")]) as server:
        model = opened(server, key=KEY)
        with pytest.raises(ModelFailed) as failed:
            await model.ask(QUESTION)
        await model.close()
    assert KEY not in failed.value.sentence + failed.value.where + failed.value.mend


def test_the_meter_counts_what_was_not_told() -> None:
    from swarm.model.meter import Meter, estimated_tokens

    moments: Callable[[], float] = iter([0.0, 1.0, 1.0, 5.0]).__next__
    meter = Meter(Settings(llm_deadline=4.0), moments)
    meter.start()
    meter.begin(QUESTION, "{}", None)
    meter.unanswered(QUESTION, "{}", None)
    assert meter.used.usd is None
    assert estimated_tokens("twelve chars") >= 3
    with pytest.raises(ModelFailed, match="are over"):
        meter.begin(QUESTION, "{}", None)
