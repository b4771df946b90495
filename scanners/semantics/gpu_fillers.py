"""
Some providers run burn-in work on every GPU that nobody rents, and it looks like a busy cluster.

Which pods are fillers (checks.md, "The GPU-hour ledger", row 2), and which hold devices in an amount that
their requests do not tell.
"""

from collections.abc import Iterable

from scanners.facts.pod import Pod
from scanners.semantics.accelerators import holds, requested

VERIFICATION = "cw-hpc-verification"
"""Namespace and PriorityClass of CoreWeave's node verification."""

RESERVATIONS = ("kai-resource-reservation", "runai-reservation")
"""Namespaces of the pods that hold a whole device for pods that share it (KAI scheduler, Run:ai)."""


def is_filler(pod: Pod) -> bool:
    """Whether a pod gives way to any tenant: negative priority, or its provider's verification work."""
    return pod.template.priority < 0 or VERIFICATION in (pod.namespace, pod.template.priority_class)


def hold_untold_amounts(pods: Iterable[Pod]) -> bool:
    """
    Whether some pod of a node holds devices in an amount that no request tells: a claim (DRA), or a share
    by annotation without a pod that reserves the device.
    """
    there = [pod for pod in pods if pod.holds_room]
    reserved = any(pod.namespace in RESERVATIONS for pod in there)
    untold = [pod for pod in there if holds(pod) and not requested(pod.template)]
    return any(pod.template.resource_claims or not reserved for pod in untold)
