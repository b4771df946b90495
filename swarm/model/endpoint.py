"""
A key that was set for one service must not be shown to another because somebody typed another address.

Where a model answers, by which way, with which key: from the settings and the environment. OPENAI_API_KEY belongs to
OpenAI and is shown to its hosts alone; any other endpoint has the key of DEEPSCAN_MODEL_KEY or ``model_key_file``.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from swarm.errors import ConfigurationError
from swarm.model.settings import KEY, ModelSettings
from swarm.sources.kubernetes.proxies import proxy_for

OLLAMA_PORT = 11434
OLLAMA = f"http://127.0.0.1:{OLLAMA_PORT}"
_OLLAMA_VENDORS = ("ollama", "ollama_chat")
_OPENAI = ("openai.com",)
Dialect = Literal["openai", "ollama"]
CHAT: Mapping[Dialect, str] = {"openai": "/chat/completions", "ollama": "/api/chat"}
"""Where below its URL an endpoint is asked."""


@dataclass(frozen=True)
class Endpoint:
    """
    Where a model answers. ``name`` is what the user typed, ``model`` what is asked for there; ``url`` has no slash at
    its end and is ``""`` where a vendor's own is meant; ``proxy`` is ``""`` for none. ``dialect`` is what it is
    spoken to in directly; ``window`` the tokens that it may be asked to read and write at most, None where nobody can
    ask it for a window. ``warnings`` tell what the user should know of it.
    """

    name: str
    model: str
    via: Literal["direct", "litellm"]
    url: str = ""
    key: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    dialect: Dialect = "openai"
    window: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The place as errors name it."""
        return self.url or f"{self.model} by way of litellm"

    @property
    def destination(self) -> str:
        """Where a question goes, and what carries it."""
        place = self.url or "the vendor's own endpoint"
        return f"POST {place}{CHAT[self.dialect]}" if self.via == "direct" else f"litellm, to {place}"


def endpoint_of(settings: ModelSettings, environment: Mapping[str, str]) -> Endpoint | None:
    """
    The endpoint that is configured, None where there is none or none is wanted.

    ConfigurationError for a name without a place, a URL that is none or carries a password, a key that cannot be read
    or would travel in the clear.
    """
    if not settings.llm or not (settings.model or settings.model_url):
        return None
    if not settings.model:
        raise ConfigurationError(
            "there is an endpoint and no model", where="--model-url", mend="name the model: --model NAME"
        )
    name = settings.model
    vendor, _, rest = name.partition("/")
    own_ollama = vendor in _OLLAMA_VENDORS and bool(rest) and settings.model_via != "litellm"
    if own_ollama and not settings.model_url:
        key = _key(settings, environment)
        return Endpoint(name, rest, "direct", OLLAMA, key, dialect="ollama", window=settings.llm_window)
    via = settings.model_via
    if via == "auto":
        via = "direct" if settings.model_url else "litellm"
    url, dialect = _address(settings.model_url, via, own_ollama) if settings.model_url else ("", "openai")
    _refuse_impossible(name, vendor if rest else "", via, url)
    key = _key(settings, environment)
    if not key and via == "direct" and _is_openai(url):
        key = environment.get("OPENAI_API_KEY", "").strip()
    return Endpoint(
        name,
        rest if own_ollama else name,
        via,
        url,
        key=key,
        proxy=proxy_for(url, environment) if url else "",
        dialect=dialect,
        window=settings.llm_window if dialect == "ollama" else None,
        warnings=_in_the_clear(url, key),
    )


def _refuse_impossible(name: str, vendor: str, via: str, url: str) -> None:
    if via == "direct" and not url:
        what = f"nobody knows where {name} answers"
        raise ConfigurationError(what, where="--model", mend="name its endpoint: --model-url URL")
    if via == "litellm" and not vendor:
        what = f"{name} names no vendor and no endpoint was given"
        mend = "write --model vendor/NAME, or name an OpenAI-compatible endpoint with --model-url URL"
        raise ConfigurationError(what, where="--model", mend=mend)
    if via == "litellm" and vendor in _OLLAMA_VENDORS:
        what = "litellm asks an Ollama on this machine behind one's back"
        raise ConfigurationError(
            what, where="model_via", mend="leave model_via out: Ollama is asked directly"
        )


def _address(url: str, via: str, named_ollama: bool) -> tuple[str, Dialect]:
    """
    The URL as it is used, and what is spoken there: a bare address of an Ollama, by its vendor's name or by its port,
    is Ollama's own API; whoever writes a path means the API that is there.
    """
    where = "--model-url"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as wrong:
        raise ConfigurationError(
            "the model URL cannot be read", where=where, cause=str(wrong), mend="write https://HOST/v1"
        ) from None
    if "@" in parts.netloc:
        raise ConfigurationError(
            "the model URL carries a user or a password",
            where=where,
            mend=f"take it out of the URL; set {KEY}",
        )
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError(
            f"{url} is no URL of a model endpoint", where=where, mend="write it like https://HOST/v1"
        )
    if parts.query or parts.fragment or "?" in url or "#" in url:
        mend = f"write {parts.scheme}://{parts.netloc}{parts.path}"
        raise ConfigurationError("the model URL has a query or a fragment", where=where, mend=mend)
    bare = url.rstrip("/").removesuffix("/chat/completions")
    if parts.path not in ("", "/") or not (named_ollama or port == OLLAMA_PORT):
        return bare, "openai"
    return (bare, "ollama") if via == "direct" else (f"{bare}/v1", "openai")


def _key(settings: ModelSettings, environment: Mapping[str, str]) -> str:
    said = environment.get(KEY, "").strip()
    if not settings.model_key_file:
        return _printable(said, KEY)
    where = f"model_key_file {settings.model_key_file}"
    if said:
        raise ConfigurationError(
            f"there are two keys for the model: {KEY} and model_key_file",
            where="environment and settings",
            mend="keep one of them",
        )
    try:
        text = Path(settings.model_key_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "the key file of the model cannot be read", where=where, cause=str(error),
            mend="check the path and its rights",
        ) from None  # fmt: skip
    if not text:
        raise ConfigurationError(
            "the key file of the model is empty", where=where, mend="write the key into it"
        )
    return _printable(text, where)


def _printable(key: str, where: str) -> str:
    """A key that fits into a header."""
    if (
        not key.isascii()
        or any(character.isspace() for character in key)
        or not (key.isprintable() or not key)
    ):
        raise ConfigurationError(
            "the key of the model is no key", where=where, mend="it is one word of ASCII characters"
        )
    return key


def _is_openai(url: str) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return parts.scheme == "https" and any(host == own or host.endswith(f".{own}") for own in _OPENAI)


def _in_the_clear(url: str, key: str) -> tuple[str, ...]:
    """What to warn of where plain http leaves this machine; ConfigurationError where a key would go with it."""
    parts = urlsplit(url)
    if parts.scheme != "http" or _is_loopback(parts.hostname or ""):
        return ()
    if key:
        raise ConfigurationError(
            "the key of the model would travel in the clear", where="--model-url",
            mend="use https, or a tunnel to this machine (http://127.0.0.1:PORT)",
        )  # fmt: skip
    return (
        f"the model endpoint {parts.netloc} is asked over plain http: what it is sent can be read on the way",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
