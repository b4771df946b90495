"""
A node offers fewer GPUs than it has.

## Why it matters
A GPU that fell off its bus, or that its plug-in calls unhealthy, is paid for and cannot be used; pods that
ask for all GPUs of such a node wait for ever, and a rank that held the lost one has died or will.

## What to do
Cordon the node. The plug-in's log names the XID and the device; most want a reset of the GPU or a reboot,
some a new machine. Do not add GPUs for the pods that wait before this is mended.

Where the plug-in's, driver's or toolkit's own pod is down on the node, mend that first: it is named here.

## When it is wrong
The API does not tell since when a GPU is missing: a plug-in that restarts offers none for a minute, which is
why this is only likely. Nodes under 15 min, nodes whose MIG layout or driver is being changed and nodes that
are leaving are not told. Without the machine's type a GPU that the driver never saw is not missed.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.slices import NODES, POD_LOGS, PODS
from scanners.finding import Confidence, Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.accelerators import has_accelerators, in_capacity, is_accelerator
from scanners.semantics.gpu_devices import GFD_COUNT, replicas_of, unit_worth
from scanners.semantics.gpu_idle import holders_on
from scanners.semantics.gpu_pools import as_number
from scanners.semantics.gpu_products import product
from scanners.semantics.ownership import by_owner, pods_do
from scanners.semantics.placement import WHOLE_CARDS, belonging
from scanners.semantics.quantities import ZERO, quantity
from scanners.semantics.times import lasts
from scanners.semantics.tolerations import leaving

MIG_STATE = "nvidia.com/mig.config.state"
DRIVER_STATE = "nvidia.com/gpu-driver-upgrade-state"
PLUGIN = "device-plugin"
STACK = (PLUGIN, "driver", "container-toolkit")
"""What must run on a node before its GPUs are offered, by the names that vendors give to its DaemonSets."""

_CHANGING = {MIG_STATE: ("", "success", "failed"), DRIVER_STATE: ("", "upgrade-done", "upgrade-failed")}
_VENDORS = {
    "nvidia.com/": ("nvidia", "hami"), "amd.com/": ("amd",), "gpu.intel.com/": ("intel",), "habana.ai/": ("habana",),
    "aws.amazon.com/neuron": ("neuron",), "google.com/tpu": ("tpu",),
}  # fmt: skip
_XID = re.compile(r"xid[ =:]*(?P<number>\d+)", re.IGNORECASE)


@scanner(
    "GPU114",
    "GPU lost",
    Severity.HIGH,
    needs=[NODES],
    sharpened_by=[PODS, POD_LOGS],
    confidence=Confidence.LIKELY,
    applies=has_accelerators,
)
def gpu_lost(inventory: Inventory) -> Iterator[Sighting]:
    for node in inventory.nodes:
        settled = lasts(node.created, inventory.now, inventory.ages.controller)
        if settled and not leaving(node) and not _is_changing(node):
            yield from _missing(inventory, node)


def _is_changing(node: Node) -> bool:
    """Whether MIG manager or driver upgrade is at work on the node."""
    return any(node.labels.get(label, "") not in settled for label, settled in _CHANGING.items())


def _missing(inventory: Inventory, node: Node) -> Iterator[Sighting]:
    names = {name for name in (*node.capacity, *WHOLE_CARDS) if is_accelerator(name)}
    for resource in sorted(names):
        expected = _expected(node, resource)
        left = quantity(node.allocatable.get(resource, "")) or ZERO
        if expected > left:
            worth = unit_worth(node, resource) or Fraction(1)
            yield _told(inventory, node, resource, Fraction(expected) * worth, Fraction(left) * worth)


def _expected(node: Node, resource: str) -> Decimal:
    """Units that belong to the node: by capacity, machine type, or the count of feature discovery."""
    known = belonging(node, resource)
    counted = node.labels.get(GFD_COUNT, "")
    sliced = "-MIG-" in product(node) or any("mig-" in name for name in in_capacity(node))
    if resource == "nvidia.com/gpu" and resource in node.capacity and counted.isdigit() and not sliced:
        return max(known, Decimal(int(counted) * replicas_of(node)))
    return known


def _told(inventory: Inventory, node: Node, resource: str, expected: Fraction, left: Fraction) -> Sighting:
    holders = holders_on(inventory, node) if inventory.has(PODS) else None
    xid, said = _xid(inventory, node)
    lost = as_number(expected - left)
    named = f" (XID {xid})" if xid else ""
    affected = f"; {pods_do(len(holders), 'hold')} GPUs there" if holders else ""
    down = _stack_down(inventory, node, resource)
    without = f"; {down[0].name}, which offers them, is not ready" if down else ""
    path = f"status.allocatable['{resource}']"
    evidence = [
        Evidence(subject=node, path=f"status.{kind}['{resource}']", value=amounts[resource])
        for kind, amounts in (("capacity", node.capacity), ("allocatable", node.allocatable))
        if resource in amounts
    ]
    evidence = evidence or [Evidence(subject=node, path=path, value=None, source="derived")]
    return Sighting(
        subject=node,
        kind=Kind.GPU_NOT_ALLOCATABLE,
        message=(
            f"{node.name} offers {as_number(left)} of its {as_number(expected)} GPUs ({resource}), {lost} "
            f"{'is' if lost == 1 else 'are'} lost{named}{without}{affected}"
        ),
        facts={
            "resource": resource,
            "gpus_expected": as_number(expected),
            "gpus_allocatable": as_number(left),
            "xid": xid,
            "pods_affected": None if holders is None else len(holders),
        },
        evidence=[*evidence, *said],
        discriminator=resource,
        pods=holders or (),
        touches=[owner for owner, _ in by_owner(inventory, down)],
        node=node.name,
    )


def _stack_down(inventory: Inventory, node: Node, resource: str) -> list[Pod]:
    """Pods of the vendor's DaemonSets on the node that must run before it offers its GPUs, and are not ready."""
    vendor = next((words for start, words in _VENDORS.items() if resource.startswith(start)), ())
    return [
        pod
        for pod in inventory.index.pods_by_node.get(node.name, ())
        if not pod.ready
        and not pod.finished
        and any(part in pod.name for part in STACK)
        and any(word in pod.name for word in vendor)
        and any(owner.kind == "DaemonSet" for owner in pod.owners)
    ]


def _xid(inventory: Inventory, node: Node) -> tuple[int | None, list[Evidence]]:
    """The XID that a condition of the node or the log of its device plug-in names."""
    for condition in node.conditions:
        found = _XID.search(f"{condition.reason} {condition.message}")
        if found:
            field = "reason" if _XID.search(condition.reason) else "message"
            value = condition.reason if field == "reason" else condition.message
            row = Evidence(subject=node, path=condition.path(field), value=value, observed_at=condition.since)
            return int(found["number"]), [row]
    for pod in inventory.index.pods_by_node.get(node.name, ()):
        for log in inventory.index.logs.get((pod.namespace, pod.name), ()) if PLUGIN in pod.name else ():
            for place, line in enumerate(log.lines, start=1):
                found = _XID.search(line)
                if found:
                    row = Evidence(subject=pod, source="log", path=f"{log.container}:{place}", value=line)
                    return int(found["number"]), [row]
    return None, []
