"""
``deepscan doctor`` looks whether the model would answer that a run would ask for words.
"""

import pytest

from tests.model.server import ModelServer, says
from tests.swarm.cli.command import Ended, deepscan


def doctor(*arguments: str, **more: str) -> Ended:
    return deepscan("doctor", "--demo", *arguments, **more)


def test_an_endpoint_is_asked_once_for_its_list_and_never_for_words() -> None:
    with ModelServer([says("{}")]) as server:
        ended = doctor("--model", "scripted", "--model-url", server.url)
        assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/v1/models")]
    assert ended.status == 0
    assert f"model ok: scripted at {server.url}" in ended.out


def test_an_ollama_is_asked_for_its_list_in_its_own_way() -> None:
    with ModelServer([says("{}")]) as server:
        ended = doctor("--model", "ollama/scripted:8b", "--model-url", server.root)
        assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/api/tags")]
    assert f"model ok: scripted:8b at {server.root}" in ended.out


def test_a_model_that_is_not_listed_is_told_with_those_that_are() -> None:
    with ModelServer([says("{}")]) as server:
        ended = doctor("--model", "llama9", "--model-url", server.url)
    assert "model warning: " in ended.out
    assert "does not list llama9" in ended.out
    assert "help: it has scripted: name one with --model" in ended.out


def test_an_endpoint_that_is_away_fails_the_probe_and_not_the_doctor() -> None:
    with ModelServer([says("{}")]) as server:
        url = server.url
    ended = doctor("--model", "scripted", "--model-url", url)
    assert ended.status == 0
    assert "model failed: the model cannot be reached" in ended.out
    assert "help: check --model-url" in ended.out


@pytest.mark.parametrize("more", [{}, {"DEEPSCAN_MODEL": "a/b", "DEEPSCAN_LLM": "false"}])
def test_where_no_model_would_be_asked_nothing_is_said_of_one(more: dict[str, str]) -> None:
    assert "\nmodel " not in doctor(**more).out
