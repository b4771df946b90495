"""
An accelerator stands in one of three places: in a pool's configuration, on the machine, or only in its type's name.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from scanners.semantics.gpu_products import machines, short_product

BUILT_IN = ("a2-", "a3-", "a4-", "a4x-", "g2-", "g4-")
"""Machine families that are sold with GPUs in them (Compute Engine, accelerator-optimized machines)."""


def gpus_of(machine_type: str, accelerators: Iterable[Mapping[str, Any]]) -> tuple[float | None, str]:
    """
    Physical GPUs of a machine and their short model name (``A100``).

    ``accelerators`` is the provider's list (``acceleratorType``, ``acceleratorCount``); where it is empty the type
    tells. None where the type is of a family with GPUs that is not in our catalogue; a slice (MIG, time sharing) is
    part of a device and does not change how many there are.
    """
    told = [(last(one.get("acceleratorType")), one.get("acceleratorCount")) for one in accelerators]
    if told:
        count = sum(float(amount or 0) for _, amount in told)
        return count, short_product(told[0][0]) if told[0][0] else ""
    machine = machines().get(machine_type)
    if machine:
        return float(machine.gpus), machine.product
    return (None if machine_type.startswith(BUILT_IN) else 0.0), ""


def last(url: object) -> str:
    """The name at the end of a resource's URL; ``""`` for none."""
    return str(url).rsplit("/", 1)[-1] if url else ""
