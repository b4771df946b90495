"""
The API says who holds a GPU; only its exporter says whether it computes, and a hole in the record is no idleness.

Workloads that hold accelerators, with the measured use of the devices that their pods hold. It speaks of a workload
only where every device that it asked for was measured, often enough and until just now. GPU102 and GPU104 share it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scanners.facts.inventory import Inventory
from scanners.facts.metric import DeviceUse, Series
from scanners.facts.pod import Pod
from scanners.facts.ref import Ref
from scanners.facts.slices import PODS
from scanners.semantics.accelerators import holds, requested
from scanners.semantics.coverage import whole_in
from scanners.semantics.gpu_devices import unit_worth
from scanners.semantics.gpu_fillers import is_filler
from scanners.semantics.gpu_idle import runs_everywhere
from scanners.semantics.gpu_pools import as_number
from scanners.semantics.ownership import by_owner

COVERAGE = 0.9
"""
The share of a span's samples that must be there: with more missing, a burst may lie in the holes, and the span is
unknown rather than idle.
"""

FRESH = 900.0
"""Seconds: a device whose newest sample is older is not measured now, whatever it did before."""

IDLE_BELOW = 0.01
"""A device whose engine is active for a smaller part of 5 min computes nothing (checks.md, GPU102)."""

NOTHING = 1e-6
"""A sample below it is zero."""

BATCH_KINDS = frozenset({
    "Job", "CronJob", "Workflow", "CronWorkflow", "RayJob", "PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "JAXJob",
    "PaddleJob", "TrainJob", "JobSet", "SparkApplication", "ScheduledSparkApplication", "DAG", "Trial", "Experiment",
    "FlyteWorkflow", "TaskRun", "PipelineRun",
})  # fmt: skip
"""Kinds of owner whose work ends by itself."""

NOTEBOOK_LABELS = ("notebook-name", "hub.jupyter.org/username")
"""Labels that Kubeflow's notebook controller and JupyterHub put on a person's pod."""

_PATIENCE = {"batch": 7200.0, "service": 86400.0, "notebook": 86400.0}


class Held(NamedTuple):
    """A workload's pods that hold accelerators, and what was measured of their devices while these pods had them."""

    owner: Ref
    pods: tuple[Pod, ...]
    uses: tuple[DeviceUse, ...]

    @property
    def work(self) -> str:
        """``batch``, ``service`` or ``notebook``: how long a pause is part of the work."""
        if self.owner.kind == "Notebook" or any(label in self.pods[0].labels for label in NOTEBOOK_LABELS):
            return "notebook"
        bare = self.owner.kind == "Pod" and self.pods[0].template.restart_policy != "Always"
        return "batch" if bare or self.owner.kind in BATCH_KINDS else "service"

    @property
    def patience(self) -> float:
        """Seconds without any work after which this kind of work is held in vain (checks.md, GPU102)."""
        return _PATIENCE[self.work]


def held_workloads(inventory: Inventory) -> list[Held]:
    """
    Workloads with pods that hold accelerators, by namespace and name, of the namespaces whose pods were read whole:
    one busy pod that was not read would clear its workload. Fillers are nobody's work. Needs pods; measured where
    gpu-metrics are.
    """
    pods = [
        pod
        for pod in inventory.pods
        if holds(pod)
        and not runs_everywhere(pod)
        and not is_filler(pod)
        and whole_in(inventory, PODS, pod.namespace)
    ]
    uses = _uses_by_pod(inventory)
    return [
        Held(
            owner,
            tuple(members),
            tuple(use for pod in members for use in uses.get((pod.namespace, pod.name), ())),
        )
        for owner, members in by_owner(inventory, pods)
    ]


def has_holders(inventory: Inventory) -> bool:
    """Whether any pod holds an accelerator. Needs pods."""
    return any(holds(pod) for pod in inventory.pods)


def measured(inventory: Inventory, held: Held, seconds: float) -> bool:
    """Whether every device that the workload asked for was measured over the last ``seconds``: see :func:`covered`."""
    now = present(inventory, held)
    told = all(use.busy is not None and covered(use.busy, inventory.now, seconds) for use in now)
    return told and _enough(held, now)


def covered(series: Series, now: float, seconds: float) -> bool:
    """Whether a series tells of the last ``seconds``: fresh, and no more than a tenth of its samples missing."""
    moments = [moment for moment, _ in series.since(now - seconds) if moment <= now]
    due = seconds / series.step
    return bool(moments) and now - moments[-1] <= FRESH and len(moments) >= COVERAGE * due


def quiet_since(inventory: Inventory, held: Held, bound: float = IDLE_BELOW) -> float:
    """Since when no device of the workload has been at or over a bound, as far back as its record goes."""
    return max(_quiet_since(use.busy, bound) for use in present(inventory, held) if use.busy is not None)


def last_busy(held: Held) -> float | None:
    """The last moment at which any of its devices was busy; None if the record holds none."""
    found = [use.busy.last_over(IDLE_BELOW) for use in held.uses if use.busy is not None]
    return max((moment for moment in found if moment is not None), default=None)


class Peak(NamedTuple):
    """The highest sample of any device of a workload, and the query that shows it."""

    value: float
    moment: float
    use: DeviceUse


def peak(inventory: Inventory, held: Held, since: float) -> Peak:
    """The highest sample since a moment, the latest of equal ones. Only where :func:`measured` says yes."""
    samples = (
        Peak(value, moment, use)
        for use in present(inventory, held)
        if use.busy is not None
        for moment, value in use.busy.since(since)
    )
    return max(samples, key=lambda sample: (sample.value, sample.moment, sample.use.device))


def mean(series: Series | None, since: float) -> float | None:
    """The mean of its samples since a moment; None without any."""
    values = [value for _, value in series.since(since)] if series is not None else []
    return sum(values) / len(values) if values else None


def present(inventory: Inventory, held: Held) -> list[DeviceUse]:
    """The devices that its pods hold now, as far as they are measured now."""
    return [use for use in held.uses if use.busy is not None and inventory.now - use.busy.end <= FRESH]


def draws_power(inventory: Inventory, held: Held, since: float, factor: float) -> bool:
    """
    Whether any of its devices took more than ``factor`` times the least that a device of its product took meanwhile.

    A MIG instance has no power of its own: that of its whole board says nothing about it.
    """
    idle = _idle_watts(inventory)
    for use in present(inventory, held):
        watts = mean(use.power, since)
        if watts is not None and not use.instance and watts > factor * idle[use.product]:
            return True
    return False


def gpus_held(inventory: Inventory, held: Held) -> int | float | None:
    """
    Physical devices that its pods hold: units, each worth its part of a device where its node was read. None where
    they hold some in another way (a claim, an annotation), which does not say how many.
    """
    total = Fraction(0)
    for pod in held.pods:
        node = inventory.index.nodes.get(pod.node)
        for resource, units in requested(pod.template).items():
            total += Fraction(units) * (unit_worth(node, resource) if node else 1)
    return as_number(total) if total else None


def spoken_gpus(gpus: int | float | None) -> str:
    """A number of devices for people: ``1 GPU``, ``8 GPUs``, or ``some GPU`` where it is unknown."""
    return "some GPU" if gpus is None else f"{gpus} GPU{'' if gpus == 1 else 's'}"


def _idle_watts(inventory: Inventory) -> Mapping[str, float]:
    """The lowest sample of any device of a product, in watts; once a scan."""
    memo, uses = inventory.index.memo, inventory.device_uses
    if "gpu_use.idle_watts" not in memo:
        found: dict[str, float] = {}
        for use in uses:
            for _, watts in use.power.since(use.power.start) if use.power is not None else ():
                found[use.product] = min(watts, found.get(use.product, watts))
        memo["gpu_use.idle_watts"] = found
    known: Mapping[str, float] = memo["gpu_use.idle_watts"]
    return known


def _quiet_since(series: Series, bound: float) -> float:
    busy = series.last_over(bound)
    return busy if busy is not None else series.start - series.step


def _enough(held: Held, now: Sequence[DeviceUse]) -> bool:
    """Whether as many devices are measured as its pods hold; one that was asked for by a claim counts as one."""
    seen: Mapping[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for use in now:
        seen[use.namespace, use.pod].add((use.device, use.instance))
    return all(len(seen[pod.namespace, pod.name]) >= _asked(pod) for pod in held.pods)


def _asked(pod: Pod) -> int:
    return max(1, int(sum(requested(pod.template).values())))


def _uses_by_pod(inventory: Inventory) -> Mapping[tuple[str, str], Sequence[DeviceUse]]:
    memo = inventory.index.memo
    uses = inventory.device_uses
    if "gpu_use.by_pod" not in memo:
        found: dict[tuple[str, str], list[DeviceUse]] = defaultdict(list)
        for use in sorted(uses, key=lambda use: (use.node, use.device, use.instance, use.container)):
            if use.pod:
                found[use.namespace, use.pod].append(use)
        memo["gpu_use.by_pod"] = dict(found)
    known: Mapping[tuple[str, str], Sequence[DeviceUse]] = memo["gpu_use.by_pod"]
    return known


def node_of(inventory: Inventory, use: DeviceUse) -> str:
    """
    The node that a device is in, ``""`` where that cannot be told.

    An exporter that was not told its node's name writes that of its own pod instead. Needs nodes; pods help.
    """
    if use.node in inventory.index.nodes:
        return use.node
    places = _places(inventory)
    return places.get(use.node, "") or places.get(use.pod, "")


def _places(inventory: Inventory) -> Mapping[str, str]:
    """The nodes of pods that a series names: its exporter's (as host) and its holder's."""
    memo, pods = inventory.index.memo, inventory.pods
    if "gpu_use.places" not in memo:
        named = {name for use in inventory.device_uses for name in (use.node, use.pod) if name}
        memo["gpu_use.places"] = {pod.name: pod.node for pod in pods if pod.name in named}
    known: Mapping[str, str] = memo["gpu_use.places"]
    return known
