"""A login's tokens: one for all who wait, made anew before their end and once they are refused."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from swarm.errors import Unauthorized, Unreachable
from swarm.sources.cloud import AccountPlace, ClusterEntry
from swarm.sources.gcp.tokens import Tokens, tokens_here
from swarm.sources.kubernetes.connection import Identity

if TYPE_CHECKING:
    from tests.clouds.gcp.google import Google


async def test_two_hundred_who_wait_share_one_token(google: "Google") -> None:
    tokens = Tokens()
    assert set(await asyncio.gather(*(tokens.token() for _ in range(200)))) == {google.minted[0]}
    assert len(google.minted) == 1


async def test_a_refused_token_is_replaced_once_whoever_asks(google: "Google") -> None:
    tokens = Tokens()
    first = await tokens.token()
    assert set(await asyncio.gather(*(tokens.token(stale=first) for _ in range(200)))) == {google.minted[1]}
    assert await tokens.token(stale=first) == google.minted[1]
    assert len(google.minted) == 2


@pytest.mark.parametrize(("lifetime", "mints"), [(239, 2), (260, 1)])
async def test_a_token_is_made_anew_when_four_minutes_are_left(
    google: "Google", lifetime: int, mints: int
) -> None:
    google.lifetime = lifetime
    tokens = Tokens()
    await tokens.token()
    await tokens.token()
    assert len(google.minted) == mints


async def test_the_loop_goes_on_while_a_token_is_fetched(google: "Google") -> None:
    google.slow_tokens = 0.3
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    began = time.monotonic()
    await Tokens().token()
    heart.cancel()
    assert time.monotonic() - began > 0.25
    assert beats >= 10


async def test_everybody_on_a_loop_shares_one_login(google: "Google") -> None:
    place = AccountPlace("gcp", "p")
    entries = [ClusterEntry(place, name, name, "r", "https://127.0.0.1:1") for name in ("a", "b")]
    first, second = [entry.connection().credential for entry in entries]
    shown = await first.identity()
    assert shown == Identity(token=google.minted[0]) == await second.identity()
    assert await tokens_here().token() == shown.token
    fresh = await first.identity(stale=shown)
    assert fresh.token == google.minted[1] and await second.identity(stale=shown) == fresh
    assert len(google.minted) == 2


async def test_a_login_that_was_withdrawn_is_said_in_googles_words(google: "Google") -> None:
    google.refuses_logins = True
    with pytest.raises(Unauthorized) as refused:
        await Tokens().token()
    assert "invalid_grant" in refused.value.cause and refused.value.mend


async def test_a_token_endpoint_that_is_away_is_unreachable(
    google: "Google", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = google.service_account(tmp_path).read_text().replace(google.url, "http://127.0.0.1:1")
    (tmp_path / "away.json").write_text(text)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "away.json"))
    with pytest.raises(Unreachable):
        await Tokens().token()


async def test_a_file_that_is_no_login_is_an_error_with_its_mend(
    google: "Google", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.json").write_text("{}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "odd.json"))
    with pytest.raises(Unauthorized) as refused:
        await Tokens().token()
    assert refused.value.mend


async def test_a_federated_login_becomes_its_service_account_and_asks_nobody_else(
    google: "Google", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(google.federation(tmp_path)))
    tokens = Tokens()
    first = await tokens.token()
    assert google.accepts(first)
    assert await tokens.token(stale=first) == google.minted[1] != first
