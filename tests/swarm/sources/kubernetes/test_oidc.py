"""An id token that ends is renewed by the provider that the kubeconfig names; no other is shown the refresh token."""

import base64
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from scanners.facts import slices
from scanners.facts.gaps import SliceState
from swarm.errors import ConfigurationError
from swarm.sources.kubernetes import oidc
from tests.cluster.pki import Authority
from tests.swarm.sources.kubernetes.conftest import Opened
from tests.swarm.sources.kubernetes.server import FakeApi

SECRET = "the client's secret"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:kubernetes_asyncio.*")
"""The library speaks to aiohttp in words of its version 3."""


def id_token(seconds: float, name: str = "jane") -> str:
    """A JSON web token that ends in so many seconds; its payload has signs that plain base64 does not."""
    parts = ({"alg": "RS256"}, {"sub": name, "exp": time.time() + seconds, "note": "ÿþ?>" * 9})
    told = [json.dumps(part, ensure_ascii=False).encode("latin-1") for part in parts]
    told[1] = json.dumps(parts[1], ensure_ascii=False).encode()
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in told), "c2ln"])


class Provider:
    """An identity provider that hands out ``tokens`` in turn, each against the refresh token of the one before."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens: list[str] = []
        self.good = "refresh-0"
        self.rotates = True
        self.asked: list[str] = []
        self.before: Callable[[], Any] = lambda: None

    async def metadata(self, _: web.Request) -> web.Response:
        self.asked.append("metadata")
        return web.json_response({"issuer": self.url, "token_endpoint": f"{self.url}/token"})

    async def token(self, request: web.Request) -> web.Response:
        self.asked.append("token")
        form, shown = await request.post(), request.headers.get("Authorization", "")
        early = self.before()
        if early is not None:
            return web.Response(**early)
        if (
            base64.b64decode(shown.removeprefix("Basic ")).decode() != f"deepscan:{SECRET}"
            or form["grant_type"] != "refresh_token"
            or form["refresh_token"] != self.good
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        answer = {"id_token": self.tokens.pop(0), "token_type": "Bearer"}
        if self.rotates:
            self.good = answer["refresh_token"] = f"{self.good}+"
        return web.json_response(answer)


@pytest_asyncio.fixture
async def provider(authority: Authority) -> AsyncIterator[Provider]:
    served, pair = Provider(), authority.server("idp")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", served.metadata)
    app.router.add_post("/token", served.token)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    served.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


def entry(provider: Provider, authority: Authority, token: str | None, **rest: Any) -> dict[str, Any]:
    config = {
        "idp-issuer-url": provider.url, "client-id": "deepscan", "client-secret": SECRET,
        "refresh-token": "refresh-0", "id-token": token,
        "idp-certificate-authority-data": base64.b64encode(authority.certificate.read_bytes()).decode(), **rest,
    }  # fmt: skip
    return {
        "auth-provider": {
            "name": "oidc",
            "config": {key: each for key, each in config.items() if each is not None},
        }
    }


async def test_a_token_that_is_good_is_shown_as_it_is(
    api: FakeApi, source: Opened, provider: Provider, authority: Authority
) -> None:
    token = id_token(600)
    api.tokens = {token}
    await source(entry(provider, authority, token)).open()
    assert provider.asked == []


@pytest.mark.parametrize("before", [None, id_token(-60), id_token(5)], ids=["none", "ended", "ends in 5 s"])
async def test_a_token_that_ended_is_renewed(
    api: FakeApi, source: Opened, provider: Provider, authority: Authority, tmp_path: Path, before: str | None
) -> None:
    new = id_token(600)
    api.tokens, provider.tokens = {new}, [new]
    cluster = source(entry(provider, authority, before))
    written = (tmp_path / "config").read_bytes()
    await cluster.open()
    assert provider.asked == ["metadata", "token"]
    assert (tmp_path / "config").read_bytes() == written  # the kubeconfig is read, never written


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_token_that_is_revoked_is_renewed_with_what_the_provider_said_last(
    api: FakeApi, source: Opened, provider: Provider, authority: Authority, rotates: bool
) -> None:
    first, second = id_token(600), id_token(600, "jane again")
    provider.tokens, provider.rotates = [first, second], rotates
    api.tokens = {first}
    cluster = source(entry(provider, authority, None))
    await cluster.open()
    api.tokens = {second}
    read = await cluster.read(slices.PODS, {})
    assert read.readings[0].state is SliceState.COMPLETE
    assert provider.asked.count("token") == 2


async def test_a_provider_whose_certificate_nobody_vouches_for_is_told_nothing(
    source: Opened, provider: Provider, authority: Authority
) -> None:
    unknown = entry(provider, authority, None, **{"idp-certificate-authority-data": None})
    with pytest.raises(ConfigurationError, match="could not be refreshed") as refused:
        await source(unknown).open()
    assert "CERTIFICATE_VERIFY_FAILED" in refused.value.cause
    assert provider.asked == []


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"idp-issuer-url": "http://127.0.0.1:1"}, "in the open"),
        ({"refresh-token": None}, "no refresh-token"),
        ({"refresh-token": "somebody else's"}, "400"),
        ({"client-secret": "wrong"}, "400"),
        ({"idp-issuer-url": "https://127.0.0.1:1"}, "Connect call failed"),
    ],
    ids=str,
)
async def test_what_keeps_it_from_being_renewed_is_told(
    source: Opened, provider: Provider, authority: Authority, changed: dict[str, Any], cause: str
) -> None:
    provider.tokens = [id_token(600)]
    with pytest.raises(ConfigurationError, match="could not be refreshed") as refused:
        await source(entry(provider, authority, id_token(-60), **changed)).open()
    assert cause in refused.value.cause
    assert "oidc-login" in refused.value.mend
    assert SECRET not in str(refused.value) and "refresh-0" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "{", "content_type": "application/json"},
        {"text": "<html>", "content_type": "text/html"},
        {"text": '{"access_token": "x"}', "content_type": "application/json"},
        {"text": '{"id_token": 5}', "content_type": "application/json"},
        {"status": 503},
    ],
    ids=str,
)
async def test_a_bad_answer_is_an_error_with_its_mend(
    source: Opened, provider: Provider, authority: Authority, answer: dict[str, Any]
) -> None:
    provider.before = lambda: answer
    with pytest.raises(ConfigurationError, match="could not be refreshed"):
        await source(entry(provider, authority, None)).open()


async def test_a_provider_that_hangs_is_left(
    source: Opened, provider: Provider, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "LONGEST", 0.3)
    monkeypatch.setattr(provider, "before", lambda: time.sleep(0.6))
    with pytest.raises(ConfigurationError) as refused:
        await source(entry(provider, authority, None)).open()
    assert "did not answer" in refused.value.cause
