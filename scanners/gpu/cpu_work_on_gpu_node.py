"""
Pods that want no GPU run on GPU nodes.

## Why it matters
They keep a node alive that nobody needs, or hold the CPU and memory without which its free GPUs cannot be
given out: the dearest CPUs there are.

## What to do
Let the work select a CPU pool (`nodeSelector`, node affinity), and taint the GPU pool so that only pods that
ask for GPUs land there. A toleration with `operator: Exists` and no key lets a pod land everywhere: name the
key.

## When it is wrong
Agents of the node (DaemonSets, mirror pods), heads, drivers and launchers of runs that hold GPUs, and
clusters without another pool are not told. Low unless the pods alone keep an otherwise idle node (medium), or
a pending pod needs the room that they hold beside free GPUs (high).
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from scanners.facts.inventory import Inventory
from scanners.facts.node import Node
from scanners.facts.pod import Pod
from scanners.facts.ref import Key, Ref, key_of
from scanners.facts.slices import GPU_METRICS, NODES, PODS, WORKLOADS
from scanners.finding import Evidence, Severity, Sighting
from scanners.kinds import Kind
from scanners.scanner import scanner
from scanners.semantics.accelerators import has_accelerators, is_accelerator_node, offered
from scanners.semantics.gpu_devices import physical_gpus
from scanners.semantics.gpu_idle import cpu_only_pods, holders_on, idle_gpu_nodes
from scanners.semantics.gpu_pools import as_number
from scanners.semantics.gpu_products import product, short_product
from scanners.semantics.owners import top_owner
from scanners.semantics.ownership import by_owner, pods_spoken
from scanners.semantics.pipelines import pipeline_of
from scanners.semantics.quantities import ZERO, number
from scanners.semantics.quantities import spoken as amount_spoken
from scanners.semantics.requests import effective_requests
from scanners.semantics.rooms import CONTROL_PLANE_KEYS, planned_taints
from scanners.semantics.scheduling import Cause
from scanners.semantics.times import lasts
from scanners.semantics.tolerations import cordoned
from scanners.semantics.unplaced import SHARPENED_BY, unplaced

Run = Key | tuple[str, str, str]


@scanner(
    "GPU109",
    "CPU-only work on a GPU node",
    Severity.LOW,
    needs=[NODES],
    complete=[PODS],
    sharpened_by=[*SHARPENED_BY, GPU_METRICS, *WORKLOADS],
    applies=has_accelerators,
)
def cpu_work_on_gpu_node(inventory: Inventory) -> Iterator[Sighting]:
    nodes = {node.name: node for node in inventory.nodes if is_accelerator_node(node) and offered(node)}
    if not nodes or not any(_is_other_pool(node) for node in inventory.nodes):
        return
    strangers = [
        pod
        for node in nodes.values()
        for pod in cpu_only_pods(inventory, node)
        if not pod.deleted and lasts(pod.created, inventory.now, inventory.ages.waste)
    ]
    runs = _runs_with_gpus(inventory, nodes.values()) if strangers else set()
    kept, needed = _kept(inventory), _needed(inventory) if strangers else set()
    for owner, pods in by_owner(inventory, strangers):
        theirs = [pod for pod in pods if not _runs_of(inventory, pod) & runs]
        if theirs:
            there = [nodes[name] for name in sorted({pod.node for pod in theirs})]
            yield _told(inventory, owner, theirs, there, kept, needed)


def _is_other_pool(node: Node) -> bool:
    reserved = any(taint.key in CONTROL_PLANE_KEYS for taint in node.taints)
    return not is_accelerator_node(node) and node.ready and not cordoned(node) and not reserved


def _runs_with_gpus(inventory: Inventory, nodes: Iterable[Node]) -> set[Run]:
    """Owners and engine runs that hold accelerators: their CPU-only heads and drivers belong beside them."""
    return {run for node in nodes for pod in holders_on(inventory, node) for run in _runs_of(inventory, pod)}


def _runs_of(inventory: Inventory, pod: Pod) -> set[Run]:
    found: set[Run] = {key_of(top_owner(inventory, pod))} if pod.owners else set()
    engine = pipeline_of(pod)
    if engine and engine.run:
        found.add((engine.system, pod.namespace, engine.run))
    return found


def _kept(inventory: Inventory) -> set[str]:
    """Names of idle nodes with CPU-only pods on them."""
    return {one.node.name for one in idle_gpu_nodes(inventory) if one.cpu_only_pods}


def _needed(inventory: Inventory) -> set[str]:
    """Names of nodes with free GPUs, but no CPU or memory beside them, that a GPU pod waits for."""
    waiting = unplaced(inventory, accelerators=True)
    return {
        name
        for one in waiting
        if one.verdict.cause is Cause.CPU_OR_MEMORY
        for name in one.verdict.nearest_nodes
    }


def _told(
    inventory: Inventory,
    owner: Ref,
    pods: Sequence[Pod],
    nodes: Sequence[Node],
    kept: set[str],
    needed: set[str],
) -> Sighting:
    blocked = [node for node in nodes if node.name in kept | needed]
    gpus = as_number(sum(physical_gpus(node) for node in blocked))
    products = sorted({product(node) for node in nodes} - {""})
    cpu, memory = _sum(pods, "cpu"), _sum(pods, "memory")
    where = nodes[0].name if len(nodes) == 1 else f"{len(nodes)} GPU nodes"
    called = ", ".join(short_product(name) for name in products) or "GPU"
    why = ""
    if any(node.name in needed for node in nodes):
        why = f", and GPU pods wait for that room beside {gpus} GPUs"
    elif blocked:
        why = f", and they alone keep {gpus} idle GPUs"
    return Sighting(
        subject=owner,
        kind=Kind.CPU_ON_GPU_NODE,
        message=(
            f"{pods_spoken(len(pods))} without GPU on {where} ({called}), asking for "
            f"{amount_spoken(cpu)} cpu and {amount_spoken(memory, 'memory')}{why}"
        ),
        severity=_severity(nodes, kept, needed),
        facts={
            "cpu_cores": number(cpu),
            "memory_bytes": number(memory),
            "gpu_product": ", ".join(products) or None,
            "gpus_blocked": gpus,
            "pool_tainted": all(planned_taints(inventory, node) for node in nodes),
            "nodes": [node.name for node in nodes],
        },
        evidence=[*_evidence(pods[0], nodes[0])],
        pods=pods,
        touches=list(nodes),
        node=nodes[0].name if len(nodes) == 1 else "",
    )


def _severity(nodes: Sequence[Node], kept: set[str], needed: set[str]) -> Severity:
    names = {node.name for node in nodes}
    return Severity.HIGH if names & needed else Severity.MEDIUM if names & kept else Severity.LOW


def _sum(pods: Sequence[Pod], resource: str) -> Decimal:
    return sum((effective_requests(pod.template).get(resource, ZERO) for pod in pods), ZERO)


def _evidence(pod: Pod, node: Node) -> Iterator[Evidence]:
    yield Evidence(subject=pod, path="spec.nodeName", value=pod.node, observed_at=pod.created)
    for resource in sorted(offered(node))[:1]:
        path = f"status.allocatable['{resource}']"
        yield Evidence(subject=node, path=path, value=node.allocatable[resource])
