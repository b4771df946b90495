"""Suppressions as a team keeps them in a file: checked to the key, appended to, never rewritten."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from reports.suppressions import Suppression
from swarm.errors import ConfigurationError
from swarm.ignore_file import entries_of, places, suppressions, with_entry

TODAY = date(2026, 11, 19)
WHERE = Path("deepscan-ignore.toml")
GOOD = 'id = "p-0123456789ab"\nreason = "r"\nuntil = 2026-12-01\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("until", "untl"), "did you mean until?"),
        (GOOD.replace('reason = "r"\n', ""), "reason is missing"),
        (GOOD.replace('"r"', '"  "'), "reason is missing"),
        (GOOD.replace("until = 2026-12-01\n", ""), "until is missing"),
        (GOOD.replace("2026-12-01", "2027-05-19"), "more than 180 days off"),
        (GOOD.replace("p-0123456789ab", "problem 3"), "is no id"),
        (GOOD.replace("id = ", "code = "), "say which objects"),
        (GOOD + 'code = "OOM101"\n', "either an id or a code"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_number_and_a_mend(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        entries_of(f"[[suppress]]\n{GOOD}[[suppress]]\n{text}", WHERE, TODAY)
    assert said in f"{caught.value.sentence} {caught.value.mend}"
    assert caught.value.where == "deepscan-ignore.toml, entry 2" and caught.value.mend


@pytest.mark.parametrize(
    "text", ["[[supress]]\n" + GOOD, "suppress = 3", "[suppress]\n" + GOOD, "[[suppress"]
)
def test_a_file_that_is_no_list_of_entries_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        entries_of(text, WHERE, TODAY)
    assert "[[suppress]]" in caught.value.mend or "TOML" in caught.value.mend


def test_the_last_day_may_be_180_days_off() -> None:
    assert entries_of("[[suppress]]\n" + GOOD.replace("2026-12-01", "2027-05-18"), WHERE, TODAY)


@pytest.mark.parametrize(
    "reason", ['say "no"', "back\\slash", "déjà vu 🎉", "line\nbreak", "delete\x7f", "[[suppress]]"]
)
def test_what_is_there_is_kept_to_the_letter_and_any_text_is_written_as_toml(reason: str) -> None:
    kept = f"# ours\n[[suppress]]  # first\n{GOOD}"
    entry = Suppression(id="f-0123456789ab", reason=reason, until=date(2026, 12, 1), by="ada")
    text = with_entry(kept, entry)
    assert text.startswith(kept)
    assert tomllib.loads(text)["suppress"][1]["reason"] == reason
    assert entries_of(text, WHERE, TODAY)[1] == entry
    assert entries_of(with_entry("", entry), WHERE, TODAY) == [entry]


def test_they_lie_beside_the_settings_that_are_named(tmp_path: Path) -> None:
    named = tmp_path / "team" / "deepscan.toml"
    assert places(named, {}) == [named.parent / "deepscan-ignore.toml"]
    assert places(None, {"DEEPSCAN_CONFIG": str(named)}) == [named.parent / "deepscan-ignore.toml"]
    assert places(None, {})[0] == WHERE


def test_no_file_is_no_suppression(tmp_path: Path) -> None:
    assert suppressions([tmp_path / "deepscan-ignore.toml"], TODAY) == []
