"""
What stands idle at a provider is paid by the hour, and the price hangs on its sort and its region.

Bills of machines, disks and addresses by the rows of slice ``prices``: of their own region, else of another one as a
stated reference. Unknown is unknown: capacity that is not bought on demand has no list price.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from scanners.facts.cloud import CloudAddress, Disk, Instance, LoadBalancer
from scanners.facts.inventory import Inventory
from scanners.facts.price import FlatPrice, InstancePrice, StoragePrice
from scanners.semantics.bills import Bill
from scanners.semantics.prices import HOURS_PER_MONTH, LEAST_USD_PER_HOUR, price_basis

GIB = Decimal(2**30)

ADDRESS_ROWS = {"aws": "public-ipv4", "gcp": "unused-static-ip", "azure": "public-ip"}
"""The ``type`` of the price row of an idle public address."""

P = TypeVar("P", InstancePrice, StoragePrice, FlatPrice)


def instance_bill(inventory: Inventory, instance: Instance) -> Bill:
    """A machine by its type; a spot machine, or one bought otherwise, has a price only where the table says so."""
    rows = (
        row
        for row in inventory.instance_prices
        if row.provider == instance.provider
        and row.instance_type.lower() == instance.type.lower()
        and row.capacity_type == instance.capacity_type
    )
    row = _nearest(rows, instance.region)
    if row is None or row.usd_per_hour < LEAST_USD_PER_HOUR:
        return Bill()
    formula = f"1 instance × {row.usd_per_hour:g} USD/h × {HOURS_PER_MONTH} h"
    monthly = round(row.usd_per_hour * HOURS_PER_MONTH, 2)
    return Bill(monthly, formula, price_basis(row, instance.region), row.as_of or None, "cash")


def disk_bill(inventory: Inventory, disk: Disk) -> Bill:
    """A disk by its size, else by the class of size that it is sold in."""
    if disk.tier:
        return _flat_bill(inventory, disk.provider, disk.tier, disk.region)
    rows = (row for row in inventory.storage_prices if (row.provider, row.type) == (disk.provider, disk.type))
    row = _nearest(rows, disk.region)
    if row is None or disk.size_bytes is None or row.usd_per_gib_month <= 0:
        return Bill()
    gib = Decimal(disk.size_bytes) / GIB
    return Bill(
        round(float(gib * Decimal(str(row.usd_per_gib_month))), 2),
        f"{float(round(gib, 1)):,g} GiB × {row.usd_per_gib_month:g} USD/GiB-month ({row.type})",
        price_basis(row, disk.region),
        row.as_of or None,
        "cash",
    )


def address_bill(inventory: Inventory, thing: CloudAddress | LoadBalancer) -> Bill:
    """An address, a NAT gateway or a load balancer: what it costs whether it is used or not."""
    if isinstance(thing, LoadBalancer):
        return _flat_bill(inventory, thing.provider, thing.type, thing.region)
    sort = ADDRESS_ROWS[thing.provider] if thing.sort == "address" else thing.sort
    return _flat_bill(inventory, thing.provider, sort, thing.region)


def _flat_bill(inventory: Inventory, provider: str, sort: str, region: str) -> Bill:
    rows = (row for row in inventory.flat_prices if (row.provider, row.type) == (provider, sort))
    row = _nearest(rows, region)
    if row is None or row.usd <= 0:
        return Bill()
    monthly = row.usd * HOURS_PER_MONTH if row.unit == "hour" else row.usd
    hours = f" × {HOURS_PER_MONTH} h" if row.unit == "hour" else ""
    formula = f"1 × {row.usd:g} USD/{row.unit}{hours} ({row.type})"
    return Bill(round(monthly, 2), formula, price_basis(row, region), row.as_of or None, "cash")


def _nearest(rows: Iterable[P], region: str) -> P | None:
    """The row of the region, else the first of another."""
    found: Sequence[P] = sorted(rows, key=lambda row: row.region)
    return next((row for row in found if row.region == region), found[0] if found else None)
