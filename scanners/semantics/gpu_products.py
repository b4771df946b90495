"""
Eight labels of six vendors name the same card, each in its own spelling; the pool has as many.

Product, pool and catalogue of machines. Labels: GPU feature discovery, GKE, EKS, AKS, Karpenter
(orchestrators reference, section 23). The catalogue is ``scanners/data/gpu_instances.json``, with its date
and source.
"""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from scanners.facts.node import Node

PRODUCT_LABELS = (
    "nvidia.com/gpu.product", "amd.com/gpu.product-name", "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator", "karpenter.k8s.aws/instance-gpu-name",
    "eks.amazonaws.com/instance-gpu-name", "karpenter.azure.com/sku-gpu-name",
    "k8s.amazonaws.com/accelerator",
)  # fmt: skip
"""Labels that name a node's product, the most exact first."""

COUNT_LABELS = (
    "cloud.google.com/gke-accelerator-count", "karpenter.k8s.aws/instance-gpu-count",
    "eks.amazonaws.com/instance-gpu-count", "karpenter.azure.com/sku-gpu-count",
)  # fmt: skip
"""Labels by which providers tell how many devices a machine is sold with."""

POOL_LABELS = (
    "karpenter.sh/nodepool", "cloud.google.com/gke-nodepool", "eks.amazonaws.com/nodegroup",
    "kubernetes.azure.com/agentpool", "alpha.eksctl.io/nodegroup-name", "karpenter.sh/provisioner-name",
    "agentpool",
)  # fmt: skip
"""Labels that name the pool of a node."""

SHARED_SUFFIX = re.compile(r"(-MIG-(?P<profile>\d+g\.\d+gb[\w.+]*))?(-SHARED)?$")
"""What the NVIDIA labels append to a product whose devices are sliced or shared."""

_SHORT = re.compile(
    r"""(?<![a-z0-9])(
        gb\d00 | gh\d00 | [abh]\d00 | l40s? | l4 | a10g? | a(?:2|16|30|40|800) | h800 | h20 | t4g?
        | v100s? | p100 | p40 | p4 | k80
        | mi\d{3}[ax]? | gaudi\ ?\d? | rtx-pro-\d+ | rtx-a?\d+ | trainium\d? | inferentia\d? | tpu-v\w+
    )(?![a-z0-9])""",
    re.VERBOSE,
)


_VENDORS = {
    "MI": "amd.com/", "GAUDI": "habana.ai/", "TPU": "google.com/", "TRAINIUM": "aws.amazon.com/",
    "INFERENTIA": "aws.amazon.com/",
}  # fmt: skip


class Machine(NamedTuple):
    """A machine type of a provider: its accelerator's short name, how many it has, memory of each in GiB."""

    provider: str
    product: str
    gpus: int
    memory_gib: float


@cache
def machines() -> Mapping[str, Machine]:
    """Known machine types with accelerators, by instance type."""
    text = resources.files("scanners.data").joinpath("gpu_instances.json").read_text("utf-8")
    return {
        type_: Machine(provider, *row)
        for provider, catalogue in json.loads(text)["providers"].items()
        for type_, row in catalogue["types"].items()
    }


def expected_gpus(node: Node) -> int | None:
    """
    Devices the machine is sold with, by instance type, else by its provider's labels; None where unknown.
    """
    machine = machines().get(node.instance_type)
    if machine:
        return machine.gpus
    told = (node.labels.get(name, "") for name in COUNT_LABELS)
    return next((int(count) for count in told if count.isdigit()), None)


def product(node: Node) -> str:
    """
    The product as the node's labels name it, sharing suffixes too (``NVIDIA-A100-SXM4-80GB-MIG-1g.10gb``),
    else by its instance type (``A100``); ``""`` where neither tells.
    """
    for name in PRODUCT_LABELS:
        if node.labels.get(name):
            return node.labels[name]
    machine = machines().get(node.instance_type)
    return machine.product if machine else ""


def bare_product(name: str) -> str:
    """The product without ``-SHARED`` and ``-MIG-...``: the card itself."""
    return SHARED_SUFFIX.sub("", name, count=1)


@lru_cache(maxsize=1024)
def short_product(name: str) -> str:
    """
    The name people use: ``A100`` for ``NVIDIA-A100-SXM4-80GB-MIG-1g.10gb`` and ``nvidia-tesla-a100`` alike.
    """
    bare = bare_product(name)
    found = _SHORT.search(re.sub(r"[\s_]+", "-", bare.lower()))
    if found:
        return found[1].upper()
    return re.sub(r"^(nvidia|amd|intel|tesla)[-_ ]", "", bare, flags=re.IGNORECASE)


def vendor_prefix(node: Node) -> str:
    """
    The prefix of the resources that a node's product is scheduled by, ``""`` for a node without known
    product.
    """
    short = short_product(product(node))
    named = next((prefix for start, prefix in _VENDORS.items() if short.startswith(start)), "")
    return named or ("nvidia.com/" if short or "nvidia.com/gpu.present" in node.labels else "")


def node_pool(node: Node) -> str:
    """
    The pool of a node: the provider's or Karpenter's label, else its instance type, else its product; ``""``
    for a node that tells none of them.
    """
    for name in POOL_LABELS:
        if node.labels.get(name):
            return node.labels[name]
    return node.instance_type or bare_product(product(node))
