"""
A made-up price is worse than none: each carries where it stands, of when it is, and what it is the price of.
"""

from typing import ClassVar

import msgspec


class InstancePrice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """
    The price of a whole node of an instance type in a region, in USD an hour, as it is bought (``capacity_type``:
    ``on-demand``, ``spot``, ``capacity-block``); ``as_of`` is the day of the price list. ``own`` ones come from a
    table of the user's, others are public list prices.
    """

    provider: str
    instance_type: str
    region: str
    usd_per_hour: float
    gpu_model: str = ""
    gpu_count: int = 0
    capacity_type: str = "on-demand"
    as_of: str = ""
    source: str = ""
    own: bool = False


class StoragePrice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The price of storage of a type (``gp3``, ``pd-ssd``) in a region, in USD a GiB and month."""

    provider: str
    type: str
    region: str
    usd_per_gib_month: float
    capacity_type: ClassVar[str] = "on-demand"
    as_of: str = ""
    source: str = ""
    own: bool = False


class FlatPrice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """
    The price of a thing whatever its size (an address, a balancer, a disk of a fixed class) in a region: USD an
    ``hour`` or a ``month``, by ``unit``.
    """

    provider: str
    type: str
    region: str
    usd: float
    unit: str
    capacity_type: ClassVar[str] = "on-demand"
    as_of: str = ""
    source: str = ""
    own: bool = False
