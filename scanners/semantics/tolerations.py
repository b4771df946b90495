"""
A GPU pool is tainted so that nothing else lands there, and then the one pod that should does not tolerate the
taint.

checks.md S3. Source: k8s.io/component-helpers/scheduling/corev1 and the scheduler's plug-ins TaintToleration
and NodeUnschedulable. ``PreferNoSchedule`` never blocks; a cordon is a matter of its own.
"""

from collections.abc import Iterable
from functools import lru_cache

from scanners.facts.node import Node, Taint
from scanners.facts.pod import PodTemplate, Toleration

NO_SCHEDULE = "NoSchedule"
NO_EXECUTE = "NoExecute"

CORDON_KEY = "node.kubernetes.io/unschedulable"
"""The taint that a cordon sets beside ``spec.unschedulable``."""

CONDITION_KEYS = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
"""Prefixes of taints that say how a node is, not whom it is for (the node controller sets and lifts them)."""

LEAVING_KEYS = (
    "ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted", "karpenter.sh/disruption",
    "node.kubernetes.io/out-of-service", "node.cloudprovider.kubernetes.io/shutdown",
    "cloud.google.com/impending-node-termination", "aws-node-termination-handler/",
)  # fmt: skip
"""Keys (or prefixes) of taints on nodes that are about to go: nobody should wait for such a node."""

DAEMON_TOLERATIONS = (
    Toleration("node.kubernetes.io/not-ready", "Exists", "", NO_EXECUTE),
    Toleration("node.kubernetes.io/unreachable", "Exists", "", NO_EXECUTE),
    Toleration("node.kubernetes.io/disk-pressure", "Exists", "", NO_SCHEDULE),
    Toleration("node.kubernetes.io/memory-pressure", "Exists", "", NO_SCHEDULE),
    Toleration("node.kubernetes.io/pid-pressure", "Exists", "", NO_SCHEDULE),
    Toleration(CORDON_KEY, "Exists", "", NO_SCHEDULE),
)
"""
What the DaemonSet controller adds to its pods (not to its template). Source: pkg/controller/daemon/util,
``AddOrUpdateDaemonPodTolerations``; host-network pods also tolerate ``network-unavailable``.
"""

_NETWORK = Toleration("node.kubernetes.io/network-unavailable", "Exists", "", NO_SCHEDULE)
_CORDON = Taint(CORDON_KEY, "", NO_SCHEDULE)


def tolerates(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    """Whether any of the tolerations covers the taint."""
    return any(_covers(toleration, taint) for toleration in tolerations)


def blocking_taints(template: PodTemplate, node: Node) -> tuple[Taint, ...]:
    """Taints of the node that keep pods of this template away; a cordon is not among them."""
    return blocking(template.tolerations, node.taints) if node.taints else ()


@lru_cache(maxsize=65536)
def blocking(tolerations: tuple[Toleration, ...], taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """
    The taints that block (NoSchedule, NoExecute) and that no toleration covers; a cordon is not among them.
    """
    return tuple(
        taint
        for taint in taints
        if taint.effect in (NO_SCHEDULE, NO_EXECUTE)
        and taint.key != CORDON_KEY
        and not tolerates(tolerations, taint)
    )


def cordoned(node: Node) -> bool:
    """Whether the node takes no new pods: ``spec.unschedulable``, or the taint that goes with it."""
    return node.unschedulable or any(taint.key == CORDON_KEY for taint in node.taints)


def leaving(node: Node) -> bool:
    """Whether the node is being deleted or taken away (scale-down, spot interruption, shutdown)."""
    return bool(node.deleted) or any(taint.key.startswith(LEAVING_KEYS) for taint in node.taints)


def cordon_blocks(tolerations: Iterable[Toleration], node: Node) -> bool:
    """Whether a cordon keeps pods with these tolerations away; pods of a DaemonSet tolerate it."""
    return cordoned(node) and not tolerates(tolerations, _CORDON)


def daemon_tolerations(template: PodTemplate) -> tuple[Toleration, ...]:
    """The tolerations that pods of a DaemonSet with this template get."""
    automatic = (*DAEMON_TOLERATIONS, _NETWORK) if template.host_network else DAEMON_TOLERATIONS
    return (*template.tolerations, *automatic)


def spoken(taint: Taint) -> str:
    """A taint as kubectl writes it: ``dedicated=gpu:NoSchedule``, ``spot:NoSchedule``."""
    return f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"


def tells_condition(taint: Taint) -> bool:
    """
    Whether the taint tells a state of the node (not ready, under pressure) that passes, rather than a
    purpose.
    """
    return taint.key.startswith(CONDITION_KEYS)


def _covers(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    match toleration.operator:
        case "" | "Equal":
            return toleration.value == taint.value
        case "Exists":
            return True
        case "Gt" | "Lt":
            return _compares(toleration, taint)
    return False


def _compares(toleration: Toleration, taint: Taint) -> bool:
    """
    Numeric tolerations (Kubernetes 1.35): the taint's value lies above (Gt) or below (Lt) the toleration's.
    """
    try:
        wanted, found = int(toleration.value), int(taint.value)
    except ValueError:
        return False
    return found > wanted if toleration.operator == "Gt" else found < wanted
