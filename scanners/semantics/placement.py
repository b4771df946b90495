"""
A node refuses a pod for one reason out of ten, and only the full list tells what it would take.

One demand against one node: every failing predicate as a value (:class:`Obstacle`), none left out after the
first. Free room is allocatable less the requests of pods that hold room (checks.md S1). Resources that a node
does not mention at all are unknown for cpu, memory and slots, and not offered for devices.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

import msgspec

from scanners.facts.node import Node, Taint
from scanners.facts.pod import NodeTerm, PodTemplate, Toleration
from scanners.semantics.accelerators import in_capacity, is_accelerator, is_accelerator_node
from scanners.semantics.affinity import mismatches, missing_terms
from scanners.semantics.gpu_products import expected_gpus, vendor_prefix
from scanners.semantics.mounts import Mount
from scanners.semantics.quantities import ZERO, quantity
from scanners.semantics.requests import POD_SLOTS, Amounts, host_ports_of, room_needed
from scanners.semantics.tolerations import blocking, cordon_blocks, spoken

WHOLE_CARDS = ("nvidia.com/gpu", "amd.com/gpu", "habana.ai/gaudi", "aws.amazon.com/neuron")
"""Resources of which a unit is a card, so that what a machine is sold with can be compared."""

DEFAULT_SCHEDULERS = ("", "default-scheduler")
"""Names of the scheduler whose predicates these are."""


class Predicate(StrEnum):
    """What a node is tried for, in the order in which a cause is named when several fail together."""

    CLAIM = "claim"
    SELECTOR = "selector"
    DEVICES = "devices"
    TAINT = "taint"
    CORDON = "cordon"
    VOLUME = "volume"
    RESOURCE = "resource"
    SLOTS = "slots"
    HOST_PORT = "host-port"


class Obstacle(msgspec.Struct, frozen=True):
    """
    A predicate that fails. ``name``: the taint, label key, resource, claim or port; ``text`` the same for
    people.

    ``short`` is what lacks of a resource, ``never`` that the node could not carry the demand if it were
    empty, ``mendable`` that missing devices belong there (it has some by capacity, type or labels).
    """

    predicate: Predicate
    name: str
    text: str
    short: Decimal = ZERO
    offered: Decimal = ZERO
    never: bool = False
    mendable: bool = True


class Demand(msgspec.Struct, frozen=True):
    """What pods of one group require of their node; equal demands are one group."""

    needs: tuple[tuple[str, Decimal], ...]
    selector: tuple[tuple[str, str], ...] = ()
    terms: tuple[NodeTerm, ...] | None = None
    tolerations: tuple[Toleration, ...] = ()
    host_ports: frozenset[tuple[str, int]] = frozenset()
    unevaluated: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()

    @property
    def accelerators(self) -> list[str]:
        """The accelerators among what it needs."""
        return [resource for resource, _ in self.needs if is_accelerator(resource)]

    def needed(self, resource: str) -> Decimal:
        """How much it needs of a resource."""
        return dict(self.needs).get(resource, ZERO)


class Room(msgspec.Struct, frozen=True, eq=False):
    """
    A node as the scheduler sees it: what it offers, what of that is free, which host ports are taken.

    ``stance``: equal for nodes that differ in nothing but labels and room (:mod:`scanners.semantics.rooms`).
    """

    node: Node
    offers: Amounts
    free: Amounts
    host_ports: frozenset[tuple[str, int]] = frozenset()
    stance: int = 0


@lru_cache(maxsize=65536)
def demand_of(template: PodTemplate) -> Demand:
    """What any pod of a template requires, without its claims."""
    unevaluated = [*template.unevaluated]
    if template.resource_claims:
        unevaluated.append("resource-claims")
    if template.scheduler not in DEFAULT_SCHEDULERS:
        unevaluated.append(f"scheduler {template.scheduler}")
    return Demand(
        tuple(sorted(room_needed(template).items())),
        tuple(sorted(template.node_selector.items())),
        template.required_nodes,
        template.tolerations,
        host_ports_of(template),
        tuple(unevaluated),
    )


def obstacles(demand: Demand, room: Room) -> tuple[Obstacle, ...]:
    """Every predicate that fails for a demand on a node; empty if the pod could be placed there."""
    return (
        *_admission(demand, room.node),
        *_refusals(demand, room.node),
        *_volumes(demand.mounts, room.node),
        *_shortages(demand, room),
        *_ports(demand, room),
    )


def _admission(demand: Demand, node: Node) -> Iterable[Obstacle]:
    for mount in demand.mounts:
        if mount.problem:
            yield Obstacle(Predicate.CLAIM, mount.claim.name, f"claim {mount.claim.name} {mount.problem}")
    for lacking in mismatches(demand.selector, demand.terms, node):
        yield Obstacle(Predicate.SELECTOR, lacking.key, lacking.text)


def _refusals(demand: Demand, node: Node) -> Iterable[Obstacle]:
    taints: dict[str, Taint] = {}
    for taint in blocking(demand.tolerations, node.taints):
        taints.setdefault(taint.key, taint)
    for taint in taints.values():
        yield Obstacle(Predicate.TAINT, spoken(taint), f"taint {spoken(taint)}")
    if cordon_blocks(demand.tolerations, node):
        yield Obstacle(Predicate.CORDON, "cordon", "cordoned")


def _volumes(mounts: tuple[Mount, ...], node: Node) -> Iterable[Obstacle]:
    for mount in mounts:
        if missing_terms(mount.terms, node):
            yield Obstacle(
                Predicate.VOLUME, mount.claim.name, f"volume of claim {mount.claim.name} is elsewhere"
            )


def _shortages(demand: Demand, room: Room) -> Iterable[Obstacle]:
    for resource, needed in demand.needs:
        offered, free = room.offers.get(resource), room.free.get(resource, ZERO)
        if free >= needed:
            continue
        if offered is None and not is_device(resource):
            continue
        if resource == POD_SLOTS:
            yield Obstacle(Predicate.SLOTS, resource, "too many pods", needed - free, offered or ZERO)
        elif (offered or ZERO) < needed and is_device(resource):
            yield from _devices(room, resource, needed, offered or ZERO)
        else:
            short = needed - free
            yield Obstacle(
                Predicate.RESOURCE, resource, f"insufficient {resource}", short, offered or ZERO,
                never=(offered or ZERO) < needed,
            )  # fmt: skip


def _devices(room: Room, resource: str, needed: Decimal, offered: Decimal) -> Iterable[Obstacle]:
    """
    A node that offers fewer devices than are needed: some of its own are missing, or it never had as many.
    """
    whole = belonging(room.node, resource)
    free = room.free.get(resource, ZERO)
    if whole >= needed:
        missing = whole - offered
        text = f"offers {offered:f} of {whole:f} {resource}" if offered else f"offers no {resource}"
        yield Obstacle(Predicate.DEVICES, resource, text, missing, whole)
        if needed - free > missing:
            yield Obstacle(
                Predicate.RESOURCE, resource, f"insufficient {resource}", needed - free - missing, whole
            )
    elif offered or whole:
        most = max(offered, whole)
        yield Obstacle(
            Predicate.RESOURCE, resource, f"insufficient {resource}", needed - free, most, never=True
        )
    else:
        known = _should_offer(room.node, resource)
        yield Obstacle(
            Predicate.DEVICES, resource, f"offers no {resource}", needed, never=not known, mendable=known
        )


def belonging(node: Node, resource: str) -> Decimal:
    """Units of a device that the node should offer, by its capacity and by what the machine is sold with."""
    capacity = quantity(node.capacity.get(resource, "")) or ZERO
    sold = expected_gpus(node) if _should_offer(node, resource) else None
    return max(capacity, Decimal(sold or 0))


def _should_offer(node: Node, resource: str) -> bool:
    """
    Whether whole cards of this name belong to a node: it has some of that vendor and they are not cut into
    others.
    """
    if resource not in WHOLE_CARDS or not resource.startswith(vendor_prefix(node) or "-"):
        return False
    return is_accelerator_node(node) and not set(in_capacity(node)) - {resource}


def is_device(resource: str) -> bool:
    """Whether a node that does not mention a resource has none: extended resources and huge pages."""
    return "/" in resource or resource.startswith("hugepages-")


def _ports(demand: Demand, room: Room) -> Iterable[Obstacle]:
    for protocol, number in sorted(demand.host_ports & room.host_ports):
        yield Obstacle(Predicate.HOST_PORT, f"{number}/{protocol}", f"host port {number}/{protocol} is taken")
