"""
A dollar in a report is believed until somebody finds one that is not true; so each says what it is the price of.

What a node costs, by the price rows of the scan (slice ``prices``): the provider and machine type of the node, its
own region first, another region of the same provider only as a stated reference. What is not in the table has no
price. The rule that turns dollars into severity stands here, too (checks.md, "M$").
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.price import FlatPrice, InstancePrice, StoragePrice
from scanners.finding import Severity
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.times import DAY

HOURS_PER_MONTH = 730
"""365 days of 24 hours, divided by 12 months."""

LEAST_USD_PER_HOUR = 0.05
"""A node's price below it is a table's word for "unknown" (checks.md, section GPU, table Counting)."""

MUCH, LITTLE = 5000.0, 50.0
"""USD a month: from the first on waste is grave, below the second hardly worth a ticket."""

PROVIDERS = {"aws": "aws", "gce": "gcp", "azure": "azure"}
"""The provider by the scheme of a node's ``spec.providerID``."""

REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
CAPACITY_LABELS = ("karpenter.sh/capacity-type", "eks.amazonaws.com/capacityType")
SPOT_LABELS = {
    "cloud.google.com/gke-spot": "true",
    "cloud.google.com/gke-preemptible": "true",
    "kubernetes.azure.com/scalesetpriority": "spot",
}
RESERVATION_LABEL = "karpenter.k8s.aws/capacity-reservation-type"
ON_DEMAND, SPOT, RESERVED, CAPACITY_BLOCK = "on-demand", "spot", "reserved", "capacity-block"

_ZONE = re.compile(r"^(?:aws:///|gce://[^/]+/)(?P<region>[a-z]+(?:-[a-z]+)+-?\d+)(?:[a-z]|-[a-z])/")
_Rows = Mapping[tuple[str, str], tuple[InstancePrice, ...]]


def node_price(inventory: Inventory, node: Node) -> InstancePrice | None:
    """
    The price of a whole node; None where the table has none for its type and capacity type, or only a nominal one.

    :func:`price_basis` tells whether it is of the node's own region.
    """
    kind = node.instance_type.lower()
    named = provider_of(node)
    rows = _rows(inventory).get((kind, _billed_as(capacity_type(node))), ())
    rows = tuple(row for row in rows if row.provider == named) if named else rows
    if not rows or len({row.provider for row in rows}) > 1:
        return None
    own = region_of(node)
    row = next((row for row in rows if row.region == own), rows[0])
    return row if row.usd_per_hour >= LEAST_USD_PER_HOUR else None


def gpu_hour_price(inventory: Inventory, node: Node) -> Fraction | None:
    """USD for an hour of one physical device: the whole node's price divided by its devices; a slice costs its part."""
    price, gpus = node_price(inventory, node), physical_gpus(node)
    return Fraction(str(price.usd_per_hour)) / gpus if price and gpus else None


def price_basis(price: InstancePrice | StoragePrice | FlatPrice, region: str) -> str:
    """What a price is, in words: ``list price, aws us-east-1, as of 2026-07-20, no discounts``, or ``own price, …``."""
    kind = "own price" if price.own else "list price"
    bought = "" if price.capacity_type == ON_DEMAND else f" ({price.capacity_type})"
    where = f"{price.provider} {price.region}".strip()
    other = f" (for {region or 'an unknown region'})" if price.region != region else ""
    when = f", as of {price.as_of}" if price.as_of else ", undated"
    return f"{kind}{bought}, {where}{other}{when}" + ("" if price.own else ", no discounts")


def provider_of(node: Node) -> str:
    """The provider as price tables name it, by the node's provider ID; ``""`` where it has none."""
    scheme, found, _ = node.provider_id.partition("://")
    return PROVIDERS.get(scheme, scheme) if found else ""


def region_of(node: Node) -> str:
    """The region by label, else by the zone in the provider ID; ``""`` where neither tells."""
    told = next((node.labels[label] for label in REGION_LABELS if node.labels.get(label)), "")
    found = _ZONE.match(node.provider_id)
    return told or (found["region"] if found else "")


def capacity_type(node: Node) -> str:
    """How the machine is bought: ``on-demand`` unless a label says ``spot``, ``reserved`` or ``capacity-block``."""
    if node.labels.get(RESERVATION_LABEL) == CAPACITY_BLOCK:
        return CAPACITY_BLOCK
    if any(node.labels.get(label) == value for label, value in SPOT_LABELS.items()):
        return SPOT
    told = next((node.labels[label] for label in CAPACITY_LABELS if node.labels.get(label)), ON_DEMAND)
    return told.lower().replace("_", "-")


def by_dollars(usd_per_month: float | None, lasted: float | None) -> Severity:
    """
    The severity of waste: medium, high from 5,000 USD a month on if it has lasted a day, low under 50 USD.

    ``lasted`` in seconds, None where unknown. Without a price it is medium: unknown is not little.
    """
    if usd_per_month is None:
        return Severity.MEDIUM
    if usd_per_month >= MUCH and lasted is not None and lasted >= DAY:
        return Severity.HIGH
    return Severity.LOW if usd_per_month < LITTLE else Severity.MEDIUM


def _billed_as(capacity: str) -> str:
    """A reservation without a discount of its own is billed at the on-demand rate, used or not."""
    return ON_DEMAND if capacity == RESERVED else capacity


def _rows(inventory: Inventory) -> _Rows:
    """Price rows by machine type and capacity type, in the order of provider and region; once a scan."""
    memo = inventory.index.memo
    if "prices.rows" not in memo:
        found: dict[tuple[str, str], list[InstancePrice]] = {}
        for row in sorted(inventory.instance_prices, key=lambda row: (row.provider, row.region)):
            found.setdefault((row.instance_type.lower(), row.capacity_type), []).append(row)
        memo["prices.rows"] = {key: tuple(rows) for key, rows in found.items()}
    known: _Rows = memo["prices.rows"]
    return known
