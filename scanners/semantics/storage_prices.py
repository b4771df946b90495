"""
A disk that nobody mounts is paid by the month like one that is full of work.

What a volume costs, by the storage rows of slice ``prices``: the sort of disk is that of its storage class, else the
driver's own default. Defaults: documentation of the EBS and Persistent Disk CSI drivers and of the in-tree
provisioners. A base price: provisioned IOPS and throughput come on top and are not known.
"""

import re
from decimal import Decimal

from scanners.facts.inventory import Inventory
from scanners.facts.price import StoragePrice
from scanners.facts.storage import StorageClass, Volume
from scanners.semantics.bills import Bill
from scanners.semantics.mounts import zones_of
from scanners.semantics.prices import price_basis
from scanners.semantics.quantities import quantity

DRIVERS = {
    "ebs.csi.aws.com": ("aws", "gp3"),
    "ebs.csi.eks.amazonaws.com": ("aws", "gp3"),
    "kubernetes.io/aws-ebs": ("aws", "gp2"),
    "pd.csi.storage.gke.io": ("gcp", "pd-standard"),
    "kubernetes.io/gce-pd": ("gcp", "pd-standard"),
    "disk.csi.azure.com": ("azure", ""),
    "kubernetes.io/azure-disk": ("azure", ""),
}
"""Provider and default sort of disk by driver; others are their own provider, and have no default."""

GIB = Decimal(2**30)
_ZONE = re.compile(r"(?P<region>[a-z]+(?:-[a-z]+)+-?\d+)-?[a-z]")


def volume_dollars(inventory: Inventory, volume: Volume | None) -> Bill:
    """The dollars of a volume, by its whole capacity; unknown without a volume, a capacity or a price."""
    capacity = quantity(volume.capacity) if volume else None
    price = storage_price(inventory, volume) if volume else None
    if volume is None or capacity is None or price is None:
        return Bill()
    gib = capacity / GIB
    return Bill(
        round(float(gib * Decimal(str(price.usd_per_gib_month))), 2),
        f"{float(round(gib, 1)):,g} GiB × {price.usd_per_gib_month:g} USD/GiB-month ({price.type})",
        price_basis(price, region_of(volume)),
        price.as_of or None,
        "cash" if volume.driver in DRIVERS else "capacity",
    )


def storage_price(inventory: Inventory, volume: Volume) -> StoragePrice | None:
    """The price of a volume's sort of disk: of its own region, else of another as a stated reference."""
    provider, default = DRIVERS.get(volume.driver, (volume.driver, ""))
    storage_class = inventory.index.storage_classes.get(volume.storage_class)
    sort = _sort_of(storage_class) or default if storage_class else ""
    rows = sorted(
        (row for row in inventory.storage_prices if (row.provider, row.type) == (provider, sort)),
        key=lambda row: row.region,
    )
    own = region_of(volume)
    row = next((row for row in rows if row.region == own), rows[0] if rows else None)
    return row if row and row.usd_per_gib_month > 0 else None


def region_of(volume: Volume) -> str:
    """The region by the zone that a volume is tied to; ``""`` where it is tied to none, or to several regions."""
    found = {match["region"] for zone in zones_of(volume.required_nodes) if (match := _ZONE.fullmatch(zone))}
    return min(found) if len(found) == 1 else ""


def _sort_of(storage_class: StorageClass) -> str:
    """What the class names; a class of a driver that names none is known by its own name."""
    return storage_class.disk or ("" if storage_class.provisioner in DRIVERS else storage_class.name)
