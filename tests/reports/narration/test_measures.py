"""Numbers agree when the one is the other, rounded to what is written, and not because they look alike."""

from decimal import Decimal

import pytest

from reports.narration.measures import Measure, measure_at, measure_of


def measure(text: str) -> Measure:
    found = measure_at(text, 0)
    assert found is not None and found[1] == len(text), text
    return found[0]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("1.5 GiB", "1536 MiB"), ("4096 MiB", "4 GiB"), ("4Gi", "4 GiB"), ("85 min", "1 h 25 min"), ("1.4 h", "85 min"),
        ("1 hour and 25 minutes", "85 min"), ("2.5 hours", "2 h 30 min"), ("61 h", "2.54 d"), ("94%", "94 %"),
        ("94 percent", "94 %"),
        ("1,400", "1400"), ("$879", "878.92 USD"), ("47-minute", "47 min"), ("1000 MB", "1 GB"),
    ],
)  # fmt: skip
def test_a_measure_in_another_unit_agrees(said: str, known: str) -> None:
    assert measure(said).says(measure(known))


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("4 GB", "4 GiB"), ("4 MiB", "4 GiB"), ("1 h", "85 min"), ("85 h", "85 min"), ("4", "4 GiB"), ("3", "4"),
        ("24 h", "23 h"),
        ("1 d", "20 h"), ("94", "94 %"), ("100 %", "94 %"), ("3 h 12.5 min", "3 h 12 min"), ("10", "1"),
        ("879", "878.92 USD"),
    ],
)  # fmt: skip
def test_a_measure_that_is_another_does_not(said: str, known: str) -> None:
    assert not measure(said).says(measure(known))


@pytest.mark.parametrize("text", ["4x", "1.2.3", "3rd", "10.0.0.1", "2026-11-19", "5/tcp"])
def test_what_only_begins_like_a_number_is_none(text: str) -> None:
    assert measure_at(text, 0) is None


def test_a_fact_has_its_unit_in_its_key() -> None:
    assert measure_of("limit_bytes", 4294967296) == (Measure("B", Decimal(4294967296)), ["limit"])
    assert measure_of("pending_s", 5100.0)[0].says(measure("85 min"))
    assert measure_of("exit_code", 137) == (Measure("", Decimal(137)), ["exit", "code"])
