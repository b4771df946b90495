"""
A made-up price is worse than none: each carries where it stands, of when it is, and what it is the price of.
"""

import msgspec


class InstancePrice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """
    The price of a whole node of an instance type in a region, in USD an hour, on demand unless ``source`` says
    otherwise; ``as_of`` is the day of the price list.
    """

    provider: str
    instance_type: str
    region: str
    usd_per_hour: float
    gpu_model: str = ""
    gpu_count: int = 0
    as_of: str = ""
    source: str = ""


class StoragePrice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The price of storage of a type (``gp3``, ``pd-ssd``) in a region, in USD a GiB and month."""

    provider: str
    type: str
    region: str
    usd_per_gib_month: float
    as_of: str = ""
    source: str = ""
