"""
A node is paid for by the card, whatever its plug-in cuts the cards into.

checks.md, section GPU, table Counting. Amounts are exact fractions of physical devices; a unit is what is
scheduled. Devices of two vendors in one node are never added: the first of :data:`VENDORS` that it has
counts.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.semantics.accelerators import in_capacity, is_accelerator, offered
from scanners.semantics.gpu_products import (
    SHARED_SUFFIX,
    bare_product,
    expected_gpus,
    machines,
    product,
    short_product,
)
from scanners.semantics.requests import used_on

VENDORS = ("nvidia.com/", "amd.com/", "gpu.intel.com/", "habana.ai/", "google.com/", "aws.amazon.com/", "")
"""Prefixes of resource names, one a vendor; the empty one stands for all others."""

GFD_COUNT = "nvidia.com/gpu.count"
"""Devices by GPU feature discovery; under MIG single it counts slices."""

REPLICA_LABELS = ("nvidia.com/gpu.replicas", "cloud.google.com/gke-max-shared-clients-per-gpu")
"""How many pods share a device by time-slicing or MPS; 0 and 1 both mean none."""

MIG_PROFILE = re.compile(r"(?P<slices>\d+)g\.(?P<memory>\d+)gb")
"""A MIG profile: compute slices and memory in GB."""

_FOUR_SLICES = ("A30", "RTX-PRO-6000")
_INSTANCES = {1: 7, 2: 3, 3: 2, 4: 1, 7: 1}
_INSTANCES_OF_FOUR = {1: 4, 2: 2, 4: 1}
_DOUBLED = 4
_MEMORY_GB = {"GH200": 96, "H200": 141, "B200": 180, "B300": 270}
_USUAL_MEMORY_GB = {"A100": 40, "H100": 80}
_CORES_PER_NEURON = 2
_PARTITIONS = {"spx": 1, "dpx": 2, "tpx": 3, "qpx": 4, "cpx": 8}


def physical_gpus(node: Node) -> Fraction:
    """
    Devices of a node that are paid for, whole cards; 0 for a node without any.

    By instance type, else what feature discovery counts, else capacity divided by the units a card is cut
    into.
    """
    expected = expected_gpus(node)
    if expected is not None:
        return Fraction(expected)
    counted = node.labels.get(GFD_COUNT, "")
    if counted.isdigit() and int(counted) and not _mig_single(node):
        return max(Fraction(counted), Fraction(_cut_devices(node, _units(node))))
    return registered_gpus(node)


def registered_gpus(node: Node) -> Fraction:
    """Devices that the plug-in has registered, whole cards, by capacity (allocatable where that is not told)."""
    units = _units(node)
    whole = sum(
        (Fraction(units[name]) / _per_device(node, name) for name in units if not _is_mig(name)), Fraction(0)
    )
    return Fraction(math.ceil(whole) + _cut_devices(node, units))


def sliced_unevenly(node: Node) -> bool:
    """Whether MIG has cut some of its cards into instances of their own names (strategy mixed)."""
    return any(_is_mig(name) for name in _units(node))


def units_of(node: Node) -> Mapping[str, Decimal]:
    """Units of one vendor's accelerators in capacity, the same hardware never under two names."""
    return _units(node)


def unit_worth(node: Node, resource: str) -> Fraction:
    """
    The part of a device that one unit of an accelerator is on this node: 1, a MIG slice's N/7, or 1/replicas.
    """
    if not is_accelerator(resource):
        return Fraction(0)
    if resource.startswith("nvidia.com/"):
        return _nvidia_worth(node, resource)
    if resource.startswith("amd.com/") and resource != "amd.com/gpu":
        return Fraction(1, _PARTITIONS.get(resource.removeprefix("amd.com/").partition("_")[0], 1))
    if resource == "aws.amazon.com/neuroncore":
        return Fraction(1, _CORES_PER_NEURON)
    return Fraction(1)


def replicas_of(node: Node) -> int:
    """How many pods share each device of a node by time-slicing or MPS; 1 where none do."""
    for name in REPLICA_LABELS:
        count = node.labels.get(name, "")
        if count.isdigit() and int(count) > 1:
            return int(count)
    return 1


def physical_held(inventory: Inventory, node: Node) -> Fraction:
    """
    Physical devices of a node that its pods hold, never more than it has. A shared device is held wholly
    while one replica is; replicas are taken to be spread, as the plug-in does.
    """
    return min(worth_of(node, used_on(inventory, node.name)), physical_gpus(node))


def worth_of(node: Node, used: Mapping[str, Decimal]) -> Fraction:
    """Physical devices that units in use take up on a node, by resource name; other resources count nothing."""
    found = Fraction(0)
    for resource in _of_one_vendor({name: amount for name, amount in used.items() if is_accelerator(name)}):
        worth = Fraction(1) if replicas_of(node) > 1 else unit_worth(node, resource)
        found += Fraction(used[resource]) * worth
    return found


def _units(node: Node) -> dict[str, Decimal]:
    """Units of one vendor's accelerators, the same hardware never under two names."""
    return _of_one_vendor(dict(in_capacity(node) or offered(node)))


def _of_one_vendor(units: dict[str, Decimal]) -> dict[str, Decimal]:
    if "aws.amazon.com/neuron" in units or "aws.amazon.com/neurondevice" in units:
        units = {name: amount for name, amount in units.items() if name != "aws.amazon.com/neuroncore"}
    if "aws.amazon.com/neuron" in units:
        units.pop("aws.amazon.com/neurondevice", None)
    vendor = next((prefix for prefix in VENDORS if any(name.startswith(prefix) for name in units)), "")
    return {name: amount for name, amount in units.items() if name.startswith(vendor)}


def _per_device(node: Node, resource: str) -> Fraction:
    """Units that a whole device is cut into; not always 1 / worth, because some MIG profiles leave a rest."""
    single = _mig_single(node)
    if single and resource.startswith("nvidia.com/"):
        return Fraction(_instances(node, single))
    return 1 / unit_worth(node, resource)


def _cut_devices(node: Node, units: dict[str, Decimal]) -> int:
    """Devices that MIG mixed has cut: the fewest that could carry all the slices the node has."""
    slices = {name: amount for name, amount in units.items() if _is_mig(name)}
    worth = sum((Fraction(amount) * unit_worth(node, name) for name, amount in slices.items()), Fraction(0))
    fewest = [
        math.ceil(Fraction(amount) / _instances(node, profile))
        for name, amount in slices.items()
        if (profile := MIG_PROFILE.search(name))
    ]
    return max([math.ceil(worth), *fewest])


def _instances(node: Node, profile: re.Match[str]) -> int:
    """
    How many instances of a profile a card carries. Source: NVIDIA MIG user guide, tables of supported
    profiles.
    """
    slices, memory = int(profile["slices"]), int(profile["memory"])
    short = short_product(product(node))
    if short in _FOUR_SLICES:
        return _INSTANCES_OF_FOUR.get(slices, 1)
    if slices == 1 and memory > 1.5 * _card_memory_gb(node, short) / 8:
        return _DOUBLED
    return _INSTANCES.get(slices, 1)


def _card_memory_gb(node: Node, short: str) -> float:
    told = re.search(r"(\d+)GB", bare_product(product(node)))
    machine = machines().get(node.instance_type)
    return (
        _MEMORY_GB.get(short)
        or (int(told[1]) if told else None)
        or (machine.memory_gib if machine else None)
        or _USUAL_MEMORY_GB.get(short, 80)
    )


def _is_mig(resource: str) -> bool:
    return resource.startswith("nvidia.com/mig-")


def _nvidia_worth(node: Node, resource: str) -> Fraction:
    profile = MIG_PROFILE.search(resource) or _mig_single(node)
    if profile:
        slices = 4 if short_product(product(node)) in _FOUR_SLICES else 7
        return Fraction(min(int(profile["slices"]), slices), slices)
    return Fraction(1, replicas_of(node))


def _mig_single(node: Node) -> re.Match[str] | None:
    suffix = SHARED_SUFFIX.search(product(node))
    return MIG_PROFILE.match(suffix["profile"] or "") if suffix else None
