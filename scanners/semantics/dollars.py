"""
Waste is told in dollars a month, and nobody should have to trust the sum: it comes with its stakes and its formula.

A stake is devices of one node that some finding speaks of. :func:`dollars_of` prices stakes; a check puts
:attr:`Dollars.facts` among its own, and ``correlate.savings`` sees from them which dollars are the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.price import InstancePrice
from scanners.finding import JsonValue, Severity
from scanners.semantics.accelerators import is_accelerator
from scanners.semantics.gpu_devices import physical_gpus, unit_worth
from scanners.semantics.gpu_pools import as_number
from scanners.semantics.prices import (
    CAPACITY_BLOCK,
    HOURS_PER_MONTH,
    PROVIDERS,
    RESERVED,
    by_dollars,
    capacity_type,
    node_price,
    price_basis,
    provider_of,
    region_of,
)
from scanners.semantics.requests import effective_requests
from scanners.semantics.times import DAY, age

Saving = Literal["cash", "capacity", "commitment"]
"""Money that is no longer spent; devices that others can have; something bought in advance that is put to use."""

WHOLE, FREE, LOST = "node", "free", "lost"
"""Which devices of a node a stake means, where it is not those of a pod: all, those that nobody holds, those lost."""


class Stake(NamedTuple):
    """Devices of a node; ``of`` is :data:`WHOLE`, :data:`FREE`, :data:`LOST` or the pod (``namespace/name``)."""

    node: str
    gpus: Fraction
    of: str


class Dollars(NamedTuple):
    """
    What stakes cost while they last: USD an hour and a month (None: none of them has a price), and how that is made.

    ``unpriced`` stakes are not in the sum; the formula says how many.
    """

    stakes: tuple[Stake, ...]
    usd_per_hour: float | None
    usd_per_month: float | None
    formula: str | None
    basis: str | None
    as_of: str | None
    saving: Saving | None
    unpriced: int

    @property
    def facts(self) -> dict[str, JsonValue]:
        """The facts that a finding with dollars carries."""
        return {
            "usd_per_hour": self.usd_per_hour,
            "usd_per_month": self.usd_per_month,
            "usd_formula": self.formula,
            "price_basis": self.basis,
            "price_as_of": self.as_of,
            "saving": self.saving,
            "usd_stakes": [
                {"node": stake.node, "gpus": as_number(stake.gpus), "of": stake.of} for stake in self.stakes
            ],
        }

    @property
    def spoken(self) -> str:
        """For the end of a message: ``; price unknown``, or nothing. The sum is told where it is counted."""
        if self.usd_per_month is None:
            return "; price unknown"
        return f"; {self.unpriced} without price" * bool(self.unpriced)


def node_dollars(inventory: Inventory, nodes: Iterable[Node]) -> Dollars:
    """What whole nodes cost that nobody needs: cash where they can be given back."""
    stakes = [Stake(node.name, physical_gpus(node), WHOLE) for node in nodes]
    return dollars_of(inventory, stakes)


def held_dollars(inventory: Inventory, pods: Iterable[Pod], gpus: Fraction | int | None = None) -> Dollars:
    """
    What the devices cost that pods hold on their nodes; of them only so many physical ``gpus`` where given.

    It is capacity that is won, no cash: the nodes stay. Pods without a node hold nothing.
    """
    stakes = [stake for pod in pods for stake in held_stakes(inventory, pod)]
    held = sum((stake.gpus for stake in stakes), Fraction(0))
    if gpus is not None and 0 <= gpus < held:
        stakes = [stake._replace(gpus=stake.gpus * gpus / held) for stake in stakes]
    return dollars_of(inventory, stakes)


def held_stakes(inventory: Inventory, pod: Pod) -> list[Stake]:
    """The devices that a pod holds on its node: a slice or a share is a part of one."""
    node = inventory.index.nodes.get(pod.node) if pod.holds_room else None
    if node is None:
        return []
    asked = effective_requests(pod.template)
    held = sum(
        (Fraction(amount) * unit_worth(node, name) for name, amount in asked.items() if is_accelerator(name)),
        Fraction(0),
    )
    held = min(held, physical_gpus(node))
    return [Stake(node.name, held, f"{pod.namespace}/{pod.name}")] if held else []


def dollars_of(inventory: Inventory, stakes: Iterable[Stake]) -> Dollars:
    """The price of stakes. Those on nodes that are not known, or without devices, are unpriced."""
    stakes = tuple(sorted(stakes))
    priced = [(stake, found) for stake in stakes if (found := _priced(inventory, stake))]
    nodes = [inventory.index.nodes[stake.node] for stake, _ in priced]
    hourly = [_hourly(stake, node, price) for (stake, price), node in zip(priced, nodes, strict=True)]
    savings: dict[Saving, Fraction] = defaultdict(Fraction)
    for (stake, _), node, usd in zip(priced, nodes, hourly, strict=True):
        savings[saving_of(stake, node)] += usd
    usd = sum(hourly, Fraction(0))
    bases = {price_basis(price, region_of(node)) for (_, price), node in zip(priced, nodes, strict=True)}
    unpriced = len(stakes) - len(priced)
    return Dollars(
        stakes,
        round(float(usd), 4) if priced else None,
        round(float(usd * HOURS_PER_MONTH), 2) if priced else None,
        _formula(priced, nodes, unpriced) if priced else None,
        "; ".join(sorted(bases)) or None,
        min((price.as_of for _, price in priced), default="") or None,
        _most(savings),
        unpriced,
    )


def saving_of(stake: Stake, node: Node) -> Saving:
    """What ending the waste of a stake brings: cash only for a whole node that its provider takes back."""
    if stake.of != WHOLE:
        return "capacity"
    if capacity_type(node) in (RESERVED, CAPACITY_BLOCK):
        return "commitment"
    return "cash" if provider_of(node) in PROVIDERS.values() else "capacity"


def waste_severity(inventory: Inventory, since: Mapping[str, str], dollars: Dollars) -> Severity:
    """
    The severity of waste on nodes, each idle since a time (RFC 3339, by node name).

    High needs 5,000 USD a month on nodes whose waste has lasted a day.
    """
    lasting = [s for s in dollars.stakes if (age(since.get(s.node, ""), inventory.now) or 0.0) >= DAY]
    grave = by_dollars(dollars_of(inventory, lasting).usd_per_month, DAY)
    return Severity.HIGH if grave is Severity.HIGH else by_dollars(dollars.usd_per_month, None)


def _most(savings: Mapping[Saving, Fraction]) -> Saving | None:
    """The kind of saving that most of the dollars are."""
    ordered = sorted(savings.items(), key=lambda item: (-item[1], item[0]))
    return ordered[0][0] if ordered else None


def _priced(inventory: Inventory, stake: Stake) -> InstancePrice | None:
    node = inventory.index.nodes.get(stake.node)
    return node_price(inventory, node) if node and physical_gpus(node) else None


def _hourly(stake: Stake, node: Node, price: InstancePrice) -> Fraction:
    return Fraction(str(price.usd_per_hour)) * stake.gpus / physical_gpus(node)


def _formula(priced: Sequence[tuple[Stake, InstancePrice]], nodes: Sequence[Node], unpriced: int) -> str:
    """``2 nodes × 32.77 USD/h × 730 h + 3 GPUs × 2.7447 USD/h × 730 h``."""
    groups: dict[tuple[str, float], Fraction] = defaultdict(Fraction)
    for (stake, price), node in zip(priced, nodes, strict=True):
        whole = physical_gpus(node)
        if stake.gpus == whole and stake.of in (WHOLE, LOST):
            groups["node", price.usd_per_hour] += 1
        else:
            groups["GPU", round(price.usd_per_hour / float(whole), 4)] += stake.gpus
    parts = [
        f"{as_number(amount):,} {noun}{'s' * (amount != 1)} × {usd:,.10g} USD/h × {HOURS_PER_MONTH} h"
        for (noun, usd), amount in sorted(groups.items(), key=lambda item: (item[0][0] != "node", item[0][1]))
    ]
    return " + ".join(parts) + (f" ({unpriced} without price)" if unpriced else "")
