"""
Prices change, and a table without a day is a rumour: every row says of when it is and who said so.

The built-in tables (``scanners/data/instance_prices.csv`` and ``storage_prices.csv``), and the same format read
from text of the user's. docs/prices.md describes the columns.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from math import isfinite
from typing import Any

from scanners.facts.price import FlatPrice, InstancePrice, StoragePrice

Price = InstancePrice | StoragePrice | FlatPrice

OLD_AFTER_DAYS = 180
"""Days after which the day of a price is warned of: clouds have cut list prices of GPUs about once a year."""

BUILT_IN = ("instance_prices.csv", "storage_prices.csv")
CAPACITY_TYPES = ("on-demand", "spot", "capacity-block")
PER_GIB_MONTH = ("GiB-month", "GB-month")
"""Units of storage by size and month. What AWS calls a GB of EBS is 2^30 bytes."""

FLAT = ("hour", "month")
"""Units of what costs the same whatever its size."""

UNDATED = "undated"
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class MalformedTable(ValueError):
    """A price table that cannot be followed: ``line`` (from 1), ``why`` and how to ``mend`` it."""

    def __init__(self, line: int, why: str, mend: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why
        self.mend = mend


@cache
def built_in() -> tuple[Price, ...]:
    """The prices that come with deepscan, public list prices without discounts."""
    folder = resources.files("scanners.data")
    return tuple(price for name in BUILT_IN for price in parsed(folder.joinpath(name).read_text("utf-8")))


def parsed(text: str) -> list[Price]:
    """
    The prices of a CSV text: of machines or of storage, as its header says. MalformedTable for a wrong row.

    Rows by the hour or the month (addresses, balancers, disks of a fixed size) are flat prices; rows by any other
    unit are left out.
    """
    lines = csv.DictReader(text.splitlines(), strict=True)
    try:
        header = {name.strip() for name in lines.fieldnames or ()}
        read = _reader_for(header)
        rows = [read(row, lines.line_num) for row in lines if any(value for value in row.values())]
    except csv.Error as broken:
        raise MalformedTable(lines.line_num, str(broken), "close the quotation marks") from None
    return [price for price in rows if price]


def overridden(table: Iterable[Price], by: Iterable[Price]) -> tuple[Price, ...]:
    """A table in which later rows stand in the place of earlier ones for the same thing, region and way to buy."""
    found = {_identity(price): price for price in (*table, *by)}
    return tuple(found[key] for key in sorted(found))


def first_day(as_of: str) -> date | None:
    """The first day of what ``as_of`` tells: a day, a month or a year. None where it tells none."""
    if not _DAY.fullmatch(as_of):
        return None
    year, month, number = ([int(part) for part in as_of.split("-")] + [1, 1])[:3]
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _identity(price: Price) -> tuple[str, str, str, str]:
    what = price.instance_type if isinstance(price, InstancePrice) else f"storage {price.type}"
    return price.provider, what.lower(), price.region, price.capacity_type


def _reader_for(header: set[str]) -> Callable[[Mapping[str, str | None], int], Price | None]:
    for columns, read in _FORMATS:
        if columns <= header:
            return read
    known = " or ".join(", ".join(sorted(columns)) for columns, _ in _FORMATS)
    raise MalformedTable(1, "the header is of no price table", f"it needs the columns {known}")


def _instance(row: Mapping[str, str | None], line: int) -> InstancePrice:
    capacity = _cell(row, "capacity_type") or "on-demand"
    if capacity not in CAPACITY_TYPES:
        raise MalformedTable(
            line, f"capacity_type {capacity} is not known", f"one of {', '.join(CAPACITY_TYPES)}"
        )
    return InstancePrice(
        provider=_named(row, "provider", line),
        instance_type=_named(row, "instance_type", line),
        region=_cell(row, "region"),
        usd_per_hour=_usd(row, "usd_per_hour", line),
        gpu_model=_cell(row, "gpu_model"),
        gpu_count=_count(row, line),
        capacity_type=capacity,
        as_of=_day(row, line),
        source=_cell(row, "source"),
    )


def _other(row: Mapping[str, str | None], line: int) -> StoragePrice | FlatPrice | None:
    unit, usd = _named(row, "unit", line), _usd(row, "usd", line)
    named: dict[str, Any] = {"provider": _named(row, "provider", line), "type": _named(row, "type", line)}
    told: dict[str, Any] = {
        "region": _cell(row, "region"),
        "as_of": _day(row, line),
        "source": _cell(row, "source"),
    }
    if unit in FLAT:
        return FlatPrice(**named, **told, usd=usd, unit=unit)
    return StoragePrice(**named, **told, usd_per_gib_month=usd) if unit in PER_GIB_MONTH else None


_FORMATS: tuple[tuple[set[str], Callable[[Mapping[str, str | None], int], Price | None]], ...] = (
    ({"provider", "instance_type", "region", "usd_per_hour", "as_of"}, _instance),
    ({"provider", "type", "unit", "usd", "region", "as_of"}, _other),
)
"""The columns that a table of each sort must have, and how its rows are read."""


def _cell(row: Mapping[str, str | None], column: str) -> str:
    return (row.get(column) or "").strip()


def _named(row: Mapping[str, str | None], column: str, line: int) -> str:
    value = _cell(row, column)
    if not value:
        raise MalformedTable(line, f"{column} is empty", "fill it in, or take the row out")
    return value


def _usd(row: Mapping[str, str | None], column: str, line: int) -> float:
    text = _named(row, column, line)
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not isfinite(amount) or amount < 0:
        mend = "write it like 32.77; 0 says that the price is not known"
        raise MalformedTable(line, f"{column} {text} is no amount of USD", mend)
    return amount


def _count(row: Mapping[str, str | None], line: int) -> int:
    text = _cell(row, "gpu_count") or "0"
    if not text.isdecimal():
        raise MalformedTable(line, f"gpu_count {text} is no number of devices", "write it like 8")
    return int(text)


def _day(row: Mapping[str, str | None], line: int) -> str:
    text = _cell(row, "as_of")
    if text not in ("", UNDATED) and first_day(text) is None:
        raise MalformedTable(
            line, f"as_of {text} is no day", "write it like 2026-07-20, 2026-07, 2026 or undated"
        )
    return "" if text == UNDATED else text
