"""
Payloads in every channel that a tenant writes to: the scan finds the same, in the same order, with the same numbers.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from reports.report import Report
from tests.hostile.inert import FACE_CHECKS
from tests.hostile.payloads import PAYLOADS
from tests.hostile.recording import CHANNELS, MEASURED, Recording, attacked, demo, measured, scanned

RECORDINGS = {"demo": demo, **{check: lambda check=check: measured(check) for check in MEASURED}}
REACHES = (
    "labels", "pipeline names", "team names", "status messages", "event messages", "log lines", "image names",
    "pod names", "metric labels",
)  # fmt: skip
"""Channels whose text a report quotes; that of the others no check reads."""
RENAMES = ("pipeline names",)
"""A pipeline is the subject of its findings: by another name it is another object with another id."""


def numbers(value: Any) -> Any:
    """What of a fact is a number."""
    if isinstance(value, dict):
        return {name: found for name, item in value.items() if (found := numbers(item)) not in (None, {}, [])}
    if isinstance(value, list):
        return [found for item in value if (found := numbers(item)) not in (None, {}, [])]
    return value if isinstance(value, int | float) else None


def found(report: Report, ids: bool = True) -> dict[str, Any]:
    """Everything of a report that is no text: findings, order, numbers, chains, states of the checks."""
    told = report.model_dump(mode="json", by_alias=True)
    return {
        "findings": sorted(
            (
                f["id"] if ids else "", f["code"], f["severity"], f["confidence"], f["state"], f["role"], f["count"],
                f["onset"] or "", f["last_seen"] or "", json.dumps(numbers(f["facts"])), len(f["evidence"]),
            )
            for f in told["findings"]
        ),
        "problems": [
            (
                p["id"] if ids else "", p["rank"], p["severity"], p["confidence"], p["score"], p["score_parts"],
                numbers(p["impact"]), len(p["findings"]),
                [(c["relation"], c["rule"], c["strength"]) for c in p["chain"]],
                [(s["effect"], bool(s["command"])) for s in p["remediation"]["steps"]],
            )
            for p in told["problems"]
        ],
        "order": [f["id"] if ids else f["severity"] for f in told["findings"]],
        "checks": [(c["code"], c["state"]) for c in told["checks"]],
        "summary": told["summary"],
        "ledger": numbers(told["ledger"]),
    }  # fmt: skip


def quoted(report: Report) -> int:
    """How many payloads a report quotes whole; those that are too short to be anybody's are not counted."""
    text = json.dumps(report.model_dump(mode="json"), ensure_ascii=False)
    long = [payload for payload in PAYLOADS if len(payload) > 8]
    return sum(json.dumps(payload, ensure_ascii=False)[1:-1] in text for payload in long)


@pytest.mark.parametrize("channel", CHANNELS)
def test_payloads_in_a_channel_change_no_finding_no_order_and_no_number(channel: str, tmp_path: Path) -> None:
    places, reached = 0, 0
    for name, make in RECORDINGS.items():
        recording: Recording = make()
        usual = scanned(make(), tmp_path / "usual")
        assert usual.findings, name
        put = attacked(recording, channel, PAYLOADS)
        if put:
            places += put
            report = scanned(recording, tmp_path / "attacked")
            ids = channel not in RENAMES
            assert found(report, ids) == found(usual, ids), (channel, name)
            reached += quoted(report)
    print(f"{channel}: {len(PAYLOADS)} payloads in {places} texts, {reached} quoted")
    assert places
    assert reached or channel not in REACHES


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The demo with every channel attacked at once."""
    recording = demo()
    for channel in CHANNELS:
        attacked(recording, channel, PAYLOADS)
    return scanned(recording, tmp_path_factory.mktemp("everything") / "recording")


def test_all_channels_at_once_change_nothing(everything: Report, tmp_path: Path) -> None:
    assert found(everything, ids=False) == found(scanned(demo(), tmp_path / "usual"), ids=False)
    assert quoted(everything) > 20


@pytest.mark.parametrize("face", FACE_CHECKS)
def test_every_face_of_that_scan_is_inert(face: str, everything: Report) -> None:
    """Its structure has nothing to be compared with: other words make other rows."""
    hits = FACE_CHECKS[face](everything, everything)
    assert [hit for hit in hits if not hit.startswith("url: href=#")] == []
