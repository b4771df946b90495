"""
Where a model is asked and what it is shown as a key, from what was typed and what the environment holds.
"""

from pathlib import Path
from typing import Any

import pytest

from swarm.errors import ConfigurationError
from swarm.model.endpoint import Endpoint, endpoint_of
from swarm.model.opening import open_model
from swarm.model.vendors import QUIET, scrubbed
from swarm.settings import Settings, load
from tests.swarm.cli.command import deepscan

KEYS = {"OPENAI_API_KEY": "sk-of-openai", "ANTHROPIC_API_KEY": "sk-ant", "AWS_SECRET_ACCESS_KEY": "aws"}


def at(environment: dict[str, str] | None = None, **settings: Any) -> Endpoint:
    found = endpoint_of(Settings.model_validate(settings), environment or {})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("settings", "via", "url", "model"),
    [
        ({"model": "m", "model_url": "http://127.0.0.1:8000/v1/"}, "direct", "http://127.0.0.1:8000/v1", "m"),
        ({"model": "m", "model_url": "http://localhost:11434"}, "direct", "http://localhost:11434", "m"),
        ({"model": "m", "model_url": "http://localhost:11434/v1"}, "direct", "http://localhost:11434/v1", "m"),
        ({"model": "org/m", "model_url": "https://gw.example/v1"}, "direct", "https://gw.example/v1", "org/m"),
        ({"model": "m", "model_url": "https://gw/v1/chat/completions"}, "direct", "https://gw/v1", "m"),
        ({"model": "ollama/llama3.1:8b"}, "direct", "http://127.0.0.1:11434", "llama3.1:8b"),
        ({"model": "ollama/m", "model_url": "http://[::1]:11434/"}, "direct", "http://[::1]:11434", "m"),
        ({"model": "anthropic/claude"}, "litellm", "", "anthropic/claude"),
        ({"model": "openai/m", "model_url": "https://gw/v1", "model_via": "litellm"}, "litellm", "https://gw/v1",
         "openai/m"),
    ],
)  # fmt: skip
def test_what_was_typed_finds_its_way(settings: dict[str, Any], via: str, url: str, model: str) -> None:
    found = at(**settings)
    assert (found.via, found.url, found.model) == (via, url, model)
    assert found.name == settings["model"]


@pytest.mark.parametrize(
    ("settings", "dialect"),
    [
        ({"model": "ollama/m"}, "ollama"),
        ({"model": "ollama/m", "model_url": "https://box.example"}, "ollama"),
        ({"model": "m", "model_url": "http://127.0.0.1:11434/"}, "ollama"),
        ({"model": "m", "model_url": "http://127.0.0.1:11434/v1"}, "openai"),
        ({"model": "ollama/m", "model_url": "https://gw.example/v1"}, "openai"),
        ({"model": "m", "model_url": "http://127.0.0.1:8000"}, "openai"),
        ({"model": "openai/m", "model_url": "http://127.0.0.1:11434", "model_via": "litellm"}, "openai"),
    ],
)
def test_an_ollama_is_known_by_its_name_or_port_and_a_path_says_otherwise(
    settings: dict[str, Any], dialect: str
) -> None:
    found = at(**settings, llm_window=9000)
    assert found.dialect == dialect
    assert found.window == (9000 if dialect == "ollama" else None)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model_url": "http://127.0.0.1:1"}, "an endpoint and no model"),
        ({"model": "gpt-5"}, "names no vendor and no endpoint"),
        ({"model": "m", "model_via": "direct"}, "nobody knows where m answers"),
        ({"model": "m", "model_url": "ftp://host/"}, "is no URL of a model endpoint"),
        ({"model": "m", "model_url": "host:8000"}, "is no URL of a model endpoint"),
        ({"model": "m", "model_url": "http://[::1"}, "cannot be read"),
        ({"model": "m", "model_url": "https://me:pw@host/v1"}, "carries a user or a password"),
        ({"model": "m", "model_url": "https://host/v1?key=1"}, "has a query or a fragment"),
        ({"model": "ollama/m", "model_via": "litellm"}, "behind one's back"),
        ({"model": "m", "model_url": "https://host/v1", "model_key_file": "/nonexistent"}, "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        at(**settings)
    assert said in refused.value.sentence
    assert refused.value.mend
    assert "pw" not in refused.value.sentence + refused.value.mend + refused.value.where


def test_no_llm_wins_over_everything() -> None:
    settings = Settings(model="anthropic/claude", model_url="no url at all", llm=False)
    assert endpoint_of(settings, {}) is None
    assert open_model(settings, {}) is None
    assert open_model(Settings(), KEYS) is None


def test_the_key_of_openai_is_shown_to_openai_alone() -> None:
    assert at(KEYS, model="m", model_url="https://api.openai.com/v1").key == "sk-of-openai"
    assert at(KEYS, model="m", model_url="https://eu.api.openai.com/v1").key == "sk-of-openai"
    for url in (
        "https://openai.com.example/v1", "https://notopenai.com/v1", "http://127.0.0.1:8000/v1", "http://api.openai.com/v1",
    ):  # fmt: skip
        assert at(KEYS, model="m", model_url=url).key == ""


def test_a_key_of_ours_goes_where_it_was_meant_to(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file\n")
    url = "https://gw.example/v1"
    assert at({"DEEPSCAN_MODEL_KEY": " mine "}, model="m", model_url=url).key == "mine"
    assert at(model="m", model_url=url, model_key_file=str(file)).key == "from-a-file"
    with pytest.raises(ConfigurationError, match="two keys"):
        at({"DEEPSCAN_MODEL_KEY": "mine"}, model="m", model_url=url, model_key_file=str(file))
    with pytest.raises(ConfigurationError, match="is no key"):
        at({"DEEPSCAN_MODEL_KEY": "two words"}, model="m", model_url=url)
    file.write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        at(model="m", model_url=url, model_key_file=str(file))


def test_a_key_never_travels_in_the_clear() -> None:
    with pytest.raises(ConfigurationError, match="in the clear"):
        at({"DEEPSCAN_MODEL_KEY": "mine"}, model="m", model_url="http://gpu-box:11434")
    assert at({"DEEPSCAN_MODEL_KEY": "mine"}, model="m", model_url="http://127.0.0.2:8000").key == "mine"
    [warning] = at(model="m", model_url="http://gpu-box:11434").warnings
    assert "plain http" in warning and "gpu-box:11434" in warning
    assert at(model="m", model_url="http://localhost:11434").warnings == ()


def test_a_key_is_in_no_repr_and_no_listing_of_settings() -> None:
    assert "mine" not in repr(at({"DEEPSCAN_MODEL_KEY": "mine"}, model="m", model_url="https://gw/v1"))
    shown = deepscan("config", "show", DEEPSCAN_MODEL_KEY="mine-alone", DEEPSCAN_MODEL="x/y")
    assert shown.status == 0
    assert "mine-alone" not in shown.out
    assert "model " in shown.out


def test_proxies_are_those_of_the_environment() -> None:
    proxies = {"HTTPS_PROXY": "proxy:3128", "HTTP_PROXY": "proxy:3128", "NO_PROXY": "inside.example"}
    assert at(proxies, model="m", model_url="https://gw.example/v1").proxy == "http://proxy:3128"
    assert at(proxies, model="m", model_url="https://gw.inside.example/v1").proxy == ""
    assert at(proxies, model="m", model_url="http://127.0.0.1:8000/v1").proxy == ""


def test_a_child_gets_the_keys_of_one_vendor_and_nothing_else() -> None:
    shell = {
        **KEYS,
        "KUBECONFIG": "/k",
        "HOME": "/home/me",
        "PATH": "/x",
        "HTTPS_PROXY": "p",
        "DEEPSCAN_MODEL_KEY": "d",
    }
    given = scrubbed("anthropic", shell, "/tmp/empty", elsewhere=False, proxied=True)
    assert {name for name in given if name not in QUIET} == {
        "ANTHROPIC_API_KEY", "HTTPS_PROXY", "HOME", "TMPDIR", "PATH", "LANG",
    }  # fmt: skip
    assert given["HOME"] == given["TMPDIR"] == "/tmp/empty"
    assert "GROQ_API_KEY" in scrubbed("groq", {"GROQ_API_KEY": "g"}, "/t", elsewhere=False, proxied=False)
    elsewhere = scrubbed("anthropic", shell, "/t", elsewhere=True, proxied=False)
    assert set(elsewhere) - set(QUIET) == {"HOME", "TMPDIR", "PATH", "LANG"}


def test_settings_come_from_file_environment_and_flags(tmp_path: Path) -> None:
    file = tmp_path / "deepscan.toml"
    file.write_text('model = "a/b"\nllm_deadline = "90s"\n')
    loaded = load({"llm": False}, {"DEEPSCAN_MODEL": "c/d", "DEEPSCAN_MODEL_KEY": "k"}, tmp_path, file)
    assert (loaded.settings.model, loaded.settings.llm, loaded.settings.llm_deadline) == ("c/d", False, 90.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "gpt-5"), "--model vendor/NAME"),
        (("--model", "m", "--model-url", "host"), "is no URL of a model endpoint"),
        (("--model-url", "http://127.0.0.1:1"), "name the model: --model NAME"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_before_the_scan(arguments: tuple[str, ...], said: str) -> None:
    ended = deepscan("run", "--demo", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""
