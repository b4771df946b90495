"""
An idle node, the pods that keep it and the pool it belongs to are three findings and one invoice.

A dollar stands on one finding only: :func:`assign` goes through the findings that hold devices in the order of
checks.md S12 and gives each what no earlier one holds. What is left of a finding's stakes is priced anew; where
nothing is left, ``usd_per_month`` is null and ``usd_counted_in`` names the finding that holds it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from correlate.observation import Observation
from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.finding import JsonValue
from scanners.kinds import Kind
from scanners.semantics.accelerators import requested
from scanners.semantics.dollars import FREE, LOST, WHOLE, Stake, dollars_of, held_stakes
from scanners.semantics.gpu_devices import physical_gpus, worth_of

ORDER = (
    "NOD101", "NOD108", "GPU121", "GPU114", "GPU101", "GPU102", "PIP124", "GPU103", "GPU107", "GPU108", "GPU112",
    "CST101", "GPU119",
)  # fmt: skip
"""
Codes that hold GPU dollars, the first holder first (checks.md S12). GPU119 speaks of GPU101's nodes and comes last:
it holds them only in a scan without GPU101.
"""

_GONE = frozenset({Kind.NODE_NOT_READY})
_SOME_GONE = frozenset({Kind.GPU_NOT_ALLOCATABLE})
_NO_POD = frozenset({WHOLE, FREE, LOST})


class _Taken:
    """Which devices of which node some finding holds already, and whose."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._held: dict[str, dict[str, tuple[str, Fraction]]] = defaultdict(dict)
        self._lost_and_held: dict[str, Fraction] = defaultdict(Fraction)
        self._lost_to: dict[tuple[str, str], Fraction] = {}

    def lose(self, node: Node, lost: Fraction, pods: Iterable[Pod]) -> None:
        """
        Note that devices of a node are lost while pods hold it: more than nobody holds are among theirs, and what
        these pods hold in vain is so much less.
        """
        asked = Counter[str]()
        for pod in pods:
            asked.update({name: int(units) for name, units in requested(pod.template).items()})
        taken = min(physical_gpus(node), worth_of(node, {name: Decimal(n) for name, n in asked.items()}))
        self._lost_and_held[node.name] = max(Fraction(0), lost - (physical_gpus(node) - taken))

    def left_of(self, stake: Stake) -> Fraction:
        """
        Devices of a stake that nobody holds yet.

        The devices of one pod, and those that nobody uses, go to the first who speaks of them; all holders of a node
        together never hold more than it has.
        """
        holders = self._held[stake.node]
        if stake.of in holders:
            return Fraction(0)
        node = self._inventory.index.nodes.get(stake.node)
        whole = physical_gpus(node) if node else Fraction(0)
        rest = whole - sum((gpus for _, gpus in holders.values()), Fraction(0))
        return max(Fraction(0), min(stake.gpus - self._lost_of(stake), rest))

    def take(self, finding: str, stake: Stake) -> Stake:
        """What of a stake is left; the finding holds it from now on."""
        left = stake._replace(gpus=self.left_of(stake))
        if left.gpus:
            self._held[stake.node][stake.of] = finding, left.gpus
        return left

    def _lost_of(self, stake: Stake) -> Fraction:
        """Of a pod's devices those that are lost: the first that is asked for bears as many as it has."""
        if stake.of in _NO_POD:
            return Fraction(0)
        place = stake.node, stake.of
        if place not in self._lost_to:
            self._lost_to[place] = min(stake.gpus, self._lost_and_held[stake.node])
            self._lost_and_held[stake.node] -= self._lost_to[place]
        return self._lost_to[place]

    def holder_of(self, stake: Stake) -> str | None:
        """Who holds a stake, or most of its node."""
        holders = self._held[stake.node]
        if stake.of in holders:
            return holders[stake.of][0]
        return max(holders.values(), key=lambda held: (held[1], held[0]))[0] if holders else None


def assign(inventory: Inventory, observations: Iterable[Observation]) -> None:
    """Set the dollar facts of every finding that speaks of GPUs: no device is counted twice."""
    ranks = {code: rank for rank, code in enumerate(ORDER)}
    speaking = [o for o in observations if o.counts and o.finding.code in ranks]
    taken = _Taken(inventory)
    for observation in sorted(speaking, key=lambda o: (ranks[o.finding.code], o.id)):
        stakes = stakes_of(inventory, observation)
        if observation.kind in _SOME_GONE and stakes:
            taken.lose(inventory.index.nodes[stakes[0].node], stakes[0].gpus, observation.pods)
        if stakes:
            _settle(inventory, observation, stakes, taken)


def stakes_of(inventory: Inventory, observation: Observation) -> list[Stake]:
    """
    The devices that a finding speaks of: as its check says, else those of its lost node, else those its pods hold.
    """
    told = observation.facts.get("usd_stakes")
    if isinstance(told, list):
        return [stake for row in told if (stake := _read(inventory, row))]
    node = inventory.index.nodes.get(observation.subject.name) if observation.subject.kind == "Node" else None
    if node is not None and observation.kind in _GONE:
        return [Stake(node.name, physical_gpus(node), LOST)] if physical_gpus(node) else []
    if node is not None and observation.kind in _SOME_GONE:
        missing = _amount(observation, "gpus_expected") - _amount(observation, "gpus_allocatable")
        return [Stake(node.name, missing, LOST)] if missing > 0 else []
    if observation.facts.get("usd_per_month") is None:
        return []
    return [stake for pod in observation.pods for stake in held_stakes(inventory, pod)]


def _settle(inventory: Inventory, observation: Observation, stakes: Sequence[Stake], taken: _Taken) -> None:
    stakes = _united(stakes)
    held = [left for stake in stakes if (left := taken.take(observation.id, stake)).gpus]
    facts: dict[str, JsonValue] = observation.finding.facts
    if not held:
        holder = next((found for stake in stakes if (found := taken.holder_of(stake))), None)
        facts.update(usd_per_month=None, usd_formula=None, usd_counted_in=holder)
    elif held != stakes or "usd_stakes" not in facts:
        full, dollars = dollars_of(inventory, stakes), dollars_of(inventory, held)
        facts.update(dollars.facts)
        if full.usd_per_month and held != stakes:
            facts["usd_elsewhere"] = round(full.usd_per_month - (dollars.usd_per_month or 0.0), 2)


def _united(stakes: Iterable[Stake]) -> list[Stake]:
    """Stakes in order, those of the same devices as one."""
    found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for stake in stakes:
        found[stake.node, stake.of] += stake.gpus
    return [Stake(node, gpus, of) for (node, of), gpus in sorted(found.items())]


def _read(inventory: Inventory, row: object) -> Stake | None:
    """A stake from a fact; a whole node has as many devices as it has, whatever rounding said."""
    if not isinstance(row, Mapping):
        return None
    node, of = inventory.index.nodes.get(str(row.get("node"))), str(row.get("of") or FREE)
    if node is None or not physical_gpus(node):
        return None
    told = row.get("gpus")
    gpus = Fraction(str(told)) if isinstance(told, int | float) else Fraction(0)
    return Stake(node.name, physical_gpus(node) if of == WHOLE else gpus, of)


def _amount(observation: Observation, fact: str) -> Fraction:
    value = observation.facts.get(fact)
    return Fraction(str(value)) if isinstance(value, int | float) else Fraction(0)
