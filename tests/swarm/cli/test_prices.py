"""
Dollars without asking anybody: built-in list prices, tables of one's own, or none at all.
"""

from pathlib import Path
from typing import Any

import pytest

from swarm.cli.targets import demo_path
from tests.swarm.cli.command import deepscan

GPU_ONLY = ("run", "--demo", "--quiet", "--concern", "gpu", "--format", "json=-")
OWN = "provider,instance_type,region,usd_per_hour,as_of\naws,p4d.24xlarge,eu-central-1,10,2026-11-01\n"


def idle(report: dict[str, Any]) -> dict[str, Any]:
    return next(problem for problem in report["problems"] if problem["root"]["code"] == "GPU101")


@pytest.fixture(scope="module", name="report")
def _report() -> dict[str, Any]:
    return deepscan(*GPU_ONLY).report


def test_the_demo_is_priced_without_a_word_from_the_user(report: dict[str, Any]) -> None:
    impact = idle(report)["impact"]
    assert impact["usd_per_month"] == round(2 * 21.957642 * 730, 2)
    assert impact["usd_formula"] == "2 nodes × 21.957642 USD/h × 730 h"
    assert impact["saving"] == "cash"
    split = report["summary"]["waste_by_saving"]
    assert report["summary"]["waste_usd_per_month"] == pytest.approx(
        sum(amount for amount in split.values() if amount), abs=0.02
    )
    assert report["summary"]["coverage_percent"] == 100.0
    (row,) = [row for row in report["coverage"] if row["slice"] == "prices"]
    assert (row["state"], row["objects"]) == ("complete", 114)


def test_a_price_of_the_users_own_is_used_and_called_so(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text(OWN)
    report = deepscan(*GPU_ONLY, "--prices", table).report
    assert idle(report)["impact"]["usd_per_month"] == 14600.0
    (finding,) = [f for f in report["findings"] if f["id"] == idle(report)["root"]["finding"]]
    assert finding["facts"]["price_basis"] == "own price, aws eu-central-1, as of 2026-11-01"
    from_settings = deepscan(*GPU_ONLY, DEEPSCAN_PRICES=str(table)).report
    assert idle(from_settings)["impact"] == idle(report)["impact"]


def test_without_prices_every_check_runs_and_no_dollar_is_told(report: dict[str, Any]) -> None:
    bare = deepscan(*GPU_ONLY, "--prices", "none").report
    assert [row["state"] for row in bare["checks"]] == [row["state"] for row in report["checks"]]
    assert bare["summary"]["coverage_percent"] == report["summary"]["coverage_percent"]
    assert bare["summary"]["waste_usd_per_month"] is None
    assert set(bare["summary"]["waste_by_saving"].values()) == {None}
    assert all(problem["impact"]["usd_per_month"] is None for problem in bare["problems"])
    assert idle(bare)["severity"] == "medium"
    assert {finding["id"] for finding in bare["findings"]} == {f["id"] for f in report["findings"]}


def test_an_old_price_list_is_warned_of_and_a_new_one_is_not(report: dict[str, Any]) -> None:
    assert not [text for text in report["warnings"] if "prices" in text]
    late = deepscan(*GPU_ONLY, "--now", "2027-06-01T00:00:00Z").report
    told = [text for text in late["warnings"] if "prices" in text]
    assert told == [
        "list prices of 2026-07-20 are in use, 316 days old at the scan: name newer ones with --prices"
    ]


@pytest.mark.parametrize("format_", ["terminal", "markdown", "html"])
def test_people_read_the_dollars_their_formula_and_the_day_of_the_prices(format_: str) -> None:
    words = ("run", "--demo", "--quiet", "--check", "GPU101", "--format", f"{format_}=-")
    page = " ".join(deepscan(*words).out.split())
    for text in (
        "$32,058",
        "2 nodes × 21.957642 USD/h × 730 h",
        "as of 2026-07-20",
        "list 2026-07-20",
        "cash",
    ):
        assert text in page, text
    bare = " ".join(deepscan(*words, "--prices", "none").out.split())
    assert "$" not in bare.split("Problems")[0]
    assert "USD/h" not in bare


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--prices", "live"], 2, "this version asks no price service"),
        (["--prices", "nowhere.csv"], 2, "cannot be read"),
        (["--prices", "bad.csv"], 2, "bad.csv, line 2"),
        (["--prices", "none", "--prices", "own.csv"], 2, "no prices and a table of prices"),
        (["--fail-on", "usd:5000"], 1, "gate usd:5000: "),
        (["--fail-on", "usd:5000000"], 0, ""),
        (["--fail-on", "usd:5000", "--prices", "none"], 0, "not judged, no waste has a price"),
        (["--fail-on", "usd:much"], 2, "usd:much is no gate"),
        (["--fail-on", "usd:0"], 2, "usd:0 is no gate"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_status_and_what_is_said(arguments: list[str], status: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(OWN)
    (tmp_path / "bad.csv").write_text(OWN.replace(",10,", ",ten,"))
    root = str(Path(__file__).parents[3])
    ended = deepscan(
        "run",
        "--from",
        demo_path(),
        "--quiet",
        "--check",
        "GPU101",
        *arguments,
        cwd=tmp_path,
        PYTHONPATH=root,
    )
    assert ended.status == status, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err
