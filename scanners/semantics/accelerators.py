"""
GPUs go by a dozen resource names, and some resources with a GPU in their name are none.

Which resources are accelerators, what pods ask for and hold of them, which nodes have some. Names by vendor:
checks.md, section GPU, tables Holding and Counting. Amounts are units of scheduling, see
:mod:`scanners.semantics.gpu_devices` for what they are worth.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod, PodTemplate
from scanners.semantics.gpu_products import expected_gpus
from scanners.semantics.quantities import amounts
from scanners.semantics.requests import Amounts, effective_requests

ACCELERATORS = re.compile(
    r"""
      nvidia\.com/(?: gpu | mig-\d+g\.[\w.+-]+ ) (?:\.shared)?
    | amd\.com/(?: gpu | [a-z]px_nps\d )
    | gpu\.intel\.com/(?: i915 | xe )
    | habana\.ai/gaudi
    | google\.com/tpu
    | aws\.amazon\.com/(?: neuron | neuroncore | neurondevice )
    | qualcomm\.com/qaic
    | huawei\.com/Ascend\w+
    """,
    re.VERBOSE,
)
"""
Devices that compute, by the names that the vendors' device plug-ins advertise. Monitoring handles
(``i915_monitoring``), memory shares (``gpumem``) and network adapters (``vpc.amazonaws.com/efa``) are none.
"""

SHARE_ANNOTATIONS = ("gpu-fraction", "gpu-memory")
"""Pod annotations by which KAI and Run:ai hand out part of a device without a resource request."""

KNOWN_BY = (
    "nvidia.com/gpu.present", "nvidia.com/gpu.product", "amd.com/gpu.product-name",
    "cloud.google.com/gke-accelerator", "cloud.google.com/gke-tpu-accelerator",
    "karpenter.k8s.aws/instance-gpu-name", "eks.amazonaws.com/instance-gpu-name",
    "karpenter.azure.com/sku-gpu-name", "kubernetes.azure.com/accelerator",
)  # fmt: skip
"""Labels that only machines with accelerators carry."""

_NOTHING: Amounts = MappingProxyType({})


@lru_cache(maxsize=4096)
def is_accelerator(resource: str) -> bool:
    """Whether a resource name is a device that computes."""
    return ACCELERATORS.fullmatch(resource) is not None


@lru_cache(maxsize=65536)
def requested(template: PodTemplate) -> Mapping[str, Decimal]:
    """The accelerators among a template's effective requests, in units; empty for a CPU-only pod."""
    found = {name: amount for name, amount in effective_requests(template).items() if is_accelerator(name)}
    return MappingProxyType(found) if found else _NOTHING


def held(pod: Pod) -> Mapping[str, Decimal]:
    """Units of each accelerator that a pod holds: it takes room on a node and asks for them."""
    return requested(pod.template) if pod.holds_room else _NOTHING


def holds(pod: Pod) -> bool:
    """
    Whether a pod takes room and holds any accelerator: units, a claimed device (DRA), a share by annotation.
    """
    return pod.holds_room and wants_accelerator(pod)


def wants_accelerator(pod: Pod) -> bool:
    """
    Whether a pod asks for any accelerator, placed or not: units, a claimed device (DRA), a share by
    annotation.
    """
    template = pod.template
    if requested(template) or template.resource_claims:
        return True
    return bool(pod.annotations) and any(name in pod.annotations for name in SHARE_ANNOTATIONS)


def offered(node: Node) -> Mapping[str, Decimal]:
    """Accelerators in a node's allocatable, in units, above 0."""
    return _positive(node.allocatable)


def in_capacity(node: Node) -> Mapping[str, Decimal]:
    """Accelerators in a node's capacity, in units, above 0: what its plug-in registered, healthy or not."""
    return _positive(node.capacity)


def is_accelerator_node(node: Node) -> bool:
    """Whether a node has accelerators, or is known to have some that it does not offer by now."""
    labels = node.labels
    known = any(labels.get(name, "false") not in ("false", "none", "") for name in KNOWN_BY)
    return known or bool(offered(node) or in_capacity(node) or expected_gpus(node))


def has_accelerator_nodes(inventory: Inventory) -> bool:
    """Whether any node has accelerators, or should have. Needs nodes."""
    nodes, memo = inventory.nodes, inventory.index.memo
    if "accelerators.nodes" not in memo:
        memo["accelerators.nodes"] = any(is_accelerator_node(node) for node in nodes)
    return bool(memo["accelerators.nodes"])


def has_accelerators(inventory: Inventory) -> bool:
    """Whether the cluster has accelerators, or pods that ask for one. Needs nodes and pods."""
    pods, memo = inventory.pods, inventory.index.memo
    if "accelerators.wanted" not in memo:
        templates = {pod.template for pod in pods}
        memo["accelerators.wanted"] = any(requested(one) or one.resource_claims for one in templates)
    return has_accelerator_nodes(inventory) or bool(memo["accelerators.wanted"])


def _positive(quantities: dict[str, str]) -> Mapping[str, Decimal]:
    named = {name: text for name, text in quantities.items() if is_accelerator(name)}
    return {name: amount for name, amount in amounts(named).items() if amount > 0}
