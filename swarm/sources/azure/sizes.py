"""
Azure says of a pool ``Standard_NV18ads_A10_v5`` and leaves it to the reader that this is half a GPU.

What a machine size has of accelerators: whole ones from the catalogue of machines, parts of one from the tables of
Microsoft Learn ("NVadsA10 v5 sizes series", "NVv4 sizes series"). Only sizes of the N family have any.
"""

import re
from typing import NamedTuple

from scanners.semantics.gpu_products import machines

_PARTS: dict[str, tuple[str, float]] = {
    "standard_nv6ads_a10_v5": ("A10", 1 / 6),
    "standard_nv12ads_a10_v5": ("A10", 1 / 3),
    "standard_nv18ads_a10_v5": ("A10", 1 / 2),
    "standard_nv4as_v4": ("MI25", 1 / 8),
    "standard_nv8as_v4": ("MI25", 1 / 4),
    "standard_nv16as_v4": ("MI25", 1 / 2),
}
_WITHOUT = re.compile(r"(standard|basic)_(?!n)[a-z]", re.IGNORECASE)


class Accelerators(NamedTuple):
    """What one machine of a size has: GPUs (a fraction for a shared one, None for an unknown size), their model."""

    gpus: float | None
    model: str = ""


def accelerators_of(size: str) -> Accelerators:
    """The accelerators of a size as ARM spells it, in whatever case."""
    part = _PARTS.get(size.lower())
    if part:
        return Accelerators(part[1], part[0])
    machine = machines().get(size)
    if machine and machine.provider == "azure":
        return Accelerators(float(machine.gpus), machine.product)
    return Accelerators(0.0 if _WITHOUT.match(size) else None)
