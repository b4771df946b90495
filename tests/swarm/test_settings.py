"""
Files, then the environment, then flags; every value remembers where it came from, every mistake is named.
"""

from pathlib import Path

import pytest

from swarm.errors import ConfigurationError
from swarm.settings import load, nearest


def test_the_later_layer_wins_and_origins_are_kept(tmp_path: Path) -> None:
    (tmp_path / "deepscan.toml").write_text('since = "12h"\ndeadline = "5m"\n[ages]\nwait = "90s"\n')
    loaded = load(
        {"deadline": "1m", "namespace": []},
        {"DEEPSCAN_SINCE": "6h", "DEEPSCAN_NAMESPACE": "ml, data"},
        tmp_path,
    )
    assert (loaded.settings.since, loaded.settings.deadline, loaded.settings.ages.wait) == (21600, 60, 90)
    assert loaded.settings.namespace == ["ml", "data"]
    assert loaded.origins == {
        "since": "environment",
        "deadline": "flag",
        "ages.wait": "deepscan.toml",
        "namespace": "environment",
    }


def test_pyproject_may_hold_them(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.deepscan]\nmin_coverage = 80\n")
    assert load({}, {}, tmp_path).settings.min_coverage == 80


def test_thresholds_by_environment(tmp_path: Path) -> None:
    assert load({}, {"DEEPSCAN_CHECKS__WRK101__ENDS": "5"}, tmp_path).settings.limits == {
        ("WRK101", "ends"): 5.0
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sinse = '1h'", "did you mean since?"),
        ("[ages]\nwiat = '1m'", "did you mean wait?"),
        ("[checks.WRK10]\nends = 1", "did you mean WRK10"),
        ("[checks.WRK101]\nend = 1", "did you mean ends?"),
        ("min_coverage = 120", "less than or equal to 100"),
        ("since = 'soon'", "a duration looks like"),
        ("since = ", "mend the TOML"),
    ],
)
def test_a_mistake_is_named_with_its_mend(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "deepscan.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load({}, {}, tmp_path)
    assert said in f"{caught.value.sentence} {caught.value.mend}"
    assert caught.value.where


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load({}, {}, tmp_path, tmp_path / "no.toml")


def test_a_threshold_that_equals_its_default_changes_no_byte() -> None:
    set_ = load({}, {"DEEPSCAN_CHECKS__OOM102__KILLS": "2"}, Path("/nonexistent")).settings.limits
    assert [repr(value) for value in set_.values()] == ["2"]


def test_a_variable_that_is_whole_and_in_part_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="as a whole and in part"):
        load({}, {"DEEPSCAN_AGES": "1", "DEEPSCAN_AGES__WAIT": "1m"}, Path("/nonexistent"))


def test_a_check_in_small_letters_is_nearest_to_itself() -> None:
    assert nearest("oom101", ["OOM101", "WRK101"]) == "did you mean OOM101?"


@pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\ndeepscan = 3\n"])
def test_a_pyproject_of_strange_shape_is_no_crash(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    try:
        load({}, {}, tmp_path)
    except ConfigurationError as refused:
        assert "table" in refused.what


@pytest.mark.parametrize(
    "variable", ["DEEPSCAN_CHECKS__OOM102__KILLS", "DEEPSCAN_SINCE", "DEEPSCAN_DEADLINE"]
)
def test_what_cannot_be_negative_is_refused_when_it_is(variable: str) -> None:
    with pytest.raises(ConfigurationError, match=r"greater than|duration"):
        load({}, {variable: "-1"}, Path("/nonexistent"))
