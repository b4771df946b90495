"""The page of a report is opened, and whatever a tenant wrote into it does nothing."""

import asyncio
from pathlib import Path

import pytest

from reports.faces import FACES
from reports.report import Report
from tests.browser.chromium import Browser, browser
from tests.hostile.payloads import HTML, PAYLOADS
from tests.hostile.recording import CHANNELS, attacked, demo, scanned
from tests.hostile.reports import tame
from tests.hostile.slots import attacked as everywhere


async def visited(tab: Browser, report: Report, folder: Path) -> list[str]:
    """What the report's page did that it should not."""
    page = folder / "report.html"
    page.write_text(FACES["html"](report), "utf-8")
    seen = await tab.visit(page)
    assert seen.state[1:] and seen.state[1] > 5, "our own script did not run: no buttons"
    return seen.hits


async def test_no_payload_in_any_text_runs_fetches_or_leaves_a_line_in_the_console(tmp_path: Path) -> None:
    hits = {}
    async with browser(tmp_path / "profile") as tab:
        assert await visited(tab, tame(), tmp_path) == []
        for payload in PAYLOADS:
            if found := await visited(tab, everywhere(tame(), payload), tmp_path):
                hits[payload[:60]] = found[:5]
    print(f"{len(PAYLOADS)} payloads, a page each, every text of it: {len(hits)} with hits")
    assert hits == {}


async def test_the_page_of_a_cluster_with_payloads_in_every_channel_is_inert(tmp_path: Path) -> None:
    recording = demo()
    places = sum(attacked(recording, channel, PAYLOADS) for channel in CHANNELS)
    report = await asyncio.to_thread(scanned, recording, tmp_path / "recording")
    async with browser(tmp_path / "profile") as tab:
        assert await visited(tab, report, tmp_path) == []
    assert places > 2000


@pytest.mark.parametrize("payload", [HTML[0], HTML[15], HTML[36]], ids=["script", "image", "style sheet"])
async def test_a_page_that_does_not_escape_would_be_seen(payload: str, tmp_path: Path) -> None:
    page = tmp_path / "open.html"
    page.write_text(f"<!doctype html><title>x</title>{payload}", "utf-8")
    async with browser(tmp_path / "profile") as tab:
        seen = await tab.visit(page)
    assert seen.hits


async def test_a_page_that_does_not_escape_would_be_stopped_by_its_policy(tmp_path: Path) -> None:
    """The second wall: the same payloads as markup of our page run and fetch nothing, and the console says so."""
    whole = FACES["html"](tame())
    page = tmp_path / "leaking.html"
    page.write_text(whole.replace("<footer>", f"{HTML[0]}{HTML[14]}{HTML[36]}<footer>"), "utf-8")
    async with browser(tmp_path / "profile") as tab:
        seen = await tab.visit(page)
    assert seen.state[0] is True and seen.dialogs == []
    assert any("Content Security Policy" in line for line in seen.console)
