"""
The dollars that findings hold never exceed what the GPU-hour ledger calls waste, node by node, on 500 clusters.

What is comparable: a finding prices a state of now ("while it lasts"), in USD an hour. So the ledger is drawn up
over the last minute before the scan, too: its parts are then how each GPU stands now, as a rate. The ledger of the
whole window (15 or 150 minutes here, 24 h as a rule) tells of the same GPUs, averaged over hours in which they may
have worked: an IdleHolder that stopped half an hour ago costs its full price an hour now, and half of that over the
last hour. Of that one only the last step is held against the findings (``LedgerPool.nodes``, the cells of the report).

An exporter has a sample in the last minute, or none at all for 20 minutes; holes lie anywhere else. GPU102 puts up
with a newest sample of up to 15 minutes, the ledger calls a minute without a sample not measured: between the two,
the rate of a minute says nothing about either.

Exporters tell the truth here: a device is named for a pod that has it, busy is the same for all that share it. What
differs from the API does so as it does in clusters: pods that are gone, work that no pod holds, devices without
series, exporters that name nobody, machines whose plug-in has lost devices that are still held.

Where all nodes of a pool cost the same a GPU, the claim must be under the pool's own figures, too: the share of
its provisioned hours that may be called waste, times its USD an hour. In a mixed pool only single nodes have a price.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from correlate import correlate
from correlate.savings import ORDER
from scanners.facts import slices
from scanners.facts.fact import Condition, Owner
from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse, Series
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.price import InstancePrice
from scanners.finding import Confidence, Finding
from scanners.scanner import CheckState, catalogue
from scanners.semantics.accelerators import requested
from scanners.semantics.gpu_devices import MIG_PROFILE, physical_gpus, replicas_of
from scanners.semantics.gpu_ledger import LedgerPool, gpu_ledger
from scanners.semantics.gpu_parts import WASTE, Cell, Part, claimable, total
from scanners.semantics.prices import node_price
from tests.scanners.semantics.test_gpu_ledger import _some_node, _some_pod, inventory, series
from tests.scanners.semantics.world import GPU, ago

CLUSTERS = 500
CHECKS = [check for code, check in sorted(catalogue().items()) if code in ORDER]
PRICES = {"p4d.24xlarge": 21.957642, "lab-large": 13.1, "lab-small": 4.7}
"""USD an hour by machine; of the first it is known how many GPUs it is sold with."""
TYPES = (*PRICES, "lab-large", "lab-small", "home-grown", "")
WASTED = frozenset(Cell(part.value) for part in WASTE)
MINUTE = 60.0
STEPS = 150
AT_LEAST = 20
"""Clusters, of the 500, in which each thing that matters must occur."""

ROUNDED = Fraction(1, 1000)
"""Devices by which ``usd_stakes`` may differ: they carry three digits."""
CENTS = Fraction(1, 10_000)
"""USD an hour by which ``usd_per_hour`` may: four digits."""


class Claim(NamedTuple):
    """What findings hold of one node: physical GPUs, in how many stakes, by which codes."""

    gpus: Fraction
    stakes: int
    codes: frozenset[str]


# --- the clusters ---------------------------------------------------------------------------------------------


def a_cluster(seed: int, window: float | None = None) -> Inventory:
    """The ledger test's nodes and pods, with prices, owners, moments and exporters that know them."""
    dice = random.Random(seed)
    nodes = [_bought(dice, _some_node(dice, i)) for i in range(dice.randint(1, 5))]
    pods = [_owned(dice, _some_pod(dice, i, nodes)) for i in range(dice.randint(0, 12))]
    uses = [use for node in nodes if dice.random() < 0.7 for use in _exported(dice, node, pods)]
    partial = [slices.PODS] if dice.random() < 0.1 else []
    usual = dice.choice([900.0, 9000.0])
    return inventory(*nodes, *pods, *uses, *_prices(), window=window or usual, partial=partial)


def _prices() -> list[InstancePrice]:
    return [
        InstancePrice(provider="aws", instance_type=kind, region="us-east-1", usd_per_hour=usd)
        for kind, usd in PRICES.items()
    ]


def _bought(dice: random.Random, node: Node) -> Node:
    """On a machine that has a price, or one that has none; not Ready since a moment."""
    labels = {name: value for name, value in node.labels.items() if "instance-type" not in name}
    kind = dice.choice(TYPES)
    labels |= {"node.kubernetes.io/instance-type": kind} if kind else {}
    labels |= {"topology.kubernetes.io/region": "us-east-1"}
    ready = tuple(
        Condition(one.type, one.status, since=ago(dice.choice([90, 2000, 5000]))) for one in node.conditions
    )
    return replace(node, labels=labels, conditions=ready, provider_id="aws:///us-east-1a/i-0")


def _owned(dice: random.Random, pod: Pod) -> Pod:
    """Of a Deployment, a Job or nobody, most of them small; the main container of some does nothing but sleep."""
    kind = dice.choice(["Deployment", "Job", "Job", "Job", ""])
    owners = (Owner("apps", kind, f"w-{pod.name}", f"uid-w-{pod.name}", True),) if kind else ()
    template = pod.template
    main = template.containers[0]
    limits = {name: dice.choice(["1", "1", "2", amount]) for name, amount in main.limits.items()}
    main = replace(main, sleeps=dice.random() < 0.2, limits=limits)
    template = replace(template, containers=(main,))
    return Pod.of(
        namespace=pod.namespace, name=pod.name, uid=pod.uid, created=pod.created, node=pod.node,
        phase=pod.phase, template=template, owners=owners, labels={}, annotations=dict(pod.annotations),
    )  # fmt: skip


def _exported(dice: random.Random, node: Node, pods: Sequence[Pod]) -> Iterator[DeviceUse]:
    """Series of a node's devices, each named for the pods that have it."""
    names_holders = dice.random() < 0.85
    silent = dice.random() < 0.1
    mood = dice.choice(["idle", "idle", "stopped", "busy", "any", "any"])
    for device, (key, holders) in enumerate(_handed_out(node, pods).items()):
        if dice.random() < 0.05:
            continue
        busy = _busy(dice, mood if holders else "" if dice.random() < 0.9 else "busy")
        if silent:
            busy = Series(busy.start - 1200, busy.step, busy.values)
        words = {"node": node.name, "device": key[0], "instance": key[1], "busy": busy, "basis": "engine"}
        words["queries"] = {"busy": f'busy{{UUID="{key[0]}"}}'}
        if not holders or not names_holders:
            gone = names_holders and dice.random() < 0.1
            yield DeviceUse(**words, **({"namespace": "team", "pod": f"gone-{device}"} if gone else {}))
            continue
        sm = Series(busy.start, busy.step, busy.values) if dice.random() < 0.5 else None
        for namespace, name in holders:
            yield DeviceUse(**words, sm=sm, namespace=namespace, pod=name)


def _busy(dice: random.Random, mood: str) -> Series:
    """Two and a half hours; a sample in every minute but one in fifty, and always one in the last."""
    shape = dice.choice(["idle", "stopped", "busy"]) if mood == "any" else mood
    value = 0.7 if shape == "busy" else dice.choice([0.0, 0.0, 0.004]) if shape == "idle" else 0.0
    values = [value if dice.random() > 0.02 else math.nan for _ in range(dice.choice([40, *[STEPS] * 5]))]
    if shape == "stopped":
        stop = len(values) - dice.choice([2, 10, 35])
        values[:stop] = [0.9] * stop
    values[-1] = value
    return series(*values)


def _handed_out(node: Node, pods: Sequence[Pod]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Devices (UUID, MIG instance) of a node and who has them, as its plug-in hands them out."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    here = [pod for pod in pods if pod.node == node.name and pod.holds_room]
    for resource in (name for name in node.capacity if name.startswith("nvidia.com/")):
        units = int(node.capacity[resource])
        keys = _keys(node, resource, units)
        slots = [key for _ in range(replicas_of(node)) for key in keys]
        found |= {key: [] for key in keys}
        for pod in here:
            for _ in range(int(requested(pod.template).get(resource, 0))):
                if slots:
                    holders = found[slots.pop(0)]
                    holders += [(pod.namespace, pod.name)] * ((pod.namespace, pod.name) not in holders)
    return found


def _keys(node: Node, resource: str, units: int) -> list[tuple[str, str]]:
    single = MIG_PROFILE.search(node.labels["nvidia.com/gpu.product"].partition("-MIG-")[2])
    if "mig" in resource:
        return [("g-cut", str(i)) for i in range(units)]
    if single:
        each = {"1": 7, "3": 2}[single["slices"]]
        return [(f"g{i // each}", str(i % each)) for i in range(units)]
    return [(f"g{i}", "") for i in range(max(1, units // replicas_of(node)))]


# --- what they are held against -------------------------------------------------------------------------------


def told_by_checks(cluster: Inventory) -> list[Finding]:
    """Every check that may hold GPU dollars, as a scan runs them, correlated."""
    seen = [
        (check, check.sightings(cluster))
        for check in CHECKS
        if check.verdict(cluster).state in (CheckState.RAN, CheckState.PARTIAL)
    ]
    return correlate(cluster, seen).findings


def claims_of(cluster: Inventory, findings: Sequence[Finding]) -> dict[str, Claim]:
    """What the counted dollars of findings claim, by node. Each finding's sum must be that of its stakes."""
    held: dict[str, list[tuple[Fraction, str]]] = defaultdict(list)
    for finding in findings:
        facts = finding.facts
        if facts.get("usd_per_month") is None or facts.get("usd_counted_in"):
            continue
        usd, stakes = Fraction(0), 0
        for stake in facts["usd_stakes"]:
            node, gpus = stake["node"], Fraction(str(stake["gpus"]))
            each = a_gpu(cluster, node)
            if each is not None:
                usd, stakes = usd + gpus * each, stakes + 1
                held[node].append((gpus, finding.code))
        assert abs(usd - Fraction(str(facts["usd_per_hour"]))) <= stakes * ROUNDED * 10 + CENTS
    return {
        node: Claim(total(gpus for gpus, _ in found), len(found), frozenset(code for _, code in found))
        for node, found in held.items()
    }


def a_gpu(cluster: Inventory, name: str) -> Fraction | None:
    """USD an hour for one device of a node: the whole node's price, divided."""
    node = cluster.index.nodes[name]
    price = node_price(cluster, node)
    return Fraction(str(price.usd_per_hour)) / physical_gpus(node) if price else None


def wasted(now: Mapping[Cell, Fraction]) -> Fraction:
    return total(gpus for cell, gpus in now.items() if cell in WASTED)


def ledger_over_the_last_minute(seed: int) -> list[LedgerPool]:
    return gpu_ledger(a_cluster(seed, window=MINUTE)) or []


def share_of_price(pool: LedgerPool) -> Fraction:
    """A pool's own figures: the share of its provisioned hours that is waste, times its USD an hour."""
    usd = sum((price.usd_per_hour for price in pool.prices), Fraction(0))
    return claimable(pool.parts) / pool.provisioned * usd


class Books(NamedTuple):
    """One cluster, scanned: USD an hour by pool and in total; ``seen`` what occurs in it."""

    savings: Fraction
    waste: Fraction
    seen: frozenset[str]


def compared(seed: int) -> Books:
    cluster = a_cluster(seed)
    findings = told_by_checks(cluster)
    claims = claims_of(cluster, findings)
    savings = waste = Fraction(0)
    seen = {code for claim in claims.values() for code in claim.codes}
    seen |= {"hint with a price" for finding in findings if _is_priced_hint(finding)}
    usual = {(pool.name, pool.product): pool for pool in gpu_ledger(cluster) or ()}
    for pool in ledger_over_the_last_minute(seed):
        whole = usual[pool.name, pool.product]
        for told in (pool, whole):
            assert total(told.parts.values()) == told.provisioned, seed
            assert all(hours >= 0 for hours in told.parts.values()), seed
        saved = bound = slack = Fraction(0)
        for (name, last_minute), (_, last_step) in zip(pool.nodes, whole.nodes, strict=True):
            claim, each = claims.get(name, Claim(Fraction(0), 0, frozenset())), a_gpu(cluster, name)
            allowed = claim.stakes * ROUNDED
            for now in (last_minute, last_step):
                assert claim.gpus <= wasted(now) + allowed, (seed, name, claim, now)
            if each is not None:
                saved, bound = saved + claim.gpus * each, bound + wasted(last_minute) * each
                slack += allowed * each
        assert saved <= bound + slack, (seed, pool.name)
        alike = {a_gpu(cluster, name) for name, _ in pool.nodes}
        if len(alike) == 1 and pool.prices and pool.provisioned:
            assert saved <= share_of_price(pool) + slack, (seed, pool.name)
            seen.add("pool of one price")
        seen |= {f"{whole.basis} with savings"} if saved else set()
        seen |= {"mixed pool"} if len(alike) > 1 else set()
        savings, waste = savings + saved, waste + bound
        seen |= {part.value for part, hours in whole.parts.items() if hours}
    return Books(savings, waste, frozenset(seen | _kinds_of(cluster)))


def _is_priced_hint(finding: Finding) -> bool:
    """Whether GPUs are pointed at whose use is not measured: what they cost is told, and never counted."""
    if finding.confidence is not Confidence.POSSIBLE:
        return False
    assert finding.facts["usd_per_month"] is None
    return finding.facts["usd_per_hour"] is not None


def _kinds_of(cluster: Inventory) -> set[str]:
    found = {"cordoned" for node in cluster.nodes if node.unschedulable}
    found |= {"not ready" for node in cluster.nodes if not node.ready}
    found |= {"time-slicing" for node in cluster.nodes if replicas_of(node) > 1}
    found |= {"MIG single" for node in cluster.nodes if "-MIG-" in node.labels["nvidia.com/gpu.product"]}
    found |= {"MIG mixed" for node in cluster.nodes if "nvidia.com/mig-2g.20gb" in node.capacity}
    found |= {"priced" if node_price(cluster, node) else "unpriced" for node in cluster.nodes}
    found |= {"measured" for _ in cluster.device_uses}
    found |= {"devices missing" for n in cluster.nodes if n.allocatable.get(GPU) != n.capacity.get(GPU)}
    return found


EACH_OCCURS = (
    "NOD101", "GPU114", "GPU101", "GPU102", "cordoned", "not ready", "time-slicing", "MIG single", "MIG mixed",
    "priced", "unpriced", "measured", "devices missing", "hint with a price", "mixed pool", "pool of one price",
    "status with savings",
    "metrics with savings", *(part.value for part in Part),
)  # fmt: skip


def test_in_500_clusters_no_dollar_is_saved_that_the_ledger_does_not_call_waste() -> None:
    books = [compared(seed) for seed in range(CLUSTERS)]
    occurs = Counter(what for book in books for what in book.seen)
    assert {what: occurs[what] for what in EACH_OCCURS if occurs[what] < AT_LEAST} == {}
    saving = [book for book in books if book.savings]
    ratios = [book.savings / book.waste for book in saving]
    assert len(saving) > CLUSTERS // 2
    assert all(book.waste for book in saving)
    assert max(ratios) <= 1 + ROUNDED
    assert sum(Fraction(9, 10) < ratio for ratio in ratios) > AT_LEAST
    assert min(ratios) < Fraction(1, 2)
