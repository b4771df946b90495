"""Who lives in the cluster: workloads, how many pods each has, where they run and which of them are ill.

A page of pods must be made without making the pages before it, yet an event must name a pod that exists and a
Deployment must count its own pods. So the plan comes first; objects are rendered from it.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import accumulate

from benchmarks.cluster.identity import node_name, random_for, suffixes, uid

ILL_SHARE = 0.015
PODS_PER_WORKLOAD = 50
GPUS_PER_NODE = 8
GPU_NODE_EVERY = 25
GPU_SHARE_IN_USE = 0.7
SCATTER = 7919  # a prime: neighbours in the list land on different nodes, as a spread constraint has it
SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
WORDS = (
    *("orders", "cart", "payment", "ledger", "search", "catalog", "auth", "session", "media", "batch"),
    *("report", "notify", "stream", "gateway", "edge", "quota", "pricing", "risk", "fraud", "index"),
    *("mailer", "audit", "profile", "feed", "rank"),
)
WORKLOAD_FAULTS = (
    "crash-loop",
    "memory-kill-loop",
    "image-pull",
    "missing-secret",
    "unschedulable",
    "not-ready",
)
SINGLE_FAULTS = ("crash-loop", "memory-kill", "memory-kill-loop", "not-ready", "evicted")
NODE_FAULTS = ("disk-pressure", "memory-pressure", "cordoned")


@dataclass(frozen=True)
class Sizes:
    """How many objects, and the seed: the whole input of the data."""

    pods: int = 150_000
    nodes: int = 5_000
    events: int = 60_000
    page: int = 500
    seed: int = 7


@dataclass(frozen=True)
class Workload:
    """A Deployment with its one live ReplicaSet; `first` is the list index of its first pod."""

    index: int
    namespace: str
    name: str
    template_hash: str
    image: str
    environment: tuple[tuple[str, str], ...]
    deployment_uid: str
    replica_set_uid: str
    age: int  # seconds before now
    replicas: int
    first: int = 0
    gpus: int = 0
    first_gpu: int = 0  # GPUs that workloads before this one hold
    node_selector: str = ""

    @property
    def replica_set(self) -> str:
        return f"{self.name}-{self.template_hash}"

    @property
    def team(self) -> str:
        return self.namespace.split("-")[1]


@dataclass(frozen=True)
class Population:
    """The plan of one cluster."""

    sizes: Sizes
    workloads: tuple[Workload, ...]
    node_faults: dict[int, str]
    pod_faults: dict[int, str] = field(default_factory=dict)

    @cached_property
    def _firsts(self) -> list[int]:
        return [workload.first for workload in self.workloads]

    @cached_property
    def gpu_nodes(self) -> list[int]:
        return [node for node in range(self.sizes.nodes) if is_gpu_node(node)]

    @cached_property
    def cpu_nodes(self) -> list[int]:
        return [node for node in range(self.sizes.nodes) if not is_gpu_node(node)]

    @cached_property
    def nodes_in_key_order(self) -> list[int]:
        return sorted(range(self.sizes.nodes), key=node_name)

    @cached_property
    def namespaces(self) -> list[str]:
        return sorted({*SYSTEM_NAMESPACES, *(workload.namespace for workload in self.workloads)})

    @cached_property
    def faults_of_workloads(self) -> dict[int, Counter[str]]:
        counts: dict[int, Counter[str]] = {}
        for pod, fault in self.pod_faults.items():
            counts.setdefault(self.workload_of(pod).index, Counter())[fault] += 1
        return counts

    def workload_of(self, pod: int) -> Workload:
        return self.workloads[bisect_right(self._firsts, pod) - 1]

    def pod_name(self, pod: int) -> str:
        workload = self.workload_of(pod)
        ends = suffixes(self.sizes.seed, workload.index, workload.replicas)
        return f"{workload.replica_set}-{ends[pod - workload.first]}"

    def node_of(self, pod: int) -> int:
        workload = self.workload_of(pod)
        if workload.gpus:
            return self.gpu_nodes[(workload.first_gpu + pod - workload.first) // GPUS_PER_NODE]
        return self.cpu_nodes[pod * SCATTER % len(self.cpu_nodes)]


def is_gpu_node(node: int) -> bool:
    return node % GPU_NODE_EVERY == GPU_NODE_EVERY - 1


@lru_cache(maxsize=4)
def populate(sizes: Sizes) -> Population:
    """The plan for these sizes; the same in every process."""
    healthy = Population(sizes, _workloads(sizes), _node_faults(sizes))
    pod_faults = _pod_faults(healthy)
    return replace(healthy, workloads=_with_selectors(healthy, pod_faults), pod_faults=pod_faults)


def _workloads(sizes: Sizes) -> tuple[Workload, ...]:
    """Few workloads have many replicas and many have few; listed in the order of their pods' keys."""
    number = max(1, sizes.pods // PODS_PER_WORKLOAD)
    shares = list(accumulate((index + 0.5) ** -0.5 for index in range(number)))
    ends = [round(share / shares[-1] * sizes.pods) for share in shares]
    counts = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    drawn = [_workload(sizes.seed, index, count) for index, count in enumerate(counts) if count]
    drawn.sort(key=lambda workload: f"{workload.namespace}/{workload.replica_set}-")
    return tuple(_with_positions(drawn, sizes.nodes // GPU_NODE_EVERY * GPUS_PER_NODE))


def _workload(seed: int, index: int, replicas: int) -> Workload:
    draw = random_for(seed, "workload", index)
    name = f"{draw.choice(WORDS)}-{draw.choice(WORDS)}-{index}"
    namespace = f"team-{draw.choice(WORDS)}-{draw.choice(('prod', 'stage', 'jobs'))}"
    tag = f"v{draw.randint(1, 9)}.{draw.randint(0, 40)}.{draw.randint(0, 9)}"
    return Workload(
        index=index,
        namespace=namespace,
        name=name,
        template_hash="".join(draw.choices("bcdfghjklmnpqrstvwxz2456789", k=10)),
        image=f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{namespace}/{name}:{tag}",
        environment=tuple(_variable(draw, position) for position in range(draw.randint(0, 3))),
        deployment_uid=uid(draw),
        replica_set_uid=uid(draw),
        age=draw.randint(3 * 86_400, 120 * 86_400),
        replicas=replicas,
    )


def _variable(draw: random.Random, position: int) -> tuple[str, str]:
    name = f"{draw.choice(WORDS)}_{draw.choice(WORDS)}_{position}".upper()
    return name, draw.choice(("literal", "secret", "config"))


def _with_positions(workloads: list[Workload], gpus: int) -> list[Workload]:
    """Pod positions in list order; one workload in fifteen takes GPUs while the pool lasts."""
    placed, first, taken = [], 0, 0
    for workload in workloads:
        wants = workload.index % 15 == 7 and taken + workload.replicas <= gpus * GPU_SHARE_IN_USE
        placed.append(replace(workload, first=first, gpus=int(wants), first_gpu=taken))
        first += workload.replicas
        taken += workload.replicas if wants else 0
    return placed


def _node_faults(sizes: Sizes) -> dict[int, str]:
    """One node in a thousand is lost, one in a hundred has something smaller; nodes with GPUs stay well."""
    draw = random_for(sizes.seed, "node-faults", 0)
    well = [node for node in range(sizes.nodes) if not is_gpu_node(node)]
    lost = -(-sizes.nodes // 1000) if sizes.nodes >= 100 else 0
    chosen = draw.sample(well, lost + sizes.nodes // 100)
    faults = dict.fromkeys(chosen[:lost], "lost")
    return faults | {node: NODE_FAULTS[place % len(NODE_FAULTS)] for place, node in enumerate(chosen[lost:])}


def _pod_faults(population: Population) -> dict[int, str]:
    """1.5 % of the pods: all on lost nodes, then half of some workloads' replicas, then single ones."""
    sizes = population.sizes
    budget = round(sizes.pods * ILL_SHARE)
    lost = {node for node, fault in population.node_faults.items() if fault == "lost"}
    faults = {pod: "lost-node" for pod in range(sizes.pods) if lost and population.node_of(pod) in lost}
    draw = random_for(sizes.seed, "pod-faults", 0)
    for place, workload in enumerate(draw.sample(population.workloads, len(population.workloads))):
        ill = range(workload.first, workload.first + max(1, workload.replicas // 2))
        if len(faults) + len(ill) <= budget * 2 // 3 and not workload.gpus:
            fault = WORKLOAD_FAULTS[place % len(WORKLOAD_FAULTS)]
            faults |= {pod: fault for pod in ill if pod not in faults}
    for pod in draw.sample(range(sizes.pods), sizes.pods):
        if len(faults) >= budget:
            break
        faults.setdefault(pod, SINGLE_FAULTS[pod % len(SINGLE_FAULTS)])
    return faults


def _with_selectors(population: Population, pod_faults: dict[int, str]) -> tuple[Workload, ...]:
    """Replicas that no node takes ask for a node pool that is gone; the ones that run were placed before."""
    waiting = {
        population.workload_of(pod).index for pod, fault in pod_faults.items() if fault == "unschedulable"
    }
    return tuple(
        replace(workload, node_selector="retired" if workload.index in waiting else "")
        for workload in population.workloads
    )
