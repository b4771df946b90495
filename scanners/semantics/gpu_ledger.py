"""
GPUs are paid for by the hour, and nobody can say where the hours went.

Each pool's GPU-hours, divided so that every hour stands in exactly one row (checks.md, "The GPU-hour
ledger"). With measured use the window is the scan's; without, it is one hour at the state of now, and nothing
is extrapolated back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse
from scanners.facts.node import Node
from scanners.facts.slices import NODES, PODS
from scanners.semantics.accelerators import is_accelerator_node
from scanners.semantics.gpu_devices import physical_gpus, units_of
from scanners.semantics.gpu_hours import Measured, measured_hours
from scanners.semantics.gpu_parts import Part, Parts, part_of
from scanners.semantics.gpu_pools import pool_name
from scanners.semantics.gpu_products import PRODUCT_LABELS, product, short_product
from scanners.semantics.gpu_samples import grid_of
from scanners.semantics.gpu_standing import Standing, held_gpus, standing
from scanners.semantics.prices import node_price, price_basis, region_of

NOW = Fraction(1)
"""Hours of the window of a pool whose use is not measured."""

Basis = Literal["status", "metrics"]
EffectiveBasis = Literal["sm", "engine", "mixed"]


class NodePrice(NamedTuple):
    """What a whole node costs an hour, and in words what that price is."""

    usd_per_hour: Fraction
    source: str
    as_of: str
    basis: str


class LedgerPool(NamedTuple):
    """
    One pool of one product. ``gpus`` physical devices, ``units`` what is scheduled, ``requested`` physical
    devices that pods hold (None: pods were not read), ``unsized`` nodes whose number of devices nothing tells.

    ``provisioned`` and ``parts`` are GPU-hours. ``basis``: ``status`` is one hour as things stand now;
    ``effective_basis`` tells what busy GPUs were judged by (``engine`` is an upper bound). ``prices``: one a
    node, whole, where all of them are known. ``nodes`` in the order of their names, each with how its GPUs stand now.
    """

    name: str
    product: str
    nodes: Sequence[tuple[str, Standing]]
    unsized: int
    gpus: Fraction
    units: Decimal
    requested: Fraction | None
    provisioned: Fraction
    parts: Parts
    window_hours: Fraction
    basis: Basis
    effective_basis: EffectiveBasis | None
    prices: Sequence[NodePrice]


def gpu_ledger(inventory: Inventory) -> list[LedgerPool] | None:
    """
    The ledger of a target, pools by name and product; None where it has no accelerators or nodes were not read.

    Needs nodes; without pods nothing is known but what is lost. Measured use and prices are taken where they are.
    """
    if not inventory.has(NODES):
        return None
    pools: dict[tuple[str, str], list[Node]] = defaultdict(list)
    nodes = [node for node in inventory.nodes if is_accelerator_node(node)]
    labelled = _labelled_products(nodes)
    for node in nodes:
        name = pool_name(node)
        pools[name, labelled.get((name, short_product(product(node))), product(node))].append(node)
    uses: dict[str, list[DeviceUse]] = defaultdict(list)
    for use in inventory.device_uses:
        uses[use.node].append(use)
    named = any(use.pod for use in inventory.device_uses)
    found = [_pool(inventory, key, members, uses, named) for key, members in sorted(pools.items())]
    return found or None


def _pool(
    inventory: Inventory,
    key: tuple[str, str],
    nodes: Sequence[Node],
    uses: Mapping[str, Sequence[DeviceUse]],
    holders_named: bool,
) -> LedgerPool:
    theirs = [use for node in nodes for use in uses.get(node.name, ())]
    if theirs:
        grid = grid_of(inventory.now, inventory.window, theirs)
        window = grid.steps * grid.step_hours
        told = [
            measured_hours(inventory, node, uses.get(node.name, ()), grid, holders_named=holders_named)
            for node in nodes
        ]
    else:
        window = NOW
        told = [_as_of_now(inventory, node) for node in nodes]
    parts: dict[Part, Fraction] = defaultdict(Fraction)
    for one in told:
        for part, hours in one.parts.items():
            parts[part] += hours
    prices = [price for node in nodes if (price := _price(inventory, node))]
    return LedgerPool(
        name=key[0],
        product=key[1],
        nodes=[(node.name, one.standing) for node, one in zip(nodes, told, strict=True)],
        unsized=sum(not physical_gpus(node) for node in nodes),
        gpus=sum((physical_gpus(node) for node in nodes), Fraction(0)),
        units=sum((amount for node in nodes for amount in units_of(node).values()), Decimal(0)),
        requested=_requested(inventory, nodes),
        provisioned=sum((one.provisioned for one in told), Fraction(0)),
        parts=parts,
        window_hours=window,
        basis="metrics" if theirs else "status",
        effective_basis=_effective_basis(theirs),
        prices=prices if len(prices) == len(nodes) else (),
    )


def _as_of_now(inventory: Inventory, node: Node) -> Measured:
    now = standing(inventory, node)
    parts: dict[Part, Fraction] = defaultdict(Fraction)
    for cell, gpus in now.items():
        parts[part_of(cell)] += gpus * NOW
    return Measured(physical_gpus(node) * NOW, parts, now)


def _price(inventory: Inventory, node: Node) -> NodePrice | None:
    found = node_price(inventory, node)
    if found is None:
        return None
    basis = price_basis(found, region_of(node))
    return NodePrice(Fraction(str(found.usd_per_hour)), found.source, found.as_of, basis)


def _requested(inventory: Inventory, nodes: Sequence[Node]) -> Fraction | None:
    if not inventory.has(PODS):
        return None
    return sum((sum(held_gpus(inventory, node), Fraction(0)) for node in nodes), Fraction(0))


def _effective_basis(uses: Sequence[DeviceUse]) -> EffectiveBasis | None:
    with_sm = {use.sm is not None for use in uses if use.busy is not None}
    if not with_sm:
        return None
    if len(with_sm) > 1:
        return "mixed"
    return "sm" if with_sm.pop() else "engine"


def _labelled_products(nodes: Sequence[Node]) -> Mapping[tuple[str, str], str]:
    """
    The product of a pool's nodes that have lost their labels (a broken stack), by pool and short name: their
    peers', where those agree.
    """
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for node in nodes:
        if any(node.labels.get(name) for name in PRODUCT_LABELS):
            told[pool_name(node), short_product(product(node))].add(product(node))
    return {key: products.pop() for key, products in told.items() if len(products) == 1}
